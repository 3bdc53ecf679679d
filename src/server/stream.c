/* SPDX-License-Identifier: MIT */
#include "server/stream.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/json.h"
#include "http/response.h"
#include "server/server.h"
#include "server/worker.h"

#define POLL_S 25
#define POLL_MAX_S 60
/* How long a poll may take to begin, beside how long it waits. */
#define POLL_BEGIN_MS 10000
/* Of the next requests, while a poll waits. */
#define INPUT_MAX 16384
/* After how long a browser connects anew. */
#define RETRY_MS 3000

static const struct clock system_clock;

struct stream {
	bool poll;
	bool live;	   /* all that was missed is told */
	bool failed;	   /* something could not be told: nothing is now */
	bool ended;	   /* poll: the session did, with something to tell */
	uint32_t until_ms; /* poll: to be answered at the latest */
	uint64_t since, last_id; /* it goes on behind; that was told, or 0 */
	struct buf events; /* poll: what there is, between commas */
	char *fields;	   /* of the answer, or NULL */
};

void
stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	buf_fini(&stream->events);
	free(stream->fields);
	free(stream);
}

static uint32_t
now_ms(void)
{
	return (uint32_t)clock_monotonic_ms(&system_clock);
}

/* ------------------------------------------------------------- the request */

static int
parse_number(const char *text, uint64_t max, uint64_t *number)
{
	size_t len = strlen(text);
	char *end;

	*number = 0;
	if (len == 0)
		return 0;
	if (len > 16 || strspn(text, "0123456789") != len)
		return -1;
	*number = strtoull(text, &end, 10);
	return *number <= max ? 0 : -1;
}

/* The field goes before the parameter: a browser repeats its first URL. */
static int
read_since(const struct http_request *request, struct signin *signin,
    struct error *err)
{
	const uint64_t max = (UINT64_C(1) << 53) - 1;
	struct http_slice field =
	    http_request_field(request, "Last-Event-ID");
	char text[24] = "";
	int result = 0;

	if (field.data == NULL)
		result = client_read_param(request, "last_event_id", text,
		    sizeof(text));
	else if (field.len < sizeof(text))
		memcpy(text, field.data, field.len);
	else
		result = -1;
	signin->resumes = text[0] != '\0';
	if (result == 0 && parse_number(text, max, &signin->since) == 0)
		return 0;
	error_set(err, ERROR_INPUT, "Last-Event-ID must be the id of an event "
	    "that was told here: a whole number");
	return -1;
}

static int
read_poll(const struct http_request *request, struct stream *stream,
    struct error *err)
{
	char text[8];
	uint64_t seconds = POLL_S;

	stream->poll = http_query_count(request, "poll") != 0 ||
	    (http_request_lists(request, "Accept", "application/json") &&
	    !http_request_lists(request, "Accept", "text/event-stream"));
	if (http_query_count(request, "poll") != 0 &&
	    (client_read_param(request, "poll", text, sizeof(text)) == -1 ||
	    text[0] == '\0' ||
	    parse_number(text, POLL_MAX_S, &seconds) == -1)) {
		error_set(err, ERROR_INPUT,
		    "poll must be how many seconds to wait: 0 to %d",
		    POLL_MAX_S);
		return -1;
	}
	stream->until_ms = now_ms() + (uint32_t)seconds * 1000;
	return 0;
}

/* Pages of the server itself need no permission to read the answer. */
static int
put_cors(const struct api *api, const struct http_request *request,
    struct stream *stream)
{
	struct buf fields = { 0 };

	api_put_cors(api, request, &fields);
	buf_puts(&fields, "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n");
	buf_putc(&fields, '\0');
	if (!fields.failed)
		stream->fields = strdup(buf_start(&fields));
	buf_fini(&fields);
	return stream->fields == NULL ? -1 : 0;
}

