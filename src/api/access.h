/* SPDX-License-Identifier: MIT */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include "auth/token.h"
#include "chat/codes.h"
#include "store/account.h"

/*
 * Whether a token that verifies still lets its person in, whatever the
 * transport.  NULL: it does; else a sentence for them, and its code.
 * access is what STORE_READ_USER answered for the claims' name and family.
 */
const char *access_refusal(const struct store_access *access,
    const struct token_claims *claims, int64_t now_us, enum chat_code *code);

#endif
