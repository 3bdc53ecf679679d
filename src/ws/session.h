/* SPDX-License-Identifier: MIT */
#ifndef WS_SESSION_H
#define WS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "ws/frame.h"

/*
 * The receiving side of a WebSocket connection: bytes in, messages out, one a
 * call, so that the caller stops whenever it likes and keeps the rest.  A
 * message in one frame is handed out as a slice of the input, unmasked in
 * place; only fragments and large frames are gathered on the heap, as their
 * bytes arrive and until they are whole.
 */
struct ws_options {
	uint32_t message_max;   /* bytes */
	uint32_t fragments_max; /* frames a message may come in */
	bool client; /* the peer is a server and must not mask, else it must */
};

/* A server's: 64 KiB in 64 fragments. */
extern const struct ws_options ws_server_defaults;

/* A frame up to this long may stay in the input until it is whole. */
#define WS_IN_PLACE_MAX 4096

enum ws_event_type {
	WS_EVENT_TEXT,	/* valid UTF-8 */
	WS_EVENT_BINARY,
	WS_EVENT_PING,	/* answer with a pong of the same payload */
	WS_EVENT_PONG,
	WS_EVENT_CLOSE	/* code, or WS_CODE_NONE; data is the reason */
};

struct ws_event {
	enum ws_event_type type;
	uint16_t code;	  /* of WS_EVENT_CLOSE and WS_BAD */
	const char *data; /* not NUL-terminated; good until the next call or
			     the next change of the input */
	size_t len;
};

enum ws_result {
	WS_MORE,
	WS_EVENT,
	WS_BAD /* close with event->code and the reason in data: 1002, 1007,
		  1009, or 1011 when there is no memory */
};

/* Only `closed` is for others. */
struct ws_session {
	const struct ws_options *options;
	struct ws_partial *partial; /* a message not whole, or just given out */
	uint32_t len;		    /* payload of the frame at the front */
	uint32_t done;		    /* of it, unmasked and checked */
	uint8_t mask[4];
	uint8_t opcode;		    /* of that frame */
	uint8_t message;	    /* opcode of the message it belongs to */
	uint8_t header;		    /* its bytes in front of the payload */
	bool begun;		    /* there is such a frame */
	bool fin;
	bool staged;		    /* the payload goes to the heap */
	bool given;		    /* partial went out with the last event */
	bool closed;		    /* after CLOSE or BAD input is dropped */
	struct utf8 utf8;
};

/* The options stay the caller's and must outlive the session. */
void ws_session_init(struct ws_session *session,
    const struct ws_options *options);

/* Frees what is gathered.  Harmless on a session that is all zero. */
void ws_session_fini(struct ws_session *session);

/*
 * Takes frames off the front of in until an event is whole.  On WS_MORE all
 * that is usable is consumed and up to a header and WS_IN_PLACE_MAX bytes may
 * stay in the buffer: call again when more has come.  Consumed bytes are not
 * moved before the next call.
 */
enum ws_result ws_session_next(struct ws_session *session, struct buf *in,
    struct ws_event *event);

/* Bytes gathered on the heap. */
size_t ws_session_memory(const struct ws_session *session);

#endif
