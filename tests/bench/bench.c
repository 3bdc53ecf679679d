/* SPDX-License-Identifier: MIT */

/*
 * The load generator: many WebSocket connections from one thread.  Latencies
 * count from when a message was due, so a slow peer cannot hide by slowing
 * the load down; loss, repetition and order are checked.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "message.h"
#include "modes.h"

static const struct {
	const char *name;
	bool (*run)(const struct options *options);
} modes[] = {
    {"direct", mode_direct},
    {"fanout", mode_fanout},
    {"idle", mode_idle},
    {"handshake", mode_handshake},
    {"drain", mode_drain},
    {"crowd", mode_crowd},
};

static const char usage[] =
    "usage: bench MODE [options]\n"
    "\n"
    "MODE is direct, fanout, idle, handshake, drain or crowd.\n"
    "\n"
    "  --port PORT          of the peer\n"
    "  --host HOST          127.0.0.1\n"
    "  --dialect NAME       synctalk, plain (WebSocket) or raw (the floor)\n"
    "  --path PATH          plain: target of the upgrade (/)\n"
    "  --tls HOW            full handshakes, or resume (from the first)\n"
    "  --pid PID            of the peer, for its CPU and memory\n"
    "  --connections N      200\n"
    "  --in-flight N        messages of a sender under way (1)\n"
    "  --rate N             messages a second, by schedule, instead\n"
    "  --seconds N          measured (5), after\n"
    "  --warm-up N          seconds (1)\n"
    "  --size N             bytes of a text (100)\n"
    "  --count N            drain: messages a pair; handshake: of all;\n"
    "                       crowd: people\n"
    "  --group NAME         fanout: #lobby, say, instead of a new group\n"
    "  --confirm HOW        direct, fanout: pong, received or read, and all\n"
    "                       receipts are checked in the end\n"
    "  --prefix NAME        of the people's names (bench)\n";

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},
    {"host", required_argument, NULL, 'h'},
    {"dialect", required_argument, NULL, 'd'},
    {"path", required_argument, NULL, 't'},
    {"tls", required_argument, NULL, 'l'},
    {"pid", required_argument, NULL, 'P'},
    {"connections", required_argument, NULL, 'c'},
    {"in-flight", required_argument, NULL, 'k'},
    {"rate", required_argument, NULL, 'r'},
    {"seconds", required_argument, NULL, 's'},
    {"warm-up", required_argument, NULL, 'w'},
    {"size", required_argument, NULL, 'z'},
    {"count", required_argument, NULL, 'n'},
    {"group", required_argument, NULL, 'g'},
    {"confirm", required_argument, NULL, 'f'},
    {"prefix", required_argument, NULL, 'x'},
    {NULL, 0, NULL, 0},
};

static void
fail_usage(const char *what)
{
	fprintf(stderr, "bench: %s\n%s", what, usage);
	exit(2);
}

static double
number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0' || value < 0 || value > 1e9)
		fail_usage("a number is none");
	return value;
}

static enum dialect
dialect(const char *text)
{
	if (strcmp(text, "synctalk") == 0)
		return DIALECT_SYNCTALK;
	if (strcmp(text, "plain") == 0)
		return DIALECT_PLAIN;
	if (strcmp(text, "raw") != 0)
		fail_usage("unknown dialect");
	return DIALECT_RAW;
}

static enum confirm
confirm(const char *text)
{
	if (strcmp(text, "pong") == 0)
		return CONFIRM_PONG;
	if (strcmp(text, "received") == 0)
		return CONFIRM_RECEIVED;
	if (strcmp(text, "read") != 0)
		fail_usage("unknown way to confirm");
	return CONFIRM_READ;
}

static void
set_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'p': options->port = value; break;
	case 'h': options->host = value; break;
	case 't': options->path = value; break;
	case 'g': options->group = value; break;
	case 'x': options->prefix = value; break;
	case 'd': options->dialect = dialect(value); break;
	case 'l':
		options->tls = true;
		options->resume = strcmp(value, "resume") == 0;
		if (!options->resume && strcmp(value, "full") != 0)
			fail_usage("--tls is full or resume");
		break;
	case 'f': options->confirm = confirm(value); break;
	case 'P': options->pid = (pid_t)number(value); break;
	case 'c': options->connections = (unsigned)number(value); break;
	case 'k': options->in_flight = (unsigned)number(value); break;
	case 'r': options->rate = number(value); break;
	case 's': options->seconds = number(value); break;
	case 'w': options->warm_up = number(value); break;
	case 'z': options->size = (unsigned)number(value); break;
	case 'n': options->count = (unsigned)number(value); break;
	default: fail_usage("unknown option");
	}
}

int
main(int argc, char *argv[])
{
	struct options options = {.host = "127.0.0.1", .path = "/",
	    .prefix = "bench", .connections = 200, .in_flight = 1,
	    .seconds = 5, .warm_up = 1, .size = 100, .count = 10000};
	int option;
	size_t i;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		set_option(&options, option, optarg);
	if (optind + 1 != argc)
		fail_usage("one mode is needed");
	if (options.port == NULL)
		fail_usage("--port is needed");
	if (options.size < MESSAGE_MIN || options.size > 16384)
		fail_usage("--size is 43 to 16384");
	options.mode = argv[optind];
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, options.mode) == 0)
			return modes[i].run(&options) ? 0 : 1;
	}
	fail_usage("unknown mode");
}
