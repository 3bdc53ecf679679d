/* SPDX-License-Identifier: MIT */
#include "tests/contract/account_stage.h"
#include "tests/contract/table_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Retention, the end of a person, the story of a message, and the check. */

/* ----------------------------------------------------------------- the acts */

static struct store_write *
make_act(enum store_write_kind kind, uint64_t sender, uint64_t conv,
    uint64_t target, const char *text)
{
	struct store_write *write = make_append(sender, conv, 0, NULL, text);

	write->kind = kind;
	write->record.target = target;
	return write;
}

static void
act(struct harness *h, enum store_write_kind kind, uint64_t sender,
    uint64_t conv, uint64_t target, const char *text)
{
	assert_int_equal(harness_do(h, make_act(kind, sender, conv, target,
	    text)), STORE_OK);
}

static void
act_on(struct harness *h, enum store_write_kind kind, uint64_t sender,
    uint64_t conv, uint64_t peer)
{
	struct store_write *write = make_act(kind, sender, conv, 0, "");

	write->peer = peer;
	assert_int_equal(harness_do(h, write), STORE_OK);
}

static void
edit_keeping(struct harness *h, uint64_t sender, uint64_t conv, uint64_t seq,
    const char *text)
{
	struct store_write *write = make_act(STORE_WRITE_EDIT, sender, conv,
	    seq, text);

	write->keep_versions = true;
	assert_int_equal(harness_do(h, write), STORE_OK);
}

static void
mark(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq)
{
	struct store_write *write = make_act(STORE_WRITE_MARK, uid, conv, 0,
	    "");

	write->mark.read = seq;
	assert_int_equal(harness_do(h, write), STORE_OK);
}

static struct store_write *
make_trim(uint64_t conv, uint64_t keep, int64_t before_us, uint32_t limit)
{
	struct store_write *write = make_act(STORE_WRITE_TRIM, 0, conv, 0, "");

	write->trim.keep = keep;
	write->trim.before_us = before_us;
	write->limit = limit;
	return write;
}

/* Steps until nothing is left to erase; how many events went. */
static uint32_t
trim(struct harness *h, uint64_t conv, uint64_t keep, int64_t before_us,
    uint32_t limit)
{
	struct store_write *write;
	uint32_t erased = 0;
	bool more;

	do {
		write = harness_done(h, make_trim(conv, keep, before_us,
		    limit));
		assert_int_equal(write->status, STORE_OK);
		assert_true(write->trim.erased <= limit);
		erased += write->trim.erased;
		more = write->trim.more;
		store_write_unref(write);
	} while (more);
	return erased;
}

static struct store_write *
make_erase(uint64_t uid, uint32_t limit)
{
	struct store_write *write = make_act(STORE_WRITE_ERASE, uid, 0, 0, "");

	write->limit = limit;
	return write;
}

/* All steps after the groups and messages; adds up what went. */
static void
erase(struct harness *h, uint64_t uid, uint32_t limit,
    struct store_erase *sum)
{
	struct store_erase_at next = {0};
	struct store_write *write;

	memset(sum, 0, sizeof(*sum));
	do {
		write = make_erase(uid, limit);
		write->erase.from = next;
		harness_done(h, write);
		assert_int_equal(write->status, STORE_OK);
		sum->devices += write->erase.devices;
		sum->blocks += write->erase.blocks;
		sum->invitations += write->erase.invitations;
		sum->reactions += write->erase.reactions;
		sum->versions += write->erase.versions;
		next = write->erase.next;
		store_write_unref(write);
	} while (next.phase != 0 || next.conv != 0 || next.seq != 0);
}

static void
say_many(struct harness *h, uint64_t uid, uint64_t conv, unsigned n)
{
	char text[32], id[32];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "number %u.", i);
		snprintf(id, sizeof(id), "id-%u", i);
		assert_int_equal(harness_do(h, make_append(uid, conv, 0, id,
		    text)), STORE_OK);
	}
}

