/* SPDX-License-Identifier: MIT */
#ifndef SERVER_TOKENS_H
#define SERVER_TOKENS_H

#include "auth/trust.h"
#include "server/config.h"

/*
 * The keys of tokens as a configuration names them.  Where it names neither
 * keys nor a secret, DATA/token.key signs, and DATA/token.secret of an older
 * installation is accepted beside it; a secret named alone signs.
 * With look no file is made, and one that would be made is not missed.
 */
struct trust *tokens_load(const struct config *config, bool look,
    struct error *err);

#endif
