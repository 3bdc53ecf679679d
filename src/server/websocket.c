/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "auth/trust.h"
#include "base/clock.h"
#include "base/json.h"
#include "server/client.h"
#include "server/server.h"
#include "server/worker.h"
#include "ws/frame.h"

/* How long before its end a token is to be renewed. */
#define EXPIRING_S 60
#define MARK_LEN 4

static const struct clock system_clock;

struct client *
client_of_session(const struct session *session)
{
	return (struct client *)(void *)((char *)(uintptr_t)session -
	    offsetof(struct client, session));
}

/* ----------------------------------------------------- the session's view */

static void
on_send(struct session *session, struct blob *frame, uint64_t id)
{
	struct client *client = client_of_session(session);

	(void)id;
	if (client->state != CLIENT_OPEN)
		return;
	ws_frame_seal(frame, WS_TEXT);
	conn_send(&client->conn, frame);
}

enum close_reason
client_close_reason(enum session_end why)
{
	static const enum close_reason reasons[] = {
		[SESSION_END_REPLACED] = CLOSE_REPLACED,
		[SESSION_END_KICKED] = CLOSE_KICKED,
		[SESSION_END_DRAINING] = CLOSE_DRAINING,
		[SESSION_END_EXPIRED] = CLOSE_EXPIRED,
		[SESSION_END_SIGNED_OUT] = CLOSE_SIGNED_OUT,
		[SESSION_END_BANNED] = CLOSE_BANNED,
		[SESSION_END_DISABLED] = CLOSE_DISABLED,
		[SESSION_END_SLOW] = CLOSE_SLOW,
		[SESSION_END_ABUSE] = CLOSE_ABUSE,
		[SESSION_END_ERROR] = CLOSE_OVERLOADED,
	};

	return reasons[why];
}

static void
on_end(struct session *session, enum session_end why)
{
	client_close(client_of_session(session), client_close_reason(why),
	    NULL);
}

static void
on_park(struct session *session, bool parked)
{
	struct client *client = client_of_session(session);

	if (client->state != CLIENT_OPEN)
		return;
	if (parked)
		conn_pause(&client->conn);
	else
		conn_resume(&client->conn);
}

/* A ping that no memory was there for counts as one that was lost. */
static void
on_ping(struct session *session, uint32_t mark)
{
	const unsigned char bytes[MARK_LEN] = {
		(unsigned char)(mark >> 24), (unsigned char)(mark >> 16),
		(unsigned char)(mark >> 8), (unsigned char)mark,
	};
	struct client *client = client_of_session(session);
	struct blob *frame;

	if (client->state != CLIENT_OPEN)
		return;
	frame = ws_frame_blob(WS_PING, bytes, sizeof(bytes));
	if (frame != NULL)
		conn_send(&client->conn, frame);
	blob_unref(frame);
}

static size_t
on_queued(const struct session *session)
{
	return conn_queued(&client_of_session(session)->conn);
}

static int
on_verify(struct session *session, const char *text, size_t len,
    struct session_token *token, struct error *err)
{
	struct client *client = client_of_session(session);
	struct signin signin = { 0 };

	if (client_check_token(client, text, len, &signin, err) == -1)
		return -1;
	if (strcmp(signin.name, session_user(session)) != 0) {
		error_set(err, ERROR_INPUT, "the token is another person's");
		return -1;
	}
	*token = signin_token(&signin);
	return 0;
}

static void
on_renew(struct session *session, const struct session_token *token)
{
	struct client *client = client_of_session(session);

	client->expires_s = token->expires_s;
	client->key = token->key;
	client->warned = false;
	client_set_state(client, CLIENT_OPEN);
}

const struct session_ops client_session_ops = {
	.send = on_send,
	.end = on_end,
	.park = on_park,
	.ping = on_ping,
	.verify = on_verify,
	.renew = on_renew,
	.queued = on_queued,
};

/* -------------------------------------------------------- the first message */

/* A string member; -1 when it is there but is none, or is too long. */
static int
read_member(const json_t *object, const char *key, const char **out,
    size_t *len)
{
	const json_t *value = json_object_get(object, key);

	*out = json_string_value(value);
	*len = json_string_length(value);
	return value != NULL && *out == NULL ? -1 : 0;
}

