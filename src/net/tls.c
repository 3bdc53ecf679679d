/* SPDX-License-Identifier: MIT */
#include "net/tls.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/tls_bio.h"

/* What a record may take that has come in part: 16,384 bytes, and then some. */
#define RECORD_MAX (17 * 1024)
/* The handshake of a client is a few hundred bytes, with new groups 2 KiB. */
#define HANDSHAKE_MAX 32768

enum tls_end { TLS_GOES_ON, TLS_CLOSED, TLS_FAILED };

struct tls {
	struct conn_layer layer; /* first */
	struct tls_context *context;
	SSL *ssl;
	char *early; /* received before there was TLS; freed when read */
	uint32_t early_len, early_at;
	uint32_t received; /* before it was open */
	uint8_t end;	   /* enum tls_end: of the input */
	struct tls_bio bio;
};

static void
note_unsent(struct tls *tls)
{
	tls->layer.unsent = buf_readable(&tls->bio.unsent);
}

/* ----------------------------------------------------------------- reading */

/* As recv(2): first what came before there was TLS. */
static ssize_t
receive(struct tls *tls, void *data, size_t size)
{
	size_t left = tls->early_len - tls->early_at;
	ssize_t n;

	if (left > 0) {
		if (left > size)
			left = size;
		memcpy(data, tls->early + tls->early_at, left);
		tls->early_at += (uint32_t)left;
		return (ssize_t)left;
	}
	free(tls->early);
	tls->early = NULL;
	do
		n = recv(tls->bio.fd, data, size, 0);
	while (n == -1 && errno == EINTR);
	return n;
}

/* Why OpenSSL gave up; a plain HTTP request is answered as such. */
static void
fail(struct tls *tls)
{
	unsigned long code = ERR_peek_error();
	const char *plain = tls_context_plain(tls->context);

	tls->end = TLS_FAILED;
	if (tls->layer.failure != NULL)
		return;
	tls->layer.failure = ERR_reason_error_string(code);
	if (tls->layer.failure == NULL)
		tls->layer.failure = "the connection was lost";
	if (ERR_GET_LIB(code) == ERR_LIB_SSL && plain != NULL &&
	    ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST)
		(void)!send(tls->bio.fd, plain, strlen(plain), MSG_NOSIGNAL);
}

/* One record of what was received; 0: there is no whole one. */
static size_t
decrypt(struct tls *tls, char *data)
{
	int n = SSL_read(tls->ssl, data, RECORD_MAX);

	if (n > 0)
		return (size_t)n;
	switch (SSL_get_error(tls->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		break;
	case SSL_ERROR_ZERO_RETURN:
		tls->end = TLS_CLOSED;
		break;
	default:
		fail(tls);
	}
	return 0;
}

static void
check_handshake(struct tls *tls, size_t received)
{
	if (tls->layer.open)
		return;
	tls->layer.open = SSL_is_init_finished(tls->ssl) == 1;
	tls->received += (uint32_t)received;
	if (!tls->layer.open && tls->received > HANDSHAKE_MAX) {
		tls->layer.failure = "the handshake is too long";
		tls->end = TLS_FAILED;
	}
}

static ssize_t
answer_end(const struct tls *tls)
{
	if (tls->end == TLS_CLOSED)
		return 0;
	errno = EPROTO;
	return -1;
}

/*
 * The ciphertext is received into the same room as the plaintext, behind it.
 * A record gives less than it takes, and OpenSSL holds at most a part of one
 * from before, so that what is written never reaches what is still to be read.
 * For the same reason nothing stays in OpenSSL that the socket would not tell.
 */
static ssize_t
tls_read(struct conn_layer *layer, void *data, size_t size)
{
	struct tls *tls = (struct tls *)(void *)layer;
	char *out = data;
	size_t n, done = 0;
	ssize_t received;

	assert(size >= CONN_READ_MIN);
	layer->unread = false;
	if (tls->end != TLS_GOES_ON)
		return answer_end(tls);
	received = receive(tls, out + RECORD_MAX, size - RECORD_MAX);
	if (received <= 0)
		return received;
	tls->bio.in = out + RECORD_MAX;
	tls->bio.in_len = (size_t)received;
	ERR_clear_error();
	do {
		n = decrypt(tls, out + done);
		done += n;
	} while (tls->end == TLS_GOES_ON && (n > 0 || tls->bio.in_len > 0));
	tls->bio.in_len = 0;
	note_unsent(tls);
	check_handshake(tls, (size_t)received);
	if (done == 0 && tls->end != TLS_GOES_ON)
		return answer_end(tls);
	layer->unread = tls->end != TLS_GOES_ON ||
	    tls->early_at < tls->early_len;
	if (done > 0)
		return (ssize_t)done;
	errno = EAGAIN;
	return -1;
}

/* ----------------------------------------------------------------- writing */

static int
flush(struct tls *tls)
{
	int rc = tls_bio_flush(&tls->bio);

	note_unsent(tls);
	return rc;
}

static ssize_t
tls_write(struct conn_layer *layer, const void *data, size_t len)
{
	struct tls *tls = (struct tls *)(void *)layer;
	const char *at = data;
	size_t done = 0, written;

	if (flush(tls) == -1)
		return -1;
	ERR_clear_error();
	/* One record each, as long as the client takes them. */
	while (done < len && layer->unsent == 0) {
		if (SSL_write_ex(tls->ssl, at + done, len - done,
		    &written) != 1) {
			errno = EPROTO;
			return -1;
		}
		done += written;
		note_unsent(tls);
	}
	return (ssize_t)done;
}

static void
tls_finish(struct conn_layer *layer)
{
	struct tls *tls = (struct tls *)(void *)layer;

	if (!layer->open || tls->end == TLS_FAILED ||
	    (SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN) != 0)
		return;
	ERR_clear_error();
	SSL_shutdown(tls->ssl);
	note_unsent(tls);
}

/* ---------------------------------------------------------------- lifetime */

static void
tls_free(struct conn_layer *layer)
{
	struct tls *tls = (struct tls *)(void *)layer;

	SSL_free(tls->ssl);
	tls_context_unref(tls->context);
	buf_fini(&tls->bio.unsent);
	free(tls->early);
	free(tls);
}

static const struct conn_layer_ops ops = {
	.read = tls_read,
	.write = tls_write,
	.finish = tls_finish,
	.free = tls_free,
};

static int
keep_early(struct tls *tls, const void *early, size_t len)
{
	if (len == 0)
		return 0;
	tls->early = malloc(len);
	if (tls->early == NULL)
		return -1;
	memcpy(tls->early, early, len);
	tls->early_len = (uint32_t)len;
	tls->layer.unread = true;
	return 0;
}

struct conn_layer *
tls_new(struct tls_context *context, int fd, const void *early, size_t len)
{
	struct tls *tls;
	BIO *bio;

	tls = calloc(1, sizeof(*tls));
	if (tls == NULL)
		return NULL;
	tls->layer.ops = &ops;
	tls->context = tls_context_ref(context);
	tls->bio.fd = fd;
	tls->ssl = tls_context_new_ssl(context);
	bio = tls_bio_new(tls_context_bio(context), &tls->bio);
	if (tls->ssl == NULL || bio == NULL ||
	    keep_early(tls, early, len) == -1) {
		BIO_free(bio);
		tls_free(&tls->layer);
		ERR_clear_error();
		return NULL;
	}
	SSL_set_bio(tls->ssl, bio, bio);
	SSL_set_accept_state(tls->ssl);
	return &tls->layer;
}
