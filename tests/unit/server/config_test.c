/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "server/config.h"
#include "server/config_option.h"

#define SHIPPED SYNCTALK_SOURCEDIR "/conf/synctalkd.conf"
#define MANUAL SYNCTALK_SOURCEDIR "/docs/operations.md"
#define MAN_PAGE SYNCTALK_SOURCEDIR "/docs/man/synctalkd.conf.5"

static void
read_text(const char *path, struct buf *text)
{
	FILE *file = fopen(path, "r");
	size_t n;

	if (file == NULL)
		fail_msg("cannot open %s", path);
	do {
		assert_non_null(buf_reserve(text, 4096));
		n = fread(text->data + text->len, 1, 4096, file);
		text->len += n;
	} while (n > 0);
	fclose(file);
	buf_putc(text, '\0');
}

/* Loads text as "test.conf" (in a folder of its own), with arguments. */
static int
load_with(const char *text, const struct config_arguments *arguments,
    struct config *config, struct error *err)
{
	char folder[] = "/tmp/config_test.XXXXXX", path[64];
	struct config_arguments with = *arguments;
	FILE *file;
	int rc;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/test.conf", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	with.file = path;
	rc = config_load(&with, config, err);
	unlink(path);
	rmdir(folder);
	return rc;
}

static int
load(const char *text, struct config *config, struct error *err)
{
	static const struct config_arguments none = {0};

	return load_with(text, &none, config, err);
}

