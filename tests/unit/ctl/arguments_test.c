/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/arguments.h"

struct words_case {
	const char *words;
	const char *request; /* or what the error says */
	int bad;
};

static const struct words_case cases[] = {
    {"status", "{\"command\":\"status\",\"arguments\":{}}", 0},
    {"lua hooks", "{\"command\":\"lua hooks\",\"arguments\":{}}", 0},
    {"token Alice", "{\"command\":\"token\",\"arguments\":{\"name\":"
     "\"alice\"}}", 0},
    {"token @alice --ttl 30d", "{\"command\":\"token\",\"arguments\":{"
     "\"name\":\"alice\",\"ttl_s\":2592000}}", 0},
    {"token --ttl=90 alice", "{\"command\":\"token\",\"arguments\":{"
     "\"ttl_s\":90,\"name\":\"alice\"}}", 0},
    {"token bob --scope read", "{\"command\":\"token\",\"arguments\":{"
     "\"name\":\"bob\",\"scope\":\"read\"}}", 0},
    {"user add Bob --email B@x.org --password-stdin",
     "{\"command\":\"user add\",\"arguments\":{\"name\":\"bob\","
     "\"email\":\"B@x.org\",\"password_stdin\":true}}", 0},
    {"user list", "{\"command\":\"user list\",\"arguments\":{}}", 0},
    {"user code --uses 3 --ttl 7d", "{\"command\":\"user code\","
     "\"arguments\":{\"uses\":3,\"ttl_s\":604800}}", 0},
    {"user try 5", "{\"command\":\"user try\",\"arguments\":{\"n\":5}}",
     0},
    {"user", "user: one of these is expected: add, list, show,", 1},
    {"user frob", "user: one of these is expected: add, list, show,", 1},
    {"use", "there is no command \"use\"", 1},
    {"user add", "whom?", 1},
    {"user add bob --password secret", "\"--password\" is unexpected", 1},
    {"user import", "which file?", 1},
    {"kick bob --device phone", "{\"command\":\"kick\",\"arguments\":{"
     "\"name\":\"bob\",\"device\":\"phone\"}}", 0},
    {"why 17", "{\"command\":\"why\",\"arguments\":{\"message\":"
     "\"17\"}}", 0},
    {"why #tea 3", "{\"command\":\"why\",\"arguments\":{\"message\":"
     "\"#tea\",\"seq\":3}}", 0},
    {"why --refused Bob", "{\"command\":\"why\",\"arguments\":{"
     "\"refused\":\"bob\"}}", 0},
    {"erase bob --yes", "{\"command\":\"erase\",\"arguments\":{"
     "\"name\":\"bob\",\"yes\":true}}", 0},
    {"backup /x", "{\"command\":\"backup\",\"arguments\":{"
     "\"folder\":\"/x\"}}", 0},
    {"import -", "{\"command\":\"import\",\"arguments\":{"
     "\"file\":\"-\"}}", 0},
    {"export", "{\"command\":\"export\",\"arguments\":{}}", 0},
    {"why #tea x", "a number is expected", 1},
    {"why #tea 0", "a number is expected", 1},
    {"erase", "whom?", 1},
    {"erase bob --yes=1", "is unexpected", 1},
    {"backup", "where to?", 1},
    {"stat", "did you mean \"status\"", 1},
    {"lua", "lua: one of these is expected: hooks", 1},
    {"frobnicate", "there is no command", 1},
    {"status now", "\"now\" is unexpected", 1},
    {"token", "whom?", 1},
    {"token alice bob", "\"bob\" is unexpected", 1},
    {"token a", "is not a name", 1},
    {"token alice --ttl", "\"--ttl\" is unexpected", 1},
    {"token alice --ttl 0", "a time such as", 1},
    {"token alice --ttl -1", "a time such as", 1},
    {"token alice --ttl 1y", "a time such as", 1},
    {"token alice --ttl 99999999999999999999", "a time such as", 1},
    {"token alice --device x", "\"--device\" is unexpected", 1},
    {"kick bob --device a/b", "is not a device", 1},
};

static void
words_become_a_request(void **state)
{
	char copy[128], *argv[10], *save, *text;
	struct error err;
	json_t *request;
	size_t i;
	int argc;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(copy, cases[i].words);
		argc = 0;
		for (argv[0] = strtok_r(copy, " ", &save); argv[argc] != NULL;
		    argv[argc] = strtok_r(NULL, " ", &save))
			argc++;
		err = (struct error){0};
		request = command_parse(argc, argv, &err);
		if ((request == NULL) != cases[i].bad)
			fail_msg("%s: %s", cases[i].words, err.text);
		if (request == NULL) {
			if (strstr(err.text, cases[i].request) == NULL)
				fail_msg("%s: %s", cases[i].words, err.text);
			continue;
		}
		text = json_dumps(request, JSON_COMPACT);
		assert_string_equal(text, cases[i].request);
		free(text);
		json_decref(request);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_become_a_request),
	};

	return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
