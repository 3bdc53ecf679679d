/* SPDX-License-Identifier: MIT */
#include "store/meta.h"

#include <sys/random.h>

#include "store/rows.h"

#define EPOCH_MASK ((UINT64_C(1) << 53) - 1)

static enum store_status
get(struct kv_txn *txn, const char *name, uint64_t *value)
{
	struct key key;

	key_string(&key, name);
	return row_get_u64(txn, KV_META, &key, value);
}

static int
put(struct kv_txn *txn, const char *name, uint64_t value, struct error *err)
{
	unsigned char room[ROW_MAX];
	struct key key;

	key_string(&key, name);
	if (kv_put(txn, KV_META, key_bytes(&key), (struct kv_bytes){room,
	    row_pack_u64(value, room)}) == KV_OK)
		return 0;
	error_set(err, ERROR_SYSTEM, "the store cannot be written");
	return -1;
}

static int
draw(uint64_t *numbers, size_t n, struct error *err)
{
	if (getrandom(numbers, n * sizeof(*numbers), 0) ==
	    (ssize_t)(n * sizeof(*numbers)))
		return 0;
	error_set_errno(err, "no random numbers");
	return -1;
}

int
meta_read(struct kv_txn *txn, struct meta *meta, struct error *err)
{
	enum store_status status = get(txn, "format", &meta->format);

	if (status == STORE_NOT_FOUND)
		return 1;
	if (status == STORE_OK && meta->format != META_FORMAT) {
		error_set(err, ERROR_CONFIG, "the store has format %llu; this "
		    "program knows format %d: it was written by %s one",
		    (unsigned long long)meta->format, META_FORMAT,
		    meta->format < META_FORMAT ? "an older" : "a newer");
		return -1;
	}
	if (status == STORE_OK &&
	    get(txn, "epoch", &meta->epoch) == STORE_OK &&
	    get(txn, "key-low", &meta->mark_key.low) == STORE_OK &&
	    get(txn, "key-high", &meta->mark_key.high) == STORE_OK)
		return 0;
	error_set(err, ERROR_CORRUPT, "what the store says of itself does "
	    "not verify");
	return -1;
}

int
meta_make(struct kv_txn *txn, struct meta *meta, struct error *err)
{
	uint64_t random[3];

	if (draw(random, 3, err) != 0)
		return -1;
	meta->format = META_FORMAT;
	meta->epoch = (random[0] & EPOCH_MASK) | 1;
	meta->mark_key.low = random[1];
	meta->mark_key.high = random[2];
	if (put(txn, "format", meta->format, err) != 0 ||
	    put(txn, "epoch", meta->epoch, err) != 0 ||
	    put(txn, "key-low", meta->mark_key.low, err) != 0)
		return -1;
	return put(txn, "key-high", meta->mark_key.high, err);
}

int
meta_renew_epoch(struct kv_txn *txn, struct error *err)
{
	uint64_t random;

	if (draw(&random, 1, err) != 0)
		return -1;
	return put(txn, "epoch", (random & EPOCH_MASK) | 1, err);
}
