/* SPDX-License-Identifier: MIT */
#include "api/access.h"

/*
 * A token of a sign-in dies with it.  Any other one, as made by the operator
 * or by an issuer outside, is void if it is older than the last time its
 * person was signed out everywhere; `iat` has no fractions of a second.
 */
static bool
is_void(const struct store_access *access, const struct token_claims *claims)
{
	if (claims->own && claims->family != 0)
		return !access->family_alive;
	return claims->issued_s <= access->tokens_from_us / 1000000 &&
	    access->tokens_from_us != 0;
}

const char *
access_refusal(const struct store_access *access,
    const struct token_claims *claims, int64_t now_us, enum chat_code *code)
{
	if (access->flags & ACCOUNT_DISABLED) {
		*code = CODE_FORBIDDEN;
		return "this account was disabled by the operator";
	}
	if (access->banned_until_us > now_us) {
		*code = CODE_BANNED;
		return "this account is banned from this server";
	}
	*code = CODE_UNAUTHORIZED;
	if (is_void(access, claims))
		return "this token was signed out: sign in again";
	if (access->flags & ACCOUNT_DEACTIVATED)
		return "this account is deactivated: sign in with its "
		       "password to use it again";
	return NULL;
}
