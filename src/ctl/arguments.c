/* SPDX-License-Identifier: MIT */
#include "ctl/arguments.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/nearest.h"
#include "base/utf8.h"

#define OPTIONS_MAX 6
#define WORDS_MAX 2
#define TTL_MAX_S (INT64_C(100) * 365 * 86400)

enum type {
	TYPE_NAME = 1,
	TYPE_DEVICE,
	TYPE_DURATION,
	TYPE_TEXT,
	TYPE_COUNT,
	TYPE_YES /* an option without a value */
};

struct option {
	const char *flag; /* "--ttl" */
	const char *key;  /* "ttl_s" */
	enum type type;
};

/* What comes in its place, without a flag. */
struct word {
	const char *key;
	enum type type;
	const char *missing; /* the question when it is; NULL: it may be */
};

static const struct command {
	const char *name;  /* its words */
	const char *usage; /* what follows them */
	const char *summary;
	bool local;
	struct word words[WORDS_MAX];
	struct option options[OPTIONS_MAX];
} commands[] = {
    {.name = "status", .usage = "", .summary = "say how it is"},
    {.name = "sessions", .usage = "", .summary = "list who is connected"},
    {.name = "reload", .usage = "",
     .summary = "read scripts and configuration again"},
    {.name = "lua hooks", .usage = "",
     .summary = "list rules and commands in their order"},
    {.name = "token", .usage = " NAME [--ttl 30d] [--scope WORDS]",
     .summary = "make a token for a person",
     .words = {{"name", TYPE_NAME, "whom"}},
     .options = {{"--ttl", "ttl_s", TYPE_DURATION},
	 {"--scope", "scope", TYPE_TEXT}}},
    {.name = "signout", .usage = " NAME",
     .summary = "end all sign-ins and tokens of a person",
     .words = {{"name", TYPE_NAME, "whom"}}},
    {.name = "user add", .usage = " NAME [--email ADDRESS] ...",
     .summary = "make an account; asks for its password",
     .words = {{"name", TYPE_NAME, "whom"}},
     .options = {{"--email", "email", TYPE_TEXT},
	 {"--display-name", "display_name", TYPE_TEXT},
	 {"--password-stdin", "password_stdin", TYPE_YES},
	 {"--bot", "bot", TYPE_YES}, {"--scope", "scope", TYPE_TEXT},
	 {"--ttl", "ttl_s", TYPE_DURATION}}},
    {.name = "user list", .usage = "", .summary = "list accounts"},
    {.name = "user show", .usage = " NAME",
     .summary = "say what is known of an account",
     .words = {{"name", TYPE_NAME, "whom"}}},
    {.name = "user passwd", .usage = " NAME [--password-stdin]",
     .summary = "set a password; claims an unclaimed name",
     .words = {{"name", TYPE_NAME, "whom"}},
     .options = {{"--password-stdin", "password_stdin", TYPE_YES}}},
    {.name = "user disable", .usage = " NAME",
     .summary = "sign a person out and let them in no more",
     .words = {{"name", TYPE_NAME, "whom"}}},
    {.name = "user enable", .usage = " NAME",
     .summary = "let them in again",
     .words = {{"name", TYPE_NAME, "whom"}}},
    {.name = "user import", .usage = " FILE",
     .summary = "make the accounts of a CSV or JSON lines file",
     .words = {{"file", TYPE_TEXT, "which file"}}},
    {.name = "user code", .usage = " [--uses N] [--ttl 7d]",
     .summary = "make an invitation to register",
     .options = {{"--uses", "uses", TYPE_COUNT},
	 {"--ttl", "ttl_s", TYPE_DURATION}}},
    {.name = "user try", .usage = " N",
     .summary = "make N test accounts, with tokens",
     .words = {{"n", TYPE_COUNT, "how many"}}},
    {.name = "kick", .usage = " NAME [--device ID]",
     .summary = "disconnect a person",
     .words = {{"name", TYPE_NAME, "whom"}},
     .options = {{"--device", "device", TYPE_DEVICE}}},
    {.name = "ban", .usage = " NAME|RANGE [--for 2h] [--reason TEXT]",
     .summary = "keep a person or addresses out",
     .words = {{"target", TYPE_TEXT, "whom"}},
     .options = {{"--for", "for_s", TYPE_DURATION},
	 {"--reason", "reason", TYPE_TEXT}}},
    {.name = "unban", .usage = " NAME|RANGE",
     .summary = "let them in again",
     .words = {{"target", TYPE_TEXT, "whom"}}},
    {.name = "bans", .usage = "", .summary = "list who is kept out"},
    {.name = "lockdown", .usage = " on|off|status",
     .summary = "no newcomers, and slow mode everywhere",
     .words = {{"mode", TYPE_TEXT, "on, off or status"}}},
    {.name = "why", .usage = " ID | CONVERSATION SEQ",
     .summary = "tell the story of a message, or what was refused",
     .words = {{"message", TYPE_TEXT, NULL}, {"seq", TYPE_COUNT, NULL}},
     .options = {{"--refused", "refused", TYPE_NAME}}},
    {.name = "erase", .usage = " NAME [--yes]",
     .summary = "erase a person and all they wrote, for good",
     .words = {{"name", TYPE_NAME, "whom"}},
     .options = {{"--yes", "yes", TYPE_YES}}},
    {.name = "drain", .usage = "",
     .summary = "say goodbye to everyone, then stop"},
    {.name = "stop", .usage = "", .summary = "stop at once"},
    {.name = "backup", .usage = " FOLDER",
     .summary = "copy the data into a new folder", .local = true,
     .words = {{"folder", TYPE_TEXT, "where to"}}},
    {.name = "check", .usage = "", .summary = "verify all that is stored",
     .local = true},
    {.name = "export", .usage = " [--user NAME] [FILE]",
     .summary = "write it as lines of JSON", .local = true,
     .words = {{"file", TYPE_TEXT, NULL}},
     .options = {{"--user", "user", TYPE_NAME}}},
    {.name = "import", .usage = " FILE",
     .summary = "make a new data folder of an export", .local = true,
     .words = {{"file", TYPE_TEXT, "what"}}}};