/* What a later error names; without memory it names nothing. */
static void
keep_ref(struct signin *signin, const json_t *object)
{
	const json_t *ref = json_object_get(object, "ref");

	if (json_is_string(ref) || json_is_integer(ref))
		signin->ref = json_dumps(ref, JSON_ENCODE_ANY | JSON_COMPACT);
}

static int
read_auth(struct client *client, const json_t *object, struct error *err)
{
	struct signin *signin = client->signin;
	const char *type, *token, *device, *ack;
	size_t type_len, token_len, device_len, ack_len;

	keep_ref(signin, object);
	if (read_member(object, "type", &type, &type_len) == -1 ||
	    type == NULL || strcmp(type, "auth") != 0) {
		error_set(err, ERROR_INPUT, "the first message must be auth");
		return -1;
	}
	if (read_member(object, "token", &token, &token_len) == -1 ||
	    token == NULL) {
		error_set(err, ERROR_INPUT, "token must be a string");
		return -1;
	}
	if (read_member(object, "device", &device, &device_len) == -1 ||
	    (device != NULL && !device_valid(device, device_len))) {
		error_set(err, ERROR_INPUT, "device must be 1 to %d letters, "
		    "digits, dots, dashes and underscores", DEVICE_MAX);
		return -1;
	}
	if (read_member(object, "ack", &ack, &ack_len) == -1 || (ack != NULL &&
	    strcmp(ack, "client") != 0 && strcmp(ack, "server") != 0)) {
		error_set(err, ERROR_INPUT, "ack must be client or server");
		return -1;
	}
	if (device != NULL)
		memcpy(signin->device, device, device_len + 1);
	if (ack != NULL)
		signin->ack_client = strcmp(ack, "client") == 0;
	return client_check_token(client, token, token_len, signin, err);
}

static void
take_first(struct client *client, const struct ws_event *event)
{
	struct error err;
	json_t *object;

	if (event->type != WS_EVENT_TEXT) {
		client_close(client, CLOSE_BINARY, NULL);
		return;
	}
	object = json_parse_object(event->data, event->len, &err);
	if (object == NULL || read_auth(client, object, &err) == -1)
		client_close(client, err.code == ERROR_INPUT ?
		    CLOSE_UNAUTHORIZED : CLOSE_OVERLOADED, err.text);
	else
		signin_begin(client);
	json_decref(object);
}

/* ------------------------------------------------------------------ frames */

static void
answer_ping(struct client *client, const struct ws_event *event)
{
	struct blob *frame = ws_frame_blob(WS_PONG, event->data, event->len);

	if (frame != NULL)
		conn_send(&client->conn, frame);
	blob_unref(frame);
}

static void
take_pong(struct client *client, const struct ws_event *event)
{
	const unsigned char *mark = (const unsigned char *)event->data;

	if (client->state == CLIENT_OPEN && event->len == MARK_LEN)
		session_pong(&client->session, (uint32_t)mark[0] << 24 |
		    (uint32_t)mark[1] << 16 | (uint32_t)mark[2] << 8 |
		    mark[3]);
}

/* The peer's close is answered in kind (RFC 6455 section 5.5.1). */
static void
take_close(struct client *client, const struct ws_event *event)
{
	struct blob *frame;

	if (client->state == CLIENT_CLOSING) {
		conn_shutdown(&client->conn);
		return;
	}
	frame = event->code == WS_CODE_NONE ?
	    ws_frame_blob(WS_CLOSE, NULL, 0) :
	    ws_frame_close_blob(event->code, "");
	if (frame != NULL)
		conn_send(&client->conn, frame);
	blob_unref(frame);
	client_close(client, CLOSE_PEER_CLOSED, NULL);
}

