/* SPDX-License-Identifier: MIT */
#ifndef NET_TLS_BIO_H
#define NET_TLS_BIO_H

#include <openssl/bio.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * The end of OpenSSL at which the network is.  It reads from memory, into
 * which its owner has received, and writes to the socket; what the socket does
 * not take it keeps, so that no write of OpenSSL is ever half done.
 */
struct tls_bio {
	int fd;
	int failed;	/* errno of the socket, or 0 */
	const char *in; /* not read yet; borrowed */
	size_t in_len;
	struct buf unsent;
};

/* For any number of them; BIO_meth_free().  NULL: no memory. */
BIO_METHOD *tls_bio_method(void);

/* Over state, which must outlive it.  NULL: no memory. */
BIO *tls_bio_new(const BIO_METHOD *method, struct tls_bio *state);

/* Sends what was kept.  -1 and errno, EAGAIN included. */
int tls_bio_flush(struct tls_bio *state);

#endif
