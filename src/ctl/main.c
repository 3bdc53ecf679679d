/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/arguments.h"
#include "ctl/call.h"
#include "ctl/care.h"
#include "ctl/users.h"

static const char help_head[] =
    "usage: synctalkctl [--data DIR] [--socket PATH] [--json] COMMAND\n"
    "\n"
    "Asks a running synctalkd, through its socket, to\n"
    "\n";
static const char help_local[] =
    "\n"
    "Works on the data folder, while a server runs or not, to\n"
    "\n";
static const char help_tail[] =
    "\n"
    "  --data DIR       the server's data folder; default data\n"
    "  --socket PATH    its socket; default synctalkd.sock in that folder\n"
    "  --json           print data instead of text\n"
    "  --version, --help\n"
    "\n"
    "Exit status: 0; 1 when it cannot be done; 2 for a wrong command line.\n";

struct options {
	const char *data, *socket;
	bool json;
};

enum { OPTION_DATA = 256, OPTION_SOCKET, OPTION_JSON, OPTION_VERSION,
	OPTION_HELP };

static const struct option long_options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"json", no_argument, NULL, OPTION_JSON},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0}};

static void
print_help(void)
{
	fputs(help_head, stdout);
	command_print_all(stdout, false);
	fputs(help_local, stdout);
	command_print_all(stdout, true);
	fputs(help_tail, stdout);
}

static int
usage(const char *text)
{
	fprintf(stderr, "synctalkctl: %s\nTry synctalkctl --help\n", text);
	return 2;
}

/* -1: go on; else the exit status. */
static int
parse(int argc, char *argv[], struct options *options)
{
	int option;

	/* "+": what is behind the command is the command's. */
	while ((option = getopt_long(argc, argv, "+", long_options, NULL)) !=
	    -1) {
		switch (option) {
		case OPTION_DATA:
			options->data = optarg;
			break;
		case OPTION_SOCKET:
			options->socket = optarg;
			break;
		case OPTION_JSON:
			options->json = true;
			break;
		case OPTION_VERSION:
			puts("synctalkctl " SYNCTALK_VERSION);
			return 0;
		case OPTION_HELP:
			print_help();
			return 0;
		default:
			return 2;
		}
	}
	return optind == argc ? usage("what is to be done?") : -1;
}

static int
print_answer(const json_t *answer, bool json)
{
	const char *text = json_string_value(json_object_get(answer, "text"));
	const char *error = json_string_value(json_object_get(answer,
	    "error"));
	const json_t *data = json_object_get(answer, "data");

	if (!json_is_true(json_object_get(answer, "ok"))) {
		fprintf(stderr, "synctalkctl: %s\n", error != NULL ? error :
		    "the server could not do it and does not say why");
		return 1;
	}
	if (json) {
		json_dumpf(data != NULL ? data : json_null(), stdout,
		    JSON_INDENT(2) | JSON_ENCODE_ANY);
		putchar('\n');
	} else if (text != NULL && text[0] != '\0') {
		fputs(text, stdout);
		if (text[strlen(text) - 1] != '\n')
			putchar('\n');
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("synctalkctl: cannot write the answer");
		return 1;
	}
	return 0;
}

/* -1: it is too long. */
static int
find_socket(const struct options *options, char *path, size_t size)
{
	int rc;

	if (options->socket != NULL)
		rc = snprintf(path, size, "%s", options->socket);
	else
		rc = snprintf(path, size, "%s/synctalkd.sock", options->data);
	return rc < 0 || (size_t)rc >= size ? -1 : 0;
}

/* Asks the server, and prints what it answers. */
static int
ask(const struct options *options, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request,
	    "command"));
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct error err = {0};
	json_t *answer;
	int rc;

	if (find_socket(options, path, sizeof(path)) == -1)
		return usage("the socket's path is too long");
	if (users_has(name))
		return users_run(name, json_object_get(request, "arguments"),
		    path, options->json);
	answer = call(path, request, &err);
	if (answer == NULL) {
		fprintf(stderr, "synctalkctl: %s\n", err.text);
		return 1;
	}
	rc = print_answer(answer, options->json);
	json_decref(answer);
	return rc;
}

/* What cannot be undone is asked for twice. */
static int
confirm(const json_t *arguments)
{
	char line[128] = "", name[sizeof(line)];

	if (json_is_true(json_object_get(arguments, "yes")))
		return -1;
	if (!isatty(STDIN_FILENO))
		return usage("erase: it cannot be undone: say --yes");
	snprintf(name, sizeof(name), "%s\n", json_string_value(
	    json_object_get(arguments, "name")));
	fprintf(stderr, "All that %.*s wrote will be erased, and the name "
	    "never be given again.\nType the name to go on: ",
	    (int)strlen(name) - 1, name);
	if (fgets(line, sizeof(line), stdin) != NULL && strcmp(line, name) == 0)
		return -1;
	fputs("synctalkctl: nothing was erased\n", stderr);
	return 1;
}

int
main(int argc, char *argv[])
{
	struct options options = {.data = "data"};
	json_t *arguments;
	struct error err = {0};
	const char *name;
	json_t *request;
	int rc;

	signal(SIGPIPE, SIG_IGN);
	rc = parse(argc, argv, &options);
	if (rc >= 0)
		return rc;
	request = command_parse(argc - optind, argv + optind, &err);
	if (request == NULL)
		return usage(err.text);
	name = json_string_value(json_object_get(request, "command"));
	arguments = json_object_get(request, "arguments");
	if (strcmp(name, "erase") == 0)
		rc = confirm(arguments);
	else
		rc = users_ask_password(name, arguments);
	if (rc < 0 && command_is_local(name))
		rc = care_run(name, arguments, options.data, options.json);
	else if (rc < 0)
		rc = ask(&options, request);
	json_decref(request);
	return rc;
}
