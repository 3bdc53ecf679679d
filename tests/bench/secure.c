/* SPDX-License-Identifier: MIT */
#include "secure.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "load.h"

struct secure {
	SSL_CTX *context;
	SSL_SESSION *session; /* that of the first connection, or NULL */
	bool resume;
};

static int
on_session(SSL *ssl, SSL_SESSION *session)
{
	struct secure *secure = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (!secure->resume || secure->session != NULL)
		return 0;
	secure->session = session;
	return 1; /* it is ours now */
}

struct secure *
secure_new(bool resume)
{
	struct secure *secure = calloc(1, sizeof(*secure));

	if (secure == NULL)
		die("no memory");
	secure->resume = resume;
	secure->context = SSL_CTX_new(TLS_client_method());
	if (secure->context == NULL)
		die("no memory for TLS");
	SSL_CTX_set_app_data(secure->context, secure);
	SSL_CTX_set_mode(secure->context, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(secure->context,
	    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(secure->context, on_session);
	return secure;
}

void
secure_free(struct secure *secure)
{
	if (secure == NULL)
		return;
	SSL_SESSION_free(secure->session);
	SSL_CTX_free(secure->context);
	free(secure);
}

struct ssl_st *
secure_begin(struct secure *secure, int fd)
{
	SSL *ssl = SSL_new(secure->context);

	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
		die("no memory for TLS");
	SSL_set_connect_state(ssl);
	if (secure->session != NULL)
		SSL_set_session(ssl, secure->session);
	return ssl;
}

void
secure_end(struct ssl_st *ssl)
{
	SSL_free(ssl);
}

/* As recv(2) and send(2) would put it. */
static ssize_t
outcome(SSL *ssl, int n)
{
	if (n > 0)
		return n;
	switch (SSL_get_error(ssl, n)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		errno = EPROTO;
		return -1;
	}
}

bool
secure_open(struct ssl_st *ssl)
{
	int n;

	if (SSL_is_init_finished(ssl))
		return true;
	ERR_clear_error();
	n = SSL_do_handshake(ssl);
	if (n != 1 && (outcome(ssl, n) != -1 || errno != EAGAIN))
		die("the TLS handshake failed: %s",
		    ERR_reason_error_string(ERR_peek_error()));
	return n == 1;
}

ssize_t
secure_read(struct ssl_st *ssl, void *data, size_t size)
{
	size_t done = 0;
	ssize_t n;

	ERR_clear_error();
	do {
		n = outcome(ssl, SSL_read(ssl, (char *)data + done,
		    (int)(size - done)));
		if (n > 0)
			done += (size_t)n;
	} while (n > 0 && done < size && SSL_has_pending(ssl));
	return done > 0 ? (ssize_t)done : n;
}

ssize_t
secure_write(struct ssl_st *ssl, const void *data, size_t len)
{
	ERR_clear_error();
	return outcome(ssl, SSL_write(ssl, data, (int)len));
}