static struct store_read *
history(struct harness *h, uint64_t conv, uint64_t offset, uint32_t limit)
{
	struct store_read *read = make_read(STORE_READ_HISTORY, 0, conv);

	read->by_offset = true;
	read->newest = true;
	read->offset = offset;
	read->limit = limit;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	return read;
}

/* ---------------------------------------------------------------- retention */

static void
the_oldest_go_by_number(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann");
	struct store_read *read;

	say_many(h, ann, LOBBY_ID, 100);
	assert_int_equal(trim(h, LOBBY_ID, 10, 0, 7), 90);
	assert_int_equal(trim(h, LOBBY_ID, 10, 0, 7), 0);
	read = history(h, LOBBY_ID, 0, 4);
	assert_int_equal(read->total, 10);
	assert_int_equal(read->records_n, 4);
	assert_int_equal(read->records[3].seq, 100);
	store_read_free(read);
	read = history(h, LOBBY_ID, 8, 4);
	assert_int_equal(read->records_n, 2);
	assert_int_equal(read->records[0].seq, 91);
	assert_false(read->more);
	store_read_free(read);
	assert_int_equal(count_rows_with(kv, "number 89."), 0);
	assert_int_equal(count_rows_with(kv, "number 90."), 1);
	assert_sound(kv);
}

static void
the_oldest_go_by_age(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann");

	h->clock.fixed = 1;
	h->clock.now_us = 1000000;
	say_many(h, ann, LOBBY_ID, 3);
	h->clock.now_us = 2000000;
	say(h, ann, LOBBY_ID, "later");
	say(h, ann, LOBBY_ID, "last");
	assert_int_equal(trim(h, LOBBY_ID, 0, 1000000, 100), 0);
	assert_int_equal(trim(h, LOBBY_ID, 0, 2000000, 100), 3);
	/* Both limits: whichever asks for more. */
	assert_int_equal(trim(h, LOBBY_ID, 1, 1500000, 100), 1);
	/* The newest stays, however old. */
	assert_int_equal(trim(h, LOBBY_ID, 0, 9000000, 100), 0);
	assert_sound(kv);
}

static void
numbers_go_on(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann"), id;
	struct store_write *write;

	say_many(h, ann, LOBBY_ID, 40);
	trim(h, LOBBY_ID, 1, 0, 100);
	write = harness_done(h, make_append(ann, LOBBY_ID, 0, "id-3", "again"));
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->record.seq, 41);
	assert_int_equal(write->record.count, 41);
	id = write->record.id;
	store_write_unref(write);
	trim(h, LOBBY_ID, 1, 0, 100);
	if (strcmp(h->kind, "lmdb") == 0) {
		harness_close(h);
		harness_open(h);
		kv = *(struct kv **)h->wrap_arg;
	}
	write = harness_done(h, make_append(ann, LOBBY_ID, 0, "id-3", "again"));
	assert_int_equal(write->status, STORE_DUPLICATE);
	assert_int_equal(write->record.id, id);
	store_write_unref(write);
	say_many(h, ann, LOBBY_ID, 3);
	assert_sound(kv);
}

static void
what_hangs_on_events_goes_too(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob"), conv;

	conv = say_to(h, ann, bob, "first wording");
	edit_keeping(h, ann, conv, 1, "second wording");
	act(h, STORE_WRITE_REACT, bob, conv, 1, "+1");
	mark(h, bob, conv, 1);
	mark(h, bob, conv, 3);
	say(h, ann, conv, "the newest");
	assert_true(count_rows_with(kv, "wording") >= 2);
	assert_int_equal(trim(h, conv, 1, 0, 100), 1);
	assert_int_equal(count_rows_with(kv, "wording"), 0);
	/* The event that it came is younger. */
	assert_int_equal(count_rows_with(kv, "+1"), 1);
	assert_sound(kv);
	act(h, STORE_WRITE_REACT, bob, conv, 4, "+1");
	assert_sound(kv);
}

