/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/lmdb.h"
#include "store/search_block.h"

static struct store_read *
make_search(uint64_t uid, uint64_t conv, const char *words)
{
	struct store_read *read = make_read(STORE_READ_SEARCH, uid, conv);

	snprintf(read->search.words, sizeof(read->search.words), "%s", words);
	return read;
}

/* When all that was said is indexed. */
static struct store_read *
ask(struct harness *h, struct store_read *read)
{
	store_settle_search(h->store);
	return harness_ask(h, read);
}

/* texts: those found, newest first, each followed by '|'. */
static void
check_answer(struct store_read *read, const char *texts)
{
	char found[1024] = "";
	size_t i, at = 0;

	assert_int_equal(read->status, STORE_OK);
	for (i = 0; i < read->records_n; i++) {
		at += (size_t)snprintf(found + at, sizeof(found) - at, "%s|",
		    read->records[i].text);
		assert_true(at < sizeof(found));
		assert_non_null(read->records[i].conversation_name);
		assert_non_null(read->records[i].sender_name);
	}
	assert_string_equal(found, texts);
	assert_false(read->more);
	store_read_free(read);
}

static void
check(struct harness *h, uint64_t uid, uint64_t conv, const char *words,
    const char *texts)
{
	check_answer(ask(h, make_search(uid, conv, words)), texts);
}

static struct store_write *
make_change(enum store_write_kind kind, uint64_t sender, uint64_t conv,
    uint64_t seq, const char *text)
{
	struct store_write *write = store_write_new(0);

	assert_non_null(write);
	write->kind = kind;
	write->forced = true;
	write->record.sender = sender;
	write->record.sender_name = "somebody";
	write->record.conv = conv;
	write->record.target = seq;
	write->record.text = text;
	write->record.text_len = (uint32_t)strlen(text);
	return write;
}

static void
say_often(struct harness *h, uint64_t uid, uint64_t conv, const char *text,
    unsigned n)
{
	while (n-- > 0)
		store_write_unref(harness_submit(h,
		    make_append(uid, conv, 0, NULL, text)));
	harness_settle(h);
}

/* ------------------------------------------------------------- what is found */

static void
all_words_newest_first(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), direct;

	say(h, ann, LOBBY_ID, "Green tea");
	say(h, ann, tea, "black tea");
	direct = say_to(h, bob, ann, "TEA! Green?");
	say(h, bob, LOBBY_ID, "greentea");
	check(h, ann, 0, "tea", "TEA! Green?|black tea|Green tea|");
	check(h, ann, 0, "green tea", "TEA! Green?|Green tea|");
	check(h, ann, 0, "Tea, tea; GREEN", "TEA! Green?|Green tea|");
	check(h, ann, 0, "green black", "");
	check(h, ann, 0, "coffee", "");
	check(h, ann, 0, "?!", "");
	check(h, ann, tea, "tea", "black tea|");
	check(h, ann, direct, "tea", "TEA! Green?|");
	check(h, ann, LOBBY_ID, "tea", "Green tea|");
	check(h, ann, LOBBY_ID, "", "greentea|Green tea|");
}

static void
by_sender_and_time(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_read *read;
	char text[16];
	int i;

	h->clock.fixed = 1;
	for (i = 1; i <= 6; i++) {
		h->clock.now_us = i * 1000000;
		snprintf(text, sizeof(text), "tea %d", i);
		say(h, i % 2 != 0 ? ann : bob, LOBBY_ID, text);
	}
	read = make_search(ann, 0, "tea");
	strcpy(read->search.from, "bob");
	check_answer(ask(h, read), "tea 6|tea 4|tea 2|");
	read = make_search(ann, 0, "");
	strcpy(read->search.from, "ann");
	check_answer(ask(h, read), "tea 5|tea 3|tea 1|");
	read = make_search(ann, 0, "tea");
	strcpy(read->search.from, "nobody");
	check_answer(ask(h, read), "");
	read = make_search(ann, 0, "tea");
	read->search.after_us = 2000000;
	read->search.before_us = 4000000;
	check_answer(ask(h, read), "tea 3|tea 2|");
	read = make_search(ann, 0, "");
	read->search.after_us = 5500000;
	strcpy(read->search.from, "bob");
	check_answer(ask(h, read), "tea 6|");
}

