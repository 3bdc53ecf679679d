/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <string.h>

#include "store/rows_account.h"

static uint64_t
uid_of(struct kv_bytes key)
{
	return key.len >= 8 ? get_be64(key.data) : 0;
}

/* ------------------------------------------------------------------ account */

static enum store_status
find_person(struct query *query, struct store_read *read, uint64_t *uid)
{
	struct key key;

	*uid = read->uid;
	if (*uid != 0)
		return STORE_OK;
	if (read->email == NULL)
		return query_find_uid(query, read->name, uid);
	if (strlen(read->email) > EMAIL_MAX || read->email[0] == '\0')
		return STORE_NOT_FOUND;
	key_string(&key, read->email);
	return row_get_u64(query->txn, KV_EMAIL, &key, uid);
}

/* Into *text; false: no memory. */
static bool
keep(struct store_read *read, const char **text, const char *from)
{
	*text = arena_copy(&read->arena, from, strlen(from));
	return *text != NULL;
}

static enum store_status
keep_account(struct store_read *read, const struct account_row *row)
{
	struct store_account *account = &read->account;

	account->flags = read->access.flags;
	account->claimed = read->access.claimed;
	account->banned_until_us = row->banned_until_us;
	account->tokens_from_us = row->tokens_from_us;
	account->created_us = row->created_us;
	account->updated_us = row->updated_us;
	if (!keep(read, &account->email, row->email) ||
	    !keep(read, &account->password, row->password) ||
	    !keep(read, &account->display_name, row->display_name) ||
	    !keep(read, &account->avatar_url, row->avatar_url) ||
	    !keep(read, &account->about, row->about) ||
	    !keep(read, &account->reason, row->reason))
		return STORE_NOMEM;
	return STORE_OK;
}

enum store_status
query_account(struct query *query, struct store_read *read)
{
	enum store_status status;
	struct account_row row;
	uint64_t uid;

	status = find_person(query, read, &uid);
	if (status == STORE_OK)
		status = query_tell_person(query, read, uid);
	if (status != STORE_OK)
		return status;
	status = row_get_account(query->txn, uid, &row);
	if (status == STORE_NOT_FOUND) {
		memset(&row, 0, sizeof(row));
		row.created_us = row.updated_us = read->person.created_us;
		status = STORE_OK;
	}
	return status == STORE_OK ? keep_account(read, &row) : status;
}

/* ----------------------------------------------------------------- accounts */

static enum store_status
add_person(struct query *query, struct store_read *read, uint64_t uid)
{
	struct store_person *people;
	enum store_status status;
	struct user_row row;

	status = row_get_user(query->txn, uid, &row);
	if (status != STORE_OK || (row.flags & USER_ERASED) != 0)
		return status;
	read->more = read->people_n == read->limit;
	if (read->more)
		return STORE_OK;
	people = query_grow(read, read->people, &read->people_n,
	    sizeof(*people));
	if (people == NULL)
		return STORE_NOMEM;
	read->people = people;
	people += read->people_n - 1;
	people->uid = uid;
	people->created_us = row.created_us;
	memcpy(people->name, row.name, sizeof(people->name));
	return row_get_access(query->txn, uid, 0,
	    clock_realtime_us(query->clock), &people->access);
}

enum store_status
query_accounts(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_UNAME);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct unpack in;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_string(&from, read->name);
	from.bytes[from.len++] = 0; /* the next key */
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && !read->more) {
		if (unpack_begin(&in, value.data, value.len, NULL) != 0)
			status = STORE_CORRUPT;
		else
			status = add_person(query, read, unpack_u64(&in));
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status == STORE_OK && result != KV_OK && result != KV_NONE)
		status = row_status(result);
	return status;
}

/* ----------------------------------------------------- devices and sign-ins */

