/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/search.h"

#define CONVERSATIONS_CACHED (1 << 17)
#define DIRECTS_CACHED (1 << 17)
#define MEMBERS_CACHED (1 << 17)
#define BLOCKS_CACHED (1 << 17)
#define TRAILS_CACHED (1 << 12)
#define IDS_BYTES (64 << 20)

static void
forget(struct ledger *ledger)
{
	cache_clear(&ledger->conversations);
	cache_clear(&ledger->directs);
	cache_clear(&ledger->members);
	cache_clear(&ledger->blocks);
	memset(ledger->people, 0, PEOPLE_CACHED * sizeof(*ledger->people));
	cache_clear(&ledger->trails);
	id_sets_clear(&ledger->ids);
	ledger->waiting_n = ledger->changed_n = 0;
	buf_reset(&ledger->log);
	ledger->last = ledger->committed;
}

int
ledger_begin(struct ledger *ledger, struct error *err)
{
	ledger->txn = kv_begin(ledger->kv, err);
	if (ledger->txn == NULL)
		return -1;
	ledger->now_us = clock_realtime_us(ledger->clock);
	ledger->disk_is_full = kv_room(ledger->kv) < ledger->min_free;
	ledger->spoiled_conv = 0;
	return 0;
}

enum kv_result
ledger_commit(struct ledger *ledger, struct error *err)
{
	enum kv_result result;

	assert(ledger->waiting_n == 0 && ledger->changed_n == 0);
	result = kv_commit(ledger->txn, err);
	ledger->txn = NULL;
	if (result != KV_OK) {
		forget(ledger);
		return result;
	}
	if (ledger->search != NULL && ledger->committed.id != ledger->last.id)
		search_wake(ledger->search);
	ledger->committed = ledger->last;
	return KV_OK;
}

void
ledger_abort(struct ledger *ledger)
{
	kv_abort(ledger->txn);
	ledger->txn = NULL;
	forget(ledger);
}

typedef enum store_status ledger_change(struct ledger *ledger,
    struct store_write *write);

static ledger_change *const changes[] = {
    [STORE_WRITE_APPEND] = ledger_append,
    [STORE_WRITE_JOIN] = ledger_join,
    [STORE_WRITE_CREATE] = ledger_create,
    [STORE_WRITE_LEAVE] = ledger_leave,
    [STORE_WRITE_INVITE] = ledger_invite,
    [STORE_WRITE_ADD] = ledger_admit,
    [STORE_WRITE_KICK] = ledger_kick,
    [STORE_WRITE_BAN] = ledger_ban,
    [STORE_WRITE_UNBAN] = ledger_unban,
    [STORE_WRITE_MUTE] = ledger_mute,
    [STORE_WRITE_UNMUTE] = ledger_mute,
    [STORE_WRITE_ROLE] = ledger_role,
    [STORE_WRITE_UPDATE] = ledger_update,
    [STORE_WRITE_EDIT] = ledger_edit,
    [STORE_WRITE_DELETE] = ledger_delete,
    [STORE_WRITE_REACT] = ledger_react,
    [STORE_WRITE_MARK] = ledger_mark,
    [STORE_WRITE_UNREAD] = ledger_unread,
    [STORE_WRITE_HIDE_READ] = ledger_hide_read,
    [STORE_WRITE_BLOCK] = ledger_block,
    [STORE_WRITE_UNBLOCK] = ledger_unblock,
    [STORE_WRITE_USER] = ledger_user,
    [STORE_WRITE_DEVICE] = ledger_device,
    [STORE_WRITE_CURSORS] = ledger_cursors,
    [STORE_WRITE_SEEN] = ledger_seen,
    [STORE_WRITE_TRIM] = ledger_trim,
    [STORE_WRITE_ERASE] = ledger_erase,
    [STORE_WRITE_REGISTER] = ledger_register,
    [STORE_WRITE_ACCOUNT] = ledger_account,
    [STORE_WRITE_TOKEN] = ledger_token,
    [STORE_WRITE_REFRESH] = ledger_refresh,
    [STORE_WRITE_SIGN_OUT] = ledger_sign_out,
    [STORE_WRITE_RESET_CODE] = ledger_reset_code,
    [STORE_WRITE_RESET] = ledger_reset,
    [STORE_WRITE_CODE] = ledger_code,
    [STORE_WRITE_BAN_RANGE] = ledger_ban_range,
    [STORE_WRITE_UNBAN_RANGE] = ledger_unban_range,
    [STORE_WRITE_LOCKDOWN] = ledger_lockdown,
};

enum store_status
ledger_apply(struct ledger *ledger, struct store_write *write)
{
	assert(write->kind < sizeof(changes) / sizeof(changes[0]) &&
	    changes[write->kind] != NULL);
	return changes[write->kind](ledger, write);
}

