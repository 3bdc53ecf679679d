/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

/* The scripts that ship, and their tests in tests/lua. */

static int
set_up(void **state)
{
	static struct fixture fixture;

	fixture_init(&fixture);
	fixture.options.shipped_folder = SYNCTALK_SOURCEDIR "/lua";
	fixture.options.operator_folder = SYNCTALK_SOURCEDIR "/tests/lua";
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	fixture_fini(*state);
	return 0;
}

static void
test_shipped(void **state)
{
	struct fixture *f = *state;

	f->log.level = LOG_LEVEL_WARN; /* there must not be any */
	if (fixture_load(f) != 0)
		fail_msg("%s", f->err.text);
	assert_true(script_set_policy(f->set, 0)->wants_messages);
	assert_string_equal(fixture_type(f, "@bob Hello!"),
	    "send @bob: Hello!");
}

static void
test_without_limits(void **state)
{
	struct fixture *f = *state;

	f->options.operator_folder = NULL;
	f->options.limits_off = true;
	if (fixture_load(f) != 0)
		fail_msg("%s", f->err.text);
	assert_false(script_set_policy(f->set, 0)->wants_messages);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_shipped),
	    TEST(test_without_limits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