static void
take_event(struct client *client, const struct ws_event *event)
{
	switch (event->type) {
	case WS_EVENT_PING:
		answer_ping(client, event);
		break;
	case WS_EVENT_PONG:
		take_pong(client, event);
		break;
	case WS_EVENT_CLOSE:
		take_close(client, event);
		break;
	case WS_EVENT_TEXT:
	case WS_EVENT_BINARY:
		if (client->state == CLIENT_UNKNOWN)
			take_first(client, event);
		else if (client->state == CLIENT_CLOSING)
			break;
		else if (event->type == WS_EVENT_TEXT)
			session_receive(&client->session, event->data,
			    event->len);
		else
			client_close(client, CLOSE_BINARY, NULL);
		break;
	}
}

static void
take_failure(struct client *client, const struct ws_event *event)
{
	enum close_reason reason = CLOSE_BAD_FRAME;

	if (event->code == WS_CODE_NOT_UTF8)
		reason = CLOSE_NOT_UTF8;
	else if (event->code == WS_CODE_TOO_BIG)
		reason = CLOSE_TOO_BIG;
	else if (event->code == WS_CODE_INTERNAL)
		reason = CLOSE_INTERNAL;
	client_close(client, reason, event->data);
	conn_shutdown(&client->conn);
}

void
client_take_frames(struct client *client, struct buf *in)
{
	struct ws_event event;

	while (!client->conn.paused) {
		switch (ws_session_next(&client->in.ws, in, &event)) {
		case WS_EVENT:
			take_event(client, &event);
			break;
		case WS_BAD:
			take_failure(client, &event);
			return;
		case WS_MORE:
			return;
		}
	}
}

/* ---------------------------------------------------------------- deadlines */

static void
warn_expiring(struct client *client, uint32_t in_ms)
{
	struct buf *out = &client->worker->out;
	struct blob *frame;

	buf_reset(out);
	if (client->readable)
		buf_printf(out, "your token expires in %u s", in_ms / 1000);
	else
		buf_printf(out, "{\"type\":\"expiring\",\"in_ms\":%u}", in_ms);
	if (out->failed)
		return;
	frame = ws_frame_blob(WS_TEXT, buf_start(out), buf_readable(out));
	if (frame != NULL)
		conn_send(&client->conn, frame);
	blob_unref(frame);
}

uint32_t
client_look_at_token(struct client *client, uint32_t *warn)
{
	int64_t left;

	if (client->key == 0)
		return UINT32_MAX;
	if (!trust_has(client->worker->material.trust, client->key))
		return 0;
	left = (int64_t)client->expires_s - time(NULL);
	if (left <= 0)
		return 0;
	if (left > EXPIRING_S)
		return left < 86400 ? (uint32_t)(left - EXPIRING_S) * 1000 :
		    UINT32_MAX;
	if (!client->warned)
		*warn = (uint32_t)left * 1000;
	client->warned = true;
	return (uint32_t)left * 1000;
}

/*
 * The ms until the peer's silence means something; 0: it is too long.  While
 * we do not read, or it has not taken in what a ping would be behind, its
 * silence is ours; whether it still takes in anything is watched by conn.
 */
static uint32_t
look_at_silence(struct client *client)
{
	uint32_t interval = client->worker->config->ping_interval_ms;
	uint32_t now = (uint32_t)clock_monotonic_ms(&system_clock);
	uint32_t silent = now - client->heard_ms;

	if (interval == 0)
		return UINT32_MAX;
	if (client->conn.paused || conn_queued(&client->conn) > 0) {
		client->heard_ms = now;
		silent = 0;
	}
	if (silent < interval) {
		client->pinged = false;
		return interval - silent;
	}
	if (!client->pinged) {
		client->pinged = true;
		/* Since now, however late this look is. */
		client->heard_ms = now - interval;
		conn_send(&client->conn, client->worker->heartbeat);
		return interval;
	}
	return silent < 2 * interval ? 2 * interval - silent : 0;
}

uint32_t
client_look_after(struct client *client)
{
	uint32_t warn = 0, token = client_look_at_token(client, &warn);
	uint32_t silence = look_at_silence(client);

	if (warn != 0)
		warn_expiring(client, warn);
	if (token == 0)
		client_close(client, CLOSE_EXPIRED, NULL);
	else if (silence == 0)
		client_close(client, CLOSE_TIMEOUT, NULL);
	return token < silence ? token : silence;
}
