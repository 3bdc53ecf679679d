/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/flat.h"
#include "base/json.h"
#include "base/utf8.h"

/* Text that we write is read back as the same text. */
static void
check_string(const char *text, size_t len)
{
	struct buf out = {0};
	struct error err;
	json_t *json, *string;
	size_t i;

	buf_puts(&out, "{\"a\":");
	json_put_string(&out, text, len);
	buf_putc(&out, '}');
	assert(!out.failed);
	for (i = 0; i < out.len; i++)
		assert((unsigned char)out.data[i] >= 0x20);
	json = json_parse_object(out.data, out.len, &err);
	/* jansson refuses NUL, which is why it never is in a text here. */
	if (memchr(text, '\0', len) != NULL) {
		assert(json == NULL);
	} else {
		assert(json != NULL);
		string = json_object_get(json, "a");
		assert(json_string_length(string) == len);
		assert(memcmp(json_string_value(string), text, len) == 0);
		json_decref(json);
	}
	buf_fini(&out);
}

/* What is read and written again is the same object. */
static void
check_object(const char *text, size_t len)
{
	struct error err = {0};
	json_t *json = json_parse_object(text, len, &err), *again;
	char *dump;

	if (json == NULL) {
		assert(err.code == ERROR_INPUT && err.text[0] != '\0');
		return;
	}
	dump = json_dumps(json, JSON_COMPACT);
	assert(dump != NULL);
	again = json_parse_object(dump, strlen(dump), &err);
	assert(again != NULL && json_equal(json, again));
	json_decref(again);
	json_decref(json);
	free(dump);
}

/* What the plain reader takes, jansson reads alike. */
static void
check_flat(const char *text, size_t len)
{
	char *copy = malloc(len + 1);
	struct flat flat;
	json_t *json, *member;
	unsigned i;

	assert(copy != NULL);
	memcpy(copy, text, len);
	if (flat_parse(copy, len, &flat)) {
		json = json_parse_object(text, len, NULL);
		assert(json != NULL && json_object_size(json) == flat.n);
		for (i = 0; i < flat.n; i++) {
			member = json_object_get(json, flat.members[i].key);
			assert(member != NULL);
			if (flat.members[i].type == FLAT_STRING)
				assert(strcmp(json_string_value(member),
				    flat.members[i].string) == 0);
			else if (flat.members[i].type == FLAT_INTEGER)
				assert(json_integer_value(member) ==
				    flat.members[i].integer);
		}
		json_decref(json);
	}
	free(copy);
}

static bool
valid_in_pieces(const char *text, size_t len)
{
	struct utf8 state = {0};
	size_t i;

	for (i = 0; i < len; i++)
		if (!utf8_feed(&state, text + i, 1))
			return false;
	return utf8_complete(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size > 0 ? (const char *)data : "";
	bool valid = utf8_valid(text, size);

	assert(valid == valid_in_pieces(text, size));
	if (valid) {
		check_string(text, size);
		check_flat(text, size);
	}
	check_object(text, size);
	return 0;
}
