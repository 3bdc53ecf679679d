/* SPDX-License-Identifier: MIT */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/name.h"
#include "store/record.h"

/*
 * What is stored of accounts beside their names: who may sign in, and how.
 * A person is *unclaimed* whose name alone made it (open mode): no password
 * opens it.  A password or an e-mail address claims it; a ban, a profile or a
 * sign-out do not.
 */
#define EMAIL_MAX 254	       /* bytes (RFC 5321 section 4.5.3.1.3) */
#define PASSWORD_HASH_MAX 255  /* a self-describing string */
#define DISPLAY_NAME_MAX 128   /* bytes */
#define AVATAR_URL_MAX 1024
#define ABOUT_MAX 1024
#define REASON_MAX 255
#define SECRET_HASH 32	       /* bytes: SHA-256 of a token or a code */
#define FAMILIES_MAX 50	       /* of a person; the idlest makes room */
#define REFRESHES_MAX 1440     /* of a family, in a day */
#define RESET_TRIES 5	       /* wrong codes before it is void */
#define RANGES_MAX 4096	       /* banned at a time */

enum account_flag {
	ACCOUNT_DISABLED = 1 << 0,    /* by the operator: nobody signs in */
	ACCOUNT_DEACTIVATED = 1 << 1, /* by its person; signing in ends it */
	ACCOUNT_BOT = 1 << 2
};

/* Which members of struct store_account are meant. */
enum account_field {
	ACCOUNT_EMAIL = 1 << 0,
	ACCOUNT_PASSWORD = 1 << 1,
	ACCOUNT_DISPLAY_NAME = 1 << 2,
	ACCOUNT_AVATAR_URL = 1 << 3,
	ACCOUNT_ABOUT = 1 << 4,
	ACCOUNT_FLAGS = 1 << 5,	 /* those of flags_mask */
	ACCOUNT_BANNED = 1 << 6	 /* banned_until_us and reason */
};

/*
 * Strings are NUL-terminated, "" where there is none; NULL is as "".  In: the
 * submitter's, within extra.  Out, of a read: in its arena.
 */
struct store_account {
	uint32_t has; /* in: enum account_field */
	uint8_t flags, flags_mask;
	bool claimed; /* out: so a name alone is not enough */
	const char *email; /* folded to lower case; unique */
	const char *password; /* its hash; "": none opens it */
	const char *display_name, *avatar_url, *about;
	const char *reason; /* of a ban */
	int64_t banned_until_us; /* 0: not; INT64_MAX: for good */
	int64_t tokens_from_us;	 /* see struct store_access */
	int64_t created_us, updated_us; /* updated_us serves as a version */
	/* In, of changes: */
	const char *expected; /* the stored hash must still be this, or NULL */
	int64_t version; /* updated_us must still be this; 0: any */
	bool code_needed; /* REGISTER: only with write->code */
	bool claim; /* REGISTER: an unclaimed name too (the operator's) */
	bool sign_out; /* ACCOUNT: void all tokens but those of keep_family */
	uint64_t keep_family;
	/* Out, of changes: */
	uint8_t taken;	 /* _EXISTS: ACCOUNT_EMAIL, or 0 for the name */
	bool signed_out; /* who is signed in is not any more (keep_family) */
};

/*
 * A sign-in: a chain of refresh tokens of which each was used for the next.
 * Access tokens name it (`sid`), and die with it.
 */
struct store_family {
	uint64_t id; /* below 2^53; not given again */
	uint64_t uid;
	char device[DEVICE_MAX + 1]; /* as the client said, or "" */
	int64_t created_us, used_us, expires_us;
	char address[46]; /* it was made from; "" unknown */
};

/* In of TOKEN (family.device and .address too) and REFRESH; out: family. */
struct store_token {
	unsigned char hash[SECRET_HASH]; /* TOKEN: the first; REFRESH: shown */
	unsigned char next[SECRET_HASH]; /* REFRESH: of its successor */
	/* How long it is good unused; how long the family is in all. */
	int64_t idle_us, absolute_us;
	int64_t grace_us; /* REFRESH */
	const char *expected; /* TOKEN: the stored hash is this, or NULL */
	struct store_family family;
};

/* A code that is sent by e-mail, or that invites to register. */
struct store_code {
	unsigned char hash[SECRET_HASH];
	int64_t expires_us; /* 0: does not */
	uint32_t uses; /* left */
};

/* Of an address range, "192.0.2.0/24", "2001:db8::/64". */
#define RANGE_MAX 64
struct store_ban {
	char range[RANGE_MAX];
	int64_t until_us, at_us; /* INT64_MAX: for good */
	char reason[REASON_MAX + 1];
};

/*
 * The way in, of a person: answered by USER, PERSON and ACCOUNT, so that one
 * read decides whether a token is still good.  One that names a family is
 * while family_alive; one that names none, if it was issued at tokens_from_us
 * or later; neither while its person is disabled or banned.
 */
struct store_access {
	uint8_t flags; /* enum account_flag */
	bool claimed;
	bool family_alive; /* read.family is one of theirs, and not expired */
	int64_t banned_until_us, tokens_from_us;
};

#endif
