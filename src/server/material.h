/* SPDX-License-Identifier: MIT */
#ifndef SERVER_MATERIAL_H
#define SERVER_MATERIAL_H

#include "base/error.h"
#include "server/config.h"

/*
 * What is read from files along with a configuration and swapped with it when
 * all of it is valid: keys of tokens, certificates.
 */
struct tickets;
struct tls_context;
struct trust;

struct material {
	struct trust *trust;
	struct tickets *tickets; /* the same from first to last */
	struct tls_context *tls; /* NULL: there are no certificates */
};

/*
 * former is what was in force before, or NULL: TLS sessions go on with its
 * tickets, and listeners, which stay, with its certificates if there are to
 * be none.  -1: material is all zero.
 */
int material_load(const struct config *config, const struct material *former,
    struct material *material, struct error *err);

/* Whether the keys and certificates could be loaded; makes no files. */
int material_check(const struct config *config, struct error *err);

/* The same things once more; for another thread. */
void material_copy(const struct material *material, struct material *copy);

/* All zero is allowed, and is what is left. */
void material_drop(struct material *material);

#endif