static void
every_option_has_a_valid_default(void **state)
{
	static const struct config_arguments none = {0};
	struct config config;
	struct error err = {0};

	(void)state;
	if (config_load(&none, &config, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(config.listen.n, 1);
	assert_string_equal(config.listen.items[0], "127.0.0.1:8000");
	assert_string_equal(config.data, "data");
	assert_null(config.scripts);
	assert_string_equal(config.admin_socket, "data/synctalkd.sock");
	assert_null(config.token.secret_file);
	assert_string_equal(config.token.outside_name_claim, "sub");
	assert_int_equal(config.auth, CONFIG_AUTH_OPEN);
	assert_int_equal(config.store, CONFIG_STORE_LMDB);
	assert_int_equal(config.log.level, LOG_LEVEL_INFO);
	assert_true(config.workers >= 1);
	assert_int_equal(config.lmdb.map_size_bytes, UINT64_C(1) << 40);
	assert_int_equal(config.token.ttl_s, 30 * 86400);
	assert_int_equal(config.limits.queue_hard_bytes, 1 << 20);
	assert_true(config.limits.user_message.per_s == 5);
	assert_int_equal(config.limits.user_message.burst, 20);
	assert_int_equal(config.chat.idle_after_ms, 600000);
	assert_int_equal(config.chat.edit_window_s, 48 * 3600);
	assert_int_equal(config.chat.delete_window_s, 0);
	assert_false(config.chat.keep_versions);
	assert_int_equal(config.limits.user_groups, 500);
	config_free(&config);
}

static void
what_the_file_says_is_set(void **state)
{
	struct config config;
	struct error err = {0};

	(void)state;
	setenv("CONFIG_TEST_WORKERS", "3", 1);
	unsetenv("CONFIG_TEST_ABSENT");
	if (load("listen = { '127.0.0.1:0', '[::1]:9' }\n"
	    "data = env('CONFIG_TEST_ABSENT', '/var/lib/synctalk')\n"
	    "workers = env(\"CONFIG_TEST_WORKERS\")\n"
	    "auth = 'token'; store = 'memory'\n"
	    "hosts = 'chat.lan'\n"
	    "scripts = nil\n"
	    "ping_interval = 1.5\n"
	    "token = { ttl = '2h', issuer = 'us', }\n"
	    "log = { json = true, level = 'warn' }\n"
	    "limits = { user_message_rate = 0.25, header_bytes = '2KiB',\n"
	    "  abuse = '1m', queue_soft = 2048, typing_interval = '250ms' }\n"
	    "lmdb = { map_size = '64GiB' }\n", &config, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(config.listen.n, 2);
	assert_string_equal(config.listen.items[1], "[::1]:9");
	assert_string_equal(config.data, "/var/lib/synctalk");
	assert_string_equal(config.admin_socket,
	    "/var/lib/synctalk/synctalkd.sock");
	assert_int_equal(config.workers, 3);
	assert_int_equal(config.auth, CONFIG_AUTH_TOKEN);
	assert_int_equal(config.store, CONFIG_STORE_MEMORY);
	assert_string_equal(config.hosts.items[0], "chat.lan");
	assert_int_equal(config.ping_interval_ms, 1500);
	assert_int_equal(config.token.ttl_s, 7200);
	assert_string_equal(config.token.issuer, "us");
	assert_true(config.log.json);
	assert_int_equal(config.log.level, LOG_LEVEL_WARN);
	assert_true(config.limits.user_message.per_s == 0.25);
	assert_int_equal(config.limits.header_bytes, 2048);
	assert_int_equal(config.limits.abuse_ms, 60000);
	assert_int_equal(config.limits.queue_soft_bytes, 2048);
	assert_int_equal(config.limits.typing_interval_ms, 250);
	assert_int_equal(config.lmdb.map_size_bytes, UINT64_C(64) << 30);
	config_free(&config);
}

struct bad_case {
	const char *text, *why;
};

static const struct bad_case bad_cases[] = {
    /* what is unknown */
    {"lisen = { '127.0.0.1:1' }", "test.conf:1: unknown option \"lisen\" "
     "(did you mean \"listen\"?)"},
    {"\n\nxyzzy = 1", "test.conf:3: unknown option \"xyzzy\""},
    {"user_message_rate = 1", "(did you mean \"limits.user_message_rate\"?)"},
    {"limits = {\n\tabuse = '1s',\n\tuser_mesage_rate = 1,\n}\n",
     "test.conf:3: unknown option \"limits.user_mesage_rate\" (did you mean "
     "\"limits.user_message_rate\"?)"},
    {"limit = {}", "unknown option \"limit\""},
    {"_G = 1", "unknown option \"_G\""},
    {"env = 1", "unknown option \"env\""},
    /* wrong types and bounds */
    {"data = 7", "test.conf:1: data: a string is expected"},
    {"data = ''", "data: it must not be empty"},
    {"data = 'a\\0b'", "data: a string is expected"},
    {"data = {}", "data: a string is expected"},
    {"listen = 7", "listen: a list of strings"},
    {"listen = { 7 }", "listen: a list of strings"},
    {"listen = { '127.0.0.1:1', port = 7 }", "listen: a list of strings"},
    {"listen = {}", "listen: an address is needed"},
    {"auth = 'yes'", "auth: one of \"open\", \"token\" is expected"},
    {"auth = true", "auth: one of"},
    {"open_anywhere = 1", "open_anywhere: true or false is expected"},
    {"open_anywhere = 'yes'", "open_anywhere: true or false is expected"},
    {"workers = 1.5", "workers: a whole number is expected"},
    {"workers = -1", "workers: it must be between 0 and 256"},
    {"workers = 257", "workers: it must be between 0 and 256"},
    {"workers = 0/0", "workers: "},
    {"workers = 1/0", "workers: "},
    {"workers = '3 '", "workers: a whole number is expected"},
    {"workers = '0x10'", "workers: a whole number is expected"},
    {"drain = '10 s'", "drain: a time such as"},
    {"drain = '10sec'", "drain: a time such as"},
    {"drain = true", "drain: a time such as"},
    {"drain = '2d'", "drain: it must be between \"0ms\" and \"1d\""},
    {"limits = { header_bytes = '2MiB' }", "between \"1KiB\" and \"1MiB\""},
    {"limits = { header_bytes = '2kb' }", "a size such as"},
    {"limits = { user_message_rate = -1 }", "between 0 and"},
    {"limits = 7", "limits: a table of options is expected"},
    {"limits = { 7 }", "limits: name = value is expected"},
    {"log = { level = 'loud' }", "log.level: one of \"debug\""},
    {"listen = { '127.0.0.1:1',\n'b' }\n\n-- data = 1\ndata = 7",
     "test.conf:5: data"},
    /* what is no assignment */
    {"listen = ", "test.conf:1:"},
    {"-- all\nreturn { data = 'x' }", "test.conf: options are set by "
	"name = value"},
    {"\nprint('x')", "test.conf:2: \"print\" cannot be used here"},
    {"data = os.getenv('HOME')", "\"os\" cannot be used here"},
    {"data = function() end", "data: a string is expected"},
    {"while true do end", "this goes on for too long"},
    {"data = ('x'):rep(10)", "test.conf:1:"},
    {"limits.abuse = 1", "\"limits\" cannot be used here"},
    {"data = env('CONFIG_TEST_ABSENT')", "no CONFIG_TEST_ABSENT"},
    {"data = env()", "env(\"NAME\")"},
    {"data = env('A', 'b', 'c')", "env(\"NAME\")"},
    {"\x1bLua", "test.conf"},
    /* what does not go together */
    {"listen = '0.0.0.0:80'", "open_anywhere = true"},
    {"listen = '[::]:80'", "open_anywhere = true"},
    {"listen = { '127.0.0.1:80', '192.168.0.1:80' }", "192.168.0.1:80"},
    {"listen = 'chat.example:80'", "a numeric address"},
    {"listen = '127.0.0.1'", "a numeric address"},
    {"listen = '127.0.0.1:'", "a numeric address"},
    {"listen = '127.0.0.1:65536'", "a numeric address"},
    {"listen = '127.0.0.1:80x'", "a numeric address"},
    {"listen = '::1:80'", "a numeric address"},
    {"limits = { queue_soft = '2MiB' }", "queue_soft must be below"},
    {"budgets = { filter_warn = '1s' }", "must not exceed"},
};

static void
what_is_wrong_is_named_with_its_line(void **state)
{
	struct config config;
	struct error err;
	const char *where;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
		err = (struct error){0};
		if (load(bad_cases[i].text, &config, &err) == 0)
			fail_msg("accepted: %s", bad_cases[i].text);
		assert_int_equal(err.code, ERROR_CONFIG);
		where = strstr(err.text, "test.conf");
		if (strstr(err.text, bad_cases[i].why) == NULL ||
		    (where != NULL && strstr(where + 1, "test.conf") != NULL))
			fail_msg("%s: %s", bad_cases[i].text, err.text);
		assert_null(config.data);
	}
}

static void
an_absent_file_is_an_error(void **state)
{
	struct config_arguments arguments = {.file = "/nonexistent.conf"};
	struct config config;
	struct error err = {0};

	(void)state;
	assert_int_equal(config_load(&arguments, &config, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "/nonexistent.conf"));
	arguments.file = "/tmp";
	assert_int_equal(config_load(&arguments, &config, &err), -1);
}

static int
parse(const char *line, struct config_arguments *arguments, struct error *err)
{
	static char copy[512];
	char *argv[20] = {"synctalkd"}, *save = NULL;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (argv[1] = strtok_r(copy, " ", &save); argv[argc] != NULL;
	    argv[argc] = strtok_r(NULL, " ", &save))
		argc++;
	return config_parse_arguments(argc, argv, arguments, err);
}

static void
the_command_line_wins(void **state)
{
	struct config_arguments arguments;
	struct config config;
	struct error err = {0};

	(void)state;
	assert_int_equal(parse("--listen 127.0.0.1:0 --listen=[::1]:0 "
	    "--data d --scripts s --auth token --store memory --workers 2 "
	    "--limits off --log-json --check --dev", &arguments, &err), 0);
	assert_int_equal(arguments.action, CONFIG_CHECK);
	if (load_with("listen = '0.0.0.0:1'; data = 'x'; workers = 1; "
	    "auth = 'open'", &arguments, &config, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(config.listen.n, 2);
	assert_string_equal(config.listen.items[1], "[::1]:0");
	assert_string_equal(config.data, "d");
	assert_string_equal(config.scripts, "s");
	assert_int_equal(config.auth, CONFIG_AUTH_TOKEN);
	assert_int_equal(config.store, CONFIG_STORE_MEMORY);
	assert_int_equal(config.workers, 2);
	assert_true(config.log.json);
	assert_true(config.dev);
	assert_true(config.limits.off);
	assert_true(config.limits.user_message.per_s == 0);
	assert_int_equal(config.limits.address_connections, 0);
	assert_int_equal(config.limits.typing_interval_ms, 3000);
	config_free(&config);
}

static void
limits_go_off_on_loopback_alone(void **state)
{
	struct config_arguments arguments;
	struct config config;
	struct error err = {0};

	(void)state;
	assert_int_equal(parse("--limits off --auth token --listen 0.0.0.0:0",
	    &arguments, &err), 0);
	assert_int_equal(config_load(&arguments, &config, &err), -1);
	assert_int_equal(err.code, ERROR_USAGE);
}

static void
a_wrong_command_line_is_refused(void **state)
{
	static const char *const lines[] = {"--nope", "-x", "-c", "--listen",
	    "extra", "--workers 0", "--workers x", "--workers 1x",
	    "--auth maybe", "--store disk", "--limits none", "-- x",
	    "--data="};
	struct config_arguments arguments;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		err = (struct error){0};
		if (parse(lines[i], &arguments, &err) == 0)
			fail_msg("accepted: %s", lines[i]);
		assert_int_equal(err.code, ERROR_USAGE);
		assert_true(err.text[0] != '\0');
	}
	assert_int_equal(parse("--help --nope", &arguments, NULL), 0);
	assert_int_equal(arguments.action, CONFIG_HELP);
	assert_int_equal(parse("--version", &arguments, NULL), 0);
	assert_int_equal(arguments.action, CONFIG_VERSION);
	assert_non_null(strstr(config_help(), "usage: synctalkd"));
}

/*
 * A line "-- name = value" or, in a section, "-- name = value,".  The name
 * goes to name, with its section.
 */
static bool
shown_option(const char *line, const char *section, char name[64])
{
	char word[40];
	int end = 0;

	while (*line == '\t')
		line++;
	if (sscanf(line, "-- %39[a-z_] = %n", word, &end) != 1 || end == 0)
		return false;
	snprintf(name, 64, "%s%s%s", section, *section != '\0' ? "." : "",
	    word);
	return true;
}

/*
 * The shipped file without the dashes before its options, to active, and
 * their names, each on a line, to names.
 */
static void
activate(const char *text, struct buf *active, struct buf *names)
{
	char copy[200], section[40] = "", name[64], *save = NULL, *line;
	const char *at, *end;

	for (at = text; *at != '\0'; at = end + 1) {
		end = strchr(at, '\n');
		snprintf(copy, sizeof(copy), "%.*s", (int)(end - at), at);
		line = copy;
		if (shown_option(line, section, name)) {
			buf_printf(names, "%s\n", name);
			line = strstr(copy, "-- ") + 3;
		} else if (strstr(line, " = {") != NULL && *line != '-') {
			strcpy(section, strtok_r(line, " ", &save));
			line = strcat(strcpy(copy, section), " = {");
		} else if (*line == '}') {
			section[0] = '\0';
		}
		buf_printf(active, "%s\n", line);
	}
	buf_putc(active, '\0');
	buf_putc(names, '\0');
}

static void
the_shipped_file_shows_each_default(void **state)
{
	static const struct config_arguments none = {0};
	struct buf text = {0}, active = {0}, names = {0};
	struct buf ours = {0}, defaults = {0}, known = {0};
	const struct config_option *option;
	struct config config;
	struct error err = {0};

	(void)state;
	read_text(SHIPPED, &text);
	activate(text.data, &active, &names);
	for (option = config_options; option->name != NULL; option++)
		buf_printf(&known, "%s\n", option->name);
	buf_putc(&known, '\0');
	assert_string_equal(names.data, known.data);
	if (load(active.data, &config, &err) != 0)
		fail_msg("%s", err.text);
	config_describe(&config, &ours);
	buf_putc(&ours, '\0');
	config_free(&config);
	assert_int_equal(config_load(&none, &config, &err), 0);
	config_describe(&config, &defaults);
	buf_putc(&defaults, '\0');
	config_free(&config);
	assert_string_equal(ours.data, defaults.data);
	buf_fini(&text);
	buf_fini(&active);
	buf_fini(&names);
	buf_fini(&known);
	buf_fini(&ours);
	buf_fini(&defaults);
}

static void
the_shipped_file_loads(void **state)
{
	struct config_arguments arguments = {.file = SHIPPED};
	struct config config;
	struct error err = {0};

	(void)state;
	if (config_load(&arguments, &config, &err) != 0)
		fail_msg("%s", err.text);
	config_free(&config);
}

/* Each option stands as `section.name`, and each such thing is an option. */
static void
the_manual_has_each_option(void **state)
{
	const struct config_option *option;
	struct buf text = {0};
	char quoted[80], *at, *end;

	(void)state;
	read_text(MANUAL, &text);
	for (option = config_options; option->name != NULL; option++) {
		snprintf(quoted, sizeof(quoted), "| `%s` |", option->name);
		if (strstr(text.data, quoted) == NULL)
			fail_msg("%s lacks the row %s", MANUAL, quoted);
	}
	*strstr(text.data, "\n## Changing") = '\0';
	for (at = strstr(strstr(text.data, "\n## Configuration"), "\n| `");
	    at != NULL; at = strstr(end, "\n| `")) {
		at += 4;
		end = strchr(at, '`');
		snprintf(quoted, sizeof(quoted), "%.*s", (int)(end - at), at);
		if (config_option_find(quoted) == NULL)
			fail_msg("%s has the option %s", MANUAL, quoted);
	}
	buf_fini(&text);
}

static void
the_man_page_has_each_option(void **state)
{
	const struct config_option *option;
	struct buf text = {0};
	char item[80];

	(void)state;
	read_text(MAN_PAGE, &text);
	for (option = config_options; option->name != NULL; option++) {
		snprintf(item, sizeof(item), ".It Va %s", option->name);
		if (strstr(text.data, item) == NULL)
			fail_msg("%s lacks %s", MAN_PAGE, item);
	}
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_option_has_a_valid_default),
	    cmocka_unit_test(what_the_file_says_is_set),
	    cmocka_unit_test(what_is_wrong_is_named_with_its_line),
	    cmocka_unit_test(an_absent_file_is_an_error),
	    cmocka_unit_test(the_command_line_wins),
	    cmocka_unit_test(limits_go_off_on_loopback_alone),
	    cmocka_unit_test(a_wrong_command_line_is_refused),
	    cmocka_unit_test(the_shipped_file_shows_each_default),
	    cmocka_unit_test(the_shipped_file_loads),
	    cmocka_unit_test(the_manual_has_each_option),
	    cmocka_unit_test(the_man_page_has_each_option),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
