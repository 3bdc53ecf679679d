/* SPDX-License-Identifier: MIT */
#include "server/config.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "net/endpoint.h"
#include "net/range.h"
#include "server/config_file.h"
#include "server/config_option.h"

#define WORKERS_MAX 256

static int
set_text(struct config *config, const char *name, const char *text,
    struct error *err)
{
	const struct config_value value = {.kind = CONFIG_VALUE_TEXT,
	    .text = text};

	return config_option_set(config_option_find(name), &value, config, err);
}

static int
set_defaults(struct config *config, struct error *err)
{
	const struct config_option *option;

	for (option = config_options; option->name != NULL; option++) {
		if (option->fallback != NULL &&
		    set_text(config, option->name, option->fallback, err) != 0)
			return -1;
	}
	return 0;
}

static int
set_arguments(struct config *config, const struct config_arguments *arguments,
    struct error *err)
{
	struct config_value listen = {.kind = CONFIG_VALUE_LIST,
	    .list_n = arguments->listen_n};

	memcpy(listen.list, arguments->listen, sizeof(arguments->listen));
	if (listen.list_n > 0 && config_option_set(config_option_find("listen"),
	    &listen, config, err) != 0)
		return -1;
	if ((arguments->data != NULL &&
	    set_text(config, "data", arguments->data, err) != 0) ||
	    (arguments->scripts != NULL &&
	    set_text(config, "scripts", arguments->scripts, err) != 0) ||
	    (arguments->auth != NULL &&
	    set_text(config, "auth", arguments->auth, err) != 0) ||
	    (arguments->store != NULL &&
	    set_text(config, "store", arguments->store, err) != 0))
		return -1;
	if (arguments->workers > 0)
		config->workers = arguments->workers;
	if (arguments->log_json)
		config->log.json = true;
	config->dev = arguments->dev;
	config->limits.off = arguments->limits_off;
	return 0;
}

/* Who may come from elsewhere must be known, or be let in on purpose. */
static int
check_place(const struct config *config, const char *text,
    const struct endpoint *endpoint, struct error *err)
{
	if (!endpoint->local && config->limits.off) {
		error_set(err, ERROR_USAGE, "--limits off is for "
		    "loopback alone, and %s is not", text);
		return -1;
	}
	if (!endpoint->local && config->auth == CONFIG_AUTH_OPEN &&
	    !config->open_anywhere) {
		error_set(err, ERROR_CONFIG, "with auth = \"open\" "
		    "anyone who reaches %s is whoever they say; use "
		    "auth = \"token\", or open_anywhere = true if "
		    "that is meant", text);
		return -1;
	}
	return 0;
}

/* What TLS and the PROXY protocol need beside a place. */
static int
check_needs(const struct config *config, const char *text,
    const struct endpoint *endpoint, struct error *err)
{
	if (endpoint->tls && config->tls.certificates.n == 0) {
		error_set(err, ERROR_CONFIG, "listen: %s needs a certificate; "
		    "name one in tls.certificates", text);
		return -1;
	}
	if (endpoint->proxy && config->trusted_proxies.n == 0) {
		error_set(err, ERROR_CONFIG, "listen: whoever reaches %s can "
		    "claim any address; name the proxies that may connect "
		    "there in trusted_proxies", text);
		return -1;
	}
	return 0;
}

static int
check_listen(const struct config *config, struct error *err)
{
	struct endpoint endpoint;
	const char *text;
	size_t i;

	if (config->listen.n == 0) {
		error_set(err, ERROR_CONFIG, "listen: an address is needed");
		return -1;
	}
	for (i = 0; i < config->listen.n; i++) {
		text = config->listen.items[i];
		if (endpoint_parse(text, &endpoint, err) == -1 ||
		    check_place(config, text, &endpoint, err) == -1 ||
		    check_needs(config, text, &endpoint, err) == -1)
			return -1;
	}
	return 0;
}

/* Addresses count by /64 where they are IPv6 (address.h), so narrower
 * ranges would never match. */
static int
check_metrics_from(const struct config *config, struct error *err)
{
	const struct config_list *list = &config->metrics_from;
	struct error why;
	struct range range;
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (range_parse(list->items[i], strlen(list->items[i]),
		    &range, &why) == -1) {
			error_set(err, ERROR_CONFIG, "metrics_from: %s",
			    why.text);
			return -1;
		}
		if (!ip_is_v4(&range.ip) && range.bits > 64) {
			error_set(err, ERROR_CONFIG, "metrics_from: %s: of "
			    "IPv6 a /64 is the least", list->items[i]);
			return -1;
		}
	}
	return 0;
}

/* One that no browser sends would be listed in vain. */
static int
check_origins(const struct config *config, struct error *err)
{
	const char *origin, *host;
	size_t i;

	for (i = 0; i < config->origins.n; i++) {
		origin = config->origins.items[i];
		host = strstr(origin, "://");
		if (host != NULL && host > origin && host[3] != '\0' &&
		    strpbrk(host + 3, "/?#*@ ") == NULL)
			continue;
		error_set(err, ERROR_CONFIG, "origins: scheme, name and port "
		    "alone are expected (\"https://chat.example.org\"), not "
		    "\"%s\"", origin);
		return -1;
	}
	return 0;
}

