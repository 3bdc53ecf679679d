/* SPDX-License-Identifier: MIT */
#include "ws/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A message on its way: what came of it in fragments or in a large frame. */
struct ws_partial {
	struct buf bytes;
	uint32_t frames; /* begun */
};

const struct ws_options ws_server_defaults = {
    .message_max = 64 * 1024,
    .fragments_max = 64,
    .client = false,
};

static_assert(sizeof(struct ws_session) <= 64, "idle sessions are small");

void
ws_session_init(struct ws_session *session, const struct ws_options *options)
{
	*session = (struct ws_session){.options = options};
}

static void
drop_partial(struct ws_session *session)
{
	if (session->partial == NULL)
		return;
	buf_fini(&session->partial->bytes);
	free(session->partial);
	session->partial = NULL;
	session->given = false;
}

void
ws_session_fini(struct ws_session *session)
{
	drop_partial(session);
}

size_t
ws_session_memory(const struct ws_session *session)
{
	if (session->partial == NULL)
		return 0;
	return sizeof(*session->partial) + session->partial->bytes.cap;
}

static enum ws_result
fail(struct ws_session *session, struct ws_event *event, uint16_t code,
    const char *reason)
{
	drop_partial(session);
	session->closed = true;
	event->type = WS_EVENT_CLOSE;
	event->code = code;
	event->data = reason;
	event->len = strlen(reason);
	return WS_BAD;
}

static bool
is_control(const struct ws_session *session)
{
	return session->opcode & 0x8;
}

static size_t
gathered(const struct ws_session *session)
{
	return session->partial != NULL ? session->partial->bytes.len : 0;
}

/* Sections 5.1 and 5.4: masks by role, continuations in their place. */
static const char *
check_frame(const struct ws_session *session, const struct ws_frame *frame)
{
	bool control = frame->opcode & 0x8;

	if (frame->masked && session->options->client)
		return "a server's frame is masked";
	if (!frame->masked && !session->options->client)
		return "a client's frame is not masked";
	if (control)
		return NULL;
	if (frame->opcode == WS_CONTINUATION && session->message == 0)
		return "there is nothing to continue";
	if (frame->opcode != WS_CONTINUATION && session->message != 0)
		return "a message begins within another";
	return NULL;
}

/* A data frame begins: limits, before a byte of it is taken. */
static enum ws_result
begin_data(struct ws_session *session, const struct ws_frame *frame,
    struct ws_event *event)
{
	const struct ws_options *options = session->options;

	if (frame->len > options->message_max - gathered(session))
		return fail(session, event, WS_CODE_TOO_BIG,
		    "the message is too long");
	if (frame->opcode != WS_CONTINUATION) {
		session->message = frame->opcode;
		session->utf8 = (struct utf8){0};
	}
	session->staged = !frame->fin || session->partial != NULL ||
	    frame->len > WS_IN_PLACE_MAX;
	if (!session->staged)
		return WS_EVENT;
	if (session->partial == NULL)
		session->partial = calloc(1, sizeof(*session->partial));
	if (session->partial == NULL)
		return fail(session, event, WS_CODE_INTERNAL, "no memory");
	if (session->partial->frames++ == options->fragments_max)
		return fail(session, event, WS_CODE_TOO_BIG,
		    "the message has too many fragments");
	return WS_EVENT;
}

/* WS_EVENT: a frame is at the front of in now. */
static enum ws_result
begin_frame(struct ws_session *session, struct buf *in,
    struct ws_event *event)
{
	struct ws_frame frame;
	const char *reason = NULL;

	switch (ws_frame_decode(buf_start(in), buf_readable(in), &frame,
	    &reason)) {
	case WS_FRAME_MORE:
		return WS_MORE;
	case WS_FRAME_DONE:
		reason = check_frame(session, &frame);
		break;
	case WS_FRAME_BAD:
		break;
	}
	if (reason != NULL)
		return fail(session, event, WS_CODE_PROTOCOL, reason);
	session->staged = false;
	if (!(frame.opcode & 0x8) &&
	    begin_data(session, &frame, event) == WS_BAD)
		return WS_BAD;
	session->begun = true;
	session->header = frame.header;
	session->opcode = frame.opcode;
	session->fin = frame.fin;
	session->len = (uint32_t)frame.len;
	session->done = 0;
	memcpy(session->mask, frame.mask, sizeof(session->mask));
	return WS_EVENT;
}

