/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"

/* Workers on threads of their own, while sets are loaded and looked at. */

#define MESSAGES 2000
#define ENDLESS 3

struct worker {
	struct policy *policy;
	pthread_t thread;
	unsigned passed;
};

static void *
work(void *arg)
{
	struct worker *worker = arg;
	struct policy_message message = {.user = "ann",
	    .conversation = "#tea", .kind = CONVERSATION_GROUP,
	    .transport = TRANSPORT_WEBSOCKET};
	struct policy_result result;
	sigset_t all;
	unsigned i;

	/* As workers do: signals are for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	script_thread_attach();
	for (i = 0; i < MESSAGES; i++) {
		message.text = i % (MESSAGES / ENDLESS + 1) == 1
		    ? "endless" : "x";
		message.text_len = strlen(message.text);
		memset(&result, 0, sizeof(result));
		worker->policy->ops->message(worker->policy, &message,
		    &result);
		worker->passed += result.verdict == POLICY_PASS;
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct worker workers[2] = {{0}};
	struct script_set *set;
	struct fixture f;
	struct buf json = {0};
	unsigned i;

	(void)state;
	alarm(120);
	fixture_init(&f);
	f.options.filter_ms = 5;
	fixture_script(&f, "return chat.filter{ name = \"f\", run = "
	    "function(ev) shared.incr(\"n\") if ev.text == \"endless\" "
	    "then while true do end end end }");
	set = f.set;
	f.set = NULL;
	for (i = 0; i < 2; i++) {
		workers[i].policy = script_set_policy(set, i);
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work,
		    &workers[i]), 0);
	}
	for (i = 0; i < 10; i++) {
		assert_int_equal(fixture_load(&f), 0);
		buf_reset(&json);
		script_set_hooks(set, &json);
		assert_true(script_set_errors(set) <= 2 * ENDLESS);
	}
	for (i = 0; i < 2; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].passed, MESSAGES);
	}
	assert_int_equal(script_set_errors(set), 2 * ENDLESS);
	script_set_free(set);
	fixture_script(&f, "return chat.command{ name = \"x\", summary = \"x\","
	    " run = function(c) c:notice(shared.get(\"n\")) end }");
	assert_string_equal(fixture_type(&f, "/x"), "notice 4000");
	buf_fini(&json);
	fixture_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
