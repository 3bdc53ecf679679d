/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "base/clock.h"
#include "base/owner.h"
#include "server/address.h"
#include "server/bans.h"
#include "server/client.h"
#include "server/server.h"
#include "server/stream.h"
#include "server/worker.h"

/* A name that somebody has taken for good is not opened by being known. */
#define CLAIMED "this name has an account: sign in to it with POST /api/login " \
	"and bring the token, or choose another name"

static const struct clock system_clock;

/* Who signs in with another name is welcome. */
#define ERASED "the account of this name was erased, and the name is taken " \
	"for good: choose another"

struct signin *
signin_new(struct client *client)
{
	struct signin *signin;

	signin = calloc(1, sizeof(*signin));
	if (signin != NULL)
		signin->client = client;
	return signin;
}

void
signin_free(struct signin *signin)
{
	if (signin == NULL)
		return;
	/* Its answer comes to nobody. */
	if (signin->pending != NULL)
		*signin->pending = NULL;
	blob_unref(signin->accept);
	stream_free(signin->stream);
	free(signin->ref);
	free(signin);
}

/* ---------------------------------------------------------- the session */

static void
open_websocket(struct client *client)
{
	struct server *server = client->worker->server;
	struct signin *signin = client->signin;

	if (signin->accept != NULL) {
		conn_send(&client->conn, signin->accept);
		client->upgraded = true;
	} else {
		/* Between frames: nothing is gathered. */
		ws_session_fini(&client->in.ws);
	}
	ws_session_init(&client->in.ws, &server->ws);
}

static bool
has_room(const struct client *client)
{
	const struct worker *worker = client->worker;
	const struct signin *signin = client->signin;
	uint32_t max = worker->config->limits.user_connections;

	return max == 0 || chat_sessions_beside(worker->chat, signin->uid,
	    signin->device) < max;
}

struct session_token
signin_token(const struct signin *signin)
{
	const struct token_claims *claims = &signin->claims;

	return (struct session_token){
		.family = claims->own ? claims->family : 0,
		.issued_s = claims->issued_s,
		.expires_s = claims->expires_s < UINT32_MAX ?
		    (uint32_t)claims->expires_s : UINT32_MAX,
		.scopes = claims->scopes,
		.key = claims->key,
		.by_name = signin->by_name,
	};
}

static enum transport
transport_of(const struct client *client, const struct signin *signin)
{
	if (signin->stream != NULL)
		return TRANSPORT_SSE;
	return client->readable ? TRANSPORT_TEXT : TRANSPORT_WEBSOCKET;
}

static void
note_open(struct client *client, const struct signin *signin)
{
	struct worker *worker = client->worker;

	if (!client->authenticated)
		address_authenticated(worker->server->addresses,
		    client->address);
	client->authenticated = true;
	/* Polls come one after the other. */
	log_write(&worker->log, !client->upgraded &&
	    stream_polls(client->stream) ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
	    "session.open",
	    "session=%llu user=%s device=%s address=%s",
	    (unsigned long long)client->session.id, signin->name,
	    signin->device, address_text(client->address));
}

/* The place of signin in the client is a stream's from then on. */
static void
open_session(struct client *client, struct signin *signin)
{
	const struct session_options options = {
		.uid = signin->uid,
		.device = signin->device,
		.ack_client = signin->ack_client,
		.readable = client->readable,
		.pings = signin->stream == NULL,
		.token = signin_token(signin),
		.transport = transport_of(client, signin),
		.resumes = signin->resumes,
		.since = signin->since,
	};

	if (signin->stream != NULL)
		stream_open(client);
	else
		open_websocket(client);
	client->stream = signin->stream;
	signin->stream = NULL;
	client->expires_s = options.token.expires_s;
	client->key = options.token.key;
	client->warned = false;
	client_set_state(client, CLIENT_OPEN);
	if (session_open(&client->session, client->worker->chat,
	    &options) == -1)
		client_close(client, CLOSE_OVERLOADED, NULL);
	else
		note_open(client, signin);
}

/* On the worker that owns the person. */
static void
arrive(struct client *client)
{
	struct signin *signin = client->signin;

	if (bans_turn_away(client))
		return;
	if (client->worker->draining) {
		client_close(client, CLOSE_DRAINING, NULL);
	} else if (!has_room(client)) {
		client_close(client, CLOSE_USER_LIMIT, NULL);
	} else {
		open_session(client, signin);
		signin_free(signin);
	}
}

/* ------------------------------------------------------- to its worker */

