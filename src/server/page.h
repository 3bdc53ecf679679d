/* SPDX-License-Identifier: MIT */
#ifndef SERVER_PAGE_H
#define SERVER_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "http/request.h"
#include "http/response.h"

/*
 * The page to try the server, at /: page/index.html, built into the program.
 * Its policy (CSP) allows its one script and its one style by their hashes,
 * and connections to where it came from; nothing else.
 */
struct page {
	const void *html; /* static */
	size_t len;
	char fields[1024];
};

int page_init(struct page *page, struct error *err);

/* Whether a browser asks, and not a program. */
bool page_wanted(const struct http_request *request);

/* Its status, type, body and fields. */
void page_respond(const struct page *page, struct http_response *response);

#endif
