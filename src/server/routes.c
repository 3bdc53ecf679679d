/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/api.h"
#include "base/clock.h"
#include "http/response.h"
#include "http/router.h"
#include "server/address.h"
#include "server/bans.h"
#include "server/client.h"
#include "server/page.h"
#include "server/probe.h"
#include "server/server.h"
#include "server/stream.h"
#include "server/worker.h"

/* Bytes of answers that may wait for a peer before more are made. */
#define HTTP_QUEUE_MAX 65536

static const struct clock system_clock;

/* What a route leads to. */
struct handler {
	void (*run)(struct client *client, const struct http_request *request);
	bool free; /* not one of the address's requests: sockets have limits of
		      their own, probes none */
};

void
client_respond(struct client *client, const struct http_request *request,
    struct http_response *response)
{
	response->now_us = clock_realtime_us(&system_clock);
	response->close = !request->keep_alive || client->worker->draining;
	response->head = client->head;
	buf_reset(&client->worker->out);
	http_response_put(&client->worker->out, response);
	if (client_send_out(client) == -1)
		client_close(client, CLOSE_INTERNAL, NULL);
	else if (response->close)
		client_refuse(client, CLOSE_HTTP_DONE, 0, NULL, NULL);
}

static void
respond_text(struct client *client, const struct http_request *request,
    const char *text)
{
	struct http_response response = {
		.status = 200,
		.type = "text/plain; charset=utf-8",
		.body = text,
		.len = strlen(text),
		.fields = "Cache-Control: no-store\r\n"
		    "X-Content-Type-Options: nosniff\r\n",
	};

	client_respond(client, request, &response);
}

static void
get_root(struct client *client, const struct http_request *request)
{
	struct http_response response = {0};

	if (page_wanted(request)) {
		page_respond(&client->worker->server->page, &response);
		client_respond(client, request, &response);
		return;
	}
	respond_text(client, request,
	    "This is SyncTalk, a chat server.\n"
	    "\n"
	    "Talk in a terminal:   synctalk NAME\n"
	    "or with any WebSocket client, at /chat:\n"
	    "  wscat -c 'ws://HOST:PORT/chat?user=NAME'\n"
	    "  (where tokens are asked for: -H 'Authorization: Bearer ...')\n"
	    "A browser shows a page to try it. For programs there is REST, see\n"
	    "/openapi.json, and /asyncapi.json describes the WebSocket.\n"
	    "\n"
	    "Lines are commands: /help lists them.\n");
}

static const struct handler health = { .run = probe_health, .free = true };
static const struct handler ready = { .run = probe_ready, .free = true };
static const struct handler metrics = { .run = probe_metrics, .free = true };
static const struct handler root = { .run = get_root };
static const struct handler chat = { .run = client_upgrade, .free = true };

static const struct http_route routes[] = {
	{ 1U << HTTP_GET, "/chat", &chat },
	{ 1U << HTTP_GET, "/healthz", &health },
	{ 1U << HTTP_GET, "/readyz", &ready },
	{ 1U << HTTP_GET, "/metrics", &metrics },
	{ 1U << HTTP_GET, "/", &root },
};

void
client_respond_problem(struct client *client,
    const struct http_request *request, struct http_response *response,
    const char *code, const char *detail)
{
	response->now_us = clock_realtime_us(&system_clock);
	response->close = !request->keep_alive || client->worker->draining;
	response->head = client->head;
	buf_reset(&client->worker->out);
	http_response_put_problem(&client->worker->out, response, code,
	    detail);
	if (client_send_out(client) == -1)
		client_close(client, CLOSE_INTERNAL, NULL);
	else if (response->close)
		client_refuse(client, CLOSE_HTTP_DONE, 0, NULL, NULL);
}

/* A page of another origin is to learn when it may go on. */
static void
tell_to_wait(struct client *client, const struct http_request *request,
    struct http_response *response)
{
	struct buf fields = {0};

	if (api_is_path(request->path))
		api_put_cors(client->worker->api, request, &fields);
	buf_putc(&fields, '\0');
	if (!fields.failed)
		response->fields = buf_start(&fields);
	client_respond_problem(client, request, response, "rate_limited",
	    "too many requests from this address; wait and try again");
	buf_fini(&fields);
}

/* Of an address; false: it is told to wait. */
static bool
within_rate(struct client *client, const struct http_request *request)
{
	struct addresses *addresses = client->worker->server->addresses;
	struct http_response response = { .status = 429 };
	enum address_verdict verdict;

	verdict = address_request(addresses, client->address,
	    &response.retry_after_ms);
	if (verdict == ADDRESS_REFUSED)
		tell_to_wait(client, request, &response);
	else if (verdict == ADDRESS_DROPPED)
		client_put_off(client, CLOSE_ABUSE, response.retry_after_ms);
	return verdict == ADDRESS_OK;
}

/* -------------------------------------------------------------------- REST */

static void
on_answered(void *arg, const struct api_answer *answer)
{
	struct client *client = arg;
	const struct http_response response = {
		.status = answer->status,
		.type = answer->type,
		.body = answer->body,
		.len = answer->len,
		.now_us = clock_realtime_us(&system_clock),
		.fields = answer->fields,
		.close = client->last || client->worker->draining,
		.head = client->head,
	};

	client->call = NULL;
	if (answer->uid != 0)
		address_request_known(client->worker->server->addresses,
		    client->address);
	client->busy = false;
	client_set_state(client, CLIENT_HTTP);
	buf_reset(&client->worker->out);
	http_response_put(&client->worker->out, &response);
	if (client_send_out(client) == -1)
		client_close(client, CLOSE_INTERNAL, NULL);
	else if (response.close)
		client_refuse(client, CLOSE_HTTP_DONE, 0, NULL, NULL);
	else
		conn_resume(&client->conn);
}

