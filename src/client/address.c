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
	    "http://HOST:PORT is expected", url);
	return -1;
}

/* The scheme's length, and its port to *port. */
static size_t
cut_scheme(const char *url, const char **port)
{
	*port = "80";
	if (strncasecmp(url, "http://", 7) == 0)
		return 7;
	if (strncasecmp(url, "ws://", 5) == 0)
		return 5;
	*port = "8000";
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
	if (strncasecmp(url, "https://", 8) == 0 ||
	    strncasecmp(url, "wss://", 6) == 0) {
		error_set(err, ERROR_USAGE, "\"%s\" needs TLS, which this "
		    "client does not speak; use the http:// address, through "
		    "a tunnel if it is far", url);
		return -1;
	}
	rest = url + cut_scheme(url, &port);
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