static void
what_it_says_now(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), seq = say(h, ann, LOBBY_ID, "tea");

	check(h, ann, 0, "tea", "tea|");
	assert_int_equal(harness_do(h, make_change(STORE_WRITE_EDIT, ann,
	    LOBBY_ID, seq, "coffee")), STORE_OK);
	check(h, ann, 0, "tea", "");
	check(h, ann, 0, "coffee", "coffee|");
	assert_int_equal(harness_do(h, make_change(STORE_WRITE_DELETE, ann,
	    LOBBY_ID, seq, "")), STORE_OK);
	check(h, ann, 0, "coffee", "");
	/* Names of groups, emoji of reactions and the like are no messages. */
	join(h, ann, "#coffee");
	check(h, ann, 0, "coffee", "");
}

static void
only_what_one_may_see(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), tea = join(h, ann, "#tea");
	struct store_write *update;
	struct store_read *read;

	say(h, ann, tea, "old tea");
	say_to(h, ann, bob, "secret tea");
	check(h, eve, 0, "tea", "");
	read = ask(h, make_search(eve, tea, "tea"));
	assert_int_equal(read->status, STORE_NOT_MEMBER);
	assert_int_equal(read->records_n, 0);
	store_read_free(read);
	read = ask(h, make_search(eve, 999, "tea"));
	assert_int_equal(read->status, STORE_NOT_FOUND);
	store_read_free(read);
	join(h, eve, "#tea");
	check(h, eve, 0, "tea", "old tea|");
	update = make_change(STORE_WRITE_UPDATE, ann, tea, 0, "{}");
	update->settings.has = SETTING_SINCE_JOIN;
	update->settings.since_join = true;
	assert_int_equal(harness_do(h, update), STORE_OK);
	check(h, eve, 0, "tea", "");
	say(h, bob, LOBBY_ID, "public tea");
	say(h, ann, tea, "new tea");
	check(h, eve, 0, "tea", "new tea|public tea|");
	harness_do(h, make_block(eve, ann, true));
	check(h, eve, 0, "tea", "public tea|");
	harness_do(h, make_block(eve, ann, false));
	check(h, eve, 0, "tea", "new tea|public tea|");
	assert_int_equal(harness_do(h, make_leave(eve, tea)), STORE_OK);
	check(h, eve, 0, "tea", "public tea|");
}

/* -------------------------------------------------------------------- pages */

#define CONVS 5
#define SAID 400

/* As a naive search over all of it, page by page. */
static void
pages_as_a_model_has_them(void **state)
{
	static const char *const words[] = {
	    "tea", "green", "black", "mate", "cup", "pot", "hot", "cold"};
	static const char *const queries[] = {
	    "tea", "green tea", "cup pot", "hot cold tea", "none"};
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), convs[CONVS], before;
	unsigned sets[SAID], random = 7, i, j, wanted;
	uint64_t ids[SAID];
	struct store_write *write;
	struct store_read *read;
	char text[128], name[8];
	size_t k;
	bool more;

	for (i = 0; i < CONVS; i++) {
		snprintf(name, sizeof(name), "#g%u", i);
		convs[i] = join(h, ann, name);
	}
	for (i = 0; i < SAID; i++) {
		random = random * 1103515245 + 12345;
		sets[i] = random >> 16 & random >> 20 & 0xff;
		text[0] = '\0';
		for (j = 0; j < 8; j++) {
			if ((sets[i] >> j & 1) != 0)
				strcat(strcat(text, words[j]), ", ");
		}
		write = harness_done(h, make_append(ann,
		    convs[random >> 8 & 3], 0, NULL, strcat(text, "x")));
		ids[i] = write->record.id;
		store_write_unref(write);
	}
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		wanted = strcmp(queries[i], "none") == 0 ? 0x100 : 0;
		for (j = 0; j < 8; j++)
			wanted |= strstr(queries[i], words[j]) != NULL
			    ? 1u << j : 0;
		j = SAID;
		before = 0;
		do {
			read = make_search(ann, 0, queries[i]);
			read->limit = 7;
			read->before = before;
			ask(h, read);
			assert_int_equal(read->status, STORE_OK);
			for (k = 0; k < read->records_n; k++) {
				while ((sets[--j] & wanted) != wanted)
					continue;
				assert_int_equal(read->records[k].id, ids[j]);
			}
			assert_true(!read->more || read->records_n == 7);
			before = read->next;
			more = read->more;
			store_read_free(read);
		} while (more);
		while (j > 0)
			assert_true((sets[--j] & wanted) != wanted);
	}
}

