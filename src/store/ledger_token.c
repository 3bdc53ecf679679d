/* SPDX-License-Identifier: MIT */
#include "store/ledger_account.h"

#include <string.h>

#define DAY_US (INT64_C(86400) * 1000000)
#define SWEPT 4 /* rows that are looked at for each that is put */

/* -------------------------------------------------------------------- sweep */

/*
 * Whether a token's row is good for nothing: nobody can use it, nor is it
 * worth knowing that it was used.  *ended: its family has ended too.
 */
static bool
is_dead(struct ledger *ledger, const struct token_row *token, bool *ended)
{
	enum store_status status;
	struct family_row family;

	status = row_get_family(ledger->txn, token->uid, token->family,
	    &family);
	*ended = status == STORE_OK && family.expires_us <= ledger->now_us;
	return *ended || status == STORE_NOT_FOUND ||
	    (token->used_us != 0 && token->until_us <= ledger->now_us);
}

/* The next rows after key: their keys, and what they say. */
static enum store_status
look(struct ledger *ledger, const struct key *key, struct key keys[SWEPT],
    struct token_row rows[SWEPT], size_t *n)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_TOKEN);
	struct kv_bytes at, value;
	enum kv_result result;

	if (cursor == NULL)
		return STORE_NOMEM;
	*n = 0;
	result = kv_seek(cursor, key_bytes(key), &at, &value);
	if (result == KV_OK)
		result = kv_next(cursor, &at, &value);
	while (result == KV_OK && *n < SWEPT && at.len == SECRET_HASH) {
		key_token(&keys[*n], at.data);
		if (row_unpack_token(value, &rows[*n]) == STORE_OK)
			++*n;
		result = kv_next(cursor, &at, &value);
	}
	kv_cursor_free(cursor);
	return result == KV_OK || result == KV_NONE ? STORE_OK
						    : row_status(result);
}

/*
 * Rows of families that are no more, and of tokens that are too old, go as
 * new ones come: a new one's key is a hash, so that in the end each row is
 * its neighbour, and they are on the page that has been changed for it.
 */
static enum store_status
sweep(struct ledger *ledger, const struct key *key)
{
	struct token_row rows[SWEPT];
	struct key keys[SWEPT], family;
	enum store_status status;
	size_t i, n;
	bool ended;

	status = look(ledger, key, keys, rows, &n);
	for (i = 0; status == STORE_OK && i < n; i++) {
		if (!is_dead(ledger, &rows[i], &ended))
			continue;
		status = ledger_del(ledger, KV_TOKEN, &keys[i]);
		key_pair(&family, rows[i].uid, rows[i].family);
		if (status == STORE_OK && ended)
			status = ledger_del_if_there(ledger, KV_FAMILY,
			    &family);
	}
	return status;
}

/* -------------------------------------------------------------------- write */

static enum store_status
put_token(struct ledger *ledger, const unsigned char hash[SECRET_HASH],
    const struct token_row *row)
{
	struct key key;

	key_token(&key, hash);
	return ledger_put(ledger, KV_TOKEN, &key,
	    row_pack_token(row, ledger->room));
}

/* _RETRY: it is somebody's already, so it was not drawn at random. */
static enum store_status
check_new(struct ledger *ledger, const unsigned char hash[SECRET_HASH])
{
	enum store_status status;
	struct token_row row;
	struct key key;

	key_token(&key, hash);
	status = row_get_token(ledger->txn, &key, &row);
	if (status == STORE_NOT_FOUND)
		return STORE_OK;
	return status == STORE_OK ? STORE_RETRY : status;
}

static enum store_status
put_family(struct ledger *ledger, uint64_t uid, uint64_t id,
    const struct family_row *row)
{
	struct key key;

	key_pair(&key, uid, id);
	return ledger_put(ledger, KV_FAMILY, &key,
	    row_pack_family(row, ledger->room));
}

static int64_t
earlier(int64_t one, int64_t other)
{
	return one < other ? one : other;
}

/* What token is from now on: the family's, not used yet. */
static enum store_status
put_last(struct ledger *ledger, uint64_t uid, uint64_t id,
    struct family_row *family, const struct store_token *token,
    const unsigned char hash[SECRET_HASH])
{
	const struct token_row row = {.uid = uid, .family = id};
	enum store_status status;
	struct key key;

	memcpy(family->token, hash, SECRET_HASH);
	family->used_us = ledger->now_us;
	family->expires_us = earlier(ledger->now_us + token->idle_us,
	    family->created_us + token->absolute_us);
	status = put_token(ledger, hash, &row);
	if (status == STORE_OK)
		status = put_family(ledger, uid, id, family);
	key_token(&key, hash);
	if (status == STORE_OK)
		status = sweep(ledger, &key);
	return status;
}

static void
tell(const struct family_row *row, uint64_t uid, uint64_t id,
    struct store_token *token)
{
	row_tell_family(row, &token->family);
	token->family.uid = uid;
	token->family.id = id;
}

/* ------------------------------------------------------------------ sign-in */

