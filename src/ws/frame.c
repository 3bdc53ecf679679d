/* SPDX-License-Identifier: MIT */
#include "ws/frame.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

#define BIT_FIN 0x80
#define BITS_RESERVED 0x70
#define BITS_OPCODE 0x0f
#define BIT_MASKED 0x80
#define BITS_LEN 0x7f
#define LEN_16 126
#define LEN_64 127

static bool
is_control(unsigned int opcode)
{
	return opcode & 0x8;
}

static enum ws_frame_result
refuse(const char **reason, const char *why)
{
	*reason = why;
	return WS_FRAME_BAD;
}

static uint64_t
read_length(const uint8_t *at, size_t n)
{
	uint64_t len = 0;

	while (n-- > 0)
		len = len << 8 | *at++;
	return len;
}

/* The first byte: flags and opcode. */
static enum ws_frame_result
decode_flags(uint8_t byte, struct ws_frame *frame, const char **reason)
{
	frame->fin = byte & BIT_FIN;
	frame->opcode = byte & BITS_OPCODE;
	if (byte & BITS_RESERVED)
		return refuse(reason, "a reserved bit is set");
	if ((frame->opcode & 0x7) > 2)
		return refuse(reason, "the opcode is reserved");
	if (is_control(frame->opcode) && !frame->fin)
		return refuse(reason, "a control frame is in fragments");
	return WS_FRAME_DONE;
}

enum ws_frame_result
ws_frame_decode(const void *data, size_t len, struct ws_frame *frame,
    const char **reason)
{
	const uint8_t *at = data;
	size_t wide = 0;

	if (len == 0)
		return WS_FRAME_MORE;
	if (decode_flags(at[0], frame, reason) == WS_FRAME_BAD)
		return WS_FRAME_BAD;
	if (len == 1)
		return WS_FRAME_MORE;
	frame->masked = at[1] & BIT_MASKED;
	frame->len = at[1] & BITS_LEN;
	if (is_control(frame->opcode) && frame->len > WS_CONTROL_MAX)
		return refuse(reason, "a control frame is too long");
	if (frame->len >= LEN_16)
		wide = frame->len == LEN_16 ? 2 : 8;
	if (len >= 2 + wide && wide > 0) {
		frame->len = read_length(at + 2, wide);
		if (frame->len < (wide == 2 ? LEN_16 : 0x10000))
			return refuse(reason, "a length is not the shortest");
		if (frame->len >> 63)
			return refuse(reason, "a length is out of range");
	}
	frame->header = (uint8_t)(2 + wide + (frame->masked ? 4 : 0));
	if (len < frame->header)
		return WS_FRAME_MORE;
	memset(frame->mask, 0, sizeof(frame->mask));
	if (frame->masked)
		memcpy(frame->mask, at + 2 + wide, sizeof(frame->mask));
	return WS_FRAME_DONE;
}

size_t
ws_frame_encode(unsigned char out[WS_HEADER_MAX], const struct ws_frame *frame)
{
	size_t n, wide;

	out[0] = (unsigned char)((frame->fin ? BIT_FIN : 0) | frame->opcode);
	if (frame->len < LEN_16) {
		out[1] = (unsigned char)frame->len;
		wide = 0;
	} else if (frame->len < 0x10000) {
		out[1] = LEN_16;
		wide = 2;
	} else {
		out[1] = LEN_64;
		wide = 8;
	}
	for (n = 0; n < wide; n++)
		out[2 + n] = (unsigned char)(frame->len >> 8 * (wide - 1 - n));
	n += 2;
	if (frame->masked) {
		out[1] |= BIT_MASKED;
		memcpy(out + n, frame->mask, sizeof(frame->mask));
		n += sizeof(frame->mask);
	}
	return n;
}

void
ws_frame_mask(void *data, size_t len, const uint8_t mask[4], size_t at)
{
	uint8_t *byte = data;
	uint8_t turned[8];
	uint64_t wide, words[4];
	size_t i;

	for (i = 0; i < 4; i++)
		turned[i] = turned[4 + i] = mask[(at + i) % 4];
	memcpy(&wide, turned, sizeof(wide));
	/* memcpy because of alignment; this much becomes vector code. */
	for (i = 0; len - i >= sizeof(words); i += sizeof(words)) {
		memcpy(words, byte + i, sizeof(words));
		words[0] ^= wide;
		words[1] ^= wide;
		words[2] ^= wide;
		words[3] ^= wide;
		memcpy(byte + i, words, sizeof(words));
	}
	for (; len - i >= sizeof(wide); i += sizeof(wide)) {
		memcpy(words, byte + i, sizeof(wide));
		words[0] ^= wide;
		memcpy(byte + i, words, sizeof(wide));
	}
	for (; i < len; i++)
		byte[i] ^= turned[i % 4];
}

void
ws_frame_seal(struct blob *blob, enum ws_opcode opcode)
{
	struct ws_frame frame = {.fin = true, .opcode = (uint8_t)opcode};
	unsigned char header[WS_HEADER_MAX];
	size_t n;

	if (blob->head != 0)
		return;
	frame.len = blob->len;
	n = ws_frame_encode(header, &frame);
	assert(n <= BLOB_HEADROOM);
	memcpy(blob_payload(blob) - n, header, n);
	blob->head = (uint32_t)n;
}

struct blob *
ws_frame_blob(enum ws_opcode opcode, const void *data, size_t len)
{
	struct blob *blob = blob_new(data, len);

	if (blob != NULL)
		ws_frame_seal(blob, opcode);
	return blob;
}

/* Section 5.5.1: a code in network order, then the reason. */
static size_t
close_payload(char payload[WS_CONTROL_MAX], uint16_t code, const char *reason)
{
	size_t len = utf8_cut(reason, strlen(reason), WS_CONTROL_MAX - 2);

	assert(ws_code_valid(code));
	payload[0] = (char)(code >> 8);
	payload[1] = (char)(code & 0xff);
	memcpy(payload + 2, reason, len);
	return 2 + len;
}

struct blob *
ws_frame_close_blob(uint16_t code, const char *reason)
{
	char payload[WS_CONTROL_MAX];
	size_t len = close_payload(payload, code, reason);

	return ws_frame_blob(WS_CLOSE, payload, len);
}

void
ws_frame_put(struct buf *out, enum ws_opcode opcode, const void *data,
    size_t len, const uint8_t mask[4])
{
	struct ws_frame frame = {
	    .len = len,
	    .opcode = (uint8_t)opcode,
	    .fin = true,
	    .masked = mask != NULL,
	};
	unsigned char header[WS_HEADER_MAX];
	size_t n;

	if (mask != NULL)
		memcpy(frame.mask, mask, sizeof(frame.mask));
	n = ws_frame_encode(header, &frame);
	if (buf_reserve(out, n + len) == NULL)
		return;
	buf_append(out, header, n);
	buf_append(out, data, len);
	if (mask != NULL)
		ws_frame_mask(out->data + out->len - len, len, mask, 0);
}

void
ws_frame_put_close(struct buf *out, uint16_t code, const char *reason,
    const uint8_t mask[4])
{
	char payload[WS_CONTROL_MAX];
	size_t len = close_payload(payload, code, reason);

	ws_frame_put(out, WS_CLOSE, payload, len, mask);
}

bool
ws_code_valid(unsigned int code)
{
	if (code >= 3000 && code <= 4999)
		return true;
	return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
	    code != 1006;
}
