/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "auth/trust.h"
#include "server/client.h"
#include "server/server.h"
#include "server/worker.h"
#include "ws/handshake.h"

#define PROTOCOL "synctalk.v1"
/* A bearer scheme is followed by one space or more (RFC 9110, 11.4). */
#define BEARER "Bearer "

/* A name is enough here.  As it was started: no reload lets others in. */
static bool
is_open(const struct client *client)
{
	return client->worker->server->first->auth == CONFIG_AUTH_OPEN;
}

/* -------------------------------------------------------- where it is from */

static struct http_slice
without_port(struct http_slice host)
{
	const char *end;

	if (host.len > 0 && host.data[0] == '[') {
		end = memchr(host.data, ']', host.len);
		host.data++;
		host.len = end != NULL ? (size_t)(end - host.data) : 0;
	} else {
		end = memchr(host.data, ':', host.len);
		if (end != NULL)
			host.len = (size_t)(end - host.data);
	}
	return host;
}

/*
 * A page cannot choose the Host that a browser sends, but it can give its own
 * name our address.  Addresses in numbers are nobody's name.
 */
static bool
host_allowed(const struct config *config, struct http_slice host)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];
	size_t i;

	host = without_port(host);
	if (http_slice_is(host, "localhost"))
		return true;
	for (i = 0; i < config->hosts.n; i++) {
		if (http_slice_is(host, config->hosts.items[i]))
			return true;
	}
	if (host.len == 0 || host.len >= sizeof(text))
		return false;
	memcpy(text, host.data, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET, text, address) == 1)
		return config->open_anywhere || address[0] == 127;
	if (inet_pton(AF_INET6, text, address) == 1)
		return config->open_anywhere || strcmp(text, "::1") == 0;
	return false;
}

/* Pages that we serve ourselves, or that are listed. */
static bool
origin_allowed(const struct config *config, const struct http_request *request)
{
	struct http_slice origin = http_request_field(request, "Origin");
	const char *host;
	size_t i;

	if (origin.data == NULL)
		return true;
	if (http_request_count(request, "Origin") != 1)
		return false;
	for (i = 0; i < config->origins.n; i++) {
		if (strlen(config->origins.items[i]) == origin.len &&
		    memcmp(config->origins.items[i], origin.data,
		    origin.len) == 0)
			return true;
	}
	host = memmem(origin.data, origin.len, "://", 3);
	if (host == NULL || !host_allowed(config, request->host))
		return false;
	host += 3;
	return (size_t)(origin.data + origin.len - host) ==
	    request->host.len &&
	    strncasecmp(host, request->host.data, request->host.len) == 0;
}

bool
client_is_let_in(struct client *client, const struct http_request *request)
{
	const struct config *config = client->worker->config;

	if (is_open(client) && !host_allowed(config, request->host))
		client_close(client, CLOSE_BAD_HOST, NULL);
	else if (!origin_allowed(config, request))
		client_close(client, CLOSE_BAD_ORIGIN, NULL);
	else
		return true;
	return false;
}

/* --------------------------------------------------------- what it asks for */

int
client_read_param(const struct http_request *request, const char *name,
    char *out, size_t size)
{
	out[0] = '\0';
	if (http_query_count(request, name) == 0)
		return 0;
	if (http_query_count(request, name) != 1)
		return -1;
	return http_query_get(request, name, out, size) == -1 ? -1 : 0;
}

int
client_read_device(const struct http_request *request, struct signin *signin,
    struct error *err)
{
	if (client_read_param(request, "device", signin->device,
	    sizeof(signin->device)) == 0 && (signin->device[0] == '\0' ||
	    device_valid(signin->device, strlen(signin->device))))
		return 0;
	error_set(err, ERROR_INPUT, "device must be 1 to %d letters, "
	    "digits, dots, dashes and underscores", DEVICE_MAX);
	return -1;
}

static int
read_options(const struct http_request *request, struct client *client,
    struct error *err)
{
	struct signin *signin = client->signin;
	char ack[8], format[8];

	if (client_read_device(request, signin, err) == -1)
		return -1;
	if (client_read_param(request, "ack", ack, sizeof(ack)) == -1 ||
	    (ack[0] != '\0' && strcmp(ack, "client") != 0 &&
	    strcmp(ack, "server") != 0)) {
		error_set(err, ERROR_INPUT, "ack must be client or server");
		return -1;
	}
	if (client_read_param(request, "format", format, sizeof(format)) == -1 ||
	    (format[0] != '\0' && strcmp(format, "text") != 0 &&
	    strcmp(format, "json") != 0)) {
		error_set(err, ERROR_INPUT, "format must be json or text");
		return -1;
	}
	signin->ack_client = strcmp(ack, "client") == 0;
	client->readable = strcmp(format, "text") == 0;
	return 0;
}

/* --------------------------------------------------------------- who it is */