#define COMMANDS_N (sizeof(commands) / sizeof(commands[0]))

bool
command_is_local(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS_N; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].local;
	}
	return false;
}

void
command_print_all(FILE *out, bool local)
{
	char words[64];
	size_t i;

	for (i = 0; i < COMMANDS_N; i++) {
		if (commands[i].local != local)
			continue;
		snprintf(words, sizeof(words), "%s%s", commands[i].name,
		    commands[i].usage);
		fprintf(out, "  %-34s %s\n", words, commands[i].summary);
	}
}

/* How many of the words are the command's; 0: it is another. */
static int
match(const struct command *command, int argc, char *argv[])
{
	const char *rest = command->name;
	size_t len;
	int n;

	for (n = 0; *rest != '\0'; n++) {
		len = strcspn(rest, " ");
		if (n == argc || strlen(argv[n]) != len ||
		    memcmp(argv[n], rest, len) != 0)
			return 0;
		rest += len + (rest[len] == ' ');
	}
	return n;
}

/* Is word the first one of commands of two?  Then err lists them. */
static bool
is_family(const char *word, struct error *err)
{
	size_t i, len = strlen(word), used = 0;
	char list[256] = "";

	for (i = 0; i < COMMANDS_N; i++) {
		if (strncmp(commands[i].name, word, len) == 0 &&
		    commands[i].name[len] == ' ' && used < sizeof(list))
			used += (size_t)snprintf(list + used,
			    sizeof(list) - used, "%s%s", used > 0 ? ", " : "",
			    commands[i].name + len + 1);
	}
	if (used > 0)
		error_set(err, ERROR_USAGE, "%s: one of these is expected: %s",
		    word, list);
	return used > 0;
}

static const struct command *
find(int argc, char *argv[], int *words, struct error *err)
{
	const char *names[COMMANDS_N + 1] = {NULL}, *near;
	size_t i;

	for (i = 0; i < COMMANDS_N; i++) {
		names[i] = commands[i].name;
		*words = match(&commands[i], argc, argv);
		if (*words > 0)
			return &commands[i];
	}
	if (is_family(argv[0], err))
		return NULL;
	near = nearest(argv[0], names);
	if (near != NULL)
		error_set(err, ERROR_USAGE, "there is no command \"%s\"; did "
		    "you mean \"%s\"?", argv[0], near);
	else
		error_set(err, ERROR_USAGE, "there is no command \"%s\"",
		    argv[0]);
	return NULL;
}

/* "90s", "10m", "2h", "30d", or a bare number of seconds; -1: it is none. */
static int64_t
parse_duration(const char *text)
{
	static const struct {
		const char *suffix;
		int64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	unsigned long long n;
	char *end;
	size_t i;

	if (*text < '0' || *text > '9')
		return -1;
	n = strtoull(text, &end, 10);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].suffix) == 0 && n >= 1 &&
		    n <= (unsigned long long)(TTL_MAX_S / units[i].seconds))
			return (int64_t)n * units[i].seconds;
	}
	return -1;
}