static void
who_was_away_is_told_of_the_gap(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_read *read = store_read_new(sizeof(*read->positions));

	say_many(h, ann, LOBBY_ID, 20);
	trim(h, LOBBY_ID, 5, 0, 100);
	read->kind = STORE_READ_CATCH_UP;
	read->limit = 100;
	read->positions = (struct store_position *)(void *)read->extra;
	read->positions_n = 1;
	read->positions[0] = (struct store_position){.conv = LOBBY_ID,
	    .seq = 3};
	harness_ask(h, read);
	assert_int_equal(read->records_n, 5);
	assert_int_equal(read->records[0].seq, 16);
	assert_int_equal(read->gaps_n, 1);
	assert_int_equal(read->gaps[0].from, 4);
	assert_int_equal(read->gaps[0].to, 15);
	store_read_free(read);
}

static void
what_is_overdue_is_found(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob"), tea, dm;
	struct store_read *read;

	h->clock.fixed = 1;
	h->clock.now_us = 1000000;
	tea = join(h, ann, "#tea");
	dm = say_to(h, ann, bob, "one");
	say(h, ann, dm, "two");
	h->clock.now_us = 2000000;
	say(h, ann, tea, "new");
	read = make_read(STORE_READ_OVERDUE, 0, 0);
	read->retention[CONVERSATION_DIRECT].keep = 2;
	read->retention[CONVERSATION_GROUP].before_us = 1000001;
	harness_ask(h, read);
	assert_int_equal(read->cursors_n, 1);
	assert_int_equal(read->cursors[0].conv, tea);
	assert_int_equal(read->cursors[0].seq, 1);
	assert_false(read->more);
	store_read_free(read);
	read = make_read(STORE_READ_OVERDUE, 0, 0);
	read->retention[CONVERSATION_DIRECT].keep = 1;
	read->limit = 2;
	harness_ask(h, read);
	assert_int_equal(read->cursors_n, 0);
	assert_true(read->more);
	assert_int_equal(read->next, 3);
	read->after = read->next;
	store_read_free(read);
	read = make_read(STORE_READ_OVERDUE, 0, 0);
	read->retention[CONVERSATION_DIRECT].keep = 1;
	read->after = 3;
	harness_ask(h, read);
	assert_int_equal(read->cursors_n, 1);
	assert_int_equal(read->cursors[0].conv, dm);
	store_read_free(read);
}

/* ----------------------------------------------------------------- a person */

/* Deletes all that uid wrote, as found by pages of `limit` events. */
static unsigned
delete_all(struct harness *h, uint64_t uid, uint32_t limit)
{
	uint64_t conv = 0, after = 0;
	struct store_write *write;
	struct store_read *read;
	unsigned n = 0;
	size_t i;
	bool more;

	do {
		read = make_read(STORE_READ_SENT_BY, uid, conv);
		read->after = after;
		read->limit = limit;
		harness_ask(h, read);
		assert_int_equal(read->status, STORE_OK);
		for (i = 0; i < read->cursors_n; i++, n++) {
			write = make_act(STORE_WRITE_DELETE, uid,
			    read->cursors[i].conv, read->cursors[i].seq, "");
			write->forced = true;
			assert_int_equal(harness_do(h, write), STORE_OK);
		}
		more = read->more;
		conv = read->conv;
		after = read->next;
		store_read_free(read);
	} while (more);
	return n;
}

static void
all_that_one_wrote_is_found(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t cat = add_user(h, "cat"), tea;
	uint32_t limit;

	tea = join(h, ann, "#tea");
	join(h, bob, "#tea");
	for (limit = 1; limit < 40; limit += 3) {
		say(h, ann, LOBBY_ID, "x");
		say(h, bob, LOBBY_ID, "y");
		say(h, ann, tea, "x");
		say_to(h, bob, cat, "not ann's");
		say_to(h, ann, cat, "x");
		say_to(h, cat, ann, "y");
		assert_int_equal(delete_all(h, ann, limit), 3);
	}
	assert_int_equal(delete_all(h, ann, 100), 0);
}

