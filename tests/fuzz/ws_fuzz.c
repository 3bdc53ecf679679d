/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>

#include "../support/transcript.h"
#include "ws/client.h"

/*
 * The first byte chooses role, limits and a cut; the rest is what the peer
 * sends.  However the bytes are cut, the same events come out of them.
 */
static const struct ws_options limits[] = {
    {.message_max = 65536, .fragments_max = 64},
    {.message_max = 65536, .fragments_max = 64, .client = true},
    {.message_max = 16, .fragments_max = 2},
    {.message_max = 5000, .fragments_max = 3},
};

/* A frame of ours is understood by the other side. */
static void
check_sent(const char *bytes, size_t len)
{
	static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	struct ws_session session;
	struct ws_event event;
	struct buf out = {0};
	int masked;

	if (len > limits[0].message_max)
		return;
	for (masked = 0; masked <= 1; masked++) {
		ws_session_init(&session, &limits[1 - masked]);
		ws_frame_put(&out, WS_BINARY, bytes, len,
		    masked ? mask : NULL);
		assert(ws_session_next(&session, &out, &event) == WS_EVENT);
		assert(event.type == WS_EVENT_BINARY && event.len == len);
		assert(memcmp(event.data, bytes, len) == 0);
		assert(ws_session_next(&session, &out, &event) == WS_MORE);
		ws_session_fini(&session);
	}
	buf_fini(&out);
}

static int
read_reply(const char *bytes, const struct cuts *cuts)
{
	enum ws_client_result result = WS_CLIENT_MORE;
	struct buf in = {0};
	size_t at = 0, end;
	int status = 0;

	while (result == WS_CLIENT_MORE && at < cuts->len) {
		end = cuts_end(cuts, at);
		feed(&in, bytes + at, end - at);
		at = end;
		result = ws_client_check_reply(&in,
		    "dGhlIHNhbXBsZSBub25jZQ==", NULL, &status, NULL);
	}
	buf_fini(&in);
	return status * 3 + (int)result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ws_options *options;
	const char *bytes = (const char *)data + 1;
	struct buf whole = {0}, cut = {0};
	struct cuts cuts;
	int reply;

	if (size < 2)
		return 0;
	options = &limits[data[0] & 3];
	cuts = (struct cuts){.len = size - 1};
	transcribe_ws(options, bytes, &cuts, &whole);
	reply = read_reply(bytes, &cuts);
	cuts.way = cuts.len;
	transcribe_ws(options, bytes, &cuts, &cut);
	assert(strcmp(whole.data, cut.data) == 0);
	cuts.way = (size_t)(data[0] >> 2) * cuts.len / 64;
	transcribe_ws(options, bytes, &cuts, &cut);
	assert(strcmp(whole.data, cut.data) == 0);
	if (cuts.len < 16 * 1024)
		assert(read_reply(bytes, &cuts) == reply);
	check_sent(bytes, cuts.len);
	buf_fini(&whole);
	buf_fini(&cut);
	return 0;
}
