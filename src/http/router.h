/* SPDX-License-Identifier: MIT */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include <stddef.h>

#include "http/request.h"

/*
 * Finds a request's handler in a table.  A path is matched segment by segment
 * before it is decoded; a segment ":name" takes any one that is not empty.
 * HEAD is answered wherever GET is.  Where two routes match a path, the first
 * that has the method is taken.
 */
#define HTTP_PARAMS_MAX 4
#define HTTP_ALLOW_SIZE 64

struct http_route {
	unsigned int methods;  /* 1U << HTTP_GET | … */
	const char *path;      /* "/healthz", "/api/groups/:name" */
	const void *handler;   /* whatever the caller keeps there */
};

enum http_route_result {
	HTTP_ROUTE_FOUND,
	HTTP_ROUTE_MISSING, /* 404 */
	HTTP_ROUTE_REFUSED, /* 405, with the field in allow */
	HTTP_ROUTE_OPTIONS  /* 204, with the field in allow */
};

struct http_match {
	const struct http_route *route; /* NULL unless found */
	struct http_slice params[HTTP_PARAMS_MAX]; /* encoded, in order */
	size_t n_params;
	char allow[HTTP_ALLOW_SIZE]; /* "Allow: GET, HEAD, OPTIONS\r\n" */
};

enum http_route_result http_router_find(const struct http_route *routes,
    size_t n, const struct http_request *request, struct http_match *match);

#endif