int
client_check_token(struct client *client, const char *token, size_t len,
    struct signin *signin, struct error *err)
{
	if (trust_verify(client->worker->material.trust, token, len,
	    time(NULL), &signin->claims, err) == -1)
		return -1;
	memcpy(signin->name, signin->claims.subject, sizeof(signin->name));
	return 0;
}

/* The token of Authorization, or of the subprotocols; data NULL: none. */
static int
find_token(const struct http_request *request, struct http_slice bearer,
    struct http_slice *token)
{
	struct http_slice field = http_request_field(request, "Authorization");
	const size_t scheme = strlen(BEARER);

	*token = bearer;
	if (field.data == NULL)
		return 0;
	if (token->data != NULL || field.len <= scheme ||
	    http_request_count(request, "Authorization") != 1 ||
	    strncasecmp(field.data, BEARER, scheme) != 0)
		return -1;
	token->data = field.data + scheme;
	token->len = field.len - scheme;
	while (token->len > 0 && *token->data == ' ') {
		token->data++;
		token->len--;
	}
	return 0;
}

static enum credentials
read_name(struct client *client, const struct http_request *request)
{
	struct signin *signin = client->signin;
	char user[128];

	if (http_query_count(request, "user") == 0)
		return CREDENTIALS_NONE;
	if (!is_open(client)) {
		client_close(client, CLOSE_UNAUTHORIZED,
		    "a token is needed here: a name is not enough");
		return CREDENTIALS_BAD;
	}
	if (client_read_param(request, "user", user, sizeof(user)) == -1 ||
	    !name_fold(user, strlen(user), signin->name)) {
		client_close(client, CLOSE_BAD_REQUEST, "user must be a name: "
		    "2 to 32 letters, digits, dots, dashes and underscores, "
		    "beginning and ending with a letter or digit");
		return CREDENTIALS_BAD;
	}
	signin->by_name = true;
	signin->claims.scopes = SCOPE_ALL;
	signin->claims.issued_s = time(NULL);
	return CREDENTIALS_GOOD;
}

enum credentials
client_read_credentials(struct client *client,
    const struct http_request *request, struct http_slice bearer)
{
	struct http_slice token;
	struct error err;

	if (find_token(request, bearer, &token) == -1) {
		client_close(client, CLOSE_UNAUTHORIZED,
		    "Authorization must be one bearer token");
		return CREDENTIALS_BAD;
	}
	if (token.data == NULL)
		return read_name(client, request);
	if (client_check_token(client, token.data, token.len, client->signin,
	    &err) == -1) {
		client_close(client, err.code == ERROR_INPUT ?
		    CLOSE_UNAUTHORIZED : CLOSE_OVERLOADED,
		    err.code == ERROR_INPUT ? err.text : NULL);
		return CREDENTIALS_BAD;
	}
	return CREDENTIALS_GOOD;
}

/* ------------------------------------------------------------- GET /chat */

static int
prepare_accept(struct client *client, const struct ws_handshake *handshake)
{
	struct buf *out = &client->worker->out;

	buf_reset(out);
	if (ws_handshake_put_accept(out, handshake, NULL) == -1)
		return -1;
	client->signin->accept = blob_new(buf_start(out), buf_readable(out));
	return client->signin->accept == NULL ? -1 : 0;
}

/* The WebSocket opens, but only to sign in. */
static void
await_message(struct client *client)
{
	conn_send(&client->conn, client->signin->accept);
	blob_unref(client->signin->accept);
	client->signin->accept = NULL;
	client->upgraded = true;
	ws_session_init(&client->in.ws, &client->worker->server->ws_unknown);
	client_set_state(client, CLIENT_UNKNOWN);
}

void
client_upgrade(struct client *client, const struct http_request *request)
{
	struct ws_handshake handshake;
	struct error err;

	if (client->worker->draining) {
		client_close(client, CLOSE_DRAINING, NULL);
	} else if (ws_handshake_check(request, PROTOCOL, &handshake) == -1) {
		client_refuse(client, CLOSE_BAD_REQUEST, handshake.status,
		    handshake.fields, handshake.reason);
	} else if (!client_is_let_in(client, request)) {
		return;
	} else if ((client->signin = signin_new(client)) == NULL) {
		client_close(client, CLOSE_OVERLOADED, NULL);
	} else if (read_options(request, client, &err) == -1) {
		client_close(client, CLOSE_BAD_REQUEST, err.text);
	} else {
		switch (client_read_credentials(client, request,
		    handshake.bearer)) {
		case CREDENTIALS_BAD:
			break;
		case CREDENTIALS_NONE:
			if (prepare_accept(client, &handshake) == -1)
				client_close(client, CLOSE_OVERLOADED, NULL);
			else
				await_message(client);
			break;
		case CREDENTIALS_GOOD:
			if (prepare_accept(client, &handshake) == -1)
				client_close(client, CLOSE_OVERLOADED, NULL);
			else
				signin_begin(client);
			break;
		}
	}
}
