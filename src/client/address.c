/* SPDX-License-Identifier: MIT */
#include "client/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
refuse(struct error *err, const char *url)
{
	error_set(err, ERROR_USAGE, "\"%s\" is not a server's address; "
	    "http://HOST:PORT or https://HOST is expected", url);
	return -1;
}

/* The scheme's length, and what it says to *port and *secure. */
static size_t
cut_scheme(const char *url, const char **port, bool *secure)
{
	static const struct scheme {
		const char *text, *port;
		bool secure;
	} schemes[] = {{"http://", "80", false}, {"ws://", "80", false},
	    {"https://", "443", true}, {"wss://", "443", true}};
	const struct scheme *scheme;
	size_t i, len;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		scheme = &schemes[i];
		len = strlen(scheme->text);
		if (strncasecmp(url, scheme->text, len) != 0)
			continue;
		*port = scheme->port;
		*secure = scheme->secure;
		return len;
	}
	*port = "8000";
	*secure = false;
	return 0;
}

/* "HOST", "HOST:PORT", "[V6]:PORT" */
static int
cut_host(struct address *address, const char *port)
{
	char *host = address->host, *end, *colon;
	size_t len;

	end = host[0] == '[' ? strchr(host, ']') : NULL;
	if (host[0] == '[' && end == NULL)
		return -1;
	colon = strrchr(end != NULL ? end : host, ':');
	len = end != NULL ? (size_t)(end - host) - 1 :
	    colon != NULL ? (size_t)(colon - host) : strlen(host);
	if (len == 0 || len >= sizeof(address->node) ||
	    (end == NULL && memchr(host, ':', len) != NULL) ||
	    (end != NULL && end[1] != '\0' && end[1] != ':'))
		return -1;
	memcpy(address->node, host + (end != NULL), len);
	address->node[len] = '\0';
	if (colon != NULL)
		port = colon + 1;
	len = strlen(port);
	if (len == 0 || len > 5 || strspn(port, "0123456789") != len ||
	    strtoul(port, NULL, 10) < 1 || strtoul(port, NULL, 10) > 65535)
		return -1;
	memcpy(address->service, port, len + 1);
	return 0;
}

int
address_parse(const char *url, struct address *address, struct error *err)
{
	const char *rest, *slash, *port;
	size_t len;

	memset(address, 0, sizeof(*address));
	rest = url + cut_scheme(url, &port, &address->secure);
	if (strpbrk(rest, " \t\r\n?#@") != NULL)
		return refuse(err, url);
	slash = strchr(rest, '/');
	len = slash != NULL ? (size_t)(slash - rest) : strlen(rest);
	if (len >= sizeof(address->host))
		return refuse(err, url);
	memcpy(address->host, rest, len);
	if (slash != NULL) {
		len = strlen(slash);
		while (len > 0 && slash[len - 1] == '/')
			len--;
		if (len >= sizeof(address->path))
			return refuse(err, url);
		memcpy(address->path, slash, len);
	}
	if (cut_host(address, port) != 0)
		return refuse(err, url);
	return 0;
}
