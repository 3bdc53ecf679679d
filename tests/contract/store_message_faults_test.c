/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <string.h>

#include "tests/contract/kv_fail.h"
#include "tests/contract/message_stage.h"

static struct kv *
wrap(struct kv *kv, void *arg)
{
	return kv_fail_wrap(kv, arg);
}

#define WRITES 7

static void
submit_all(struct harness *h, uint64_t ann, uint64_t target,
    struct store_write *writes[WRITES])
{
	size_t i;

	writes[0] = keeping(make_edit(ann, LOBBY_ID, target, "two"));
	give_trail(writes[0], "rule allow");
	writes[1] = make_react(ann, LOBBY_ID, target, "+", true);
	writes[2] = make_append(ann, LOBBY_ID, 0, NULL, "between");
	writes[3] = keeping(make_edit(ann, LOBBY_ID, target, "three"));
	writes[4] = make_react(ann, LOBBY_ID, target, "+", false);
	writes[5] = make_delete(ann, LOBBY_ID, target);
	writes[6] = make_delete(ann, LOBBY_ID, 4711);
	for (i = 0; i < WRITES; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
}

/* Each has its event if it was answered so, and none if not. */
static void
check_events(struct harness *h, struct store_write *const writes[WRITES])
{
	struct store_read *read = make_read(STORE_READ_HISTORY, 0, LOBBY_ID);
	uint64_t before = UINT64_MAX;
	size_t i, n = 0;

	for (i = 0; i < WRITES; i++) {
		if (writes[i]->status != STORE_OK)
			continue;
		n++;
		if (before == UINT64_MAX)
			before = writes[i]->record.seq - 1;
		assert_int_equal(writes[i]->record.seq, before + n);
	}
	read->newest = true;
	read->limit = (uint32_t)n + 1;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->gaps_n, 0);
	assert_int_equal(read->records_n, n + 1);
	for (i = 0; n > 0 && i <= n; i++)
		assert_int_equal(read->records[i].seq, before + i);
	store_read_free(read);
}

static void
fail_each_change(struct harness *h, struct kv_fail *fail,
    enum kv_result result)
{
	struct store_write *writes[WRITES];
	uint64_t ann, target;
	bool failed = true;
	char name[16];
	int n, i;

	snprintf(name, sizeof(name), "ann%d", (int)result);
	ann = add_user(h, name);
	for (n = 1; failed; n++) {
		assert_true(n < 100);
		target = say(h, ann, LOBBY_ID, "one");
		atomic_store(&fail->result, result);
		atomic_store(&fail->changes, n);
		submit_all(h, ann, target, writes);
		failed = atomic_exchange(&fail->changes, 0) == 0;
		check_events(h, writes);
		for (i = 0; i < WRITES; i++) {
			assert_true(failed || i == WRITES - 1 ||
			    writes[i]->status == STORE_OK);
			store_write_unref(writes[i]);
		}
		/* Whatever failed, it can still be done. */
		i = (int)delete(h, ann, LOBBY_ID, target);
		assert_true(i == STORE_OK || i == STORE_DUPLICATE);
	}
	assert_true(n > 15);
}

static void
a_change_that_fails(void **state)
{
	static const enum kv_result results[] = {
	    KV_FAILED, KV_NOMEM, KV_FULL};
	struct harness *h = *state;
	struct kv_fail fail;
	size_t i;

	for (i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		memset(&fail, 0, sizeof(fail));
		harness_close(h);
		h->wrap = wrap;
		h->wrap_arg = &fail;
		harness_open(h);
		fail_each_change(h, &fail, results[i]);
	}
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

/* What waits is put for an edit elsewhere, which is not to blame. */
static void
a_failure_is_whose_it_is(void **state)
{
	struct harness *h = *state;
	struct store_write *said, *also, *edited;
	struct kv_fail fail = {.result = KV_FAILED};
	uint64_t ann, tea, seq;

	harness_close(h);
	h->wrap = wrap;
	h->wrap_arg = &fail;
	harness_open(h);
	ann = add_user(h, "ann");
	tea = join(h, ann, "#tea");
	seq = say(h, ann, tea, "one");
	atomic_store(&fail.changes, 3); /* two new ids, and a record */
	said = harness_submit(h, make_append(ann, LOBBY_ID, 0, NULL, "x"));
	also = harness_submit(h, make_append(ann, tea, 0, NULL, "two"));
	edited = harness_submit(h, make_edit(ann, tea, seq, "three"));
	harness_settle(h);
	assert_int_equal(atomic_load(&fail.changes), 0);
	assert_int_equal(said->status, STORE_CORRUPT);
	assert_int_equal(also->status, STORE_OK);
	assert_int_equal(edited->status, STORE_OK);
	store_write_unref(said);
	store_write_unref(also);
	store_write_unref(edited);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

static void
a_full_disk(void **state)
{
	struct harness *h = *state;
	struct kv_fail fail = {0};
	uint64_t ann;

	harness_close(h);
	h->wrap = wrap;
	h->wrap_arg = &fail;
	h->min_free = 1000;
	harness_open(h);
	ann = add_user(h, "ann");
	say(h, ann, LOBBY_ID, "one");
	assert_int_equal(react(h, ann, LOBBY_ID, 1, "+", true), STORE_OK);
	atomic_store(&fail.room, 999);
	assert_int_equal(edit(h, ann, LOBBY_ID, 1, "two"), STORE_NO_SPACE);
	assert_int_equal(react(h, ann, LOBBY_ID, 1, "-", true),
	    STORE_NO_SPACE);
	assert_int_equal(react(h, ann, LOBBY_ID, 1, "+", false), STORE_OK);
	assert_int_equal(delete(h, ann, LOBBY_ID, 1), STORE_OK);
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(a_change_that_fails),
	    BOTH(a_failure_is_whose_it_is),
	    BOTH(a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