static void
over_many_blocks(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_read *read;

	say(h, ann, LOBBY_ID, "the first tea");
	say_often(h, ann, LOBBY_ID, "nothing", SEARCH_BLOCK_SEQS - 3);
	say(h, ann, LOBBY_ID, "tea before");
	say(h, ann, LOBBY_ID, "tea at");
	say(h, ann, LOBBY_ID, "tea behind");
	say_often(h, ann, LOBBY_ID, "nothing", SEARCH_BLOCK_SEQS * 3);
	say(h, ann, LOBBY_ID, "the last tea");
	check(h, ann, 0, "tea",
	    "the last tea|tea behind|tea at|tea before|the first tea|");
	read = make_search(ann, 0, "nothing");
	read->limit = 2;
	ask(h, read);
	assert_int_equal(read->records_n, 2);
	assert_true(read->more);
	store_read_free(read);
}

/* What does not match is not looked at without end; the next page goes on. */
static void
answers_are_bounded(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_read *read;
	uint64_t next = 0;
	unsigned pages = 0;
	bool more;

	say(h, ann, LOBBY_ID, "tea of ann");
	say_often(h, bob, LOBBY_ID, "tea", 45000);
	harness_do(h, make_block(ann, bob, true));
	do {
		read = make_search(ann, 0, "tea");
		read->before = next;
		ask(h, read);
		assert_int_equal(read->status, STORE_OK);
		assert_true(!read->more || next == 0 || read->next < next);
		assert_int_equal(read->records_n, read->more ? 0 : 1);
		next = read->next;
		more = read->more;
		pages++;
		store_read_free(read);
	} while (more);
	assert_int_equal(pages, 3);
}

/* ------------------------------------------------------------------ its files */

static void
file_of(const struct harness *h, const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", h->folder, name);
}

static void
the_index_stays(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");

	say(h, ann, LOBBY_ID, "old tea");
	store_settle_search(h->store);
	say(h, ann, LOBBY_ID, "new tea"); /* it may be closed before this */
	harness_close(h);
	harness_open(h);
	check(h, ann, 0, "tea", "new tea|old tea|");
}

static void
the_index_is_made_anew(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	char path[128];
	FILE *file;
	int i;

	say(h, ann, LOBBY_ID, "tea");
	check(h, ann, 0, "tea", "tea|");
	for (i = 0; i < 2; i++) {
		harness_close(h);
		file_of(h, "search/data.mdb", path);
		if (i == 0) {
			assert_int_equal(unlink(path), 0);
		} else {
			file = fopen(path, "w");
			assert_non_null(file);
			assert_true(fputs("no index at all", file) >= 0);
			assert_int_equal(fclose(file), 0);
		}
		harness_open(h);
		check(h, ann, 0, "tea", "tea|");
	}
}

/* A store that was restored or made anew has another epoch. */
static void
the_index_of_another_store(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	char path[128];

	say(h, ann, LOBBY_ID, "tea");
	say(h, ann, LOBBY_ID, "mate");
	check(h, ann, 0, "tea", "tea|");
	harness_close(h);
	file_of(h, "data.mdb", path);
	assert_int_equal(unlink(path), 0);
	file_of(h, "lock.mdb", path);
	assert_int_equal(unlink(path), 0);
	harness_open(h);
	ann = add_user(h, "ann");
	say(h, ann, LOBBY_ID, "other tea");
	check(h, ann, 0, "tea", "other tea|");
	check(h, ann, 0, "mate", "");
}

