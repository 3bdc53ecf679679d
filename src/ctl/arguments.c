/* SPDX-License-Identifier: MIT */
#include "ctl/arguments.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/nearest.h"

#define OPTIONS_MAX 2
#define TTL_MAX_S (INT64_C(100) * 365 * 86400)

enum type {
	TYPE_NAME = 1,
	TYPE_DEVICE,
	TYPE_DURATION
};

struct option {
	const char *flag; /* "--ttl" */
	const char *key;  /* "ttl_s" */
	enum type type;
};

static const struct command {
	const char *name;  /* its words */
	const char *usage; /* what follows them */
	const char *summary;
	bool named; /* the first argument is a person */
	struct option options[OPTIONS_MAX];
} commands[] = {
    {.name = "status", .usage = "", .summary = "say how it is"},
    {.name = "sessions", .usage = "", .summary = "list who is connected"},
    {.name = "reload", .usage = "",
     .summary = "read scripts and configuration again"},
    {.name = "lua hooks", .usage = "",
     .summary = "list rules and commands in their order"},
    {.name = "token", .usage = " NAME [--ttl 30d]",
     .summary = "make a token for a person", .named = true,
     .options = {{"--ttl", "ttl_s", TYPE_DURATION}}},
    {.name = "kick", .usage = " NAME [--device ID]",
     .summary = "disconnect a person", .named = true,
     .options = {{"--device", "device", TYPE_DEVICE}}},
    {.name = "drain", .usage = "",
     .summary = "say goodbye to everyone, then stop"},
    {.name = "stop", .usage = "", .summary = "stop at once"}};
#define COMMANDS_N (sizeof(commands) / sizeof(commands[0]))

void
command_print_all(FILE *out)
{
	char words[64];
	size_t i;

	for (i = 0; i < COMMANDS_N; i++) {
		snprintf(words, sizeof(words), "%s%s", commands[i].name,
		    commands[i].usage);
		fprintf(out, "  %-26s %s\n", words, commands[i].summary);
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

/* The argument as JSON, or NULL and why. */
static json_t *
convert(enum type type, const char *text, const char *what, struct error *err)
{
	char name[NAME_BYTES_MAX + 1];
	int64_t seconds;

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
		seconds = parse_duration(text);
		if (seconds > 0)
			return json_integer(seconds);
		error_set(err, ERROR_USAGE, "%s: a time such as 12h or 30d is "
		    "expected, not \"%s\"", what, text);
		return NULL;
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
		if (word[len] == '=')
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

static int
take_words(const struct command *command, int argc, char *argv[],
    json_t *arguments, struct error *err)
{
	bool name_missing = command->named;
	int at;

	for (at = 0; at < argc; at++) {
		if (name_missing && argv[at][0] != '-') {
			name_missing = false;
			if (set(arguments, "name", TYPE_NAME, argv[at] +
			    (argv[at][0] == '@'), command->name, err) != 0)
				return -1;
		} else if (take_option(command, argc, argv, &at, arguments,
		    err) != 0) {
			return -1;
		}
	}
	if (name_missing)
		error_set(err, ERROR_USAGE, "%s: whom? usage: %s%s",
		    command->name, command->name, command->usage);
	return name_missing ? -1 : 0;
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
