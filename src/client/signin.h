/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_SIGNIN_H
#define CLIENT_SIGNIN_H

#include "base/error.h"

/*
 * A sign-in with a password, over REST, for as long as the program runs.
 * Calls wait for the server, 10 s at most.
 */
struct signin;

struct signin_options {
	const char *server; /* as of address_parse() */
	const char *name;
	const char *device;
	const char *password;
};

/* NULL: err says why not. */
struct signin *signin_new(const struct signin_options *options,
    struct error *err);

/* Signs out, if the server can be reached.  NULL is allowed. */
void signin_free(struct signin *signin);

/* The token for a socket; good until the next call. */
const char *signin_token(const struct signin *signin);

/* Takes the next token.  -1: it cannot be had, and the old one stays. */
int signin_renew(struct signin *signin, struct error *err);

#endif
