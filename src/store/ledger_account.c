/* SPDX-License-Identifier: MIT */
#include "store/ledger_account.h"

#include <assert.h>
#include <string.h>

enum store_status
ledger_get_account(struct ledger *ledger, uint64_t uid,
    struct account_row *row)
{
	enum store_status status;
	struct user_row user;

	status = row_get_user(ledger->txn, uid, &user);
	if (status == STORE_OK && (user.flags & USER_ERASED) != 0)
		status = STORE_NOT_FOUND;
	if (status != STORE_OK)
		return status;
	status = row_get_account(ledger->txn, uid, row);
	if (status != STORE_NOT_FOUND)
		return status;
	memset(row, 0, sizeof(*row));
	row->created_us = row->updated_us = user.created_us;
	return STORE_OK;
}

enum store_status
ledger_put_account(struct ledger *ledger, uint64_t uid,
    struct account_row *row)
{
	struct key key;

	row->updated_us = ledger->now_us > row->updated_us
	    ? ledger->now_us : row->updated_us + 1;
	assert(ledger->room_size >= ROW_ACCOUNT_SIZE);
	key_u64(&key, uid);
	return ledger_put(ledger, KV_ACCOUNT, &key,
	    row_pack_account(row, ledger->room));
}

/* ------------------------------------------------------------------ changes */

static bool
fits(const char *text, size_t max)
{
	return text == NULL || strlen(text) <= max;
}

static bool
all_fit(const struct store_account *account)
{
	return fits(account->email, EMAIL_MAX) &&
	    fits(account->password, PASSWORD_HASH_MAX) &&
	    fits(account->display_name, DISPLAY_NAME_MAX) &&
	    fits(account->avatar_url, AVATAR_URL_MAX) &&
	    fits(account->about, ABOUT_MAX) &&
	    fits(account->reason, REASON_MAX);
}

/* It fits. */
static void
set_text(char *room, const char *text)
{
	strcpy(room, text != NULL ? text : "");
}

static void
set_fields(struct account_row *row, const struct store_account *account)
{
	uint32_t has = account->has;

	if ((has & ACCOUNT_EMAIL) != 0)
		set_text(row->email, account->email);
	if ((has & ACCOUNT_PASSWORD) != 0)
		set_text(row->password, account->password);
	if ((has & ACCOUNT_DISPLAY_NAME) != 0)
		set_text(row->display_name, account->display_name);
	if ((has & ACCOUNT_AVATAR_URL) != 0)
		set_text(row->avatar_url, account->avatar_url);
	if ((has & ACCOUNT_ABOUT) != 0)
		set_text(row->about, account->about);
	if ((has & ACCOUNT_FLAGS) != 0)
		row->flags = (uint8_t)((row->flags & ~account->flags_mask) |
		    (account->flags & account->flags_mask));
	if ((has & ACCOUNT_BANNED) != 0) {
		row->banned_until_us = account->banned_until_us;
		set_text(row->reason, account->banned_until_us != 0
		    ? account->reason : NULL);
	}
	if (row->email[0] != '\0' || row->password[0] != '\0')
		row->flags |= ROW_CLAIMED;
}

/* uid 0: of somebody who is still to be made. */
static enum store_status
check_email(struct ledger *ledger, uint64_t uid, struct store_account *account)
{
	enum store_status status;
	struct key key;
	uint64_t of;

	if ((account->has & ACCOUNT_EMAIL) == 0 || account->email == NULL ||
	    account->email[0] == '\0')
		return STORE_OK;
	key_string(&key, account->email);
	status = row_get_u64(ledger->txn, KV_EMAIL, &key, &of);
	if (status == STORE_NOT_FOUND || (status == STORE_OK && of == uid))
		return STORE_OK;
	account->taken = ACCOUNT_EMAIL;
	return status == STORE_OK ? STORE_EXISTS : status;
}

/* The address leads to it in place of the one before. */
static enum store_status
move_email(struct ledger *ledger, uint64_t uid, const char *before,
    const char *now)
{
	enum store_status status = STORE_OK;
	struct key key;

	if (strcmp(before, now) == 0)
		return STORE_OK;
	key_string(&key, before);
	if (key.len != 0)
		status = ledger_del_if_there(ledger, KV_EMAIL, &key);
	key_string(&key, now);
	if (status == STORE_OK && key.len != 0)
		status = ledger_put_u64(ledger, KV_EMAIL, &key, uid);
	return status;
}

/* A code that was sent for what no more is so. */
static enum store_status
void_reset(struct ledger *ledger, uint64_t uid)
{
	struct key key;

	key_reset(&key, uid);
	return ledger_del_if_there(ledger, KV_CODE, &key);
}

static enum store_status
put_fields(struct ledger *ledger, uint64_t uid, struct account_row *row,
    const struct store_account *account)
{
	enum store_status status = STORE_OK;
	char email[EMAIL_MAX + 1];

	strcpy(email, row->email);
	set_fields(row, account);
	if ((account->has & (ACCOUNT_EMAIL | ACCOUNT_PASSWORD)) != 0)
		status = void_reset(ledger, uid);
	if (status == STORE_OK)
		status = move_email(ledger, uid, email, row->email);
	if (status == STORE_OK)
		status = ledger_put_account(ledger, uid, row);
	return status;
}

