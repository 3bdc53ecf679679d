/* SPDX-License-Identifier: MIT */
#include "api/compress.h"

#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* the largest, and a header of gzip */
#define MEMORY 8

int
compress_gzip(const char *text, size_t len, struct buf *out)
{
	z_stream stream = {0};
	char *room;
	uLong bound;
	int result;

	if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW,
		MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	bound = deflateBound(&stream, (uLong)len);
	room = buf_reserve(out, bound);
	if (room == NULL) {
		deflateEnd(&stream);
		return -1;
	}
	stream.next_in = (z_const Bytef *)(z_const void *)text;
	stream.avail_in = (uInt)len;
	stream.next_out = (Bytef *)room;
	stream.avail_out = (uInt)bound;
	result = deflate(&stream, Z_FINISH);
	if (result == Z_STREAM_END)
		out->len += bound - stream.avail_out;
	deflateEnd(&stream);
	return result == Z_STREAM_END ? 0 : -1;
}
