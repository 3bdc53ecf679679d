/* SPDX-License-Identifier: MIT */
#ifndef API_ACCOUNT_H
#define API_ACCOUNT_H

#include "api/call.h"
#include "auth/opaque.h"
#include "base/email.h"

/*
 * What the requests that make accounts, open them and change them have in
 * common.  Each handler begins with account_begin(); what it learns on its way
 * is kept in call->state, which is wiped with the call.
 */
typedef void account_next(struct api_call *call);

struct account_state {
	account_next *next;
	struct store_person person;
	struct store_access access;
	bool claimed;
	char key[EMAIL_BYTES_MAX + 1];	/* what the guard counts by */
	char email[EMAIL_BYTES_MAX + 1]; /* asked for, or "" */
	char hash[PASSWORD_TEXT];   /* stored; "": no password opens it */
	char better[PASSWORD_TEXT]; /* to be stored instead, or "" */
	char refresh[OPAQUE_TEXT];
	uint64_t family;
	int64_t version; /* of the account, that If-Match asks for; or 0 */
	char display_name[DISPLAY_NAME_MAX + 1]; /* given at registration */
	bool made; /* just now: the answer has the account */
};

/* NULL: no memory, which is answered. */
struct account_state *account_begin(struct api_call *call);

static inline struct account_state *
account_state(const struct api_call *call)
{
	return call->state;
}

/*
 * Whom the body means by `name` (a name or an e-mail address) or `email`.
 * False: neither or both are there, which is answered; what can be nobody's is
 * looked up all the same.
 */
bool account_identify(struct api_call *call);

/*
 * READ_ACCOUNT of whom account_identify() found, or (without that) of the
 * caller.  NULL: no memory.
 */
struct store_read *account_read_new(struct api_call *call);

/*
 * Whether one more try with this key may be made from the caller's address;
 * if not, that is answered.  `what` keeps things apart that are tried.
 */
bool account_may_try(struct api_call *call, const char *what);

/*
 * The account that account_identify() found, or (without that) the caller's:
 * its password must be the body's `password`.  Guarded; as slow, and answered
 * alike, for an account that is not there.
 */
void account_check(struct api_call *call, account_next *next);

/* Hashes a member of the body into state->better. */
void account_hash(struct api_call *call, const char *member,
    account_next *next);

/* False and the reason, answered: whom we would not let in. */
bool account_may_enter(struct api_call *call);

/*
 * Begins a sign-in of state->person, while the stored hash is state->hash, and
 * answers with tokens.
 */
void account_sign_in(struct api_call *call);

/* The answer, once state->person, family and refresh are known. */
void account_reply_tokens(struct api_call *call);

/* A change of the account, with room for what it points to. */
struct account_change {
	struct store_account account;
	struct store_code code;
	char email[EMAIL_BYTES_MAX + 1];
	char password[PASSWORD_TEXT], expected[PASSWORD_TEXT];
	char display_name[DISPLAY_NAME_MAX + 1];
	char avatar_url[AVATAR_URL_MAX + 1], about[ABOUT_MAX + 1];
};

/* Of the person in state; NULL: no memory. */
struct store_write *account_write_new(struct api_call *call,
    enum store_write_kind kind, struct account_change **change);
void account_set_password(struct account_change *change, const char *hash);
void account_set_email(struct account_change *change, const char *email);

/*
 * A member of the body as people may be shown it: within one line (or, of
 * more, several), at most max bytes.  -1 and answered; 0 not there; 1 in out,
 * "" for null.
 */
int account_read_text(struct api_call *call, const char *member, bool lines,
    char *out, size_t max);

/* -1 and answered; 0: no `email`; 1: state->email is set, "" for null. */
int account_read_email(struct api_call *call);

/* route_password.c */
extern const struct api_schema account_change_password_schema,
    account_reset_schema, account_sent_schema, account_confirm_schema;
void account_change_password(struct api_call *call);
void account_reset(struct api_call *call);
void account_confirm(struct api_call *call);

#endif
