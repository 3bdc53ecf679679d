/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <string.h>

#include "store/rows_account.h"

/* Whether the key begins with this number: the rows of one person. */
static bool
is_of(struct kv_bytes key, uint64_t uid)
{
	return key.len >= 8 && get_be64(key.data) == uid;
}

static enum store_status
get_person(struct query *query, uint64_t uid, struct store_person *person)
{
	enum store_status status;
	struct user_row row;
	uint64_t seen = 0;
	struct key key;

	status = row_get_user(query->txn, uid, &row);
	if (status != STORE_OK)
		return status;
	memcpy(person->name, row.name, sizeof(person->name));
	if ((row.flags & USER_ERASED) != 0)
		return STORE_NOT_FOUND;
	key_u64(&key, uid);
	status = row_get_u64(query->txn, KV_SEEN, &key, &seen);
	if (status != STORE_OK && status != STORE_NOT_FOUND)
		return status;
	person->uid = uid;
	person->created_us = row.created_us;
	person->hides_read = (row.flags & USER_HIDES_READ) != 0;
	person->last_seen_us = (int64_t)seen;
	return STORE_OK;
}

enum store_status
query_find_uid(struct query *query, const char *name, uint64_t *uid)
{
	struct key key;

	key_string(&key, name);
	return row_get_u64(query->txn, KV_UNAME, &key, uid);
}

enum store_status
query_tell_person(struct query *query, struct store_read *read, uint64_t uid)
{
	enum store_status status = get_person(query, uid, &read->person);

	if (status != STORE_OK)
		return status;
	return row_get_access(query->txn, uid, read->family,
	    clock_realtime_us(query->clock), &read->access);
}

enum store_status
query_user(struct query *query, struct store_read *read)
{
	enum store_status status = STORE_OK;
	uint64_t uid = read->uid;

	if (uid == 0)
		status = query_find_uid(query, read->name, &uid);
	return status == STORE_OK ? query_tell_person(query, read, uid)
				  : status;
}

enum store_status
query_people(struct query *query, struct store_read *read)
{
	enum store_status status;
	struct store_person *person;
	uint64_t uid;

	read->people = arena_get(&read->arena,
	    read->names_n * sizeof(*read->people));
	if (read->people == NULL)
		return STORE_NOMEM;
	for (; read->people_n < read->names_n; read->people_n++) {
		person = &read->people[read->people_n];
		memset(person, 0, sizeof(*person));
		status = query_find_uid(query,
		    read->names[read->people_n], &uid);
		if (status == STORE_OK)
			status = get_person(query, uid, person);
		if (status != STORE_OK && status != STORE_NOT_FOUND)
			return status;
	}
	return STORE_OK;
}

/* --------------------------------------------------------------- signing in */

enum store_status
query_blocks(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_BLOCK);
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;
	uint64_t *blocks;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&from, read->uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	for (; result == KV_OK && is_of(key, read->uid);
	     result = kv_next(cursor, &key, &value)) {
		blocks = query_grow(read, read->blocks, &read->blocks_n,
		    sizeof(*blocks));
		if (blocks == NULL) {
			result = KV_NOMEM;
			break;
		}
		read->blocks = blocks;
		blocks[read->blocks_n - 1] =
		    get_be64((const unsigned char *)key.data + 8);
	}
	kv_cursor_free(cursor);
	return result == KV_NONE ? STORE_OK : row_status(result);
}

static enum store_status
read_device(struct query *query, struct store_read *read)
{
	enum store_status status;
	struct device_row row;
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	if (read->device[0] == '\0')
		return STORE_OK;
	key_device(&key, read->uid, read->device);
	result = kv_get(query->txn, KV_CUR, key_bytes(&key), &value);
	if (result != KV_OK)
		return result == KV_NONE ? STORE_OK : row_status(result);
	status = row_open_device(value, &row);
	if (status != STORE_OK)
		return status;
	if (row.cursors_n > value.len / 2)
		return STORE_CORRUPT;
	read->cursors = arena_get(&read->arena,
	    row.cursors_n * sizeof(*read->cursors));
	if (read->cursors == NULL)
		return STORE_NOMEM;
	while (row_next_cursor(&row, &read->cursors[read->cursors_n]))
		read->cursors_n++;
	read->device_known = true;
	return row_close_device(&row);
}

