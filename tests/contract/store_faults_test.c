/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/keys.h"
#include "store/rows.h"
#include "tests/contract/kv_fail.h"

static struct kv *
wrap(struct kv *kv, void *arg)
{
	return kv_fail_wrap(kv, arg);
}

/* Opened anew, over tables that fail on demand. */
static void
open_failing(struct harness *h, struct kv_fail *fail)
{
	memset(fail, 0, sizeof(*fail));
	harness_close(h);
	h->wrap = wrap;
	h->wrap_arg = fail;
	harness_open(h);
}

/* ------------------------------------------------------ a change that fails */

#define WRITES 9

static void
submit_all(struct harness *h, uint64_t ann, uint64_t bob, int round,
    struct store_write *writes[WRITES])
{
	struct store_cursor at = {.conv = LOBBY_ID, .seq = 1};
	char id[16], group[16], user[16];
	size_t i;

	snprintf(id, sizeof(id), "id-%d", round);
	snprintf(group, sizeof(group), "#g%d", round);
	snprintf(user, sizeof(user), "u%d", round);
	writes[0] = make_append(ann, LOBBY_ID, 0, id, "first");
	writes[1] = make_user(user);
	writes[2] = make_append(ann, 0, bob, id, "direct");
	writes[3] = make_join(bob, group);
	writes[4] = make_device(ann, user, &at, 1);
	writes[5] = make_block(bob, ann, round % 2 == 0);
	writes[6] = make_append(ann, LOBBY_ID, 0, id, "first"); /* again */
	writes[7] = make_append(ann, 4711, 0, id, "nowhere");
	writes[8] = make_append(bob, LOBBY_ID, 0, id, "last");
	for (i = 0; i < WRITES; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
}

/* The lobby's log is whole: seqs without a gap, ids ascending. */
static void
check_lobby(struct harness *h)
{
	struct store_position at = {.conv = LOBBY_ID};
	struct store_read *read = store_read_new(sizeof(at));
	size_t i;

	assert_non_null(read);
	read->kind = STORE_READ_CATCH_UP;
	read->positions = (struct store_position *)(void *)read->extra;
	memcpy(read->positions, &at, sizeof(at));
	read->positions_n = 1;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->gaps_n, 0);
	for (i = 0; i < read->records_n; i++) {
		assert_int_equal(read->records[i].seq, i + 1);
		assert_int_equal(read->records[i].count, i + 1);
		if (i > 0)
			assert_true(read->records[i].id >
			    read->records[i - 1].id);
	}
	store_read_free(read);
}

/*
 * The n-th change fails for good: its write says so, or if memory or room
 * is short all of the batch does.  What was refused is done when it is asked
 * again, and nothing is done twice.
 */
static void
fail_each_change(struct harness *h, enum kv_result result)
{
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_write *writes[WRITES], *again[WRITES];
	struct kv_fail *fail = h->wrap_arg;
	int n, failed, i;

	for (n = 1; n < 40; n++) {
		atomic_store(&fail->result, result);
		atomic_store(&fail->changes, n);
		submit_all(h, ann, bob, n, writes);
		failed = atomic_exchange(&fail->changes, 0) == 0;
		submit_all(h, ann, bob, n, again);
		assert_int_equal(writes[7]->status == STORE_NOT_FOUND ||
		    failed, 1);
		for (i = 0; i < WRITES; i++) {
			assert_int_not_equal(again[i]->status, STORE_RETRY);
			assert_int_not_equal(again[i]->status, STORE_CORRUPT);
			assert_int_not_equal(again[i]->status,
			    STORE_NO_SPACE);
			if (writes[i]->status == STORE_OK && i != 7)
				assert_int_not_equal(again[i]->status,
				    STORE_OK);
			store_write_unref(writes[i]);
			store_write_unref(again[i]);
		}
		check_lobby(h);
	}
}

