/* SPDX-License-Identifier: MIT */
#include "script/shared.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS 16
#define BUCKETS 1024 /* of each shard, to begin with */
#define DEFAULT_MAX ((size_t)32 << 20)
#define ROUNDING 1e-9
#define ENTRY_COST 32 /* what malloc adds, and the bucket */

enum entry_kind { ENTRY_VALUE, ENTRY_RATE };

struct entry {
	struct entry *next; /* in its bucket */
	struct entry *newer, *older;
	uint64_t hash;
	int64_t expires_us; /* 0: never */
	uint8_t kind;
	uint8_t type;
	uint16_t key_len;
	uint32_t len;
	union {
		int64_t integer;
		double number; /* the tokens of a bucket, too */
	} u;
	int64_t filled_us; /* of a bucket */
	char bytes[]; /* key, then text */
};

struct shard {
	pthread_mutex_t mutex;
	struct entry **buckets;
	size_t mask, count;
	size_t used, max;
	struct entry *newest, *oldest;
};

struct script_shared {
	struct shard shards[SHARDS];
};

struct script_shared *
script_shared_new(size_t max, struct error *err)
{
	struct script_shared *shared = calloc(1, sizeof(*shared));
	unsigned i;

	if (shared == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for shared");
		return NULL;
	}
	for (i = 0; i < SHARDS; i++) {
		struct shard *shard = &shared->shards[i];

		pthread_mutex_init(&shard->mutex, NULL);
		shard->max = (max != 0 ? max : DEFAULT_MAX) / SHARDS;
		shard->mask = BUCKETS - 1;
		shard->buckets = calloc(BUCKETS, sizeof(*shard->buckets));
		if (shard->buckets == NULL) {
			error_set(err, ERROR_NOMEM, "no memory for shared");
			script_shared_free(shared);
			return NULL;
		}
	}
	return shared;
}

void
script_shared_free(struct script_shared *shared)
{
	struct entry *entry, *older;
	unsigned i;

	if (shared == NULL)
		return;
	for (i = 0; i < SHARDS; i++) {
		for (entry = shared->shards[i].newest; entry != NULL;
		    entry = older) {
			older = entry->older;
			free(entry);
		}
		free(shared->shards[i].buckets);
		pthread_mutex_destroy(&shared->shards[i].mutex);
	}
	free(shared);
}

/* FNV-1a, with a last mixing since the low bits choose. */
static uint64_t
hash_key(const struct shared_key *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < key->len; i++)
		hash = (hash ^ (unsigned char)key->text[i]) *
		    UINT64_C(0x100000001b3);
	return hash ^ hash >> 29;
}

static size_t
cost(const struct entry *entry)
{
	return sizeof(*entry) + entry->key_len + entry->len + ENTRY_COST;
}

static void
unlink_age(struct shard *shard, struct entry *entry)
{
	*(entry->newer != NULL ? &entry->newer->older : &shard->newest) =
	    entry->older;
	*(entry->older != NULL ? &entry->older->newer : &shard->oldest) =
	    entry->newer;
}

static void
link_newest(struct shard *shard, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = shard->newest;
	*(shard->newest != NULL ? &shard->newest->newer : &shard->oldest) =
	    entry;
	shard->newest = entry;
}

static void
drop(struct shard *shard, struct entry *entry)
{
	struct entry **at = &shard->buckets[entry->hash & shard->mask];

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	unlink_age(shard, entry);
	shard->used -= cost(entry);
	shard->count--;
	free(entry);
}

/* Becomes the newest.  What has expired is not found, and goes. */
static struct entry *
find(struct shard *shard, const struct shared_key *key, uint64_t hash)
{
	struct entry *entry = shard->buckets[hash & shard->mask];

	for (; entry != NULL; entry = entry->next) {
		if (entry->hash == hash && entry->key_len == key->len &&
		    memcmp(entry->bytes, key->text, key->len) == 0)
			break;
	}
	if (entry == NULL)
		return NULL;
	if (entry->expires_us != 0 && entry->expires_us <= key->now_us) {
		drop(shard, entry);
		return NULL;
	}
	if (shard->newest != entry) {
		unlink_age(shard, entry);
		link_newest(shard, entry);
	}
	return entry;
}

/* Failing to grow only makes it slower. */
static void
grow(struct shard *shard)
{
	size_t size = (shard->mask + 1) * 2;
	struct entry **buckets, *entry;

	if (shard->count <= shard->mask)
		return;
	buckets = calloc(size, sizeof(*buckets));
	if (buckets == NULL)
		return;
	for (entry = shard->newest; entry != NULL; entry = entry->older) {
		entry->next = buckets[entry->hash & (size - 1)];
		buckets[entry->hash & (size - 1)] = entry;
	}
	free(shard->buckets);
	shard->buckets = buckets;
	shard->mask = size - 1;
}

