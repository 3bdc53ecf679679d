/* SPDX-License-Identifier: MIT */
#include "server/config.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPTION_LISTEN = 256,
	OPTION_DATA,
	OPTION_SCRIPTS,
	OPTION_AUTH,
	OPTION_STORE,
	OPTION_LIMITS,
	OPTION_WORKERS,
	OPTION_LOG_JSON,
	OPTION_CHECK,
	OPTION_DEV,
	OPTION_OPENAPI,
	OPTION_ASYNCAPI,
	OPTION_VERSION,
	OPTION_HELP
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"data", required_argument, NULL, OPTION_DATA},
    {"scripts", required_argument, NULL, OPTION_SCRIPTS},
    {"auth", required_argument, NULL, OPTION_AUTH},
    {"store", required_argument, NULL, OPTION_STORE},
    {"limits", required_argument, NULL, OPTION_LIMITS},
    {"workers", required_argument, NULL, OPTION_WORKERS},
    {"log-json", no_argument, NULL, OPTION_LOG_JSON},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"dev", no_argument, NULL, OPTION_DEV},
    {"openapi", no_argument, NULL, OPTION_OPENAPI},
    {"asyncapi", no_argument, NULL, OPTION_ASYNCAPI},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0}};

const char *
config_help(void)
{
	return "usage: synctalkd [-c FILE] [--listen PLACE] "
	    "[--data DIR]\n"
	    "                 [--scripts DIR] [--auth open|token]\n"
	    "                 [--store lmdb|memory] [--limits off] "
	    "[--workers N]\n"
	    "                 [--log-json] [--check] [--dev]\n"
	    "\n"
	    "The chat server. Without a configuration file it serves people "
	    "of this\n"
	    "machine at http://127.0.0.1:8000 and keeps its data in ./data.\n"
	    "\n"
	    "  -c, --config FILE       read the configuration from FILE\n"
	    "  --listen PLACE          [https://]ADDRESS:PORT, unix:PATH or "
	    "systemd:NAME;\n"
	    "                          may be repeated; port 0 takes a free "
	    "one\n"
	    "  --data DIR              keep messages and sockets in DIR\n"
	    "  --scripts DIR           lay the scripts of DIR over the "
	    "shipped ones\n"
	    "  --auth open|token       who comes in: anyone under any name, "
	    "or who\n"
	    "                          has a token\n"
	    "  --store lmdb|memory     memory forgets all at the end\n"
	    "  --limits off            no rates, no caps on connections; on\n"
	    "                          loopback alone\n"
	    "  --workers N             threads; default: as many as cores\n"
	    "  --log-json              log lines as JSON\n"
	    "  --check                 check configuration and scripts, print "
	    "them,\n"
	    "                          exit 0 or 78\n"
	    "  --dev                   reload scripts when a file changes\n"
	    "  --openapi, --asyncapi   print the document of REST, or of the "
	    "WebSocket\n"
	    "  --version, --help\n"
	    "\n"
	    "SIGHUP reloads, SIGTERM drains and stops, SIGINT stops. Exit "
	    "status: 2 for\n"
	    "a wrong command line, 78 for a wrong configuration or script.\n"
	    "See synctalkd(8), synctalkd.conf(5).\n";
}

static int
refuse(struct error *err, const char *option, const char *why)
{
	error_set(err, ERROR_USAGE, "%s: %s", option, why);
	return -1;
}

static int
take_workers(struct config_arguments *arguments, const char *text,
    struct error *err)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n < 1 || n > 256)
		return refuse(err, "--workers", "a number from 1 to 256 is "
		    "expected");
	arguments->workers = (uint32_t)n;
	return 0;
}

static int
take_listen(struct config_arguments *arguments, const char *text,
    struct error *err)
{
	if (arguments->listen_n == CONFIG_LIST_MAX)
		return refuse(err, "--listen", "too many addresses");
	arguments->listen[arguments->listen_n++] = text;
	return 0;
}

/* One of two words to *field. */
static int
take_word(const char **field, const char *text, const char *option,
    const char *first, const char *second, struct error *err)
{
	if (strcmp(text, first) != 0 && strcmp(text, second) != 0) {
		error_set(err, ERROR_USAGE, "%s: \"%s\" or \"%s\" is expected, "
		    "not \"%s\"", option, first, second, text);
		return -1;
	}
	*field = text;
	return 0;
}

static int
take_string(const char **field, const char *text, const char *option,
    struct error *err)
{
	if (*text == '\0')
		return refuse(err, option, "it must not be empty");
	*field = text;
	return 0;
}

static int
take(struct config_arguments *arguments, int option, const char *text,
    struct error *err)
{
	const char *limits = NULL;

	switch (option) {
	case 'c':
		return take_string(&arguments->file, text, "-c", err);
	case OPTION_LISTEN:
		return take_listen(arguments, text, err);
	case OPTION_DATA:
		return take_string(&arguments->data, text, "--data", err);
	case OPTION_SCRIPTS:
		return take_string(&arguments->scripts, text, "--scripts", err);
	case OPTION_AUTH:
		return take_word(&arguments->auth, text, "--auth", "open",
		    "token", err);
	case OPTION_STORE:
		return take_word(&arguments->store, text, "--store", "lmdb",
		    "memory", err);
	case OPTION_LIMITS:
		if (take_word(&limits, text, "--limits", "on", "off", err) != 0)
			return -1;
		arguments->limits_off = strcmp(limits, "off") == 0;
		return 0;
	case OPTION_WORKERS:
		return take_workers(arguments, text, err);
	case OPTION_LOG_JSON:
		arguments->log_json = true;
		return 0;
	case OPTION_CHECK:
		arguments->action = CONFIG_CHECK;
		return 0;
	case OPTION_DEV:
		arguments->dev = true;
		return 0;
	case OPTION_OPENAPI:
		arguments->action = CONFIG_OPENAPI;
		return 0;
	case OPTION_ASYNCAPI:
		arguments->action = CONFIG_ASYNCAPI;
		return 0;
	case OPTION_VERSION:
		arguments->action = CONFIG_VERSION;
		return 0;
	default:
		arguments->action = CONFIG_HELP;
		return 0;
	}
}

int
config_parse_arguments(int argc, char *argv[],
    struct config_arguments *arguments, struct error *err)
{
	const char *word;
	int option;

	memset(arguments, 0, sizeof(*arguments));
	optind = 0; /* glibc and musl: begin anew */
	opterr = 0;
	for (;;) {
		word = argv[optind == 0 ? 1 : optind];
		option = getopt_long(argc, argv, ":c:", long_options, NULL);
		if (option == -1)
			break;
		if (option == ':')
			return refuse(err, argv[optind - 1],
			    "a value is expected after it");
		if (option == '?')
			return refuse(err, word, "there is no such option");
		if (take(arguments, option, optarg, err) != 0)
			return -1;
		if (arguments->action >= CONFIG_HELP)
			return 0;
	}
	if (optind < argc)
		return refuse(err, argv[optind], "unexpected; options begin "
		    "with --");
	return 0;
}
