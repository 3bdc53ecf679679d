/* SPDX-License-Identifier: MIT */
#include "transcript.h"

#include <assert.h>

static void
put_text(struct buf *out, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf_putc(out, text[i] != '\0' ? text[i] : '0');
}

static void
put_slice(struct buf *out, const char *label, struct http_slice slice)
{
	buf_puts(out, label);
	if (slice.data == NULL)
		buf_putc(out, '-');
	put_text(out, slice.data, slice.len);
}

static void
put_request(struct buf *out, const struct http_request *request)
{
	size_t i;

	buf_puts(out, http_method_name(request->method));
	put_slice(out, " ", request->path);
	put_slice(out, " ", request->query);
	put_slice(out, " ", request->host);
	buf_printf(out, " 1.%d%s", request->minor,
	    request->keep_alive ? "" : " close");
	for (i = 0; i < request->n_fields; i++) {
		if (http_slice_is(request->fields[i].name, "Host"))
			continue;
		put_slice(out, " ", request->fields[i].name);
		put_slice(out, "=", request->fields[i].value);
	}
	put_slice(out, " [", request->body);
	buf_puts(out, "]\n");
}

/* All that comes out of the input as it is now.  False: it was refused. */
static bool
drain_http(struct http_parser *parser, struct buf *in, struct buf *out)
{
	struct http_request request;
	enum http_result result;

	for (;;) {
		result = http_parser_next(parser, in, &request);
		if (result == HTTP_MORE)
			return true;
		if (result == HTTP_BAD)
			break;
		assert(request.n_fields <= HTTP_FIELDS_MAX);
		if (result == HTTP_DONE) {
			assert(request.body.len <= parser->options->body_max);
			put_request(out, &request);
		} else {
			assert(request.body.len == 0);
			buf_puts(out, "continue\n");
		}
	}
	assert(parser->status >= 400 && parser->reason != NULL);
	assert(http_parser_next(parser, in, &request) == HTTP_BAD);
	buf_printf(out, "bad %d\n", parser->status);
	return false;
}

void
transcribe_http(const struct http_parser_options *options, const char *bytes,
    const struct cuts *cuts, struct buf *out)
{
	struct http_parser parser;
	struct buf in = {0};
	size_t at = 0, end;
	bool open = true;

	http_parser_init(&parser, options);
	buf_reset(out);
	while (open && at < cuts->len) {
		end = cuts_end(cuts, at);
		feed(&in, bytes + at, end - at);
		open = drain_http(&parser, &in, out);
		at = end;
	}
	if (open && http_parser_busy(&parser, &in))
		buf_puts(out, "more\n");
	buf_putc(out, '\0');
	assert(!out->failed);
	buf_fini(&in);
}

static void
put_event(struct buf *out, const struct ws_event *event)
{
	static const char *const names[] = {"text ", "binary ", "ping ",
	    "pong ", "close "};

	if (event->type == WS_EVENT_TEXT)
		assert(utf8_valid(event->data, event->len));
	buf_puts(out, names[event->type]);
	if (event->type == WS_EVENT_CLOSE)
		buf_printf(out, "%d ", event->code);
	put_text(out, event->data, event->len);
	buf_putc(out, '\n');
}

static void
drain_ws(struct ws_session *session, struct buf *in, struct buf *out)
{
	struct ws_event event;
	enum ws_result result;
	bool closed;

	for (;;) {
		closed = session->closed;
		result = ws_session_next(session, in, &event);
		if (result == WS_MORE)
			break;
		assert(!closed);
		if (result == WS_BAD)
			buf_printf(out, "bad %d\n", event.code);
		else
			put_event(out, &event);
	}
	if (closed)
		assert(buf_readable(in) == 0 && session->partial == NULL);
	assert(buf_readable(in) < WS_HEADER_MAX + WS_IN_PLACE_MAX);
	assert(ws_session_memory(session) <=
	    2 * (size_t)session->options->message_max + 256);
}

void
transcribe_ws(const struct ws_options *options, const char *bytes,
    const struct cuts *cuts, struct buf *out)
{
	struct ws_session session;
	struct buf in = {0};
	size_t at = 0, end;

	ws_session_init(&session, options);
	buf_reset(out);
	while (at < cuts->len) {
		end = cuts_end(cuts, at);
		feed(&in, bytes + at, end - at);
		drain_ws(&session, &in, out);
		at = end;
	}
	if (ws_session_memory(&session) > 0 || buf_readable(&in) > 0)
		buf_puts(out, "more\n");
	buf_putc(out, '\0');
	assert(!out->failed);
	ws_session_fini(&session);
	buf_fini(&in);
}
