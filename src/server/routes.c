/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/api.h"
#include "base/clock.h"
#include "http/response.h"
#include "http/router.h"
#include "server/address.h"
#include "server/client.h"
#include "server/server.h"
#include "server/worker.h"

static const struct clock system_clock;

/* What a route leads to. */
struct handler {
	void (*run)(struct client *client, const struct http_request *request);
};

static void
respond(struct client *client, const struct http_request *request,
    struct http_response *response)
{
	response->now_us = clock_realtime_us(&system_clock);
	response->close = !request->keep_alive || client->worker->draining;
	response->head = request->method == HTTP_HEAD;
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

	respond(client, request, &response);
}

static void
get_health(struct client *client, const struct http_request *request)
{
	respond_text(client, request, "ok\n");
}

static void
get_root(struct client *client, const struct http_request *request)
{
	respond_text(client, request,
	    "This is SyncTalk, a chat server.\n"
	    "\n"
	    "Talk in a terminal:   synctalk NAME\n"
	    "or with any WebSocket client, at /chat:\n"
	    "  wscat -c 'ws://HOST:PORT/chat?user=NAME'\n"
	    "  (where tokens are asked for: -H 'Authorization: Bearer ...')\n"
	    "\n"
	    "Lines are commands: /help lists them.\n");
}

static const struct handler health = { get_health };
static const struct handler root = { get_root };
static const struct handler chat = { client_upgrade };

static const struct http_route routes[] = {
	{ 1U << HTTP_GET, "/chat", &chat },
	{ 1U << HTTP_GET, "/healthz", &health },
	{ 1U << HTTP_GET, "/", &root },
};

/* An answer that leaves the connection open for the next request. */
static void
respond_problem(struct client *client, const struct http_request *request,
    int status, const char *fields, const char *code, const char *detail)
{
	struct http_response response = {
		.status = status,
		.now_us = clock_realtime_us(&system_clock),
		.fields = fields,
		.close = !request->keep_alive || client->worker->draining,
		.head = request->method == HTTP_HEAD,
	};

	buf_reset(&client->worker->out);
	http_response_put_problem(&client->worker->out, &response, code,
	    detail);
	if (client_send_out(client) == -1)
		client_close(client, CLOSE_INTERNAL, NULL);
	else if (response.close)
		client_refuse(client, CLOSE_HTTP_DONE, 0, NULL, NULL);
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
	    address_text(client->address), false, on_answered, client,
	    &stream);
	if (call == NULL) {
		client_close(client, CLOSE_OVERLOADED, NULL);
		return;
	}
	client->call = call;
	client->last = !request->keep_alive;
	client->head = request->method == HTTP_HEAD;
	client_set_state(client, CLIENT_ASKING);
	conn_pause(&client->conn);
}

static void
take_request(struct client *client, const struct http_request *request)
{
	const struct handler *handler;
	struct http_match match;

	log_write(&client->worker->log, LOG_LEVEL_DEBUG, "http.request",
	    "method=%s path=%.*s", http_method_name(request->method),
	    (int)request->path.len, request->path.data);
	if (client->refused) {
		client_close(client, CLOSE_ADDRESS_LIMIT, NULL);
		return;
	}
	if (api_is_path(request->path)) {
		ask_api(client, request);
		return;
	}
	switch (http_router_find(routes, sizeof(routes) / sizeof(routes[0]),
	    request, &match)) {
	case HTTP_ROUTE_FOUND:
		handler = match.route->handler;
		handler->run(client, request);
		break;
	case HTTP_ROUTE_MISSING:
		respond_problem(client, request, 404, NULL, "not_found",
		    "there is nothing here; WebSocket is at /chat");
		break;
	case HTTP_ROUTE_REFUSED:
		respond_problem(client, request, 405, match.allow,
		    "bad_request", "this method is not possible here");
		break;
	case HTTP_ROUTE_OPTIONS:
		respond(client, request, &(struct http_response){
		    .status = 204, .fields = match.allow });
		break;
	}
}

static void
send_continue(struct client *client)
{
	buf_reset(&client->worker->out);
	buf_puts(&client->worker->out, HTTP_CONTINUE_LINE);
	if (client_send_out(client) == -1)
		client_close(client, CLOSE_INTERNAL, NULL);
}

/* Deadlines: of a request that has begun, or of the rest until the next. */
static void
set_deadline(struct client *client, const struct buf *in, bool answered)
{
	bool busy = http_parser_busy(&client->in.http, in);

	if (!answered && (client->busy || !busy))
		return;
	client->busy = busy;
	client_set_state(client, CLIENT_HTTP);
}

void
client_take_http(struct client *client, struct buf *in)
{
	struct http_request request;
	bool answered = false;

	while (client->state == CLIENT_HTTP) {
		switch (http_parser_next(&client->in.http, in, &request)) {
		case HTTP_DONE:
			take_request(client, &request);
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
