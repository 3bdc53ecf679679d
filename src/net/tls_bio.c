/* SPDX-License-Identifier: MIT */
#include "net/tls_bio.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static int
on_read(BIO *bio, char *data, size_t size, size_t *n)
{
	struct tls_bio *state = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (state->in_len == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	*n = size < state->in_len ? size : state->in_len;
	memcpy(data, state->in, *n);
	state->in += *n;
	state->in_len -= *n;
	return 1;
}

/* Bytes that the socket took; -1 with errno when it failed. */
static ssize_t
send_some(struct tls_bio *state, const char *data, size_t len)
{
	ssize_t n;

	do
		n = send(state->fd, data, len, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n == -1)
		state->failed = errno;
	return n;
}

static int
on_write(BIO *bio, const char *data, size_t len, size_t *n)
{
	struct tls_bio *state = BIO_get_data(bio);
	ssize_t sent = 0;

	BIO_clear_retry_flags(bio);
	if (state->failed != 0)
		return 0;
	if (buf_readable(&state->unsent) == 0)
		sent = send_some(state, data, len);
	if (sent == -1)
		return 0;
	if ((size_t)sent < len)
		buf_append(&state->unsent, data + sent, len - (size_t)sent);
	if (state->unsent.failed) {
		state->failed = ENOMEM;
		return 0;
	}
	*n = len;
	return 1;
}

static long
on_control(BIO *bio, int command, long number, void *arg)
{
	(void)bio;
	(void)number;
	(void)arg;
	return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *
tls_bio_method(void)
{
	/* Nobody looks for it by its type, of which there are few. */
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "synctalk");

	if (method != NULL && (BIO_meth_set_read_ex(method, on_read) != 1 ||
	    BIO_meth_set_write_ex(method, on_write) != 1 ||
	    BIO_meth_set_ctrl(method, on_control) != 1)) {
		BIO_meth_free(method);
		return NULL;
	}
	return method;
}

BIO *
tls_bio_new(const BIO_METHOD *method, struct tls_bio *state)
{
	BIO *bio = BIO_new(method);

	if (bio == NULL)
		return NULL;
	BIO_set_data(bio, state);
	BIO_set_init(bio, 1);
	return bio;
}

int
tls_bio_flush(struct tls_bio *state)
{
	ssize_t n;

	if (state->failed != 0) {
		errno = state->failed;
		return -1;
	}
	while (buf_readable(&state->unsent) > 0) {
		n = send_some(state, buf_start(&state->unsent),
		    buf_readable(&state->unsent));
		if (n == -1)
			return -1;
		if (n == 0) {
			errno = EAGAIN;
			return -1;
		}
		buf_consume(&state->unsent, (size_t)n);
	}
	/* At rest a connection holds no memory that it can do without. */
	buf_fini(&state->unsent);
	return 0;
}
