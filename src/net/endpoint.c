/* SPDX-License-Identifier: MIT */
#include "net/endpoint.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "net/ip.h"

static const struct {
	const char *scheme;
	bool tls, proxy;
} schemes[] = {
	{"http://", false, false},
	{"https://", true, false},
	{"proxy+http://", false, true},
	{"proxy+https://", true, true},
};

static const char *
skip_prefix(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* "ADDRESS:PORT"; whether others can reach it goes to *local. */
static bool
check_address(const char *text, bool *local)
{
	const char *colon = strrchr(text, ':');
	unsigned long port;
	struct ip ip;
	size_t len;
	char *end;

	if (colon == NULL || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	len = (size_t)(colon - text);
	if (*end != '\0' || port > 65535 || len == 0)
		return false;
	if (len == strlen("localhost") && memcmp(text, "localhost", len) == 0)
		return *local = true;
	if (text[0] == '[' && text[len - 1] == ']') {
		if (len < 2 || !ip_parse(text + 1, len - 2, &ip) ||
		    memchr(text, ':', len) == NULL)
			return false;
	} else if (!ip_parse(text, len, &ip) ||
	    memchr(text, ':', len) != NULL) {
		return false;
	}
	*local = ip_is_loopback(&ip);
	return true;
}

static int
check_path(const char *text, const char *path, struct error *err)
{
	const size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	if (path[0] != '\0' && strlen(path) <= max)
		return 0;
	error_set(err, ERROR_CONFIG, "\"%s\": unix: and a path of 1 to %zu "
	    "bytes is expected", text, max);
	return -1;
}

int
endpoint_parse(const char *text, struct endpoint *endpoint,
    struct error *err)
{
	const char *rest = text, *after;
	size_t i;

	memset(endpoint, 0, sizeof(*endpoint));
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		after = skip_prefix(text, schemes[i].scheme);
		if (after == NULL)
			continue;
		endpoint->tls = schemes[i].tls;
		endpoint->proxy = schemes[i].proxy;
		rest = after;
	}
	endpoint->place = rest;
	after = skip_prefix(rest, "unix:");
	if (after != NULL) {
		endpoint->kind = ENDPOINT_UNIX;
		endpoint->local = true;
		endpoint->place = after;
		return check_path(text, after, err);
	}
	after = skip_prefix(rest, "systemd:");
	if (after != NULL) {
		endpoint->kind = ENDPOINT_SYSTEMD;
		endpoint->local = true; /* looked at when it is there */
		endpoint->place = after;
		return 0;
	}
	if (check_address(rest, &endpoint->local))
		return 0;
	error_set(err, ERROR_CONFIG, "ADDRESS:PORT with a numeric address is "
	    "expected (\"0.0.0.0:8000\", \"https://[::]:8443\"), or "
	    "unix:PATH, or systemd:NAME, not \"%s\"", text);
	return -1;
}

const char *
endpoint_scheme(const struct endpoint *endpoint)
{
	return schemes[(endpoint->proxy ? 2 : 0) + endpoint->tls].scheme;
}
