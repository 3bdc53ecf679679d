/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/address.h"
#include "client/rooms.h"

struct address_case {
	const char *url, *node, *service, *host, *path;
	bool secure;
};

static const struct address_case cases[] = {
    {"http://127.0.0.1:8000", "127.0.0.1", "8000", "127.0.0.1:8000", "", false},
    {"HTTP://chat.lan", "chat.lan", "80", "chat.lan", "", false},
    {"ws://chat.lan:81/", "chat.lan", "81", "chat.lan:81", "", false},
    {"http://chat.lan/talk/", "chat.lan", "80", "chat.lan", "/talk", false},
    {"chat.lan", "chat.lan", "8000", "chat.lan", "", false},
    {"chat.lan:9", "chat.lan", "9", "chat.lan:9", "", false},
    {"http://[::1]:8000", "::1", "8000", "[::1]:8000", "", false},
    {"http://[::1]", "::1", "80", "[::1]", "", false},
    {"https://chat.lan", "chat.lan", "443", "chat.lan", "", true},
    {"HTTPS://[::1]:8443/talk", "::1", "8443", "[::1]:8443", "/talk", true},
    {"wss://chat.lan/", "chat.lan", "443", "chat.lan", "", true},
};

static const char *const bad[] = {"", "http://", "http://:80", "::1",
    "http://[::1", "http://[::1]x", "http://a:0", "http://a:65536",
    "http://a:x", "http://a:", "http://a b", "http://u@h", "http://h/?q",
    "https://", "wss://:443", "ftp://chat.lan"};

static void
urls_are_cut_up(void **state)
{
	const struct address_case *c;
	struct address address;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = &cases[i];
		assert_int_equal(address_parse(c->url, &address, NULL), 0);
		assert_string_equal(address.node, c->node);
		assert_string_equal(address.service, c->service);
		assert_string_equal(address.host, c->host);
		assert_string_equal(address.path, c->path);
		assert_int_equal(address.secure, c->secure);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error err = {0};

		if (address_parse(bad[i], &address, &err) == 0)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.code, ERROR_USAGE);
	}
}

static void
a_direct_conversation_is_called_by_the_other(void **state)
{
	static const char *const names[][2] = {{"@alice:bob", "@bob"},
	    {"@aaron:alice", "@aaron"}, {"@alice:alice", "@alice"},
	    {"#tea", "#tea"}, {"@bob", "@bob"}, {"@al:alice", "@al"},
	    {"@bob:carol", "@bob:carol"}};
	char name[CONVERSATION_NAME_MAX + 1];
	char large[CONVERSATION_NAME_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(room_name(names[i][0], "alice", name));
		assert_string_equal(name, names[i][1]);
	}
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	assert_false(room_name(large, "alice", name));
}

static void
rooms_are_kept_once(void **state)
{
	struct rooms rooms = {0};
	char name[] = "#aa";
	size_t i;

	(void)state;
	assert_null(rooms_get(&rooms, ""));
	for (i = 0; i < 52; i++) {
		name[1] = (char)('a' + i % 26);
		assert_non_null(rooms_get(&rooms, name));
	}
	assert_int_equal(rooms.n, 26);
	assert_string_equal(rooms_find(&rooms, "#ca")->name, "#ca");
	assert_null(rooms_find(&rooms, "#tea"));
	rooms_fini(&rooms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(urls_are_cut_up),
	    cmocka_unit_test(a_direct_conversation_is_called_by_the_other),
	    cmocka_unit_test(rooms_are_kept_once),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
