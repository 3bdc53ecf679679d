/* SPDX-License-Identifier: MIT */
#ifndef NET_TICKETS_H
#define NET_TICKETS_H

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/error.h"

/*
 * The keys of TLS session tickets (RFC 5077, RFC 8446 section 4.6.1): with
 * them a returning client needs no whole handshake, and the server keeps
 * nothing of it.  They are random, live in memory alone, and are changed
 * every six hours; the former key still opens for as long.  Counted, and used
 * from all threads.
 */
struct tickets;

/* A ticket may be younger than this, but is not opened when older. */
#define TICKETS_LIFE_S (6 * 3600)

struct tickets *tickets_new(const struct clock *clock, struct error *err);
struct tickets *tickets_ref(struct tickets *tickets);
void tickets_unref(struct tickets *tickets); /* NULL is allowed */

/* What one of 16, the other of EVP_MAX_IV_LENGTH bytes is for. */
#define TICKETS_NAME_SIZE 16

/*
 * As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) asks: prepares cipher and mac to
 * seal a ticket (name and iv are written) or to open one.  1: done, 2: done,
 * but the client should get a new one, 0: no such key, -1: it failed.
 */
int tickets_prepare(struct tickets *tickets, unsigned char *name,
    unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal);

#endif