/* The head of the events; those of a poll have theirs when they are told. */
static int
prepare_head(struct client *client)
{
	struct signin *signin = client->signin;
	struct buf *out = &client->worker->out;
	struct buf fields = { 0 };
	struct http_response response = {
		.status = 200,
		.type = "text/event-stream",
		.now_us = clock_realtime_us(&system_clock),
		.open = true,
	};

	/* nginx would gather what is small. */
	buf_puts(&fields, signin->stream->fields);
	buf_puts(&fields, "X-Accel-Buffering: no\r\n");
	buf_putc(&fields, '\0');
	response.fields = buf_start(&fields);
	buf_reset(out);
	if (!fields.failed)
		http_response_put(out, &response);
	buf_printf(out, "retry: %d\n\n", RETRY_MS);
	if (!out->failed && !fields.failed)
		signin->accept = blob_new(buf_start(out), buf_readable(out));
	buf_fini(&fields);
	return signin->accept == NULL ? -1 : 0;
}

static void
sign_in(struct client *client, const struct http_request *request)
{
	static const struct http_slice none = { 0 };

	switch (client_read_credentials(client, request, none)) {
	case CREDENTIALS_BAD:
		break;
	case CREDENTIALS_NONE:
		client_close(client, CLOSE_UNAUTHORIZED, NULL);
		break;
	case CREDENTIALS_GOOD:
		if (!(client->signin->claims.scopes & SCOPE_READ))
			client_close(client, CLOSE_NO_SCOPE, NULL);
		else
			signin_begin(client);
		break;
	}
}

/* -1: it is answered. */
static int
prepare(struct client *client, const struct http_request *request)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	struct error err;

	client->signin->stream = stream;
	client->last = !request->keep_alive;
	if (stream == NULL ||
	    put_cors(client->worker->api, request, stream) == -1) {
		client_close(client, CLOSE_OVERLOADED, NULL);
		return -1;
	}
	if (client_read_device(request, client->signin, &err) == -1 ||
	    read_since(request, client->signin, &err) == -1 ||
	    read_poll(request, stream, &err) == -1) {
		client_close(client, CLOSE_BAD_REQUEST, err.text);
		return -1;
	}
	stream->since = client->signin->since;
	if (!stream->poll && prepare_head(client) == -1) {
		client_close(client, CLOSE_OVERLOADED, NULL);
		return -1;
	}
	return 0;
}

void
stream_request(struct client *client, const struct http_request *request)
{
	if (request->method == HTTP_HEAD)
		client_refuse(client, CLOSE_BAD_REQUEST, 405,
		    "Allow: GET, OPTIONS\r\n", "events have no head alone");
	else if (client->worker->draining)
		client_close(client, CLOSE_DRAINING, NULL);
	else if (!client_is_let_in(client, request))
		; /* told */
	else if ((client->signin = signin_new(client)) == NULL)
		client_close(client, CLOSE_OVERLOADED, NULL);
	else if (prepare(client, request) == 0)
		sign_in(client, request);
}

void
stream_open(struct client *client)
{
	struct signin *signin = client->signin;
	uint32_t interval = client->worker->config->ping_interval_ms;

	client->session.ops = &stream_session_ops;
	client->heard_ms = now_ms();
	if (signin->accept != NULL) {
		conn_send(&client->conn, signin->accept);
		/* Who is gone never answers: TCP notices what it was sent. */
		if (interval != 0)
			conn_set_patience(&client->conn, 2 * interval);
	}
	conn_resume(&client->conn);
}

/* ------------------------------------------------------------------ events */

/* `{"type":"message",…`: so begins all that is told. */
static struct http_slice
type_of(struct blob *frame)
{
	static const char begins[] = "{\"type\":\"";
	const size_t n = sizeof(begins) - 1;
	struct http_slice type = { (const char *)blob_payload(frame) + n, 0 };
	const char *end;

	assert(frame->len > n &&
	    memcmp(blob_payload(frame), begins, n) == 0);
	end = memchr(type.data, '"', frame->len - n);
	assert(end != NULL);
	type.len = (size_t)(end - type.data);
	return type;
}