static enum store_status
add_device(struct store_read *read, struct kv_bytes key, struct kv_bytes value)
{
	struct store_device *devices, *device;
	struct device_row row;

	if (key.len - 8 > DEVICE_MAX ||
	    row_open_device(value, &row) != STORE_OK)
		return STORE_CORRUPT;
	devices = query_grow(read, read->devices, &read->devices_n,
	    sizeof(*devices));
	if (devices == NULL)
		return STORE_NOMEM;
	read->devices = devices;
	device = &devices[read->devices_n - 1];
	device->uid = read->uid;
	device->used_us = row.used_us;
	memcpy(device->device, (const char *)key.data + 8, key.len - 8);
	return STORE_OK;
}

static enum store_status
add_family(struct store_read *read, struct kv_bytes key, struct kv_bytes value,
    int64_t now_us)
{
	struct store_family *families, *family;
	struct family_row row;

	if (key.len != 16 || row_unpack_family(value, &row) != STORE_OK)
		return STORE_CORRUPT;
	if (row.expires_us <= now_us)
		return STORE_OK;
	families = query_grow(read, read->families, &read->families_n,
	    sizeof(*families));
	if (families == NULL)
		return STORE_NOMEM;
	read->families = families;
	family = &families[read->families_n - 1];
	row_tell_family(&row, family);
	family->uid = read->uid;
	family->id = get_be64((const unsigned char *)key.data + 8);
	return STORE_OK;
}

/* The rows of a table that begin with the person. */
static enum store_status
add_own(struct query *query, struct store_read *read, enum kv_table table)
{
	int64_t now_us = clock_realtime_us(query->clock);
	struct kv_cursor *cursor = kv_cursor_new(query->txn, table);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&from, read->uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK &&
	    uid_of(key) == read->uid) {
		status = table == KV_CUR ? add_device(read, key, value)
					 : add_family(read, key, value, now_us);
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status == STORE_OK && result != KV_OK && result != KV_NONE)
		status = row_status(result);
	return status;
}

enum store_status
query_devices(struct query *query, struct store_read *read)
{
	enum store_status status = query_tell_person(query, read, read->uid);

	if (status == STORE_OK)
		status = add_own(query, read, KV_CUR);
	if (status == STORE_OK)
		status = add_own(query, read, KV_FAMILY);
	return status;
}

/* --------------------------------------------------------------------- bans */

static enum store_status
add_ban(struct store_read *read, struct kv_bytes key, struct kv_bytes value,
    int64_t now_us)
{
	struct store_ban *bans, ban = {.range = ""};

	if (key.len >= RANGE_MAX)
		return STORE_CORRUPT;
	if (row_unpack_range(value, &ban) != STORE_OK)
		ban = (struct store_ban){.until_us = INT64_MAX}; /* damaged */
	if (ban.until_us <= now_us)
		return STORE_OK;
	memcpy(ban.range, key.data, key.len);
	bans = query_grow(read, read->bans, &read->bans_n, sizeof(*bans));
	if (bans == NULL)
		return STORE_NOMEM;
	read->bans = bans;
	bans[read->bans_n - 1] = ban;
	return STORE_OK;
}

static enum store_status
read_lockdown(struct query *query, struct store_read *read)
{
	enum store_status status;
	uint64_t on = 0;
	struct key key;

	key_lockdown(&key);
	status = row_get_u64(query->txn, KV_META, &key, &on);
	read->lockdown = on != 0;
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status
query_bans(struct query *query, struct store_read *read)
{
	int64_t now_us = clock_realtime_us(query->clock);
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_RANGE);
	enum store_status status = STORE_OK;
	const struct kv_bytes first = {"", 1};
	struct kv_bytes key, value;
	enum kv_result result;

	if (cursor == NULL)
		return STORE_NOMEM;
	result = kv_seek(cursor, first, &key, &value);
	while (status == STORE_OK && result == KV_OK) {
		status = add_ban(read, key, value, now_us);
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status == STORE_OK && result != KV_NONE)
		status = row_status(result);
	return status == STORE_OK ? read_lockdown(query, read) : status;
}
