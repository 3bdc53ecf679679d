/* SPDX-License-Identifier: MIT */
#include "ctl/users.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include "ctl/call.h"
#include "ctl/table.h"

#define PASSWORD_MAX 1024 /* bytes, as the server has it */
/* Of one request to the server: a line of at most 64 KiB. */
#define BATCH_ROWS 100
#define BATCH_BYTES 48000

static int
complain(const char *text)
{
	fprintf(stderr, "synctalkctl: %s\n", text);
	return 1;
}

/*
 * The data of the server's answer, and its text if that is wanted, a new
 * reference each.  NULL: it could not do it, which was said.
 */
static json_t *
ask(const char *socket, const char *command, json_t *arguments,
    json_t **text)
{
	json_t *request = json_pack("{s:s,s:o}", "command", command,
	    "arguments", arguments);
	struct error err = {0};
	json_t *answer, *data;

	if (request == NULL) {
		complain("no memory");
		return NULL;
	}
	answer = call(socket, request, &err);
	json_decref(request);
	if (answer == NULL) {
		complain(err.text);
		return NULL;
	}
	data = json_incref(json_object_get(answer, "data"));
	if (text != NULL)
		*text = json_incref(json_object_get(answer, "text"));
	if (!json_is_true(json_object_get(answer, "ok"))) {
		complain(json_string_value(json_object_get(answer, "error")));
		json_decref(data);
		data = NULL;
	}
	json_decref(answer);
	return data;
}

static int
print_data(json_t *data)
{
	int rc = json_dumpf(data, stdout, JSON_INDENT(2)) == 0 ? 0 : 1;

	putchar('\n');
	json_decref(data);
	return rc;
}

/* ------------------------------------------------------------ the password */