static void
a_change_that_fails(void **state)
{
	struct harness *h = *state;
	struct kv_fail fail;

	open_failing(h, &fail);
	fail_each_change(h, KV_FAILED);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

static void
a_change_without_memory(void **state)
{
	struct harness *h = *state;
	struct kv_fail fail;

	open_failing(h, &fail);
	fail_each_change(h, KV_NOMEM);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

static void
a_change_without_room(void **state)
{
	struct harness *h = *state;
	struct kv_fail fail;

	open_failing(h, &fail);
	fail_each_change(h, KV_FULL);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

/* -------------------------------------------- commits, begins and snapshots */

static void
a_commit_without_room(void **state)
{
	struct harness *h = *state;
	struct kv_fail fail;
	struct store_write *write;
	uint64_t ann;

	open_failing(h, &fail);
	ann = add_user(h, "ann");
	harness_forget(h);
	atomic_store(&fail.result, KV_FULL);
	atomic_store(&fail.commits, 1);
	write = harness_done(h, make_append(ann, LOBBY_ID, 0, "1", "x"));
	assert_int_equal(write->status, STORE_NO_SPACE);
	harness_settle_feeds(h);
	assert_false(h->events[0].feed);
	assert_int_equal(h->events_n, 1 + WORKERS);
	store_write_unref(write);
	write = harness_done(h, make_append(ann, LOBBY_ID, 0, "1", "x"));
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->record.seq, 1);
	assert_int_equal(write->record.id, 1);
	store_write_unref(write);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

static void
no_memory_to_begin(void **state)
{
	struct harness *h = *state;
	struct kv_fail fail;
	uint64_t ann;

	open_failing(h, &fail);
	ann = add_user(h, "ann");
	atomic_store(&fail.result, KV_NOMEM);
	atomic_store(&fail.begins, 1);
	assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0, "1",
	    "x")), STORE_RETRY);
	assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0, "1",
	    "x")), STORE_OK);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

static void
no_memory_for_a_snapshot(void **state)
{
	struct harness *h = *state;
	struct kv_fail fail;
	struct store_read *read;
	uint64_t ann;

	open_failing(h, &fail);
	ann = add_user(h, "ann");
	store_settle_search(h->store); /* it takes snapshots too */
	atomic_store(&fail.result, KV_NOMEM);
	atomic_store(&fail.snapshots, 1);
	read = harness_ask(h, make_read(STORE_READ_USER, ann, 0));
	assert_int_equal(read->status, STORE_NOMEM);
	store_read_free(read);
	read = harness_ask(h, make_read(STORE_READ_USER, ann, 0));
	assert_int_equal(read->status, STORE_OK);
	store_read_free(read);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

/* In a process of its own: the status it ends with. */
static int
in_child(struct harness *h, void (*body)(struct harness *, struct kv_fail *))
{
	struct kv_fail fail;
	pid_t child;
	int status;

	harness_close(h);
	memset(&fail, 0, sizeof(fail));
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		h->wrap = wrap;
		h->wrap_arg = &fail;
		ev_loop_fork(h->loop);
		harness_open(h);
		body(h, &fail);
		_exit(0);
	}
	assert_true(waitpid(child, &status, 0) == child);
	harness_open(h);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
append_and_fail(struct harness *h, struct kv_fail *fail)
{
	uint64_t ann = add_user(h, "ann");

	say(h, ann, LOBBY_ID, "acknowledged");
	atomic_store(&fail->result, KV_FAILED);
	atomic_store(&fail->commits, 1);
	say(h, ann, LOBBY_ID, "lost");
}

static void
a_failed_commit_ends_the_process(void **state)
{
	struct harness *h = *state;
	struct store_read *read;

	assert_int_equal(in_child(h, append_and_fail), 70);
	if (strcmp(h->kind, "memory") == 0)
		return;
	read = harness_ask(h, make_read(STORE_READ_HISTORY, 0, LOBBY_ID));
	assert_int_equal(read->records_n, 1);
	assert_string_equal(read->records[0].text, "acknowledged");
	store_read_free(read);
}

static void
begin_and_fail(struct harness *h, struct kv_fail *fail)
{
	atomic_store(&fail->result, KV_FAILED);
	atomic_store(&fail->begins, 1);
	add_user(h, "ann");
}

static void
a_broken_store_ends_the_process(void **state)
{
	assert_int_equal(in_child(*state, begin_and_fail), 70);
}

/* ------------------------------------------------------------------ SIGKILL */

#define KILLS 5

static int acknowledged; /* the pipe, in the child */

static void
acknowledge(struct store_write *done)
{
	struct harness *h = done->arg;

	if (done->status != STORE_OK ||
	    write(acknowledged, &done->record.seq,
		sizeof(done->record.seq)) < 0)
		_exit(1);
	h->pending--;
}

/* Appends for ever, and says what it was told is stored. */
static _Noreturn void
append_for_ever(struct harness *h)
{
	struct store_write *write;

	harness_open(h);
	for (;;) {
		write = make_append(1, LOBBY_ID, 0, NULL, "x");
		write->done = acknowledge;
		write->arg = h;
		h->pending++;
		store_submit(h->store, write);
		while (h->pending > 50)
			ev_run(h->loop, EVRUN_ONCE);
	}
}

/* Starts one, kills it after some answers: the last seq it was told. */
static uint64_t
kill_one(struct harness *h, int answers)
{
	uint64_t seq, last = 0;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		ev_loop_fork(h->loop);
		acknowledged = ends[1];
		append_for_ever(h);
	}
	close(ends[1]);
	while (answers-- > 0) {
		assert_int_equal(read(ends[0], &seq, sizeof(seq)),
		    sizeof(seq));
		assert_true(seq > last);
		last = seq;
	}
	kill(child, SIGKILL);
	while (read(ends[0], &seq, sizeof(seq)) == sizeof(seq))
		last = seq;
	close(ends[0]);
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFSIGNALED(status));
	return last;
}