static int
check_tls(const struct config *config, struct error *err)
{
	if (config->tls.keys.n == 0 ||
	    config->tls.keys.n == config->tls.certificates.n)
		return 0;
	error_set(err, ERROR_CONFIG, "tls.keys: as many as tls.certificates "
	    "are expected, in the same order, or none if each certificate's "
	    "file has its key too");
	return -1;
}

unsigned
config_socket_mode(const struct config *config)
{
	return (unsigned)strtoul(config->socket_mode, NULL, 8);
}

/* Of the owner, the group, and all: reading and writing are one here. */
static int
check_socket_mode(const struct config *config, struct error *err)
{
	const char *mode = config->socket_mode;

	if (strlen(mode) == 4 && mode[0] == '0' &&
	    strspn(mode, "01234567") == 4)
		return 0;
	error_set(err, ERROR_CONFIG, "socket_mode: a mode such as \"0660\" "
	    "is expected, not \"%s\"", mode);
	return -1;
}

static int
check(const struct config *config, struct error *err)
{
	const struct config_limits *limits = &config->limits;
	struct sockaddr_un address;

	if (limits->queue_soft_bytes >= limits->queue_hard_bytes)
		error_set(err, ERROR_CONFIG,
		    "limits.queue_soft must be below limits.queue_hard");
	else if (config->budgets.filter_warn_ms > config->budgets.filter_ms)
		error_set(err, ERROR_CONFIG,
		    "budgets.filter_warn must not exceed budgets.filter");
	else if (strlen(config->admin_socket) >= sizeof(address.sun_path))
		error_set(err, ERROR_CONFIG, "admin_socket: a path of at most "
		    "%zu bytes is expected, not %s",
		    sizeof(address.sun_path) - 1, config->admin_socket);
	else if ((config->token.outside_issuer == NULL) !=
	    (config->token.outside_keys == NULL))
		error_set(err, ERROR_CONFIG, "token.outside_issuer and "
		    "token.outside_keys go together: set both, or neither");
	else
		return check_socket_mode(config, err) == 0 &&
		    check_tls(config, err) == 0 &&
		    check_origins(config, err) == 0 &&
		    check_metrics_from(config, err) == 0 ?
		    check_listen(config, err) : -1;
	return -1;
}

/* A path in the data folder where none is configured. */
static int
set_path(struct config *config, char **field, const char *name,
    struct error *err)
{
	size_t size = strlen(config->data) + strlen(name) + 2;

	if (*field != NULL)
		return 0;
	*field = malloc(size);
	if (*field == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the configuration");
		return -1;
	}
	snprintf(*field, size, "%s/%s", config->data, name);
	return 0;
}

static uint32_t
count_cores(void)
{
	cpu_set_t cores;
	int n = 1;

	if (sched_getaffinity(0, sizeof(cores), &cores) == 0)
		n = CPU_COUNT(&cores);
	return n < 1 ? 1 : n > WORKERS_MAX ? WORKERS_MAX : (uint32_t)n;
}

/* Ranges of trusted_proxies, and whether "unix" is one of them. */
static int
read_proxies(struct config *config, struct error *err)
{
	const struct config_list *list = &config->trusted_proxies;
	struct error why = {0};
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (strcmp(list->items[i], "unix") == 0) {
			config->trust_unix = true;
		} else if (range_parse(list->items[i], strlen(list->items[i]),
		    &config->trusted[config->trusted_n++], &why) == -1) {
			error_set(err, ERROR_CONFIG, "trusted_proxies: %s",
			    why.text);
			return -1;
		}
	}
	return 0;
}

/* What is not said in so many words. */
static int
complete(struct config *config, struct error *err)
{
	struct config_limits *limits = &config->limits;

	if (config->workers == 0)
		config->workers = count_cores();
	if (limits->off) {
		limits->guess_account_ms = 0;
		limits->guess_address_ms = 0;
		limits->address_connections = 0;
		limits->address_unauthenticated = 0;
		limits->user_connections = 0;
		limits->address_connect.per_s = 0;
		limits->user_message.per_s = 0;
		limits->conversation_message.per_s = 0;
		limits->user_join.per_s = 0;
		limits->address_account.per_s = 0;
		limits->address_request.per_s = 0;
	}
	if (read_proxies(config, err) != 0)
		return -1;
	return set_path(config, &config->admin_socket, "synctalkd.sock", err);
}

int
config_load(const struct config_arguments *arguments, struct config *config,
    struct error *err)
{
	memset(config, 0, sizeof(*config));
	if (set_defaults(config, err) == 0 &&
	    (arguments->file == NULL ||
	    config_file_read(arguments->file, config, err) == 0) &&
	    set_arguments(config, arguments, err) == 0 &&
	    complete(config, err) == 0 && check(config, err) == 0)
		return 0;
	config_free(config);
	return -1;
}

void
config_free(struct config *config)
{
	const struct config_option *option;

	for (option = config_options; option->name != NULL; option++)
		config_option_clear(option, config);
	memset(config, 0, sizeof(*config));
}

void
config_describe(const struct config *config, struct buf *out)
{
	const struct config_option *option;

	for (option = config_options; option->name != NULL; option++) {
		buf_printf(out, "%s = ", option->name);
		config_option_format(option, config, out);
		buf_putc(out, '\n');
	}
}