/* A new entry with room for text; NULL: no memory. */
static struct entry *
add(struct shard *shard, const struct shared_key *key, uint64_t hash,
    size_t len)
{
	struct entry *entry = calloc(1, sizeof(*entry) + key->len + len);

	if (entry == NULL)
		return NULL;
	entry->hash = hash;
	entry->key_len = (uint16_t)key->len;
	entry->len = (uint32_t)len;
	memcpy(entry->bytes, key->text, key->len);
	while (shard->oldest != NULL && shard->used + cost(entry) > shard->max)
		drop(shard, shard->oldest);
	grow(shard);
	entry->next = shard->buckets[hash & shard->mask];
	shard->buckets[hash & shard->mask] = entry;
	link_newest(shard, entry);
	shard->used += cost(entry);
	shard->count++;
	return entry;
}

static struct shard *
lock(struct script_shared *shared, uint64_t hash)
{
	/* Not the bits that choose the bucket. */
	struct shard *shard = &shared->shards[hash >> 60];

	pthread_mutex_lock(&shard->mutex);
	return shard;
}

bool
shared_get(struct script_shared *shared, const struct shared_key *key,
    struct shared_value *value, char *room)
{
	uint64_t hash = hash_key(key);
	struct shard *shard = lock(shared, hash);
	struct entry *entry = find(shard, key, hash);
	bool found = entry != NULL && entry->kind == ENTRY_VALUE;

	if (found) {
		value->type = (enum shared_type)entry->type;
		value->integer = entry->u.integer;
		value->number = entry->u.number;
		value->text = room;
		value->len = entry->len;
		memcpy(room, entry->bytes + entry->key_len, entry->len);
	}
	pthread_mutex_unlock(&shard->mutex);
	return found;
}

int
shared_set(struct script_shared *shared, const struct shared_key *key,
    const struct shared_value *value, int64_t ttl_us)
{
	uint64_t hash = hash_key(key);
	struct shard *shard = lock(shared, hash);
	struct entry *entry = find(shard, key, hash);
	int rc = 0;

	if (entry != NULL)
		drop(shard, entry);
	if (value->type != SHARED_NONE) {
		entry = add(shard, key, hash,
		    value->type == SHARED_TEXT ? value->len : 0);
		if (entry == NULL) {
			rc = -1;
		} else {
			entry->type = (uint8_t)value->type;
			entry->expires_us =
			    ttl_us != 0 ? key->now_us + ttl_us : 0;
			if (value->type == SHARED_NUMBER)
				entry->u.number = value->number;
			else
				entry->u.integer = value->integer;
			memcpy(entry->bytes + key->len, value->text,
			    entry->len);
		}
	}
	pthread_mutex_unlock(&shard->mutex);
	return rc;
}

int
shared_incr(struct script_shared *shared, const struct shared_key *key,
    int64_t by, int64_t ttl_us, int64_t *result)
{
	uint64_t hash = hash_key(key);
	struct shard *shard = lock(shared, hash);
	struct entry *entry = find(shard, key, hash);
	int rc = -1;

	if (entry == NULL) {
		entry = add(shard, key, hash, 0);
		if (entry != NULL) {
			entry->type = SHARED_INTEGER;
			entry->expires_us =
			    ttl_us != 0 ? key->now_us + ttl_us : 0;
		}
	}
	if (entry != NULL && entry->kind == ENTRY_VALUE &&
	    entry->type == SHARED_INTEGER) {
		/* Wraps as Lua's integers do. */
		entry->u.integer = (int64_t)((uint64_t)entry->u.integer +
		    (uint64_t)by);
		*result = entry->u.integer;
		rc = 0;
	}
	pthread_mutex_unlock(&shard->mutex);
	return rc;
}

static struct entry *
find_bucket(struct shard *shard, const struct shared_key *key, uint64_t hash,
    double burst)
{
	struct entry *entry = find(shard, key, hash);

	if (entry != NULL && entry->kind != ENTRY_RATE) {
		drop(shard, entry);
		entry = NULL;
	}
	if (entry != NULL)
		return entry;
	entry = add(shard, key, hash, 0);
	if (entry != NULL) {
		entry->kind = ENTRY_RATE;
		entry->u.number = burst;
		entry->filled_us = key->now_us;
	}
	return entry;
}

int64_t
shared_rate(struct script_shared *shared, const struct shared_key *key,
    double per_s, double burst)
{
	uint64_t hash = hash_key(key);
	struct shard *shard = lock(shared, hash);
	struct entry *entry = find_bucket(shard, key, hash, burst);
	int64_t wait_us = 0;
	double tokens;

	/* Without memory nobody is refused. */
	if (entry != NULL) {
		tokens = entry->u.number +
		    (double)(key->now_us - entry->filled_us) / 1e6 * per_s;
		if (tokens > burst)
			tokens = burst;
		if (tokens >= 1 - ROUNDING)
			tokens -= 1;
		else
			wait_us = (int64_t)((1 - tokens) / per_s * 1e6 + 0.999);
		entry->u.number = tokens;
		entry->filled_us = key->now_us;
	}
	pthread_mutex_unlock(&shard->mutex);
	return wait_us;
}
