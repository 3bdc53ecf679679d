/* SPDX-License-Identifier: MIT */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <stddef.h>

#include "base/error.h"
#include "net/tickets.h"

/*
 * What the TLS connections of a server have in common: certificates, of which
 * a client chooses by the name it asks for, and the parameters that Mozilla
 * calls intermediate: TLS 1.2 and 1.3, forward secrecy and authenticated
 * encryption, the client's preference.  Counted, and used from all threads:
 * each connection holds the one that it began with.
 */
struct tls_context;

struct tls_context_options {
	char *const *certificates; /* files; the first is the default */
	char *const *keys;	   /* as many; NULL: in the same files */
	size_t n;
	struct tickets *tickets; /* a reference is taken */
	const char *plain; /* answers who speaks plain HTTP; NULL: nothing */
};

/* -1 and ERROR_CONFIG when any of it is not valid now; the file is named. */
struct tls_context *tls_context_new(const struct tls_context_options *options,
    struct error *err);
struct tls_context *tls_context_ref(struct tls_context *context);
void tls_context_unref(struct tls_context *context); /* NULL is allowed */

/* For net/tls.c: an SSL of its first certificate; NULL: no memory. */
SSL *tls_context_new_ssl(struct tls_context *context);
const char *tls_context_plain(const struct tls_context *context);
BIO_METHOD *tls_context_bio(const struct tls_context *context);

#endif