static void
copy_file(const struct harness *h, const char *from, const char *to)
{
	char source[128], dest[128], bytes[4096];
	FILE *in, *out;
	size_t n;

	file_of(h, from, source);
	file_of(h, to, dest);
	in = fopen(source, "r");
	out = fopen(dest, "w");
	assert_true(in != NULL && out != NULL);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) != 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

/* An older file of the store was put back by hand. */
static void
the_index_of_a_later_store(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	char path[128];

	say(h, ann, LOBBY_ID, "tea");
	harness_close(h);
	copy_file(h, "data.mdb", "older.mdb");
	harness_open(h);
	say_often(h, ann, LOBBY_ID, "mate", 3);
	check(h, ann, 0, "mate", "mate|mate|mate|");
	harness_close(h);
	copy_file(h, "older.mdb", "data.mdb");
	file_of(h, "older.mdb", path);
	assert_int_equal(unlink(path), 0);
	harness_open(h);
	say(h, ann, LOBBY_ID, "other tea");
	check(h, ann, 0, "tea", "other tea|tea|");
}

static size_t
count_terms(const struct harness *h, uint64_t conv, uint64_t block)
{
	struct kv_bytes key, value;
	struct kv_cursor *cursor;
	struct error err = {0};
	struct kv_txn *txn;
	struct key from;
	char path[128];
	struct kv *kv;
	size_t n = 0;

	file_of(h, "search", path);
	kv = kv_lmdb_open(&(struct kv_lmdb_options){
	    .folder = path, .readers = 1}, &err);
	assert_non_null(kv);
	txn = kv_reader_new(kv, &err);
	assert_int_equal(kv_renew(txn), KV_OK);
	cursor = kv_cursor_new(txn, KV_TERM);
	search_block_key(&from, conv, block, 0);
	if (kv_seek(cursor, key_bytes(&from), &key, &value) == KV_OK)
		do {
			n += key.len == 16 && memcmp(key.data, from.bytes,
			    12) == 0;
		} while (kv_next(cursor, &key, &value) == KV_OK);
	kv_cursor_free(cursor);
	kv_reset(txn);
	kv_reader_free(txn);
	kv_close(kv);
	return n;
}

static void
erased_blocks_leave_the_index(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_write *trim;
	bool more;

	say(h, ann, LOBBY_ID, "old tea");
	say_often(h, ann, LOBBY_ID, "tea", SEARCH_BLOCK_SEQS + 10);
	store_settle_search(h->store);
	do {
		trim = store_write_new(0);
		trim->kind = STORE_WRITE_TRIM;
		trim->record.conv = LOBBY_ID;
		trim->limit = 1000;
		trim->trim.keep = 2;
		harness_done(h, trim);
		assert_int_equal(trim->status, STORE_OK);
		more = trim->trim.more;
		store_write_unref(trim);
	} while (more);
	check(h, ann, 0, "old", "");
	check(h, ann, 0, "tea", "tea|tea|");
	say_often(h, ann, LOBBY_ID, "more", SEARCH_BLOCK_SEQS);
	check(h, ann, 0, "tea", "tea|tea|");
	harness_close(h);
	assert_int_equal(count_terms(h, LOBBY_ID, 0), 0);
	assert_int_equal(count_terms(h, LOBBY_ID, 1), 3);
	harness_open(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(all_words_newest_first),
	    BOTH(by_sender_and_time),
	    BOTH(what_it_says_now),
	    BOTH(only_what_one_may_see),
	    BOTH(pages_as_a_model_has_them),
	    BOTH(over_many_blocks),
	    BOTH(answers_are_bounded),
	    LMDB(the_index_stays),
	    LMDB(the_index_is_made_anew),
	    LMDB(the_index_of_another_store),
	    LMDB(the_index_of_a_later_store),
	    LMDB(erased_blocks_leave_the_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
