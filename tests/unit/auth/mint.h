/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_AUTH_MINT_H
#define TESTS_UNIT_AUTH_MINT_H

#include <openssl/evp.h>

#include "auth/keys.h"
#include "auth/trust.h"
#include "base/buf.h"

/*
 * Where tokens are made, true and false ones: a folder with keys of every
 * kind, of ours and of an issuer outside, and a trust in them.
 */
#define MINT_NOW INT64_C(1800000000)
#define MINT_SECRET "a secret that an application has"
#define MINT_ISSUER "https://chat.example"
#define MINT_AUDIENCE "chat"
#define MINT_OUTSIDE "https://id.example"
#define MINT_OUTSIDE_AUDIENCE "app"
#define MINT_PATH 128

/* Whose key. */
enum mint_who {
	MINT_ED, /* ours; it signs */
	MINT_EC,
	MINT_RSA,
	MINT_OUTSIDE_ED, /* `kid` "out-1" */
	MINT_OUTSIDE_RSA, /* without a `kid` */
	MINT_STRANGER,	  /* Ed25519, nobody knows it */
	MINT_KEYS
};

struct mint {
	char folder[MINT_PATH];
	EVP_PKEY *pkeys[MINT_KEYS];
	struct token_key *keys[MINT_KEYS];
	struct token_key *secret;
	char files[MINT_KEYS][MINT_PATH]; /* PEM of private keys */
	char secret_file[MINT_PATH], outside_file[MINT_PATH];
	struct trust *trust;
};

struct mint *mint_new(void);
void mint_free(struct mint *mint);

/* Writes a file into the folder; its path to out. */
void mint_write(const struct mint *mint, const char *name, const void *data,
    size_t len, unsigned mode, char out[MINT_PATH]);

/* What trust_open() is told; `files` is room for the list of keys. */
struct trust_options mint_options(const struct mint *mint,
    const char *files[3]);

/* Appends data as base64url. */
void mint_encode(struct buf *out, const void *data, size_t len);

/*
 * A signature over input, or what pretends to be one: at most
 * TOKEN_SIGNATURE_MAX bytes.
 */
typedef size_t mint_forge(const struct mint *mint, const char *input,
    size_t len, unsigned char *signature);
mint_forge by_ed, by_ec, by_rsa, by_secret, by_outside, by_outside_rsa,
    by_stranger;

/*
 * header.payload.signature of these texts.  In them ' stands for ", @e, @c, @r
 * and @o for the `kid` of our keys and of the outside one, @l for 65 letters,
 * @x for 3,000, @d for 2,500 brackets, @q for '.  before() may change what is
 * signed, after() what was.
 */
typedef void mint_change(struct buf *token);
void mint_token(const struct mint *mint, const char *header,
    const char *payload, mint_change *before, mint_forge *forge,
    mint_change *after, struct buf *token);

#endif