/* Ann is everywhere. */
static uint64_t
live(struct harness *h, uint64_t ann, uint64_t bob)
{
	const struct store_cursor cursor = {LOBBY_ID, 1};
	uint64_t tea, green, conv, seq;

	tea = join(h, ann, "#tea");
	join(h, bob, "#tea");
	green = join(h, bob, "#green");
	act_on(h, STORE_WRITE_INVITE, bob, green, ann);
	seq = say(h, ann, tea, "a secret of ann");
	edit_keeping(h, ann, tea, seq, "a riddle of ann");
	conv = say_to(h, bob, ann, "for ann");
	say_to(h, ann, bob, "a secret of ann");
	act(h, STORE_WRITE_REACT, ann, conv, 1, "<3");
	act(h, STORE_WRITE_REACT, bob, conv, 2, "<3");
	mark(h, ann, conv, 1);
	assert_int_equal(harness_do(h, make_block(ann, bob, true)), STORE_OK);
	assert_int_equal(harness_do(h, make_device(ann, "phone", &cursor, 1)),
	    STORE_OK);
	return tea;
}

static void
leave_to(struct harness *h, uint64_t ann, uint64_t bob, uint64_t tea)
{
	struct store_write *write = make_act(STORE_WRITE_ROLE, ann, tea, 0,
	    "");

	write->peer = bob;
	write->record.role = ROLE_OWNER;
	assert_int_equal(harness_do(h, write), STORE_OK);
	assert_int_equal(harness_do(h, make_leave(ann, tea)), STORE_OK);
}

static size_t
count_erasing(struct harness *h)
{
	struct store_read *read = make_read(STORE_READ_ERASING, 0, 0);
	size_t n;

	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	n = read->people_n;
	if (n != 0)
		assert_string_equal(read->people[0].name, "ann");
	store_read_free(read);
	return n;
}

static void
a_person_is_erased(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = live(h, ann, bob);
	struct store_erase sum;
	struct store_read *read;

	assert_int_equal(count_erasing(h), 0);
	assert_int_equal(harness_do(h, make_erase(ann, 0)), STORE_OK);
	assert_int_equal(count_erasing(h), 1);
	assert_int_equal(harness_do(h, make_erase(ann, 9)), STORE_CONFLICT);
	assert_int_equal(delete_all(h, ann, 100), 2);
	leave_to(h, ann, bob, tea);
	erase(h, ann, 2, &sum);
	assert_int_equal(sum.devices, 1);
	assert_int_equal(sum.blocks, 1);
	assert_int_equal(sum.invitations, 1);
	assert_int_equal(sum.reactions, 1);
	assert_int_equal(count_erasing(h), 0);
	assert_int_equal(harness_do(h, make_erase(ann, 9)), STORE_DUPLICATE);
	assert_int_equal(count_rows_with(kv, "of ann"), 0);
	assert_int_equal(harness_do(h, make_user("ann")), STORE_EXISTS);
	read = make_read(STORE_READ_PERSON, ann, 0);
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_NOT_FOUND);
	assert_string_equal(read->person.name, "ann");
	store_read_free(read);
	assert_int_equal(harness_do(h, make_append(bob, 0, ann, NULL, "?")),
	    STORE_NOT_FOUND);
	assert_sound(kv);
}