/*
 * Unmasks and checks what has come of the payload since the last call.  Small
 * frames stay where they are; bytes of others move to the heap.
 */
static enum ws_result
take_payload(struct ws_session *session, struct buf *in,
    struct ws_event *event)
{
	size_t skip = session->header + (session->staged ? 0 : session->done);
	char *at = in->data + in->off + skip;
	size_t n = buf_readable(in) - skip;

	if (n > session->len - session->done)
		n = session->len - session->done;
	if (!session->options->client)
		ws_frame_mask(at, n, session->mask, session->done);
	session->done += (uint32_t)n;
	if (!is_control(session) && session->message == WS_TEXT &&
	    !utf8_feed(&session->utf8, at, n))
		return fail(session, event, WS_CODE_NOT_UTF8,
		    "the text is not UTF-8");
	if (session->staged) {
		buf_append(&session->partial->bytes, at, n);
		if (session->partial->bytes.failed)
			return fail(session, event, WS_CODE_INTERNAL,
			    "no memory");
		in->off += skip + n;
		session->header = 0;
	}
	return session->done == session->len ? WS_EVENT : WS_MORE;
}

/* Section 5.5.1 and 7.4. */
static enum ws_result
end_close(struct ws_session *session, struct ws_event *event)
{
	const uint8_t *payload = (const uint8_t *)event->data;

	event->type = WS_EVENT_CLOSE;
	event->code = WS_CODE_NONE;
	if (event->len > 0) {
		if (event->len == 1)
			return fail(session, event, WS_CODE_PROTOCOL,
			    "half a close code");
		event->code = (uint16_t)(payload[0] << 8 | payload[1]);
		if (!ws_code_valid(event->code))
			return fail(session, event, WS_CODE_PROTOCOL,
			    "the close code is reserved");
		event->data += 2;
		event->len -= 2;
		if (!utf8_valid(event->data, event->len))
			return fail(session, event, WS_CODE_NOT_UTF8,
			    "the close reason is not UTF-8");
	}
	drop_partial(session);
	session->closed = true;
	return WS_EVENT;
}

static enum ws_result
end_message(struct ws_session *session, struct ws_event *event)
{
	event->type = session->message == WS_TEXT ? WS_EVENT_TEXT :
	    WS_EVENT_BINARY;
	if (session->message == WS_TEXT && !utf8_complete(&session->utf8))
		return fail(session, event, WS_CODE_NOT_UTF8,
		    "the text is not UTF-8");
	session->message = 0;
	return WS_EVENT;
}

/*
 * The frame is whole.  WS_MORE: it was a fragment, its message is not.  The
 * bytes handed out are consumed but not moved.
 */
static enum ws_result
end_frame(struct ws_session *session, struct buf *in, struct ws_event *event)
{
	event->code = 0;
	event->len = session->len;
	if (session->staged) {
		if (!session->fin)
			return WS_MORE;
		event->len = gathered(session);
		event->data = event->len > 0 ? session->partial->bytes.data :
		    "";
		session->given = true;
		return end_message(session, event);
	}
	event->data = buf_start(in) + session->header;
	in->off += session->header + session->len;
	switch (session->opcode) {
	case WS_CLOSE:
		return end_close(session, event);
	case WS_PING:
		event->type = WS_EVENT_PING;
		return WS_EVENT;
	case WS_PONG:
		event->type = WS_EVENT_PONG;
		return WS_EVENT;
	default:
		return end_message(session, event);
	}
}

enum ws_result
ws_session_next(struct ws_session *session, struct buf *in,
    struct ws_event *event)
{
	enum ws_result result;

	if (session->given)
		drop_partial(session);
	if (session->closed)
		in->off = in->len;
	while (buf_readable(in) > 0) {
		if (!session->begun) {
			result = begin_frame(session, in, event);
			if (result == WS_BAD)
				return WS_BAD;
			if (result == WS_MORE)
				break;
		}
		result = take_payload(session, in, event);
		if (result == WS_BAD)
			return WS_BAD;
		if (result == WS_MORE)
			break;
		session->begun = false;
		result = end_frame(session, in, event);
		if (result != WS_MORE)
			return result;
	}
	buf_consume(in, 0);
	return WS_MORE;
}
