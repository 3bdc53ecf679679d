/* SPDX-License-Identifier: MIT */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A certificate for a server, its chain, its key and the names it is for. */
struct certificate {
	X509 *leaf;
	STACK_OF(X509) *chain; /* without the leaf */
	EVP_PKEY *key;
	char **names; /* DNS names of its SAN, in lower case */
	size_t names_n;
};

/*
 * Reads the certificate and its chain, PEM, and its private key from key_path,
 * or from the same file when that is NULL.  Refused, with an error that names
 * the file: a key that does not belong to it, that is encrypted, or that
 * others can read; a certificate that is not valid now; one without names.
 */
int certificate_load(struct certificate *certificate, const char *path,
    const char *key_path, struct error *err);

/* All zero is allowed, and is what is left. */
void certificate_fini(struct certificate *certificate);

/*
 * Whether it is for the host: exact, or by a wildcard for its first label
 * (RFC 6125 section 6.4.3).  host is in lower case.
 */
bool certificate_names(const struct certificate *certificate,
    const char *host, bool wildcard);

#endif