static void
what_was_acknowledged_survives(void **state)
{
	struct harness *h = *state;
	struct store_read *all;
	uint64_t last, stored = 0;
	int i;

	assert_int_equal(add_user(h, "ann"), 1);
	for (i = 1; i <= KILLS; i++) {
		harness_close(h);
		last = kill_one(h, 37 * i);
		harness_open(h);
		all = make_read(STORE_READ_HISTORY, 0, LOBBY_ID);
		all->limit = 100000;
		harness_ask(h, all);
		assert_int_equal(all->status, STORE_OK);
		assert_true(all->records_n >= last);
		assert_true(all->records_n > stored);
		assert_int_equal(all->gaps_n, 0);
		stored = all->records_n;
		store_read_free(all);
	}
}

/* -------------------------------------------------------------- a full disk */

static void
a_full_disk_refuses_what_grows(void **state)
{
	struct harness *h = *state;
	struct store_cursor at = {.seq = 2};
	struct kv_fail fail;
	uint64_t ann, bob;

	open_failing(h, &fail);
	ann = add_user(h, "ann");
	bob = add_user(h, "bob");
	at.conv = join(h, ann, "#tea");
	harness_do(h, make_append(ann, LOBBY_ID, 0, "1", "x"));
	harness_close(h);
	h->min_free = 1000;
	harness_open(h);
	if (strcmp(h->kind, "memory") == 0) {
		ann = add_user(h, "ann");
		bob = add_user(h, "bob");
		at.conv = join(h, ann, "#tea");
		harness_do(h, make_append(ann, LOBBY_ID, 0, "1", "x"));
	}
	atomic_store(&fail.room, 999);
	assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0, "2",
	    "x")), STORE_NO_SPACE);
	assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0, "1",
	    "x")), STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_append(ann, 0, bob, "2", "x")),
	    STORE_NO_SPACE);
	assert_int_equal(harness_do(h, make_join(bob, "#tea")),
	    STORE_NO_SPACE);
	assert_int_equal(harness_do(h, make_join(ann, "#tea")),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_join(bob, "#new")),
	    STORE_NO_SPACE);
	assert_int_equal(harness_do(h, make_user("cat")), STORE_NO_SPACE);
	assert_int_equal(harness_do(h, make_user("ann")), STORE_EXISTS);
	assert_int_equal(harness_do(h, make_block(ann, bob, true)), STORE_OK);
	assert_int_equal(harness_do(h, make_cursors(ann, "", &at, 1)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_leave(ann, at.conv)), STORE_OK);
	atomic_store(&fail.room, 1000);
	assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0, "2",
	    "x")), STORE_OK);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