/* The account of who may be signed in; else _NOT_FOUND. */
static enum store_status
get_open_account(struct ledger *ledger, uint64_t uid, struct account_row *row)
{
	enum store_status status = ledger_get_account(ledger, uid, row);

	if (status == STORE_OK && row_is_shut(row->flags,
	    row->banned_until_us, ledger->now_us))
		return STORE_NOT_FOUND;
	return status;
}

/*
 * A number of 53 bits that the person has no other family of.  As the token
 * is random, so is its hash: the number does not come again.
 */
static enum store_status
choose_id(struct ledger *ledger, uint64_t uid,
    const unsigned char hash[SECRET_HASH], uint64_t *id)
{
	enum store_status status;
	struct family_row row;

	*id = get_be64(hash) >> 11;
	do {
		*id += *id == 0;
		status = row_get_family(ledger->txn, uid, *id, &row);
	} while (status == STORE_OK && ++*id < UINT64_C(1) << 53);
	if (status == STORE_NOT_FOUND)
		return STORE_OK;
	return status == STORE_OK ? STORE_RETRY : status;
}

enum store_status
ledger_token(struct ledger *ledger, struct store_write *write)
{
	struct store_token *token = write->token;
	uint64_t uid = write->record.sender, id;
	struct family_row family = {.created_us = ledger->now_us,
	    .day_us = ledger->now_us};
	struct account_row account;
	enum store_status status;

	status = get_open_account(ledger, uid, &account);
	if (status == STORE_OK && token->expected != NULL &&
	    strcmp(token->expected, account.password) != 0)
		status = STORE_CONFLICT;
	if (status == STORE_OK)
		status = check_new(ledger, token->hash);
	if (status == STORE_OK)
		status = choose_id(ledger, uid, token->hash, &id);
	if (status == STORE_OK && (account.flags & ACCOUNT_DEACTIVATED) != 0) {
		account.flags &= (uint8_t)~ACCOUNT_DEACTIVATED;
		status = ledger_put_account(ledger, uid, &account);
	}
	if (status == STORE_OK)
		status = ledger_make_family_room(ledger, uid);
	if (status != STORE_OK)
		return status;
	strcpy(family.device, token->family.device);
	strcpy(family.address, token->family.address);
	status = put_last(ledger, uid, id, &family, token, token->hash);
	tell(&family, uid, id, token);
	return status;
}

/* ------------------------------------------------------------------ refresh */

/* As the window of a day allows: at most so many rows come of a family. */
static bool
count_refresh(const struct ledger *ledger, struct family_row *family)
{
	if (ledger->now_us - family->day_us >= DAY_US) {
		family->day_us = ledger->now_us;
		family->refreshes = 0;
	}
	return family->refreshes++ < REFRESHES_MAX;
}

static enum store_status
rotate(struct ledger *ledger, struct store_write *write,
    struct token_row *row, struct family_row *family)
{
	const struct store_token *token = write->token;
	enum store_status status = check_new(ledger, token->next);

	if (status != STORE_OK)
		return status;
	if (!count_refresh(ledger, family)) {
		write->record.until_us = family->day_us + DAY_US;
		return STORE_LIMIT;
	}
	row->used_us = ledger->now_us;
	row->until_us = ledger->now_us + token->idle_us;
	status = put_token(ledger, token->hash, row);
	if (status == STORE_OK)
		status = put_last(ledger, row->uid, row->family, family,
		    token, token->next);
	return status;
}

/* Used just now, and its successor, which is always the same, is not used. */
static bool
is_repeat(const struct ledger *ledger, const struct store_token *token,
    const struct token_row *row, const struct family_row *family)
{
	return ledger->now_us - row->used_us < token->grace_us &&
	    memcmp(family->token, token->next, SECRET_HASH) == 0;
}

/* RFC 9700 section 4.14.2: who else has the token is not known. */
static enum store_status
end(struct ledger *ledger, const struct token_row *row,
    const struct family_row *family)
{
	enum store_status status;

	status = ledger_drop_family(ledger, row->uid, row->family, family);
	return status == STORE_OK ? STORE_CONFLICT : status;
}

/* The token's row and its family, while who it is of may be signed in. */
static enum store_status
find(struct ledger *ledger, const struct store_token *token,
    struct token_row *row, struct family_row *family)
{
	struct account_row account;
	enum store_status status;
	struct key key;

	key_token(&key, token->hash);
	status = row_get_token(ledger->txn, &key, row);
	if (status == STORE_OK)
		status = row_get_family(ledger->txn, row->uid, row->family,
		    family);
	if (status == STORE_OK && family->expires_us <= ledger->now_us)
		status = STORE_NOT_FOUND;
	if (status == STORE_OK)
		status = get_open_account(ledger, row->uid, &account);
	return status;
}

enum store_status
ledger_refresh(struct ledger *ledger, struct store_write *write)
{
	struct store_token *token = write->token;
	struct family_row family;
	enum store_status status;
	struct token_row row;

	status = find(ledger, token, &row, &family);
	if (status != STORE_OK)
		return status;
	write->record.sender = row.uid;
	if (row.used_us == 0)
		status = rotate(ledger, write, &row, &family);
	else if (is_repeat(ledger, token, &row, &family))
		status = STORE_DUPLICATE;
	else
		status = end(ledger, &row, &family);
	tell(&family, row.uid, row.family, token);
	return status;
}