/* Up to the largest number that JSON keeps exact; -1: it is none. */
static int64_t
parse_count(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len > 15 || strspn(text, "0123456789") != len)
		return -1;
	return strtoll(text, NULL, 10);
}

/* The argument as JSON, or NULL and why. */
static json_t *
convert(enum type type, const char *text, const char *what, struct error *err)
{
	char name[NAME_BYTES_MAX + 1];
	int64_t n;

	switch (type) {
	case TYPE_NAME:
		if (name_fold(text, strlen(text), name))
			return json_string(name);
		error_set(err, ERROR_USAGE, "%s: \"%s\" is not a name: 2 to 32 "
		    "of a-z 0-9 . _ -", what, text);
		return NULL;
	case TYPE_DEVICE:
		if (device_valid(text, strlen(text)))
			return json_string(text);
		error_set(err, ERROR_USAGE, "%s: \"%s\" is not a device", what,
		    text);
		return NULL;
	case TYPE_DURATION:
		n = parse_duration(text);
		if (n > 0)
			return json_integer(n);
		error_set(err, ERROR_USAGE, "%s: a time such as 12h or 30d is "
		    "expected, not \"%s\"", what, text);
		return NULL;
	case TYPE_COUNT:
		n = parse_count(text);
		if (n > 0)
			return json_integer(n);
		error_set(err, ERROR_USAGE, "%s: a number is expected, not "
		    "\"%s\"", what, text);
		return NULL;
	case TYPE_TEXT:
		if (text[0] != '\0' && utf8_valid(text, strlen(text)))
			return json_string(text);
		error_set(err, ERROR_USAGE, "%s: it must not be empty, and be "
		    "UTF-8", what);
		return NULL;
	case TYPE_YES:
		return json_true();
	}
	return NULL;
}

static int
set(json_t *arguments, const char *key, enum type type, const char *text,
    const char *what, struct error *err)
{
	json_t *value = convert(type, text, what, err);

	return value == NULL ? -1 :
	    json_object_set_new(arguments, key, value);
}

/* One option with its value, "--ttl 30d" or "--ttl=30d". */
static int
take_option(const struct command *command, int argc, char *argv[], int *at,
    json_t *arguments, struct error *err)
{
	const struct option *option;
	const char *word = argv[*at], *value = NULL;
	size_t i, len;

	for (i = 0; i < OPTIONS_MAX; i++) {
		option = &command->options[i];
		len = option->flag != NULL ? strlen(option->flag) : 0;
		if (len == 0 || strncmp(word, option->flag, len) != 0)
			continue;
		if (option->type == TYPE_YES && word[len] != '\0')
			continue;
		if (option->type == TYPE_YES)
			value = "";
		else if (word[len] == '=')
			value = word + len + 1;
		else if (word[len] == '\0' && *at + 1 < argc)
			value = argv[++*at];
		else
			continue;
		return set(arguments, option->key, option->type, value,
		    option->flag, err);
	}
	error_set(err, ERROR_USAGE, "%s: \"%s\" is unexpected; usage: %s%s",
	    command->name, word, command->name, command->usage);
	return -1;
}

/* One without a flag; @alice is alice. */
static int
take_word(const struct command *command, size_t at, const char *text,
    json_t *arguments, struct error *err)
{
	const struct word *word = &command->words[at];

	if (word->type == TYPE_NAME)
		text += text[0] == '@';
	return set(arguments, word->key, word->type, text, command->name, err);
}

static int
take_words(const struct command *command, int argc, char *argv[],
    json_t *arguments, struct error *err)
{
	size_t taken = 0;
	int at, result;

	for (at = 0; at < argc; at++) {
		if (taken < WORDS_MAX && command->words[taken].key != NULL &&
		    (argv[at][0] != '-' || argv[at][1] == '\0'))
			result = take_word(command, taken++, argv[at],
			    arguments, err);
		else
			result = take_option(command, argc, argv, &at,
			    arguments, err);
		if (result != 0)
			return -1;
	}
	if (taken == WORDS_MAX || command->words[taken].missing == NULL)
		return 0;
	error_set(err, ERROR_USAGE, "%s: %s? usage: %s%s", command->name,
	    command->words[taken].missing, command->name, command->usage);
	return -1;
}

json_t *
command_parse(int argc, char *argv[], struct error *err)
{
	const struct command *command;
	json_t *arguments;
	int words;

	command = find(argc, argv, &words, err);
	if (command == NULL)
		return NULL;
	arguments = json_object();
	if (arguments == NULL ||
	    take_words(command, argc - words, argv + words, arguments,
	    err) != 0) {
		json_decref(arguments);
		return NULL;
	}
	return json_pack("{s:s, s:o}", "command", command->name, "arguments",
	    arguments);
}