static struct blob *
encode(struct buf *out, struct blob *frame, uint64_t id)
{
	struct http_slice type = type_of(frame);

	buf_reset(out);
	buf_puts(out, "event: ");
	buf_append(out, type.data, type.len);
	if (id != 0) {
		buf_puts(out, "\nid: ");
		buf_put_u64(out, id);
	}
	buf_puts(out, "\ndata: ");
	buf_append(out, (const char *)blob_payload(frame), frame->len);
	buf_puts(out, "\n\n");
	return out->failed ? NULL :
	    blob_new(buf_start(out), buf_readable(out));
}

void
stream_cache_fini(struct stream_cache *cache)
{
	blob_unref(cache->frame);
	blob_unref(cache->event);
	memset(cache, 0, sizeof(*cache));
}

/* An event goes to many, one after the other.  NULL: no memory. */
static struct blob *
event_of(struct worker *worker, struct blob *frame, uint64_t id)
{
	struct stream_cache *cache = &worker->streams;

	if (cache->frame == frame && cache->id == id)
		return cache->event;
	stream_cache_fini(cache);
	cache->event = encode(&worker->out, frame, id);
	if (cache->event != NULL) {
		cache->frame = blob_ref(frame);
		cache->id = id;
	}
	return cache->event;
}

static void
wake(struct client *client)
{
	timer_set(client->worker->timers, &client->timer, 0);
}

/* From the loop it closes; what came after would acknowledge this. */
static void
fail(struct client *client)
{
	client->stream->failed = true;
	wake(client);
}

/* The turn of the loop ends before it is answered: there may be more. */
static void
collect(struct client *client, struct blob *frame)
{
	struct stream *stream = client->stream;

	if (http_slice_is(type_of(frame), "welcome"))
		return;
	if (stream->events.len == 0)
		wake(client);
	else
		buf_putc(&stream->events, ',');
	buf_append(&stream->events, (const char *)blob_payload(frame),
	    frame->len);
	if (stream->events.failed)
		fail(client);
}

static void
on_send(struct session *session, struct blob *frame, uint64_t id)
{
	struct client *client = client_of_session(session);
	struct blob *event;

	if (client->state != CLIENT_OPEN || client->stream->failed)
		return;
	if (id > client->stream->last_id)
		client->stream->last_id = id;
	if (client->stream->poll) {
		collect(client, frame);
		return;
	}
	event = event_of(client->worker, frame, id);
	if (event != NULL)
		conn_send(&client->conn, event);
	else
		fail(client);
}

/* An event without data is none, but its id counts. */
static void
on_live(struct session *session, uint64_t id)
{
	struct client *client = client_of_session(session);
	struct stream *stream = client->stream;
	struct buf *out = &client->worker->out;

	if (client->state != CLIENT_OPEN || stream->failed)
		return;
	stream->live = true;
	if (id > stream->last_id)
		stream->last_id = id;
	if (stream->poll) {
		wake(client);
		return;
	}
	buf_reset(out);
	buf_puts(out, "id: ");
	buf_put_u64(out, stream->last_id);
	buf_puts(out, "\n\n");
	if (client_send_out(client) == -1)
		fail(client);
}

static void
on_park(struct session *session, bool parked)
{
	(void)session;
	(void)parked;
}

static size_t
on_queued(const struct session *session)
{
	const struct client *client = client_of_session(session);

	return client->stream->poll ? client->stream->events.len :
	    conn_queued(&client->conn);
}

/* -------------------------------------------------------------- the answer */

static void
put_answer(struct client *client)
{
	struct worker *worker = client->worker;
	struct stream *stream = client->stream;
	struct http_response response = {
		.status = 200,
		.type = "application/json",
		.now_us = clock_realtime_us(&system_clock),
		.fields = stream->fields,
		.close = client->last || worker->draining || stream->ended,
	};
	struct buf body = { 0 };
	bool told = stream->live || stream->last_id != 0;

	buf_puts(&body, "{\"events\":[");
	buf_append(&body, buf_start(&stream->events),
	    buf_readable(&stream->events));
	buf_puts(&body, "],\"last_event_id\":");
	buf_put_u64(&body, told ? stream->last_id : stream->since);
	buf_printf(&body, ",\"epoch\":\"%016llx\"}\n",
	    (unsigned long long)store_epoch(worker->server->store));
	response.body = buf_start(&body);
	response.len = buf_readable(&body);
	buf_reset(&worker->out);
	http_response_put(&worker->out, &response);
	worker->out.failed |= body.failed;
	buf_fini(&body);
}