static void
what_was_kept_of_deleted_messages_goes(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob"), conv;
	struct store_write *write;
	struct store_erase sum;

	conv = say_to(h, ann, bob, "of ann");
	say(h, bob, conv, "of bob");
	edit_keeping(h, bob, conv, 2, "of bob still");
	write = make_act(STORE_WRITE_DELETE, ann, conv, 1, "");
	write->keep_versions = true;
	assert_int_equal(harness_do(h, write), STORE_OK);
	assert_int_equal(count_rows_with(kv, "of ann"), 1);
	erase(h, ann, 100, &sum);
	assert_int_equal(sum.versions, 1);
	assert_int_equal(count_rows_with(kv, "of ann"), 0);
	assert_int_equal(count_rows_with(kv, "of bob"), 2);
	assert_sound(kv);
}

static struct store_write *
make_seen(uint64_t uid)
{
	struct store_write *write = make_act(STORE_WRITE_SEEN, uid, 0, 0, "");

	write->seen_us = 5;
	write->urgent = true;
	return write;
}

/* What a session of theirs that ends too late would still write. */
static void
nothing_of_the_erased_comes_back(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_erase sum;

	assert_int_equal(harness_do(h, make_seen(ann)), STORE_OK);
	erase(h, ann, 100, &sum);
	assert_int_equal(harness_do(h, make_seen(ann)), STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_device(ann, "phone", NULL, 0)),
	    STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_block(ann, bob, true)),
	    STORE_NOT_FOUND);
	assert_int_equal(count_rows_of(kv, KV_SEEN, ann), 0);
	assert_int_equal(count_rows_of(kv, KV_CUR, ann), 0);
	assert_int_equal(count_rows_of(kv, KV_BLOCK, ann), 0);
}

static void
nobody_is_not_erased(void **state)
{
	struct harness *h = *state;
	struct store_write *write = make_erase(0, 0);

	strcpy(write->name, "nobody");
	assert_int_equal(harness_do(h, write), STORE_NOT_FOUND);
}

/* ---------------------------------------------------------------- the story */

static void
a_story_is_told(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob"), conv, id;
	struct store_write *write;
	struct store_cursor cursor = {.seq = 1};
	struct store_read *read;

	write = make_append(ann, 0, bob, "c1", "hello");
	write->trail = "flood  flood.lua:3  pass";
	write->trail_len = (uint32_t)strlen(write->trail);
	write->record.generation = 7;
	harness_done(h, write);
	conv = cursor.conv = write->record.conv;
	id = write->record.id;
	store_write_unref(write);
	harness_do(h, make_device(bob, "phone", &cursor, 1));
	mark(h, bob, conv, 1);
	harness_do(h, make_block(bob, ann, true));
	read = make_read(STORE_READ_STORY, 0, 0);
	read->before = id;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_string_equal(read->conversation.name, "@ann:bob");
	assert_int_equal(read->records[0].seq, 1);
	assert_int_equal(read->records[0].generation, 7);
	assert_int_equal(read->records[0].transport, TRANSPORT_REST);
	assert_string_equal(read->trail, "flood  flood.lua:3  pass");
	assert_int_equal(read->members_n, 1);
	assert_string_equal(read->members[0].name, "bob");
	assert_true(read->members[0].read_us > 0);
	assert_int_equal(read->devices_n, 1);
	assert_string_equal(read->devices[0].device, "phone");
	assert_int_equal(read->devices[0].seq, 1);
	assert_int_equal(read->blocks_n, 1);
	assert_int_equal(read->blocks[0], bob);
	store_read_free(read);
	read = make_read(STORE_READ_STORY, 0, conv);
	read->after = 2;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_NO_MESSAGE);
	store_read_free(read);
	read = make_read(STORE_READ_STORY, 0, 0);
	read->before = id + 1;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_NO_MESSAGE);
	store_read_free(read);
}

/* ---------------------------------------------------------------- the check */

/* Everything that a store may hold. */
static void
fill(struct harness *h)
{
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob"), tea;
	struct store_write *write;

	tea = live(h, ann, bob);
	add_user(h, "cat");
	act_on(h, STORE_WRITE_INVITE, ann, tea, 3);
	say_many(h, ann, LOBBY_ID, 70);
	act_on(h, STORE_WRITE_BAN, ann, tea, bob);
	assert_int_equal(harness_do(h, make_seen(ann)), STORE_OK);
	write = make_append(ann, LOBBY_ID, 0, NULL, "judged");
	write->trail = "a rule";
	write->trail_len = 6;
	assert_int_equal(harness_do(h, write), STORE_OK);
	fill_accounts(h, ann);
}

