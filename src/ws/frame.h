/* SPDX-License-Identifier: MIT */
#ifndef WS_FRAME_H
#define WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/buf.h"

/* Frames of WebSocket (RFC 6455 section 5). */

#define WS_HEADER_MAX 14  /* bytes, with a mask */
#define WS_CONTROL_MAX 125 /* payload of a control frame: bytes */

enum ws_opcode {
	WS_CONTINUATION = 0x0,
	WS_TEXT = 0x1,
	WS_BINARY = 0x2,
	WS_CLOSE = 0x8,
	WS_PING = 0x9,
	WS_PONG = 0xa
};

/* Section 7.4.1, and what IANA has registered since. */
enum ws_code {
	WS_CODE_NORMAL = 1000,
	WS_CODE_GOING_AWAY = 1001,
	WS_CODE_PROTOCOL = 1002,
	WS_CODE_UNSUPPORTED = 1003,
	WS_CODE_NONE = 1005, /* never sent: the close frame was empty */
	WS_CODE_NOT_UTF8 = 1007,
	WS_CODE_POLICY = 1008,
	WS_CODE_TOO_BIG = 1009,
	WS_CODE_INTERNAL = 1011,
	WS_CODE_RESTART = 1012,
	WS_CODE_OVERLOADED = 1013
};

struct ws_frame {
	uint64_t len;	    /* of the payload */
	uint8_t header;	    /* bytes before the payload */
	uint8_t opcode;
	bool fin;
	bool masked;
	uint8_t mask[4];    /* zero unless masked */
};

enum ws_frame_result { WS_FRAME_MORE, WS_FRAME_DONE, WS_FRAME_BAD };

/*
 * Reads a header from the front of data.  Refuses, as soon as the byte is
 * there, what section 5.2 does: reserved bits and opcodes, control frames in
 * fragments or above 125 bytes, lengths not in their shortest form.  *reason
 * is then a sentence.
 */
enum ws_frame_result ws_frame_decode(const void *data, size_t len,
    struct ws_frame *frame, const char **reason);

/* Writes frame's header and returns its length; header is not looked at. */
size_t ws_frame_encode(unsigned char out[WS_HEADER_MAX],
    const struct ws_frame *frame);

/*
 * Masks or unmasks in place; `at` is the place of data's first byte in its
 * frame.
 */
void ws_frame_mask(void *data, size_t len, const uint8_t mask[4], size_t at);

/*
 * Puts a server's header, whole and unmasked, in front of the payload.  Does
 * nothing when the blob has its header.
 */
void ws_frame_seal(struct blob *blob, enum ws_opcode opcode);

/* A sealed blob with one reference, or NULL: no memory. */
struct blob *ws_frame_blob(enum ws_opcode opcode, const void *data, size_t len);

/*
 * A sealed close frame.  reason is UTF-8, cut between characters at 123
 * bytes.  NULL: no memory.
 */
struct blob *ws_frame_close_blob(uint16_t code, const char *reason);

/*
 * Appends a whole frame: a server's when mask is NULL, else a client's, whose
 * mask must be fresh and random (section 5.3).
 */
void ws_frame_put(struct buf *out, enum ws_opcode opcode, const void *data,
    size_t len, const uint8_t mask[4]);
void ws_frame_put_close(struct buf *out, uint16_t code, const char *reason,
    const uint8_t mask[4]);

/* Whether a peer may send that code in a close frame (section 7.4). */
bool ws_code_valid(unsigned int code);

#endif