/* A line without its end; false: there is none, or it is too long. */
static bool
read_line(char *line, size_t size)
{
	size_t len;

	if (fgets(line, (int)size, stdin) == NULL)
		return false;
	len = strlen(line);
	if (len > 0 && line[len - 1] == '\n')
		line[--len] = '\0';
	else if (len + 1 == size)
		return false;
	if (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	return true;
}

/* From the terminal, which does not show it. */
static bool
type_password(const char *prompt, char *line, size_t size)
{
	struct termios shown, hidden;
	bool well;

	if (tcgetattr(STDIN_FILENO, &shown) == -1)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	/* Before the prompt: what is typed at it is neither shown nor lost. */
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fputs(prompt, stderr);
	well = read_line(line, size);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	putc('\n', stderr);
	return well;
}

static bool
get_password(bool from_input, char *line, size_t size)
{
	char again[PASSWORD_MAX + 2];
	bool same;

	if (from_input && read_line(line, size))
		return true;
	if (from_input) {
		complain("standard input has no password");
		return false;
	}
	if (!isatty(STDIN_FILENO)) {
		complain("say --password-stdin, or type it at a terminal");
		return false;
	}
	same = type_password("Password: ", line, size) &&
	    type_password("Once more: ", again, sizeof(again)) &&
	    strcmp(line, again) == 0;
	explicit_bzero(again, sizeof(again));
	if (!same)
		complain("the two are not the same: nothing was changed");
	return same;
}

int
users_ask_password(const char *name, json_t *arguments)
{
	bool given = json_object_get(arguments, "password_stdin") != NULL;
	char line[PASSWORD_MAX + 2];
	int rc = -1;

	if (strcmp(name, "user add") != 0 && strcmp(name, "user passwd") != 0)
		return -1;
	if (json_object_get(arguments, "bot") != NULL && !given)
		return -1;
	if (!get_password(given, line, sizeof(line)))
		rc = 2;
	else if (json_object_set_new(arguments, "password",
	    json_string(line)) == -1)
		rc = complain("the password must be UTF-8");
	json_object_del(arguments, "password_stdin");
	explicit_bzero(line, sizeof(line));
	return rc;
}

/* ---------------------------------------------------------------- user add */

/* A bot has no password but a token. */
static int
print_token(const json_t *arguments, const char *socket, bool json)
{
	json_t *data, *scope = json_object_get(arguments, "scope");
	json_t *ttl = json_object_get(arguments, "ttl_s");
	json_t *request = json_pack("{s:O,s:O*,s:O*}", "name",
	    json_object_get(arguments, "name"), "scope", scope, "ttl_s", ttl);

	data = ask(socket, "token", request, NULL);
	if (data == NULL)
		return 1;
	if (json)
		return print_data(data);
	puts(json_string_value(json_object_get(data, "token")));
	json_decref(data);
	return 0;
}

static int
run_add(const json_t *arguments, const char *socket, bool json)
{
	bool bot = json_object_get(arguments, "bot") != NULL;
	json_t *data, *text = NULL;

	if (!bot && (json_object_get(arguments, "scope") != NULL ||
	    json_object_get(arguments, "ttl_s") != NULL)) {
		complain("--scope and --ttl are for a --bot's token");
		return 2;
	}
	data = ask(socket, "user add", json_deep_copy(arguments), &text);
	if (data == NULL)
		return 1;
	if (bot) {
		json_decref(data);
		json_decref(text);
		return print_token(arguments, socket, json);
	}
	if (json) {
		json_decref(text);
		return print_data(data);
	}
	puts(json_string_value(text));
	json_decref(text);
	json_decref(data);
	return 0;
}

/* --------------------------------------------------------------- user list */

static int
run_list(const json_t *arguments, const char *socket, bool json)
{
	json_t *all = json_array(), *next = NULL, *data, *text = NULL;

	(void)arguments;
	do {
		data = ask(socket, "user list", json_pack("{s:o*}", "after",
		    next), &text);
		if (data == NULL) {
			json_decref(all);
			return 1;
		}
		if (json)
			json_array_extend(all, json_object_get(data, "users"));
		else
			fputs(json_string_value(text), stdout);
		next = json_incref(json_object_get(data, "next"));
		json_decref(text);
		json_decref(data);
	} while (json_is_string(next));
	json_decref(next);
	if (json)
		return print_data(json_pack("{s:o}", "users", all));
	json_decref(all);
	return 0;
}

/* ------------------------------------------------------------- user import */

struct import {
	const char *socket;
	json_t *batch;
	size_t bytes;
	uint64_t made, refused;
	json_t *report; /* what was refused, for --json, or NULL */
};

static void
refuse(struct import *import, int64_t line, const char *name,
    const char *why)
{
	import->refused++;
	if (import->report != NULL)
		json_array_append_new(import->report,
		    json_pack("{s:I,s:s,s:s}", "line", (json_int_t)line,
		    "name", name, "error", why));
	else
		printf("line %" PRId64 "%s%s: %s\n", line,
		    name[0] != '\0' ? ", " : "", name, why);
}

/* -1: the server is gone; what was not asked for is not made. */
static int
flush(struct import *import)
{
	json_t *data, *one;
	size_t at;

	if (json_array_size(import->batch) == 0)
		return 0;
	data = ask(import->socket, "user import", json_pack("{s:o}", "users",
	    import->batch), NULL);
	import->batch = json_array();
	import->bytes = 0;
	if (data == NULL)
		return -1;
	import->made += (uint64_t)json_integer_value(json_object_get(data,
	    "made"));
	json_array_foreach(json_object_get(data, "refused"), at, one)
		refuse(import, json_integer_value(json_object_get(one,
		    "line")), json_string_value(json_object_get(one, "name")),
		    json_string_value(json_object_get(one, "error")));
	json_decref(data);
	return 0;
}

/* A column of CSV is text, whatever it means. */
static void
read_bot(json_t *row)
{
	const char *bot = json_string_value(json_object_get(row, "bot"));

	if (bot != NULL)
		json_object_set_new(row, "bot",
		    json_boolean(strcmp(bot, "true") == 0));
}

/* The row is taken over. */
static int
add_row(struct import *import, json_t *row, int64_t line)
{
	size_t bytes;

	read_bot(row);
	json_object_set_new(row, "line", json_integer(line));
	bytes = json_dumpb(row, NULL, 0, JSON_COMPACT);
	if (bytes == 0 || bytes > BATCH_BYTES) {
		refuse(import, line, "", "it is too long");
		json_decref(row);
		return 0;
	}
	if ((import->bytes + bytes > BATCH_BYTES ||
	    json_array_size(import->batch) == BATCH_ROWS) &&
	    flush(import) == -1) {
		json_decref(row);
		return -1;
	}
	import->bytes += bytes + 1;
	return json_array_append_new(import->batch, row);
}

static int
import_rows(struct import *import, struct table *table)
{
	enum table_result result;
	struct error err;
	json_t *row;
	int64_t line;

	while ((result = table_next(table, &row, &line, &err)) != TABLE_END) {
		if (result == TABLE_FAILED)
			return complain(err.text);
		if (result == TABLE_BAD) {
			refuse(import, line, "", err.text);
		} else if (add_row(import, row, line) == -1) {
			fprintf(stderr, "synctalkctl: it ended before line %"
			    PRId64 "\n", line);
			return 1;
		}
	}
	return flush(import) == -1 ? 1 : 0;
}

static int
print_report(const struct import *import, int rc)
{
	if (import->report != NULL)
		print_data(json_pack("{s:I,s:O}", "made",
		    (json_int_t)import->made, "refused", import->report));
	else
		printf("%" PRIu64 " made, %" PRIu64 " refused\n",
		    import->made, import->refused);
	return rc != 0 || import->refused != 0;
}

static int
run_import(const json_t *arguments, const char *socket, bool json)
{
	const char *path = json_string_value(json_object_get(arguments,
	    "file"));
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct import import = {.socket = socket, .batch = json_array(),
	    .report = json ? json_array() : NULL};
	struct table *table = NULL;
	struct error err;
	int rc = 1;

	if (in == NULL)
		error_set_errno(&err, "cannot read %s", path);
	else
		table = table_open(in, &err);
	if (table == NULL)
		complain(err.text);
	else
		rc = print_report(&import, import_rows(&import, table));
	table_close(table);
	if (in != NULL && in != stdin)
		fclose(in);
	json_decref(import.batch);
	json_decref(import.report);
	return rc;
}

/* ---------------------------------------------------------------- user try */

/* So many hexadecimal digits that nobody foresees. */
static int
put_random(char *out, size_t digits)
{
	unsigned char bytes[16];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -1;
	for (i = 0; i < digits / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* One line: {"name":…,"password":…,"token":…}. */
static int
make_one(const char *socket, const char *tag, int64_t n)
{
	char name[40], password[33] = "";
	json_t *data, *line;

	snprintf(name, sizeof(name), "try-%s-%" PRId64, tag, n);
	if (put_random(password, 32) == -1)
		return complain("the system has no random bytes");
	data = ask(socket, "user add", json_pack("{s:s,s:s}", "name", name,
	    "password", password), NULL);
	if (data == NULL)
		return 1;
	json_decref(data);
	data = ask(socket, "token", json_pack("{s:s}", "name", name), NULL);
	if (data == NULL)
		return 1;
	line = json_pack("{s:s,s:s,s:O}", "name", name, "password", password,
	    "token", json_object_get(data, "token"));
	json_decref(data);
	json_dumpf(line, stdout, JSON_COMPACT);
	json_decref(line);
	putchar('\n');
	return 0;
}

static int
run_try(const json_t *arguments, const char *socket, bool json)
{
	int64_t n = json_integer_value(json_object_get(arguments, "n")), i;
	char tag[9] = "";
	int rc = 0;

	(void)json;
	if (put_random(tag, 8) == -1)
		return complain("the system has no random bytes");
	for (i = 1; i <= n && rc == 0; i++)
		rc = make_one(socket, tag, i);
	return rc;
}

/* --------------------------------------------------------------- the table */

static const struct {
	const char *name;
	int (*run)(const json_t *arguments, const char *socket, bool json);
} commands[] = {
    {"user add", run_add},
    {"user list", run_list},
    {"user import", run_import},
    {"user try", run_try}};
#define COMMANDS_N (sizeof(commands) / sizeof(commands[0]))

bool
users_has(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS_N; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return true;
	}
	return false;
}

int
users_run(const char *name, const json_t *arguments, const char *socket,
    bool json)
{
	size_t i = 0;
	int rc;

	while (strcmp(commands[i].name, name) != 0)
		i++; /* users_has() it */
	rc = commands[i].run(arguments, socket, json);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	perror("synctalkctl: cannot write the answer");
	return 1;
}
