/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ev.h>

#include "auth/hasher.h"

#define COST PASSWORD_COST_MIN
#define JOBS 50
#define BCRYPT "$2b$04$abcdefghijklmnopqrstuu" \
	"jydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

struct desk {
	struct ev_loop *loop;
	struct mailbox *mailbox;
	unsigned done, closed, wanted;
};

struct task {
	struct hash_job job; /* first */
	struct desk *desk;
};

static int
set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	assert_non_null(desk);
	desk->loop = ev_loop_new(0);
	desk->mailbox = mailbox_new(desk->loop, desk, NULL);
	assert_non_null(desk->mailbox);
	*state = desk;
	return 0;
}

static int
tear_down(void **state)
{
	struct desk *desk = *state;

	mailbox_free(desk->mailbox);
	ev_loop_destroy(desk->loop);
	free(desk);
	return 0;
}

static void
on_done(struct hash_job *job)
{
	struct desk *desk = ((struct task *)job)->desk;
	size_t i;

	for (i = 0; i < PASSWORD_MAX; i++)
		assert_int_equal(job->password[i], 0);
	desk->closed += job->closed;
	if (++desk->done == desk->wanted)
		ev_break(desk->loop, EVBREAK_ALL);
}

static void
fill(struct task *task, struct desk *desk, const char *password,
    const char *hash)
{
	memset(task, 0, sizeof(*task));
	task->desk = desk;
	task->job.mailbox = desk->mailbox;
	task->job.done = on_done;
	task->job.verify = hash != NULL;
	if (hash != NULL)
		strcpy(task->job.hash, hash);
	task->job.len = strlen(password);
	memcpy(task->job.password, password, task->job.len);
}

static void
wait_for(struct desk *desk, unsigned n)
{
	desk->done = 0;
	desk->wanted = n;
	ev_run(desk->loop, 0);
	assert_int_equal(desk->done, n);
}

static void
a_password_is_hashed_and_verified(void **state)
{
	struct hasher *hasher = hasher_new(1, 8, COST, NULL);
	struct desk *desk = *state;
	struct task made, right, wrong, nobody;

	fill(&made, desk, "correct horse", NULL);
	assert_int_equal(hasher_submit(hasher, &made.job), 0);
	wait_for(desk, 1);
	assert_int_equal(made.job.result, PASSWORD_RIGHT);
	assert_true(password_hash_valid(made.job.hash));
	fill(&right, desk, "correct horse", made.job.hash);
	fill(&wrong, desk, "battery staple", made.job.hash);
	fill(&nobody, desk, "correct horse", "");
	assert_int_equal(hasher_submit(hasher, &right.job), 0);
	assert_int_equal(hasher_submit(hasher, &wrong.job), 0);
	assert_int_equal(hasher_submit(hasher, &nobody.job), 0);
	wait_for(desk, 3);
	assert_int_equal(right.job.result, PASSWORD_RIGHT);
	assert_string_equal(right.job.better, "");
	assert_int_equal(wrong.job.result, PASSWORD_WRONG);
	assert_int_equal(nobody.job.result, PASSWORD_WRONG);
	assert_int_equal(desk->closed, 0);
	hasher_free(hasher);
}

static void
a_weak_string_is_made_anew(void **state)
{
	struct hasher *hasher = hasher_new(1, 8, COST, NULL);
	struct desk *desk = *state;
	struct task task;
	char better[PASSWORD_TEXT];

	fill(&task, desk, "correct horse", BCRYPT);
	assert_int_equal(hasher_submit(hasher, &task.job), 0);
	wait_for(desk, 1);
	assert_int_equal(task.job.result, PASSWORD_WEAK);
	strcpy(better, task.job.better);
	fill(&task, desk, "correct horse", better);
	assert_int_equal(hasher_submit(hasher, &task.job), 0);
	wait_for(desk, 1);
	assert_int_equal(task.job.result, PASSWORD_RIGHT);
	hasher_free(hasher);
}

static void
our_own_failure_is_told(void **state)
{
	struct hasher *hasher = hasher_new(1, 8, COST, NULL);
	struct desk *desk = *state;
	struct task task;

	fill(&task, desk, "correct horse", "no hash at all");
	assert_int_equal(hasher_submit(hasher, &task.job), 0);
	wait_for(desk, 1);
	assert_int_equal(task.job.result, PASSWORD_FAILED);
	assert_int_equal(task.job.err.code, ERROR_CORRUPT);
	hasher_free(hasher);
}

static void
many_are_answered_once_each(void **state)
{
	struct hasher *hasher = hasher_new(2, JOBS, COST, NULL);
	struct desk *desk = *state;
	struct task *tasks = calloc(JOBS, sizeof(*tasks));
	unsigned i;

	for (i = 0; i < JOBS; i++) {
		fill(&tasks[i], desk, i % 2 == 0 ? "correct horse" : "wrong",
		    BCRYPT);
		assert_int_equal(hasher_submit(hasher, &tasks[i].job), 0);
	}
	wait_for(desk, JOBS);
	for (i = 0; i < JOBS; i++)
		assert_int_equal(tasks[i].job.result,
		    i % 2 == 0 ? PASSWORD_WEAK : PASSWORD_WRONG);
	hasher_free(hasher);
	free(tasks);
}

/* Of a full queue nothing is taken, and no password is left behind. */
static void
the_queue_is_bounded(void **state)
{
	struct hasher *hasher = hasher_new(1, 0, COST, NULL);
	struct desk *desk = *state;
	struct task task;

	fill(&task, desk, "correct horse", "");
	assert_int_equal(hasher_submit(hasher, &task.job), -1);
	assert_int_equal(desk->done, 0);
	assert_int_equal(task.job.password[0], 0);
	hasher_free(hasher);
}

/* Those that wait when the hasher goes, and when the mailbox goes after it. */
static void
a_stop_answers_all(void **state)
{
	struct hasher *hasher = hasher_new(1, JOBS, 12, NULL);
	struct desk *desk = *state;
	struct task *tasks = calloc(JOBS, sizeof(*tasks));
	unsigned i, failed = 0;

	for (i = 0; i < JOBS; i++) {
		fill(&tasks[i], desk, "correct horse", "");
		assert_int_equal(hasher_submit(hasher, &tasks[i].job), 0);
	}
	hasher_free(hasher);
	mailbox_free(desk->mailbox);
	desk->mailbox = NULL;
	assert_int_equal(desk->done, JOBS);
	assert_int_equal(desk->closed, JOBS);
	for (i = 0; i < JOBS; i++)
		failed += tasks[i].job.result == PASSWORD_FAILED;
	assert_true(failed > 0);
	free(tasks);
}

static void
none_is_allowed(void **state)
{
	(void)state;
	hasher_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_password_is_hashed_and_verified,
	        set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_weak_string_is_made_anew, set_up,
	        tear_down),
	    cmocka_unit_test_setup_teardown(our_own_failure_is_told, set_up,
	        tear_down),
	    cmocka_unit_test_setup_teardown(many_are_answered_once_each, set_up,
	        tear_down),
	    cmocka_unit_test_setup_teardown(the_queue_is_bounded, set_up,
	        tear_down),
	    cmocka_unit_test_setup_teardown(a_stop_answers_all, set_up,
	        tear_down),
	    cmocka_unit_test(none_is_allowed),
	};

	return cmocka_run_group_tests_name("hasher", tests, NULL, NULL);
}
