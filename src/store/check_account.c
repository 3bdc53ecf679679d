/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/check_state.h"
#include "store/rows_account.h"

static void
see_account(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t uid = check_number(key, 0), of = 0;
	struct account_row row;
	struct key email;

	(void)arg;
	(void)value;
	if (!check_has_person(check, uid))
		check_say_row(check, "account", uid, 0, CHECK_REBUILD,
		    "it is nobody's");
	if (!check_is(check, row_get_account(check->txn, uid, &row))) {
		check_say_row(check, "account", uid, 0, CHECK_RESTORE,
		    "the row is damaged");
		return;
	}
	key_string(&email, row.email);
	if (email.len != 0 && (!check_is(check, row_get_u64(check->txn,
	    KV_EMAIL, &email, &of)) || of != uid))
		check_say_row(check, "account", uid, 0, CHECK_REBUILD,
		    "the e-mail address leads elsewhere");
}

static void
see_email(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	struct account_row row;
	struct unpack in;
	uint64_t uid;

	(void)arg;
	unpack_begin(&in, value.data, value.len, NULL);
	uid = unpack_u64(&in);
	if (!check_is(check, row_get_account(check->txn, uid, &row)) ||
	    strlen(row.email) != key.len ||
	    memcmp(row.email, key.data, key.len) != 0)
		check_say_row(check, "e-mail address of", uid, 0,
		    CHECK_REBUILD, "that account has another");
}

/* Its token leads back to it. */
static void
see_family(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t uid = check_number(key, 0), id = check_number(key, 8);
	struct token_row token;
	struct family_row row;
	struct key at;

	(void)arg;
	if (!check_has_person(check, uid))
		check_say_row(check, "sign-in", uid, id, CHECK_REBUILD,
		    "it is nobody's");
	if (row_unpack_family(value, &row) != STORE_OK) {
		check_say_row(check, "sign-in", uid, id, CHECK_REBUILD,
		    "the row is damaged");
		return;
	}
	key_token(&at, row.token);
	if (!check_is(check, row_get_token(check->txn, &at, &token)) ||
	    token.uid != uid || token.family != id || token.used_us != 0)
		check_say_row(check, "sign-in", uid, id, CHECK_REBUILD,
		    "its token is not there");
}

/* Used ones outlive their family for a while. */
static void
see_token(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	struct family_row family;
	struct token_row row;
	enum store_status status;

	(void)arg;
	if (key.len != SECRET_HASH ||
	    row_unpack_token(value, &row) != STORE_OK) {
		check_say(check, CHECK_REBUILD, "refresh token: the row is "
		    "damaged");
		return;
	}
	if (row.used_us != 0)
		return;
	status = row_get_family(check->txn, row.uid, row.family, &family);
	if (!check_is(check, status) ||
	    memcmp(family.token, key.data, SECRET_HASH) != 0)
		check_say_row(check, "refresh token", row.uid, row.family,
		    CHECK_REBUILD, "the sign-in does not know of it");
}

static void
see_code(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	const unsigned char *bytes = key.data;
	struct code_row row;

	(void)arg;
	if (row_unpack_code(value, &row) != STORE_OK)
		check_say(check, CHECK_REBUILD, "code: the row is damaged");
	else if (bytes[0] == KEY_CODE_RESET && (key.len != 9 ||
	    !check_has_person(check, check_number(key, 1))))
		check_say(check, CHECK_REBUILD, "code: it is nobody's");
}

static void
see_range(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	struct store_ban ban;

	(void)arg;
	if (key.len >= RANGE_MAX || row_unpack_range(value, &ban) != STORE_OK)
		check_say(check, CHECK_RESTORE, "banned range %.*s: the row "
		    "is damaged", (int)key.len, (const char *)key.data);
}

void
check_accounts(struct check *check)
{
	static const struct check_table tables[] = {
	    {KV_ACCOUNT, 8, see_account},
	    {KV_EMAIL, 1, see_email},
	    {KV_FAMILY, 16, see_family},
	    {KV_TOKEN, SECRET_HASH, see_token},
	    {KV_CODE, 9, see_code},
	    {KV_RANGE, 1, see_range}};

	check_each(check, tables, sizeof(tables) / sizeof(tables[0]));
}