/* The connection is one of HTTP again. */
static void
answer(struct client *client)
{
	bool last = client->last || client->worker->draining ||
	    client->stream->ended;

	put_answer(client);
	session_close(&client->session);
	memset(&client->session, 0, sizeof(client->session));
	client->session.ops = &client_session_ops;
	stream_free(client->stream);
	client->stream = NULL;
	client->busy = false;
	client_set_state(client, CLIENT_HTTP);
	if (client_send_out(client) == -1)
		client_close(client, CLOSE_INTERNAL, NULL);
	else if (last)
		client_refuse(client, CLOSE_HTTP_DONE, 0, NULL, NULL);
	else
		conn_resume(&client->conn);
}

static void
on_end(struct session *session, enum session_end why)
{
	struct client *client = client_of_session(session);

	if (why == SESSION_END_DRAINING && client->stream->poll &&
	    client->stream->events.len != 0 && !client->stream->failed) {
		client->stream->ended = true;
		wake(client);
	} else {
		client_close(client, client_close_reason(why), NULL);
	}
}

const struct session_ops stream_session_ops = {
	.send = on_send,
	.live = on_live,
	.end = on_end,
	.park = on_park,
	.queued = on_queued,
};

bool
stream_polls(const struct stream *stream)
{
	return stream != NULL && stream->poll;
}

bool
stream_has_begun(const struct client *client)
{
	return client->state == CLIENT_OPEN && !client->upgraded &&
	    !client->stream->poll;
}

void
stream_say_error(struct client *client, const char *code, const char *detail)
{
	struct buf *out = &client->worker->out;

	buf_reset(out);
	buf_puts(out, "event: error\ndata: {\"type\":\"error\",\"code\":");
	json_put_string(out, code, strlen(code));
	buf_puts(out, ",\"message\":");
	json_put_string(out, detail, strlen(detail));
	buf_puts(out, "}\n\n");
	client_send_out(client);
}

void
stream_take(struct client *client, struct buf *in)
{
	if (!client->stream->poll)
		buf_reset(in);
	else if (buf_readable(in) > INPUT_MAX)
		client_close(client, CLOSE_BAD_REQUEST,
		    "the answer to a poll is to be waited for");
}

/* --------------------------------------------------------------- deadlines */

static uint32_t
look_at_poll(struct client *client)
{
	const struct stream *stream = client->stream;
	int32_t left = (int32_t)(stream->until_ms - now_ms());

	if (!stream->live)
		left += POLL_BEGIN_MS;
	if (stream->events.len == 0 && left > 0)
		return (uint32_t)left;
	answer(client);
	return 0;
}

static uint32_t
beat(struct client *client)
{
	uint32_t interval = client->worker->config->ping_interval_ms;
	uint32_t now = now_ms(), since = now - client->heard_ms;

	if (interval == 0)
		return UINT32_MAX;
	if (since < interval)
		return interval - since;
	client->heard_ms = now;
	buf_reset(&client->worker->out);
	buf_puts(&client->worker->out, ":\n\n");
	client_send_out(client);
	return interval;
}

static void
warn_expiring(struct client *client, uint32_t in_ms)
{
	struct buf *out = &client->worker->out;

	buf_reset(out);
	buf_printf(out, "event: expiring\ndata: {\"type\":\"expiring\","
	    "\"in_ms\":%u}\n\n", in_ms);
	client_send_out(client);
}

uint32_t
stream_look_after(struct client *client)
{
	uint32_t token, beats, warn = 0;

	if (client->stream->failed) {
		client_close(client, CLOSE_OVERLOADED, NULL);
		return 0;
	}
	if (client->stream->poll)
		return look_at_poll(client);
	token = client_look_at_token(client, &warn);
	if (token == 0) {
		client_close(client, CLOSE_EXPIRED, NULL);
		return 0;
	}
	if (warn != 0)
		warn_expiring(client, warn);
	beats = beat(client);
	return token < beats ? token : beats;
}