/* --------------------------------------------------------- damage and locks */

/* Turns one bit of a value round, in the file. */
static void
damage(struct harness *h, enum kv_table table, const struct key *key)
{
	unsigned char bytes[2048];
	struct kv_bytes value;
	struct kv_txn *txn;
	struct kv *kv;

	harness_close(h);
	kv = harness_kv(h);
	txn = kv_begin(kv, NULL);
	assert_non_null(txn);
	assert_int_equal(kv_get(txn, table, key_bytes(key), &value), KV_OK);
	assert_true(value.len < sizeof(bytes));
	memcpy(bytes, value.data, value.len);
	bytes[value.len - 1] ^= 1;
	assert_int_equal(kv_put(txn, table, key_bytes(key),
	    (struct kv_bytes){bytes, value.len}), KV_OK);
	assert_int_equal(kv_commit(txn, NULL), KV_OK);
	kv_close(kv);
	harness_open(h);
}

/* What is lost is said, and what is around it still comes. */
static void
a_damaged_record_is_a_gap(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_position at = {.conv = LOBBY_ID};
	struct store_read *read;
	struct key key;
	int i;

	for (i = 0; i < 5; i++)
		say(h, ann, LOBBY_ID, "x");
	key_record(&key, LOBBY_ID, 2);
	damage(h, KV_CONV, &key);
	key_record(&key, LOBBY_ID, 3);
	damage(h, KV_CONV, &key);
	key_record(&key, LOBBY_ID, 5);
	damage(h, KV_CONV, &key);
	read = store_read_new(sizeof(at));
	read->kind = STORE_READ_CATCH_UP;
	read->positions = (struct store_position *)(void *)read->extra;
	memcpy(read->positions, &at, sizeof(at));
	read->positions_n = 1;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records_n, 2);
	assert_int_equal(read->records[0].seq, 1);
	assert_int_equal(read->records[1].seq, 4);
	assert_int_equal(read->gaps_n, 2);
	assert_int_equal(read->gaps[0].from, 2);
	assert_int_equal(read->gaps[0].to, 3);
	assert_int_equal(read->gaps[1].from, 5);
	assert_int_equal(read->positions[0].seq, 5);
	assert_false(read->more);
	store_read_free(read);
	read = harness_ask(h, make_read(STORE_READ_HISTORY, 0, LOBBY_ID));
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records_n, 2);
	assert_int_equal(read->gaps_n, 2);
	store_read_free(read);
	assert_int_equal(say(h, ann, LOBBY_ID, "on"), 6);
}

static void
a_damaged_head_is_not_written_over(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_read *read;
	struct key key;

	say(h, ann, LOBBY_ID, "x");
	key_head(&key, LOBBY_ID);
	damage(h, KV_CONV, &key);
	assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0, NULL,
	    "y")), STORE_CORRUPT);
	assert_int_equal(harness_do(h, make_append(ann, 0, ann, NULL, "y")),
	    STORE_OK);
	read = harness_ask(h, make_read(STORE_READ_HISTORY, 0, LOBBY_ID));
	assert_int_equal(read->status, STORE_CORRUPT);
	store_read_free(read);
}

/* Of the two logs, the second has two records to give. */
static void
check_two_logs(struct harness *h, uint64_t uid, uint64_t one, uint64_t other)
{
	struct store_position *at;
	struct store_read *read = store_read_new(2 * sizeof(*at));

	assert_non_null(read);
	read->kind = STORE_READ_CATCH_UP;
	read->uid = uid;
	read->positions = at = (struct store_position *)(void *)read->extra;
	read->positions_n = 2;
	at[0].conv = one;
	at[1].conv = other;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_false(read->stale);
	assert_int_equal(read->records_n, 2);
	store_read_free(read);
}

