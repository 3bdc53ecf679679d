/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

static char *
read_document(void)
{
	FILE *in = fopen(SYNCTALK_SOURCEDIR "/docs/lua.md", "r");
	struct buf text = {0};
	size_t n = 1;

	assert_non_null(in);
	while (n > 0) {
		assert_non_null(buf_reserve(&text, 4096));
		n = fread(text.data + text.len, 1, 4096, in);
		text.len += n;
	}
	fclose(in);
	buf_putc(&text, '\0');
	return text.data;
}

/* Every example of docs/lua.md that says which file it is, and its tests. */
static void
test_documented(void **state)
{
	static const char begin[] = "```lua\n-- local/";
	struct fixture *f = *state;
	char *text = read_document(), *at = text, *end, path[128];
	unsigned examples = 0;

	while ((at = strstr(at, begin)) != NULL) {
		at += strlen(begin) - strlen("local/");
		snprintf(path, sizeof(path), "own/%.*s",
		    (int)strcspn(at, "\n"), at);
		at = strchr(at, '\n');
		end = strstr(at, "```");
		assert_non_null(end);
		*end = '\0';
		fixture_write(f, path, at);
		at = end + 1;
		examples++;
	}
	free(text);
	assert_true(examples >= 6);
	f->options.operator_folder = f->own;
	if (fixture_load(f) != 0)
		fail_msg("%s", f->err.text);
	assert_string_equal(fixture_type(f, "/wave"), "error bad_request: "
	    "user is missing; usage: /wave user");
	assert_string_equal(fixture_type_in(f, "/slap bob 2", "#tea"),
	    "act #tea: slaps bob 2 times with a trout");
	assert_string_equal(fixture_say(f, "#tea", "want FREE crypto?"),
	    "reject scams: \"FREE crypto\" is not welcome");
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
	    TEST(test_documented), TEST(test_without_limits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
