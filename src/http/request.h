/* SPDX-License-Identifier: MIT */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/field.h"

/*
 * A request as the parser hands it out: every slice points into the buffer it
 * was parsed from and lives as long as that buffer is left as it is.
 */
#define HTTP_FIELDS_MAX 64

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHODS
};

struct http_request {
	enum http_method method;
	int minor;		  /* of HTTP/1.x: 0 or 1 */
	bool keep_alive;	  /* another request may follow the answer */
	struct http_slice target; /* as sent; a query is never logged */
	struct http_slice path;	  /* encoded; begins with "/", or is "*" */
	struct http_slice query;  /* encoded; data NULL: there is no "?" */
	struct http_slice host;	  /* with its port; an absolute target's */
	struct http_slice body;	  /* chunks joined */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t n_fields;
};

/* "GET" and so on. */
const char *http_method_name(enum http_method method);

/* The first field of that name, compared without case; data NULL: none. */
struct http_slice http_request_field(const struct http_request *request,
    const char *name);
size_t http_request_count(const struct http_request *request, const char *name);

/*
 * Whether one of the fields of that name lists the token, without case:
 * (request, "Connection", "upgrade").
 */
bool http_request_lists(const struct http_request *request, const char *name,
    const char *token);

/*
 * The first parameter of that name of the query, decoded ("+" is a space),
 * NUL-terminated.  Its length; -1: absent, not decodable, with a NUL in it, or
 * longer than size - 1 (out is then "").
 */
int http_query_get(const struct http_request *request, const char *name,
    char *out, size_t size);

/* How often the query has it: 0 tells absent from not decodable. */
size_t http_query_count(const struct http_request *request, const char *name);

/*
 * Percent-decodes a piece of a path ("+" stays).  As http_query_get().
 */
int http_percent_decode(struct http_slice text, char *out, size_t size);

#endif
