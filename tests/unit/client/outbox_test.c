/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/outbox.h"

static json_t *
line(const char *text)
{
	return json_pack("{s:s, s:s}", "type", "line", "text", text);
}

static json_t *
parse(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

/* The text that goes out now holds this. */
static void
assert_next(struct outbox *outbox, int64_t now_ms, const char *holds)
{
	size_t len = 0;
	const char *text = outbox_next(outbox, now_ms, &len);

	if (holds == NULL) {
		assert_null(text);
		return;
	}
	assert_non_null(text);
	assert_int_equal(len, strlen(text));
	assert_non_null(strstr(text, holds));
}

static enum outbox_answer
answer(struct outbox *outbox, const char *text, int64_t now_ms)
{
	json_t *message = parse(text);
	const json_t *request;
	enum outbox_answer answer = outbox_take(outbox, message, now_ms,
	    &request);

	assert_true((answer == OUTBOX_OTHER) == (request == NULL));
	json_decref(message);
	return answer;
}

static void
requests_leave_one_by_one(void **state)
{
	struct outbox *outbox = outbox_new();

	(void)state;
	assert_next(outbox, 0, NULL);
	assert_int_equal(outbox_deadline(outbox), INT64_MAX);
	outbox_add(outbox, line("one"));
	outbox_add(outbox, line("two"));
	assert_int_equal(outbox_count(outbox), 2);
	assert_next(outbox, 0, "\"one\"");
	assert_next(outbox, 0, NULL);
	assert_int_equal(answer(outbox, "{\"type\":\"ok\"}", 0), OUTBOX_OTHER);
	assert_int_equal(answer(outbox, "{\"type\":\"ok\",\"ref\":2}", 0),
	    OUTBOX_OTHER);
	assert_int_equal(answer(outbox, "{\"type\":\"ok\",\"ref\":\"1\"}", 0),
	    OUTBOX_OTHER);
	assert_int_equal(answer(outbox, "{\"type\":\"ok\",\"ref\":1}", 0),
	    OUTBOX_DONE);
	assert_next(outbox, 0, "\"two\"");
	assert_int_equal(answer(outbox, "{\"type\":\"error\",\"ref\":2,"
	    "\"code\":\"not_found\"}", 0), OUTBOX_DONE);
	assert_int_equal(outbox_count(outbox), 0);
	outbox_free(outbox);
}

static void
a_lost_request_is_sent_again_with_its_id(void **state)
{
	struct outbox *outbox = outbox_new();
	char first[512];
	const char *text;
	size_t len;

	(void)state;
	outbox_add(outbox, line("one"));
	text = outbox_next(outbox, 0, &len);
	assert_non_null(strstr(text, "client_msg_id"));
	strcpy(first, text);
	outbox_reset(outbox);
	assert_string_equal(outbox_next(outbox, 5, &len), first);
	outbox_free(outbox);
}

static void
only_what_may_store_gets_an_id(void **state)
{
	struct outbox *outbox = outbox_new();
	const char *text;
	size_t len;

	(void)state;
	outbox_add(outbox, parse("{\"type\":\"join\"}"));
	text = outbox_next(outbox, 0, &len);
	assert_null(strstr(text, "client_msg_id"));
	assert_int_equal(answer(outbox, "{\"type\":\"ok\",\"ref\":1}", 0),
	    OUTBOX_DONE);
	outbox_add(outbox, parse("{\"type\":\"send\",\"client_msg_id\":\"x\"}"));
	assert_next(outbox, 0, "\"client_msg_id\":\"x\"");
	outbox_free(outbox);
}

static void
what_came_too_fast_waits_before_the_others(void **state)
{
	struct outbox *outbox = outbox_new();

	(void)state;
	outbox_add(outbox, line("one"));
	outbox_add(outbox, line("two"));
	assert_next(outbox, 100, "\"one\"");
	assert_int_equal(answer(outbox, "{\"type\":\"error\",\"ref\":1,\"code\":"
	    "\"rate_limited\",\"retry_after_ms\":250}", 100), OUTBOX_REPEAT);
	assert_next(outbox, 349, NULL);
	assert_int_equal(outbox_deadline(outbox), 350);
	assert_next(outbox, 350, "\"one\"");
	assert_int_equal(answer(outbox, "{\"type\":\"error\",\"ref\":1,\"code\":"
	    "\"unavailable\"}", 400), OUTBOX_REPEAT);
	assert_next(outbox, 1399, NULL);
	assert_next(outbox, 1400, "\"one\"");
	assert_int_equal(answer(outbox, "{\"type\":\"sent\",\"ref\":1}", 1401),
	    OUTBOX_DONE);
	/* The next one keeps the distance that was asked for. */
	assert_next(outbox, 2399, NULL);
	assert_next(outbox, 2400, "\"two\"");
	assert_int_equal(answer(outbox, "{\"type\":\"sent\",\"ref\":2}", 2401),
	    OUTBOX_DONE);
	outbox_add(outbox, line("three"));
	assert_next(outbox, 2401, "\"three\"");
	outbox_free(outbox);
}

static void
ones_own_ref_comes_back(void **state)
{
	struct outbox *outbox = outbox_new();
	const json_t *request;
	json_t *message;

	(void)state;
	outbox_add(outbox, parse("{\"type\":\"ping\",\"ref\":{\"a\":[1]}}"));
	assert_next(outbox, 0, "\"ref\":1");
	message = parse("{\"type\":\"pong\",\"ref\":1}");
	assert_int_equal(outbox_take(outbox, message, 0, &request),
	    OUTBOX_DONE);
	assert_non_null(json_object_get(json_object_get(message, "ref"), "a"));
	json_decref(message);
	outbox_add(outbox, parse("{\"type\":\"ping\"}"));
	assert_next(outbox, 0, "\"ref\":2");
	message = parse("{\"type\":\"pong\",\"ref\":2}");
	outbox_take(outbox, message, 0, &request);
	assert_null(json_object_get(message, "ref"));
	json_decref(message);
	outbox_free(outbox);
}

static void
what_is_never_answered_is_given_up(void **state)
{
	struct outbox *outbox = outbox_new();
	json_t *request;
	int i;

	(void)state;
	outbox_add(outbox, line("one"));
	for (i = 0; i < 3; i++) {
		assert_null(outbox_give_up(outbox));
		assert_next(outbox, 0, "\"one\"");
		assert_false(outbox_overdue(outbox, 29999));
		assert_true(outbox_overdue(outbox, 30000));
		if (i < 2)
			outbox_reset(outbox);
	}
	request = outbox_give_up(outbox);
	assert_non_null(request);
	json_decref(request);
	assert_int_equal(outbox_count(outbox), 0);
	assert_false(outbox_overdue(outbox, 99999));
	outbox_free(outbox);
	outbox_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_leave_one_by_one),
	    cmocka_unit_test(a_lost_request_is_sent_again_with_its_id),
	    cmocka_unit_test(only_what_may_store_gets_an_id),
	    cmocka_unit_test(what_came_too_fast_waits_before_the_others),
	    cmocka_unit_test(ones_own_ref_comes_back),
	    cmocka_unit_test(what_is_never_answered_is_given_up),
	};

	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
