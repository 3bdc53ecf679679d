/* SPDX-License-Identifier: MIT */
#ifndef API_COMPRESS_H
#define API_COMPRESS_H

#include <stddef.h>

#include "base/buf.h"

/* Below it does not pay; above it would hold up the loop. */
#define COMPRESS_MIN 1024
#define COMPRESS_MAX (256 * 1024)

/* Appends the text in gzip (RFC 1952).  -1: no memory, and out is as before. */
int compress_gzip(const char *text, size_t len, struct buf *out);

#endif