/* Signing in still works, for all that is whole. */
static void
a_damaged_conversation_is_left_out(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t jam = join(h, ann, "#jam");
	struct store_read *read;
	struct key key;

	key_head(&key, tea);
	damage(h, KV_CONV, &key);
	read = harness_ask(h, make_read(STORE_READ_PERSON, ann, 0));
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->memberships_n, 1);
	assert_int_equal(read->memberships[0].conversation.id, jam);
	store_read_free(read);
	check_two_logs(h, 0, tea, jam);
	check_two_logs(h, ann, LOBBY_ID, jam);
}

/* The marks of a block are made again from its records. */
static void
a_damaged_block_of_marks(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct key key;
	char id[16];
	int i;

	for (i = 1; i <= 2 * ROW_BLOCK + 5; i++) {
		snprintf(id, sizeof(id), "%d", i);
		harness_do(h, make_append(ann, LOBBY_ID, 0, id, "x"));
	}
	key_pair(&key, LOBBY_ID, 1 + ROW_BLOCK);
	damage(h, KV_IDS, &key);
	key_record(&key, LOBBY_ID, ROW_BLOCK + 3);
	damage(h, KV_CONV, &key);
	for (i = 1; i <= 2 * ROW_BLOCK + 5; i++) {
		if (i == ROW_BLOCK + 3)
			continue;
		snprintf(id, sizeof(id), "%d", i);
		assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0,
		    id, "x")), STORE_DUPLICATE);
	}
}

static void
a_second_server_is_refused(void **state)
{
	struct harness *h = *state;
	const struct store_options options = {.kind = "lmdb",
	    .folder = h->folder, .workers = 1, .log = &h->log};
	struct error err = {0};

	assert_null(store_open(&options, &err));
	assert_int_equal(err.code, ERROR_STATE);
	assert_non_null(strstr(err.text, h->folder));
	add_user(h, "ann");
}

static void
another_format_is_refused(void **state)
{
	static const struct {
		uint64_t format;
		const char *said; /* NULL: it opens */
	} cases[] = {{1, "format 1"}, {3, "format 3"}, {2, NULL}};
	struct harness *h = *state;
	const struct store_options options = {.kind = "lmdb",
	    .folder = h->folder, .workers = 1, .log = &h->log};
	unsigned char room[ROW_MAX];
	struct error err = {0};
	struct kv_txn *txn;
	struct key key;
	struct kv *kv;
	size_t i;

	harness_close(h);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kv = harness_kv(h);
		txn = kv_begin(kv, NULL);
		key_string(&key, "format");
		assert_int_equal(kv_put(txn, KV_META, key_bytes(&key),
		    (struct kv_bytes){room,
			row_pack_u64(cases[i].format, room)}), KV_OK);
		assert_int_equal(kv_commit(txn, NULL), KV_OK);
		kv_close(kv);
		if (cases[i].said == NULL)
			continue;
		assert_null(store_open(&options, &err));
		assert_int_equal(err.code, ERROR_CONFIG);
		assert_non_null(strstr(err.text, cases[i].said));
	}
	harness_open(h);
}

static void
options_that_cannot_be(void **state)
{
	struct harness *h = *state;
	struct store_options options = {.kind = "paper", .workers = 1,
	    .log = &h->log};
	struct error err = {0};

	assert_null(store_open(&options, &err));
	assert_int_equal(err.code, ERROR_CONFIG);
	options.kind = "lmdb";
	options.folder = "/proc/no/such/folder";
	assert_null(store_open(&options, &err));
	assert_int_equal(err.code, ERROR_SYSTEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(a_change_that_fails),
	    BOTH(a_change_without_memory),
	    BOTH(a_change_without_room),
	    BOTH(a_commit_without_room),
	    BOTH(no_memory_to_begin),
	    BOTH(no_memory_for_a_snapshot),
	    BOTH(a_failed_commit_ends_the_process),
	    BOTH(a_broken_store_ends_the_process),
	    LMDB(what_was_acknowledged_survives),
	    BOTH(a_full_disk_refuses_what_grows),
	    LMDB(a_damaged_record_is_a_gap),
	    LMDB(a_damaged_head_is_not_written_over),
	    LMDB(a_damaged_conversation_is_left_out),
	    LMDB(a_damaged_block_of_marks),
	    LMDB(a_second_server_is_refused),
	    LMDB(another_format_is_refused),
	    LMDB(options_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
