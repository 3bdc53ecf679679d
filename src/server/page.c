/* SPDX-License-Identifier: MIT */
#include "server/page.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define SHA256_SIZE 32
#define HASH_SIZE 48 /* of base64, with its NUL */

static const unsigned char html[] = {
#include "server/page_html.inc"
};

static const char *const format =
    "Content-Security-Policy: default-src 'none'; script-src 'sha256-%s'; "
    "style-src 'sha256-%s'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Vary: Accept\r\n"
    "Cache-Control: no-cache\r\n";

/* Of what stands between two tags, as a browser computes it (CSP 3, 6.7.2). */
static int
hash_between(const char *open, const char *close, char out[HASH_SIZE])
{
	unsigned char digest[SHA256_SIZE];
	const unsigned char *start, *end;

	start = memmem(html, sizeof(html), open, strlen(open));
	if (start == NULL)
		return -1;
	start += strlen(open);
	end = memmem(start, sizeof(html) - (size_t)(start - html), close,
	    strlen(close));
	if (end == NULL || EVP_Digest(start, (size_t)(end - start), digest,
	    NULL, EVP_sha256(), NULL) != 1)
		return -1;
	EVP_EncodeBlock((unsigned char *)out, digest, sizeof(digest));
	return 0;
}

int
page_init(struct page *page, struct error *err)
{
	char script[HASH_SIZE], style[HASH_SIZE];
	int len;

	page->html = html;
	page->len = sizeof(html);
	if (hash_between("<script>", "</script>", script) == -1 ||
	    hash_between("<style>", "</style>", style) == -1) {
		error_set(err, ERROR_SYSTEM, "the page cannot be hashed");
		return -1;
	}
	len = snprintf(page->fields, sizeof(page->fields), format, script,
	    style);
	if (len < 0 || (size_t)len >= sizeof(page->fields)) {
		error_set(err, ERROR_SYSTEM, "the page has too many fields");
		return -1;
	}
	return 0;
}

bool
page_wanted(const struct http_request *request)
{
	return http_request_lists(request, "Accept", "text/html");
}

void
page_respond(const struct page *page, struct http_response *response)
{
	response->status = 200;
	response->type = "text/html; charset=utf-8";
	response->body = page->html;
	response->len = page->len;
	response->fields = page->fields;
}
