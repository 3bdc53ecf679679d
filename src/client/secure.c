/* SPDX-License-Identifier: MIT */
#include "client/secure.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct secure {
	SSL_CTX *context;
	SSL *ssl;
	char *node;
	bool read_wants_write, write_wants_write;
	unsigned long error; /* OpenSSL's, of the last failure */
};

static SSL_CTX *
new_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context == NULL ||
	    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_default_verify_paths(context) != 1) {
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return context;
}

struct secure *
secure_new(const char *node, struct error *err)
{
	struct secure *secure = calloc(1, sizeof(*secure));

	if (secure != NULL) {
		secure->context = new_context();
		secure->node = strdup(node);
	}
	if (secure == NULL || secure->context == NULL ||
	    secure->node == NULL) {
		error_set(err, ERROR_NOMEM, "TLS cannot be set up");
		secure_free(secure);
		return NULL;
	}
	return secure;
}

void
secure_free(struct secure *secure)
{
	if (secure == NULL)
		return;
	secure_end(secure);
	SSL_CTX_free(secure->context);
	free(secure->node);
	free(secure);
}

/* RFC 6066: an address is no name to ask for; RFC 9110, 4.3.4: it is checked. */
static bool
expect_node(SSL *ssl, const char *node)
{
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), node) == 1)
		return true;
	ERR_clear_error();
	return SSL_set1_host(ssl, node) == 1 &&
	    SSL_set_tlsext_host_name(ssl, node) == 1;
}

int
secure_begin(struct secure *secure, int fd)
{
	secure_end(secure);
	secure->ssl = SSL_new(secure->context);
	if (secure->ssl == NULL || !expect_node(secure->ssl, secure->node) ||
	    SSL_set_fd(secure->ssl, fd) != 1) {
		secure_end(secure);
		return -1;
	}
	SSL_set_connect_state(secure->ssl);
	return 0;
}

void
secure_end(struct secure *secure)
{
	if (secure == NULL)
		return;
	SSL_free(secure->ssl);
	secure->ssl = NULL;
	secure->read_wants_write = secure->write_wants_write = false;
	secure->error = 0;
}

/* What recv() or send() would have returned. */
static ssize_t
take_result(struct secure *secure, int n, bool *wants_write)
{
	int error = SSL_get_error(secure->ssl, n);

	*wants_write = error == SSL_ERROR_WANT_WRITE;
	if (n > 0)
		return n;
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	secure->error = ERR_get_error();
	errno = EPROTO;
	return -1;
}

ssize_t
secure_read(struct secure *secure, char *data, size_t len)
{
	ERR_clear_error();
	return take_result(secure, SSL_read(secure->ssl, data,
	    len > INT_MAX ? INT_MAX : (int)len), &secure->read_wants_write);
}

ssize_t
secure_write(struct secure *secure, const char *data, size_t len)
{
	ERR_clear_error();
	return take_result(secure, SSL_write(secure->ssl, data,
	    len > INT_MAX ? INT_MAX : (int)len), &secure->write_wants_write);
}

bool
secure_wants_write(const struct secure *secure)
{
	return secure->read_wants_write || secure->write_wants_write;
}

bool
secure_failure(const struct secure *secure, char *why, size_t size)
{
	long verdict = SSL_get_verify_result(secure->ssl);
	const char *reason = ERR_reason_error_string(secure->error);

	if (verdict != X509_V_OK) {
		snprintf(why, size, "the server's certificate is not "
		    "accepted: %s", X509_verify_cert_error_string(verdict));
		return true;
	}
	if (SSL_is_init_finished(secure->ssl))
		snprintf(why, size, "the connection was lost");
	else
		snprintf(why, size, "no TLS with the server: %s",
		    reason != NULL ? reason : "it hung up");
	return false;
}