static enum store_status
find_since(struct query *query, struct store_read *read)
{
	enum store_status status = STORE_OK;
	struct store_membership *membership;
	size_t i;

	for (i = 0; status == STORE_OK && i < read->memberships_n; i++) {
		membership = &read->memberships[i];
		status = query_seq_at(query, &membership->conversation,
		    read->since, membership->joined_seq,
		    &membership->since_seq);
	}
	return status;
}

/* When the first event after `since` was; INT64_MAX: there is none. */
static enum store_status
find_after(struct query *query, uint64_t since, int64_t *at_us)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_CHG);
	enum store_status status = STORE_OK;
	struct kv_bytes found, value;
	uint64_t conv = 0, seq = 0;
	enum kv_result result;
	struct record record;
	struct key key;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&key, since + 1);
	result = kv_seek(cursor, key_bytes(&key), &found, &value);
	if (result == KV_OK)
		status = row_unpack_change(value, &conv, &seq);
	kv_cursor_free(cursor);
	*at_us = INT64_MAX;
	if (result != KV_OK)
		return result == KV_NONE ? STORE_OK : row_status(result);
	if (status == STORE_OK)
		status = row_get_record(query->txn, conv, seq, &record);
	if (status == STORE_OK)
		*at_us = record.at_us;
	else if (status == STORE_CORRUPT || status == STORE_NOT_FOUND)
		*at_us = 0;
	else
		return status;
	return STORE_OK;
}

/* They have no id: what happened after the event of that id is later. */
static enum store_status
keep_new_invitations(struct query *query, struct store_read *read)
{
	enum store_status status;
	size_t i, n = 0;
	int64_t after_us;

	if (read->since == 0 || read->invitations_n == 0)
		return STORE_OK;
	status = find_after(query, read->since, &after_us);
	for (i = 0; i < read->invitations_n; i++) {
		if (read->invitations[i].at_us >= after_us)
			read->invitations[n++] = read->invitations[i];
	}
	read->invitations_n = n;
	return status;
}

enum store_status
query_person(struct query *query, struct store_read *read)
{
	enum store_status status;

	if (read->since > read->upto)
		read->since = 0;
	status = query_tell_person(query, read, read->uid);
	if (status == STORE_OK)
		status = query_memberships(query, read);
	if (status == STORE_OK && read->since != 0)
		status = find_since(query, read);
	if (status == STORE_OK)
		status = query_invitations(query, read);
	if (status == STORE_OK)
		status = keep_new_invitations(query, read);
	if (status == STORE_OK)
		status = query_blocks(query, read);
	if (status == STORE_OK)
		status = read_device(query, read);
	return status;
}

/* ------------------------------------------------------------------- blocks */

enum store_status
query_blocked(struct query *query, struct store_read *read)
{
	enum store_status status = query_blocks(query, read);
	struct store_person *person;
	const char *name;
	size_t i;

	for (i = 0; status == STORE_OK && i < read->blocks_n; i++) {
		if (read->blocks[i] <= read->after)
			continue;
		read->more = read->people_n >= read->limit;
		if (read->more)
			break;
		person = query_grow(read, read->people, &read->people_n,
		    sizeof(*person));
		if (person == NULL)
			return STORE_NOMEM;
		read->people = person;
		person += read->people_n - 1;
		person->uid = read->blocks[i];
		name = query_find_name(query, person->uid);
		memcpy(person->name, name, strlen(name) + 1);
	}
	return status;
}