static void
on_arrival(struct mail *mail, void *owner)
{
	struct client *client = ((struct signin *)(void *)mail)->client;
	struct worker *worker = owner;

	if (worker == NULL) {
		client_free(client);
		return;
	}
	client_link(client, worker);
	conn_attach(&client->conn, worker->conns);
	client_set_state(client, CLIENT_LOOKUP);
	arrive(client);
}

static void
found(struct client *client, uint64_t uid)
{
	struct worker *worker = client->worker;
	struct server *server = worker->server;
	size_t owner = owner_of(uid, server->workers_n);

	client->signin->uid = uid;
	if (owner == worker->index) {
		arrive(client);
		return;
	}
	client_set_state(client, CLIENT_MOVING);
	conn_detach(&client->conn);
	client_unlink(client);
	client->signin->mail.deliver = on_arrival;
	mailbox_post(server->workers[owner]->mailbox, &client->signin->mail);
}

/* ------------------------------------------------------------- who it is */

/* Whom an answer of the store is for; NULL: it has left meanwhile. */
static struct client *
take_pending(struct client **pending)
{
	struct client *client = *pending;

	if (client != NULL)
		client->signin->pending = NULL;
	return client;
}

static void
on_made(struct store_write *write)
{
	struct client *client = take_pending((void *)write->extra);

	if (client != NULL && (write->status == STORE_OK ||
	    write->status == STORE_EXISTS))
		found(client, write->record.sender);
	else if (client != NULL)
		client_close(client, CLOSE_OVERLOADED, NULL);
}

static void
make_account(struct client *client)
{
	struct worker *worker = client->worker;
	struct signin *signin = client->signin;
	struct store_write *write;

	if (bans_locked_down(worker->server->bans)) {
		client_close(client, CLOSE_LOCKED_DOWN, NULL);
		return;
	}
	if (signin->by_name && !address_may_register(
	    worker->server->addresses, client->address)) {
		client_close(client, CLOSE_ADDRESS_LIMIT,
		    "too many names were made from this address lately");
		return;
	}
	write = store_write_new(sizeof(struct client *));
	if (write == NULL) {
		client_close(client, CLOSE_OVERLOADED, NULL);
		return;
	}
	write->kind = STORE_WRITE_USER;
	write->worker = worker->index;
	write->done = on_made;
	memcpy(write->name, signin->name, sizeof(signin->name));
	signin->pending = (void *)write->extra;
	*signin->pending = client;
	store_submit(worker->server->store, write);
}

/* False when it is told that it may not come in (any more). */
static bool
is_welcome(struct client *client, const struct store_read *read)
{
	const struct signin *signin = client->signin;
	enum close_reason reason = CLOSE_UNAUTHORIZED;
	enum chat_code code;
	const char *refusal;

	if (signin->by_name && read->access.claimed) {
		client_close(client, CLOSE_UNAUTHORIZED, CLAIMED);
		return false;
	}
	refusal = access_refusal(&read->access, &signin->claims,
	    clock_realtime_us(&system_clock), &code);
	if (refusal == NULL)
		return true;
	if (code == CODE_FORBIDDEN)
		reason = CLOSE_DISABLED;
	else if (code == CODE_BANNED)
		reason = CLOSE_BANNED;
	client_close(client, reason, refusal);
	return false;
}

static void
on_read(struct store_read *read)
{
	struct client *client = take_pending((void *)read->extra);

	if (client == NULL)
		;
	else if (read->status == STORE_OK && is_welcome(client, read))
		found(client, read->person.uid);
	else if (read->status == STORE_OK)
		; /* told */
	else if (read->status == STORE_NOT_FOUND &&
	    read->person.name[0] != '\0')
		client_close(client, CLOSE_UNAUTHORIZED, ERASED);
	else if (read->status == STORE_NOT_FOUND)
		make_account(client);
	else
		client_close(client, CLOSE_OVERLOADED, NULL);
	store_read_free(read);
}

void
signin_begin(struct client *client)
{
	struct worker *worker = client->worker;
	struct signin *signin = client->signin;
	struct store_read *read;

	read = store_read_new(sizeof(struct client *));
	if (read == NULL) {
		client_close(client, CLOSE_OVERLOADED, NULL);
		return;
	}
	client_set_state(client, CLIENT_LOOKUP);
	conn_pause(&client->conn);
	read->kind = STORE_READ_USER;
	read->worker = worker->index;
	read->done = on_read;
	read->family = signin_token(signin).family;
	memcpy(read->name, signin->name, sizeof(signin->name));
	signin->pending = (void *)read->extra;
	*signin->pending = client;
	store_query(worker->server->store, read);
}