bool
ledger_refusal_stays(const struct store_write *write, enum store_status status)
{
	return (write->kind == STORE_WRITE_REFRESH &&
	    status == STORE_CONFLICT) ||
	    (write->kind == STORE_WRITE_RESET && status == STORE_FORBIDDEN);
}

/* ------------------------------------------------------------------ changes */

enum store_status
ledger_put(struct ledger *ledger, enum kv_table table, const struct key *key,
    size_t len)
{
	ledger->changes++;
	return row_status(kv_put(ledger->txn, table, key_bytes(key),
	    (struct kv_bytes){ledger->room, len}));
}

enum store_status
ledger_del(struct ledger *ledger, enum kv_table table, const struct key *key)
{
	ledger->changes++;
	return row_status(kv_del(ledger->txn, table, key_bytes(key)));
}

enum store_status
ledger_put_u64(struct ledger *ledger, enum kv_table table,
    const struct key *key, uint64_t value)
{
	return ledger_put(ledger, table, key,
	    row_pack_u64(value, ledger->room));
}

/* ------------------------------------------------------------ conversations */

/* Room in the cache; what leaves it for this is put first. */
static enum store_status
make_place(struct ledger *ledger, uint64_t conv,
    struct conversation_row **conversation)
{
	const struct conversation_row *leaves =
	    cache_victim(&ledger->conversations, conv, 0);
	enum store_status status = STORE_OK;

	if (leaves != NULL && leaves->changed)
		status = ledger_flush(ledger);
	*conversation = cache_add(&ledger->conversations, conv, 0);
	return status;
}

enum store_status
ledger_conversation(struct ledger *ledger, uint64_t conv,
    struct conversation_row **conversation)
{
	struct conversation_row found;
	enum store_status status;

	*conversation = cache_find(&ledger->conversations, conv, 0);
	if (*conversation != NULL)
		return STORE_OK;
	status = row_get_conversation(ledger->txn, conv, &found);
	if (status != STORE_OK)
		return status;
	status = make_place(ledger, conv, conversation);
	**conversation = found;
	return status;
}

int64_t
ledger_time(const struct ledger *ledger,
    const struct conversation_row *conversation)
{
	return conversation->at_us > ledger->now_us ? conversation->at_us
						    : ledger->now_us;
}

enum store_status
ledger_direct(struct ledger *ledger, uint64_t one, uint64_t other,
    uint64_t *conv)
{
	uint64_t low = one < other ? one : other;
	uint64_t high = one < other ? other : one;
	uint64_t *cached = cache_find(&ledger->directs, low, high);
	enum store_status status;
	struct key key;

	if (cached != NULL) {
		*conv = *cached;
		return STORE_OK;
	}
	key_direct(&key, one, other);
	*conv = 0;
	status = row_get_u64(ledger->txn, KV_CNAME, &key, conv);
	if (status != STORE_OK && status != STORE_NOT_FOUND)
		return status;
	cached = cache_add(&ledger->directs, low, high);
	*cached = *conv;
	return STORE_OK;
}

enum store_status
ledger_put_info(struct ledger *ledger,
    const struct conversation_row *conversation)
{
	struct key key;

	key_info(&key, conversation->info.id);
	return ledger_put(ledger, KV_CONV, &key,
	    row_pack_info(conversation, ledger->room));
}

/* The name leads to it, and the cached answer that it is absent goes. */
static enum store_status
put_name(struct ledger *ledger, const struct conversation_info *info)
{
	uint64_t low = info->a < info->b ? info->a : info->b;
	uint64_t high = info->a < info->b ? info->b : info->a;
	struct key key;

	if (info->kind == CONVERSATION_DIRECT) {
		cache_drop(&ledger->directs, low, high);
		key_direct(&key, low, high);
	} else {
		key_string(&key, info->name);
	}
	return ledger_put_u64(ledger, KV_CNAME, &key, info->id);
}

enum store_status
ledger_add_conversation(struct ledger *ledger,
    const struct conversation_info *info, uint32_t limit,
    struct conversation_row **conversation)
{
	uint64_t conv = ++ledger->last.conv;
	enum store_status status;

	ledger->changes++; /* a number was handed out */
	status = make_place(ledger, conv, conversation);
	memset(*conversation, 0, sizeof(**conversation));
	(*conversation)->info = *info;
	(*conversation)->info.id = conv;
	(*conversation)->info.first_seq = 1;
	(*conversation)->info.created_us = ledger->now_us;
	(*conversation)->limit = limit;
	if (status == STORE_OK)
		status = put_name(ledger, &(*conversation)->info);
	if (status == STORE_OK)
		status = ledger_put_info(ledger, *conversation);
	if (status == STORE_OK)
		status = ledger_touch(ledger, *conversation);
	return status;
}

/* ------------------------------------------------------------------ members */

