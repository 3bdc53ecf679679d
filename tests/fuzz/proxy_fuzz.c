/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/proxy.h"

/* From memory that ends with the bytes, as they would arrive. */
static enum proxy_result
parse(const uint8_t *data, size_t len, struct proxy_header *header)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	enum proxy_result result;

	assert(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	result = proxy_parse(copy, len, header);
	free(copy);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer other than "more" is the same for whatever follows. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_header header, again;
	enum proxy_result first = PROXY_MORE, result;
	size_t len, n = size < 600 ? size : 600;

	for (len = 0; len <= n; len++) {
		result = parse(data, len, &header);
		if (first != PROXY_MORE)
			assert(result == first);
		first = result;
		if (result == PROXY_BAD)
			assert(header.reason != NULL);
		if (result == PROXY_DONE)
			assert(header.len <= len && header.len >= 16);
	}
	result = parse(data, size, &header);
	if (result == PROXY_MORE) {
		assert(size < PROXY_MAX);
	} else if (result == PROXY_DONE) {
		assert(header.len <= size && header.len <= PROXY_MAX);
		assert(parse(data, header.len, &again) == PROXY_DONE);
		assert(again.known == header.known && memcmp(&again.source,
		    &header.source, sizeof(again.source)) == 0);
		assert(parse(data, header.len - 1, &again) == PROXY_MORE);
	}
	return 0;
}