static void
ask_api(struct client *client, const struct http_request *request)
{
	const struct api_route *stream;
	struct api_call *call;

	call = api_begin(client->worker->api, request,
	    address_text(client->address), client->secure, on_answered, client,
	    &stream);
	if (stream != NULL) {
		stream_request(client, request);
		return;
	}
	if (call == NULL) {
		client_close(client, CLOSE_OVERLOADED, NULL);
		return;
	}
	client->call = call;
	client->last = !request->keep_alive;
	client_set_state(client, CLIENT_ASKING);
	conn_pause(&client->conn);
}

/* Of what is not REST. */
static void
answer(struct client *client, const struct http_request *request,
    enum http_route_result result, const struct http_match *match)
{
	const struct handler *handler;

	switch (result) {
	case HTTP_ROUTE_FOUND:
		handler = match->route->handler;
		handler->run(client, request);
		break;
	case HTTP_ROUTE_MISSING:
		client_respond_problem(client, request,
		    &(struct http_response){ .status = 404 }, "not_found",
		    "there is nothing here; WebSocket is at /chat");
		break;
	case HTTP_ROUTE_REFUSED:
		client_respond_problem(client, request, &(struct http_response){
		    .status = 405, .fields = match->allow }, "bad_request",
		    "this method is not possible here");
		break;
	case HTTP_ROUTE_OPTIONS:
		client_respond(client, request, &(struct http_response){
		    .status = 204, .fields = match->allow });
		break;
	}
}

static void
take_request(struct client *client, const struct http_request *request)
{
	enum http_route_result result;
	struct http_match match;
	bool free;

	log_write(&client->worker->log, LOG_LEVEL_DEBUG, "http.request",
	    "method=%s path=%.*s", http_method_name(request->method),
	    (int)request->path.len, request->path.data);
	client->head = request->method == HTTP_HEAD;
	if (!client_take_origin(client, request,
	    http_slice_is(request->path, "/chat") ? ADDRESS_DIRECT :
	    ADDRESS_FORWARDED))
		return;
	if (client->in.wait_ms != 0) {
		client_put_off(client, CLOSE_ADDRESS_LIMIT,
		    client->in.wait_ms);
		return;
	}
	client->worker->requests++;
	if (bans_turn_away(client))
		return;
	result = http_router_find(routes, sizeof(routes) / sizeof(routes[0]),
	    request, &match);
	free = result == HTTP_ROUTE_FOUND &&
	    ((const struct handler *)match.route->handler)->free;
	if (!free && client->worker->draining) {
		client_close(client, CLOSE_DRAINING, NULL);
		return;
	}
	if (!free && !within_rate(client, request))
		return;
	if (api_is_path(request->path))
		ask_api(client, request);
	else
		answer(client, request, result, &match);
}

static void
send_continue(struct client *client)
{
	buf_reset(&client->worker->out);
	buf_puts(&client->worker->out, HTTP_CONTINUE_LINE);
	if (client_send_out(client) == -1)
		client_close(client, CLOSE_INTERNAL, NULL);
}

/*
 * Deadlines: of a request that has begun, of its body from then on, or of the
 * rest until the next.
 */
static void
set_deadline(struct client *client, const struct buf *in, bool answered)
{
	bool busy = http_parser_busy(&client->in.http, in);
	uint32_t come;
	bool body = http_parser_in_body(&client->in.http, &come) &&
	    client->in.body_due == 0;

	if (!answered && !body && (client->busy || !busy))
		return;
	client->busy = busy;
	client_set_state(client, CLIENT_HTTP);
}

/*
 * Who asks and does not read gets no more answers queued, however many
 * requests came at once; on_drained() goes on.
 */
static bool
reads_along(struct client *client)
{
	if (conn_queued(&client->conn) <= HTTP_QUEUE_MAX)
		return true;
	conn_flush(&client->conn);
	if (conn_queued(&client->conn) <= HTTP_QUEUE_MAX)
		return true;
	conn_pause(&client->conn);
	return false;
}

/*
 * What was read may have been a password or a token, and the buffer is the
 * worker's: from its target on a request is overwritten once it is taken.
 */
static void
wipe(struct buf *in, const struct http_request *request)
{
	size_t at = (size_t)(request->target.data - in->data);

	explicit_bzero(in->data + at, in->off - at);
}

void
client_take_http(struct client *client, struct buf *in)
{
	struct http_request request;
	bool answered = false;

	while (client->state == CLIENT_HTTP) {
		if (!reads_along(client))
			return;
		client->head = false;
		switch (http_parser_next(&client->in.http, in, &request)) {
		case HTTP_DONE:
			take_request(client, &request);
			wipe(in, &request);
			answered = true;
			break;
		case HTTP_CONTINUE:
			send_continue(client);
			break;
		case HTTP_BAD:
			client_refuse(client, CLOSE_BAD_REQUEST,
			    client->in.http.status, NULL,
			    client->in.http.reason);
			break;
		case HTTP_MORE:
			set_deadline(client, in, answered);
			return;
		}
	}
}
