/* SPDX-License-Identifier: MIT */
#include "server/probe.h"

#include <string.h>

#include "http/response.h"
#include "net/range.h"
#include "server/address.h"
#include "server/client.h"
#include "server/metrics.h"
#include "server/server.h"
#include "server/worker.h"

#define TEXT_PLAIN "text/plain; charset=utf-8"
#define NO_STORE "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"

void
probe_health(struct client *client, const struct http_request *request)
{
	struct http_response response = { .status = 200, .type = TEXT_PLAIN,
		.body = "ok\n", .len = 3, .fields = NO_STORE };

	client_respond(client, request, &response);
}

/* NULL: it is ready. */
static const char *
reason_to_wait(const struct worker *worker)
{
	if (worker->draining)
		return "draining\n";
	if (!store_has_room(worker->server->store))
		return "the disk is nearly full\n";
	return NULL;
}

void
probe_ready(struct client *client, const struct http_request *request)
{
	const char *reason = reason_to_wait(client->worker);
	struct http_response response = { .status = 200, .type = TEXT_PLAIN,
		.body = "ready\n", .fields = NO_STORE };

	if (reason != NULL) {
		response.status = 503;
		response.body = reason;
	}
	response.len = strlen(response.body);
	client_respond(client, request, &response);
}

/*
 * This machine itself, and no proxy on it that would let the world read: one
 * that is trusted says whom it asks for, any other gives itself away.
 */
static bool
is_local(const struct client *client, const struct http_request *request)
{
	return ip_is_loopback(address_ip(client->address)) &&
	    (client->trusted ||
	    (http_request_count(request, "X-Forwarded-For") == 0 &&
	    http_request_count(request, "Forwarded") == 0 &&
	    http_request_count(request, "Via") == 0));
}

static bool
may_read(const struct client *client, const struct http_request *request)
{
	const struct config_list *list = &client->worker->config->metrics_from;
	const struct ip *ip = address_ip(client->address);
	struct range range;
	struct error err;
	size_t i;

	if (is_local(client, request))
		return true;
	for (i = 0; i < list->n; i++) {
		if (range_parse(list->items[i], strlen(list->items[i]),
		    &range, &err) == 0 && range_has(&range, ip))
			return true;
	}
	return false;
}

void
probe_metrics(struct client *client, const struct http_request *request)
{
	struct http_response response = { .status = 200,
		.type = "text/plain; version=0.0.4; charset=utf-8",
		.fields = NO_STORE };
	struct buf text = { 0 };

	if (!may_read(client, request)) {
		response.status = 403;
		client_respond_problem(client, request, &response,
		    "forbidden", "metrics are not for this address: see "
		    "metrics_from");
		return;
	}
	metrics_put(client->worker->server, &text);
	response.body = text.data;
	response.len = text.len;
	if (text.failed)
		client_close(client, CLOSE_OVERLOADED, NULL);
	else
		client_respond(client, request, &response);
	buf_fini(&text);
}
