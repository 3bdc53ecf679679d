/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "client/address.h"
#include "client/device.h"
#include "client/pipe.h"
#include "client/tty.h"

#define PASSWORD_SIZE 1026 /* of at most 1,024 bytes, and its line's end */
#define SERVER "http://127.0.0.1:8000"

static const char help[] =
    "usage: synctalk [--server URL] [--password | --token TOKEN]"
    " [--device ID]\n"
    "                [--json] [NAME]\n"
    "\n"
    "Talks at a SyncTalk server under NAME (or under the token's).\n"
    "\n"
    "  --server URL     http://HOST:PORT or https://HOST; default\n"
    "                   " SERVER ",\n"
    "                   or what SYNCTALK_SERVER says\n"
    "  --password       sign in with a password, which is asked for\n"
    "  --token TOKEN    sign in with a token; SYNCTALK_TOKEN keeps it out "
    "of\n"
    "                   the list of processes\n"
    "  --device ID      which of your devices this is; by default each\n"
    "                   terminal of this machine that is open at the same\n"
    "                   time is one\n"
    "  --json           one event a line as JSON, as in a pipe\n"
    "  --version, --help\n"
    "\n"
    "In a terminal, what you type goes to the conversation in the prompt; "
    "at\n"
    "first #lobby, where everyone is. `@bob Hello` goes to bob, `#tea Hello`"
    " to\n"
    "the group tea. `/to @bob` or `/to #tea` changes the prompt; Ctrl-N "
    "takes the\n"
    "next conversation with something unread. `/list` shows them, "
    "`/receipts` who\n"
    "has read your last message, `/ids` the numbers of messages, as /edit and"
    "\n"
    "/react want them. `/quit` or Ctrl-D leaves, Tab completes, `/help` lists"
    " the\n"
    "server's commands.\n"
    "\n"
    "In a pipe, each line of the input is such a line or, if it begins with "
    "{, a\n"
    "request of the protocol. The program ends when the input has ended and"
    " all\n"
    "is answered: 0, or 1 if something was refused.\n";

struct arguments {
	struct talk_options talk;
	bool json, password;
};

static int
usage(const char *text, const char *what)
{
	fprintf(stderr, "synctalk: %s%s\nTry synctalk --help\n", text, what);
	return 2;
}

enum { OPTION_SERVER = 256, OPTION_TOKEN, OPTION_PASSWORD,
	OPTION_DEVICE, OPTION_JSON, OPTION_VERSION, OPTION_HELP };

static const struct option long_options[] = {
    {"server", required_argument, NULL, OPTION_SERVER},
    {"token", required_argument, NULL, OPTION_TOKEN},
    {"password", no_argument, NULL, OPTION_PASSWORD},
    {"device", required_argument, NULL, OPTION_DEVICE},
    {"json", no_argument, NULL, OPTION_JSON},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0}};

/* -1: go on; else the exit status. */
static int
take_option(struct arguments *arguments, int option)
{
	switch (option) {
	case OPTION_SERVER:
		arguments->talk.server = optarg;
		return -1;
	case OPTION_TOKEN:
		arguments->talk.token = optarg;
		return -1;
	case OPTION_PASSWORD:
		arguments->password = true;
		return -1;
	case OPTION_DEVICE:
		if (!device_valid(optarg, strlen(optarg)))
			return usage("a device is 1 to 64 of A-Z a-z 0-9 . _ "
			    "-, not ", optarg);
		arguments->talk.device = optarg;
		return -1;
	case OPTION_JSON:
		arguments->json = true;
		return -1;
	case OPTION_VERSION:
		puts("synctalk " SYNCTALK_VERSION);
		return 0;
	case OPTION_HELP:
		fputs(help, stdout);
		return 0;
	default:
		return 2; /* getopt_long() has said it */
	}
}