/* A flipped bit in any row is found, wherever in it. */
static void
damage_is_found(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	struct kv_bytes kept;
	struct key key;
	size_t n, at;
	int table;

	fill(h);
	assert_sound(kv);
	for (table = 0; table < KV_TERM; table++) {
		assert_true(find_row(kv, (enum kv_table)table, 0, &key,
		    &kept));
		free((void *)(uintptr_t)kept.data);
		for (n = 0; find_row(kv, (enum kv_table)table, n, &key,
		    &kept); n += 7) {
			for (at = 0; at < kept.len; at += kept.len / 3 + 1) {
				((unsigned char *)(uintptr_t)kept.data)[at] ^=
				    0x10;
				table_put(kv, (enum kv_table)table, &key, kept);
				assert_int_not_equal(count_findings(kv, false),
				    0);
				((unsigned char *)(uintptr_t)kept.data)[at] ^=
				    0x10;
				table_put(kv, (enum kv_table)table, &key, kept);
			}
			free((void *)(uintptr_t)kept.data);
		}
	}
	assert_sound(kv);
}

/* A row that is gone is missed by another. */
static void
what_is_missing_is_found(void **state)
{
	static const enum kv_table tables[] = {KV_META, KV_CONV, KV_IDS,
	    KV_CHG, KV_MEMB, KV_UMEMB, KV_USER, KV_UNAME, KV_CNAME,
	    KV_INVITE, KV_UINVITE, KV_ACCOUNT, KV_EMAIL, KV_FAMILY};
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	struct kv_bytes kept;
	struct key key;
	size_t i, n;

	fill(h);
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (n = 0; find_row(kv, tables[i], n, &key, &kept); n += 5) {
			table_del(kv, tables[i], &key);
			if (count_findings(kv, false) == 0 &&
			    tables[i] != KV_META)
				fail_msg("table %d, row %zu", tables[i], n);
			table_put(kv, tables[i], &key, kept);
			free((void *)(uintptr_t)kept.data);
		}
	}
	assert_sound(kv);
}

/* A stray row with a wild number ends the walk no later than others. */
static void
wild_numbers_are_found(void **state)
{
	static const uint64_t wild[][2] = {{LOBBY_ID, UINT64_MAX - 5},
	    {UINT64_MAX - 5, 1}};
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	struct kv_bytes kept;
	struct key key;
	size_t i;

	fill(h);
	for (i = 0; i < 2; i++) {
		assert_true(find_row(kv, KV_CONV, 0, &key, &kept));
		key_record(&key, wild[i][0], wild[i][1]);
		table_put(kv, KV_CONV, &key, kept);
		free((void *)(uintptr_t)kept.data);
		assert_in_range(count_findings(kv, false), 1, 10);
		table_del(kv, KV_CONV, &key);
	}
	assert_sound(kv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(the_oldest_go_by_number),
	    BOTH(the_oldest_go_by_age),
	    BOTH(numbers_go_on),
	    BOTH(what_hangs_on_events_goes_too),
	    BOTH(who_was_away_is_told_of_the_gap),
	    BOTH(what_is_overdue_is_found),
	    BOTH(all_that_one_wrote_is_found),
	    BOTH(a_person_is_erased),
	    BOTH(what_was_kept_of_deleted_messages_goes),
	    BOTH(nothing_of_the_erased_comes_back),
	    BOTH(nobody_is_not_erased),
	    BOTH(a_story_is_told),
	    BOTH(damage_is_found),
	    BOTH(what_is_missing_is_found),
	    BOTH(wild_numbers_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