/* ----------------------------------------------------------------- register */

/* Who has the name, if it can be had all the same; *uid 0: nobody. */
static enum store_status
find_name(struct ledger *ledger, struct store_write *write, uint64_t *uid,
    struct account_row *row)
{
	enum store_status status;
	struct key key;

	*uid = 0;
	memset(row, 0, sizeof(*row));
	if (strlen(write->name) > NAME_BYTES_MAX)
		return STORE_LIMIT;
	key_string(&key, write->name);
	status = row_get_u64(ledger->txn, KV_UNAME, &key, uid);
	if (status == STORE_NOT_FOUND)
		return STORE_OK;
	if (status == STORE_OK)
		status = ledger_get_account(ledger, *uid, row);
	if (status == STORE_NOT_FOUND || (status == STORE_OK &&
	    (!write->account->claim || (row->flags & ROW_CLAIMED) != 0)))
		return STORE_EXISTS;
	return status;
}

static enum store_status
check_code(struct ledger *ledger, const struct store_write *write)
{
	if (write->code != NULL)
		return ledger_check_invite(ledger, write->code);
	return write->account->code_needed ? STORE_FORBIDDEN : STORE_OK;
}

/* Nothing that the name's earlier owner holds is good any more. */
static enum store_status
take_over(struct ledger *ledger, struct store_write *write, uint64_t uid,
    struct account_row *row)
{
	write->account->signed_out = true;
	return ledger_void_tokens(ledger, uid, 0, row);
}

enum store_status
ledger_register(struct ledger *ledger, struct store_write *write)
{
	struct store_account *account = write->account;
	enum store_status status;
	struct account_row row;
	uint64_t uid;

	account->taken = 0;
	account->signed_out = false;
	/* First: who has no code is not told who is here. */
	status = check_code(ledger, write);
	if (status == STORE_OK)
		status = find_name(ledger, write, &uid, &row);
	if (status == STORE_OK && !all_fit(account))
		status = STORE_LIMIT;
	if (status == STORE_OK)
		status = check_email(ledger, uid, account);
	if (status == STORE_OK && ledger->disk_is_full)
		status = STORE_NO_SPACE;
	if (status != STORE_OK)
		return status;
	write->created = uid == 0;
	status = write->created ? ledger_add_user(ledger, write->name, &uid)
				: take_over(ledger, write, uid, &row);
	row.flags |= ROW_CLAIMED;
	row.created_us = account->created_us = ledger->now_us;
	if (status == STORE_OK)
		status = put_fields(ledger, uid, &row, account);
	if (status == STORE_OK && write->code != NULL)
		status = ledger_use_invite(ledger, write->code);
	write->record.sender = uid;
	account->updated_us = row.updated_us;
	return status;
}

/* ------------------------------------------------------------------- change */

static bool
is_as_expected(const struct account_row *row,
    const struct store_account *account)
{
	return (account->expected == NULL ||
	    strcmp(account->expected, row->password) == 0) &&
	    (account->version == 0 || account->version == row->updated_us);
}

/* Whether it is to grow by what its person writes. */
static bool
grows(const struct store_account *account)
{
	return (account->has & (ACCOUNT_EMAIL | ACCOUNT_DISPLAY_NAME |
	    ACCOUNT_AVATAR_URL | ACCOUNT_ABOUT)) != 0;
}

/* Whether nobody is to be signed in from then on. */
static bool
shuts(const struct ledger *ledger, const struct account_row *row,
    const struct store_account *account)
{
	uint8_t begins = (uint8_t)(account->flags & account->flags_mask &
	    ~row->flags);

	if ((account->has & ACCOUNT_FLAGS) != 0 &&
	    (begins & (ACCOUNT_DISABLED | ACCOUNT_DEACTIVATED)) != 0)
		return true;
	return (account->has & ACCOUNT_BANNED) != 0 &&
	    account->banned_until_us > ledger->now_us;
}

enum store_status
ledger_account(struct ledger *ledger, struct store_write *write)
{
	struct store_account *account = write->account;
	uint64_t uid = write->record.sender, keep = account->keep_family;
	enum store_status status;
	struct account_row row;
	bool shut;

	account->taken = 0;
	account->signed_out = false;
	status = ledger_get_account(ledger, uid, &row);
	if (status == STORE_OK && !is_as_expected(&row, account))
		status = STORE_CONFLICT;
	if (status == STORE_OK && !all_fit(account))
		status = STORE_LIMIT;
	if (status == STORE_OK)
		status = check_email(ledger, uid, account);
	if (status == STORE_OK && ledger->disk_is_full && grows(account))
		status = STORE_NO_SPACE;
	if (status != STORE_OK)
		return status;
	shut = shuts(ledger, &row, account);
	account->signed_out = shut || account->sign_out;
	if (account->signed_out)
		status = ledger_void_tokens(ledger, uid, shut ? 0 : keep,
		    &row);
	if (status == STORE_OK)
		status = put_fields(ledger, uid, &row, account);
	account->updated_us = row.updated_us;
	return status;
}