static int
parse(int argc, char *argv[], struct arguments *arguments,
    char name[NAME_BYTES_MAX + 1])
{
	int option, rc;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) !=
	    -1) {
		rc = take_option(arguments, option);
		if (rc >= 0)
			return rc;
	}
	if (argc - optind > 1)
		return usage("one name is expected, not also ",
		    argv[optind + 1]);
	if (arguments->password)
		arguments->talk.token = NULL; /* that of the environment */
	if (optind == argc && arguments->talk.token == NULL)
		return usage("who are you? synctalk NAME", "");
	if (optind == argc)
		return -1;
	if (!name_fold(argv[optind], strlen(argv[optind]), name))
		return usage("a name is 2 to 32 of a-z 0-9 . _ -, beginning "
		    "and ending with a letter or a digit, not ", argv[optind]);
	arguments->talk.name = name;
	return -1;
}

/* A line of the terminal that it does not show; false: there is none. */
static bool
ask_password(const char *name, char *line, size_t size)
{
	FILE *terminal = fopen("/dev/tty", "r+e");
	struct termios shown, hidden;
	bool well = false;

	if (terminal == NULL)
		return false;
	setvbuf(terminal, NULL, _IONBF, 0); /* no copy of it stays */
	if (tcgetattr(fileno(terminal), &shown) == 0) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fileno(terminal), TCSAFLUSH, &hidden);
		fprintf(terminal, "Password of %s: ", name);
		well = fgets(line, (int)size, terminal) != NULL;
		tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
		fputc('\n', terminal);
	}
	fclose(terminal);
	line[well ? strcspn(line, "\r\n") : 0] = '\0';
	return well;
}

static int
sign_in(struct arguments *arguments)
{
	char password[PASSWORD_SIZE];
	const struct signin_options options = {
	    .server = arguments->talk.server, .name = arguments->talk.name,
	    .device = arguments->talk.device, .password = password};
	struct error err = {0};

	if (!ask_password(options.name, password, sizeof(password)))
		return usage("--password wants a terminal to ask at", "");
	arguments->talk.signin = signin_new(&options, &err);
	explicit_bzero(password, sizeof(password));
	if (arguments->talk.signin != NULL)
		return 0;
	fprintf(stderr, "synctalk: %s\n", err.text);
	return 1;
}

/* Signals come as something to poll, so that nothing is interrupted. */
static int
open_signals(bool terminal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (terminal) {
		sigaddset(&set, SIGHUP);
		sigaddset(&set, SIGWINCH);
	}
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int
run(struct arguments *arguments)
{
	bool terminal = !arguments->json && isatty(STDIN_FILENO) &&
	    isatty(STDOUT_FILENO);
	struct error err = {0};
	int fd, rc;

	fd = open_signals(terminal);
	if (fd < 0) {
		perror("synctalk: cannot take signals");
		return 1;
	}
	if (terminal)
		rc = tty_run(&arguments->talk, fd, &err);
	else
		rc = pipe_run(&arguments->talk, fd, &err);
	if (err.code != ERROR_NONE)
		fprintf(stderr, "synctalk: %s\n", err.text);
	close(fd);
	return rc;
}

int
main(int argc, char *argv[])
{
	struct arguments arguments = {.talk = {.server = SERVER}};
	char name[NAME_BYTES_MAX + 1], device[DEVICE_MAX + 1];
	struct address address;
	struct error err;
	int lock = -1, rc;

	if (getenv("SYNCTALK_SERVER") != NULL)
		arguments.talk.server = getenv("SYNCTALK_SERVER");
	arguments.talk.token = getenv("SYNCTALK_TOKEN");
	rc = parse(argc, argv, &arguments, name);
	if (rc >= 0)
		return rc;
	if (address_parse(arguments.talk.server, &address, &err) != 0)
		return usage(err.text, "");
	if (arguments.talk.device == NULL) {
		lock = device_claim(address.host, arguments.talk.name != NULL ?
		    arguments.talk.name : "token", device);
		arguments.talk.device = device;
	}
	rc = arguments.password ? sign_in(&arguments) : 0;
	if (rc == 0)
		rc = run(&arguments);
	signin_free(arguments.talk.signin);
	if (lock >= 0)
		close(lock);
	return rc;
}
