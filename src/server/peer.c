/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "net/proxy.h"
#include "net/tls.h"
#include "server/address.h"
#include "server/client.h"
#include "server/forwarded.h"
#include "server/server.h"
#include "server/worker.h"

/*
 * Who a connection is from: its address, or that which a proxy names.  A proxy
 * is believed when its own address is in trusted_proxies.
 */

/* ip NULL: over a Unix socket. */
static bool
is_trusted(const struct config *config, const struct ip *ip)
{
	if (ip == NULL)
		return config->trust_unix;
	return range_any_has(config->trusted, config->trusted_n, ip);
}

/* Another address counts from now on.  False: it has far too many. */
static bool
set_address(struct client *client, const struct ip *ip,
    enum address_kind kind)
{
	struct addresses *addresses = client->worker->server->addresses;
	struct address *address;
	uint32_t wait_ms = 0;

	client->in.wait_ms = 0;
	if (address_is(client->address, ip))
		return true;
	switch (address_connect(addresses, ip, kind, &address, &wait_ms)) {
	case ADDRESS_OK:
		break;
	case ADDRESS_REFUSED:
		client->in.wait_ms = wait_ms;
		break;
	case ADDRESS_DROPPED:
		return false;
	}
	address_disconnect(addresses, client->address, client->authenticated);
	client->address = address;
	client->authenticated = false;
	return true;
}

/* ---------------------------------------------------------------- greeting */

/* From here on its bytes are TLS; in has the first of them, perhaps none. */
static void
begin_tls(struct client *client, struct buf *in)
{
	struct tls_context *context = client->worker->material.tls;
	size_t len = in != NULL ? buf_readable(in) : 0;
	struct conn_layer *layer = NULL;

	if (context != NULL)
		layer = tls_new(context, client->conn.polled.fd,
		    len > 0 ? buf_start(in) : NULL, len);
	if (layer == NULL) {
		client_drop(client, CLOSE_OVERLOADED, "no memory for TLS");
		return;
	}
	if (in != NULL)
		buf_consume(in, len);
	conn_set_layer(&client->conn, layer);
	client_set_state(client, CLIENT_GREETING);
}

void
client_take_greeting(struct client *client, struct buf *in)
{
	const struct config *config = client->worker->config;
	struct proxy_header header;

	switch (proxy_parse(buf_start(in), buf_readable(in), &header)) {
	case PROXY_MORE:
		return;
	case PROXY_BAD:
		client_drop(client, CLOSE_BAD_PROXY, header.reason);
		return;
	case PROXY_DONE:
		buf_consume(in, header.len);
	}
	if (header.known && !is_trusted(config, &header.source)) {
		client->trusted = false;
		if (!set_address(client, &header.source,
		    ADDRESS_DIRECT)) {
			client_drop(client, CLOSE_ADDRESS_LIMIT,
			    "far too many connections");
			return;
		}
	}
	if (client->secure) {
		begin_tls(client, in);
	} else {
		client_set_state(client, CLIENT_HTTP);
		client_take_http(client, in);
	}
}

/* --------------------------------------------------------------- accepting */

/* Counts it; NULL: it is closed already. */
static struct client *
admit(struct worker *worker, int fd, const struct ip *ip, bool trusted)
{
	struct addresses *addresses = worker->server->addresses;
	enum address_verdict verdict;
	struct address *address;
	struct client *client;
	uint32_t wait_ms = 0;

	verdict = address_connect(addresses, ip, trusted ? ADDRESS_PROXY :
	    ADDRESS_DIRECT, &address, &wait_ms);
	if (verdict == ADDRESS_DROPPED) {
		worker->closed[CLOSE_ADDRESS_LIMIT]++;
		close(fd);
		return NULL;
	}
	client = client_new(worker, fd, address);
	if (client != NULL) {
		client->trusted = trusted;
		if (verdict == ADDRESS_REFUSED)
			client->in.wait_ms = wait_ms;
	}
	return client;
}

void
client_accept(struct worker *worker, const struct listener *listener, int fd,
    const struct sockaddr *from)
{
	struct ip ip;
	const struct ip *known = ip_of_sockaddr(from, &ip) ? &ip : NULL;
	bool trusted = is_trusted(worker->config, known);
	struct client *client;

	/* There anyone could say who they are. */
	if (listener_has_proxy(listener) && !trusted) {
		worker->closed[CLOSE_BAD_PROXY]++;
		close(fd);
		return;
	}
	client = admit(worker, fd, known, trusted);
	if (client == NULL)
		return;
	client->secure = listener_has_tls(listener);
	if (listener_has_proxy(listener))
		client_set_state(client, CLIENT_GREETING);
	else if (client->secure)
		begin_tls(client, NULL);
	else
		client_set_state(client, CLIENT_HTTP);
}

/* ---------------------------------------------------------------- requests */

bool
client_take_origin(struct client *client, const struct http_request *request,
    enum address_kind kind)
{
	const struct config *config = client->worker->config;
	struct ip ip;

	if (!client->trusted)
		return true;
	client->secure = forwarded_secure(request,
	    client->conn.layer != NULL);
	if (!forwarded_for(request, config->trusted, config->trusted_n, &ip) ||
	    set_address(client, &ip, kind))
		return true;
	client_close(client, CLOSE_ADDRESS_LIMIT, NULL);
	return false;
}