enum store_status
ledger_member(struct ledger *ledger, uint64_t conv, uint64_t uid,
    struct member_row **row)
{
	struct member_row found;
	enum store_status status;

	*row = cache_find(&ledger->members, conv, uid);
	if (*row != NULL)
		return STORE_OK;
	status = row_get_member(ledger->txn, conv, uid, &found);
	if (status != STORE_OK)
		return status;
	*row = cache_add(&ledger->members, conv, uid);
	**row = found;
	return STORE_OK;
}

enum store_status
ledger_put_member(struct ledger *ledger, uint64_t conv, uint64_t uid,
    const struct member_row *row)
{
	struct key key;

	key_pair(&key, conv, uid);
	return ledger_put(ledger, KV_MEMB, &key,
	    row_pack_member(row, ledger->room));
}

enum store_status
ledger_add_member(struct ledger *ledger, uint64_t conv, uint64_t uid,
    const struct member_row *row)
{
	enum store_status status;
	struct key key;

	status = ledger_put_member(ledger, conv, uid, row);
	if (status != STORE_OK)
		return status;
	key_pair(&key, uid, conv);
	return ledger_put(ledger, KV_UMEMB, &key, 0);
}

enum store_status
ledger_remove_member(struct ledger *ledger, uint64_t conv, uint64_t uid)
{
	enum store_status status;
	struct key key;

	cache_drop(&ledger->members, conv, uid);
	key_pair(&key, conv, uid);
	status = ledger_del(ledger, KV_MEMB, &key);
	if (status != STORE_OK)
		return status;
	key_pair(&key, uid, conv);
	return ledger_del(ledger, KV_UMEMB, &key);
}

enum store_status
ledger_blocks(struct ledger *ledger, uint64_t who, uint64_t whom,
    bool *blocks)
{
	bool *cached = cache_find(&ledger->blocks, who, whom);
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	if (cached != NULL) {
		*blocks = *cached;
		return STORE_OK;
	}
	key_pair(&key, who, whom);
	result = kv_get(ledger->txn, KV_BLOCK, key_bytes(&key), &value);
	if (result != KV_OK && result != KV_NONE)
		return row_status(result);
	*blocks = result == KV_OK;
	cached = cache_add(&ledger->blocks, who, whom);
	*cached = *blocks;
	return STORE_OK;
}

/* --------------------------------------------------------------- beginnings */

void
ledger_close(struct ledger *ledger)
{
	cache_fini(&ledger->conversations);
	cache_fini(&ledger->directs);
	cache_fini(&ledger->members);
	cache_fini(&ledger->blocks);
	free(ledger->people);
	cache_fini(&ledger->trails);
	id_sets_clear(&ledger->ids);
	free(ledger->room);
	free(ledger->message);
	free(ledger->cursors);
	free(ledger->waiting);
	free(ledger->changed);
	buf_fini(&ledger->log);
	memset(ledger, 0, sizeof(*ledger));
}

static int
make_memory(struct ledger *ledger, struct error *err)
{
	ledger->ids.bytes_max = IDS_BYTES;
	ledger->room_size = RECORD_ENCODED_MAX;
	ledger->room = malloc(ledger->room_size);
	ledger->message = malloc(RECORD_ENCODED_MAX);
	ledger->people = calloc(PEOPLE_CACHED, sizeof(*ledger->people));
	if (ledger->room == NULL || ledger->message == NULL ||
	    ledger->people == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the store");
		return -1;
	}
	if (cache_init(&ledger->conversations, CONVERSATIONS_CACHED,
		sizeof(struct conversation_row), err) != 0 ||
	    cache_init(&ledger->directs, DIRECTS_CACHED, sizeof(uint64_t),
		err) != 0 ||
	    cache_init(&ledger->members, MEMBERS_CACHED,
		sizeof(struct member_row), err) != 0 ||
	    cache_init(&ledger->blocks, BLOCKS_CACHED, sizeof(bool),
		err) != 0 ||
	    cache_init(&ledger->trails, TRAILS_CACHED, 0, err) != 0)
		return -1;
	return 0;
}

int
ledger_open(struct ledger *ledger, struct kv *kv,
    const struct ledger_options *options, struct error *err)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->kv = kv;
	ledger->clock = options->clock;
	ledger->device_max = options->device_max;
	ledger->min_free = options->min_free;
	if (make_memory(ledger, err) != 0 || ledger_begin(ledger, err) != 0)
		return -1;
	if (ledger_load(ledger, err) != 0) {
		ledger_abort(ledger);
		return -1;
	}
	if (ledger_flush(ledger) != STORE_OK) {
		error_set(err, ERROR_SYSTEM, "the new store cannot be written");
		ledger_abort(ledger);
		return -1;
	}
	return ledger_commit(ledger, err) == KV_OK ? 0 : -1;
}
