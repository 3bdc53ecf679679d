/* SPDX-License-Identifier: MIT */
#include "api/etag.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "http/field.h"

#define DIGITS 32 /* 128 bits of the hash */
#define GZIP_SUFFIX "-gzip"

void
etag_of(const char *text, size_t len, bool gzip, char out[ETAG_SIZE])
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	size_t i;

	SHA256((const unsigned char *)text, len, hash);
	out[0] = '"';
	for (i = 0; i < DIGITS / 2; i++)
		snprintf(out + 1 + 2 * i, 3, "%02x", hash[i]);
	snprintf(out + 1 + DIGITS, ETAG_SIZE - 1 - DIGITS, "%s\"",
	    gzip ? GZIP_SUFFIX : "");
}

bool
etag_listed(const char *list, const char *text, size_t len, bool weak)
{
	struct http_slice rest = {list, strlen(list)}, tag;
	char plain[ETAG_SIZE], gzip[ETAG_SIZE];

	if (http_slice_is(rest, "*"))
		return true;
	etag_of(text, len, false, plain);
	etag_of(text, len, true, gzip);
	/* Ours have no comma: to cut there loses none of them. */
	while (http_list_next(&rest, &tag)) {
		if (weak && tag.len > 2 && memcmp(tag.data, "W/", 2) == 0) {
			tag.data += 2;
			tag.len -= 2;
		}
		if (http_slice_is(tag, plain) || http_slice_is(tag, gzip))
			return true;
	}
	return false;
}
