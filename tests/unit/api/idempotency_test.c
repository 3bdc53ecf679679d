/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/idempotency.h"

#define DAY_US (24 * 3600 * INT64_C(1000000))

static const unsigned char hash[IDEMPOTENCY_HASH] = {1};
static const struct buf nothing;

static void
keys(void **state)
{
	char key[IDEMPOTENCY_KEY_MAX + 1], longest[IDEMPOTENCY_KEY_MAX + 4];

	(void)state;
	assert_true(idempotency_key("a", key));
	assert_string_equal(key, "a");
	assert_true(idempotency_key("\"a-1\"", key));
	assert_string_equal(key, "a-1");
	assert_false(idempotency_key("", key));
	assert_false(idempotency_key("\"\"", key));
	assert_false(idempotency_key("\"", key));
	assert_false(idempotency_key("a b", key));
	assert_false(idempotency_key("a\"b", key));
	assert_false(idempotency_key("a\\b", key));
	assert_false(idempotency_key("a\x7f", key));
	assert_false(idempotency_key("\xc3\xa9", key));
	memset(longest, 'x', sizeof(longest));
	longest[IDEMPOTENCY_KEY_MAX] = '\0';
	assert_true(idempotency_key(longest, key));
	memcpy(longest + IDEMPOTENCY_KEY_MAX, "x", 2);
	assert_false(idempotency_key(longest, key));
}

static void
end(struct idempotency *all, struct answered_once *once, int status,
    const char *text)
{
	struct buf body = {0};

	buf_puts(&body, text);
	idempotency_end(all, once, status, "application/json", &body,
	    &nothing);
	buf_fini(&body);
}

static void
an_answer_is_kept(void **state)
{
	struct idempotency all = {0};
	struct answered_once *once;

	(void)state;
	assert_null(idempotency_find(&all, 1, "k", 0));
	once = idempotency_begin(&all, 1, "k", hash, 0);
	assert_non_null(once);
	assert_true(idempotency_find(&all, 1, "k", 0)->running);
	assert_null(idempotency_find(&all, 2, "k", 0));
	end(&all, once, 201, "made");
	assert_ptr_equal(idempotency_find(&all, 1, "k", DAY_US), once);
	assert_false(once->running);
	assert_int_equal(once->status, 201);
	assert_memory_equal(once->body.data, "made", 4);
	assert_null(idempotency_find(&all, 1, "k", DAY_US + 1));
	assert_int_equal(all.n, 0);
	idempotency_fini(&all);
}

static void
what_failed_is_forgotten(void **state)
{
	static const int statuses[] = {304, 400, 409, 422, 429, 500, 503};
	char large[IDEMPOTENCY_BODY_MAX + 2];
	struct idempotency all = {0};
	struct buf broken = {.failed = true};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		end(&all, idempotency_begin(&all, 1, "k", hash, 0),
		    statuses[i], "no");
		assert_null(idempotency_find(&all, 1, "k", 0));
	}
	idempotency_end(&all, idempotency_begin(&all, 1, "k", hash, 0), 200,
	    NULL, &broken, &nothing);
	assert_null(idempotency_find(&all, 1, "k", 0));
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	end(&all, idempotency_begin(&all, 1, "k", hash, 0), 200, large);
	assert_null(idempotency_find(&all, 1, "k", 0));
	idempotency_fini(&all);
}

static void
the_oldest_makes_room(void **state)
{
	struct idempotency all = {0};
	struct answered_once *once;
	char key[16];
	unsigned i;

	(void)state;
	end(&all, idempotency_begin(&all, 2, "other", hash, 0), 200, "");
	for (i = 0; i <= IDEMPOTENCY_MAX_OF_ONE; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		end(&all, idempotency_begin(&all, 1, key, hash, i), 200, "");
	}
	/* One's own goes, not another's that is older. */
	assert_null(idempotency_find(&all, 1, "k0", i));
	assert_non_null(idempotency_find(&all, 1, "k1", i));
	assert_non_null(idempotency_find(&all, 2, "other", i));
	for (i = 0; i < IDEMPOTENCY_MAX; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		once = idempotency_begin(&all, 1000 + i, key, hash, i);
		end(&all, once, 200, "");
	}
	assert_int_equal(all.n, IDEMPOTENCY_MAX);
	assert_null(idempotency_find(&all, 2, "other", i));
	idempotency_fini(&all);
}

static void
what_runs_is_never_dropped(void **state)
{
	struct idempotency all = {0};
	struct answered_once *first;
	char key[16];
	unsigned i;

	(void)state;
	first = idempotency_begin(&all, 1, "k0", hash, 0);
	for (i = 1; i < IDEMPOTENCY_MAX_OF_ONE; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		assert_non_null(idempotency_begin(&all, 1, key, hash, 0));
	}
	assert_null(idempotency_begin(&all, 1, "more", hash, 0));
	assert_non_null(idempotency_begin(&all, 2, "more", hash, 0));
	end(&all, first, 200, "");
	assert_non_null(idempotency_begin(&all, 1, "more", hash, 0));
	assert_null(idempotency_find(&all, 1, "k0", 0));
	idempotency_fini(&all);
	assert_null(all.newest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys),
	    cmocka_unit_test(an_answer_is_kept),
	    cmocka_unit_test(what_failed_is_forgotten),
	    cmocka_unit_test(the_oldest_makes_room),
	    cmocka_unit_test(what_runs_is_never_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
