/* SPDX-License-Identifier: MIT */
#include "auth/guard.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* A key may stand in WAYS places; which SETS they are of, only we know. */
#define SETS 8192
#define WAYS 8
#define KEY_MAX 512 /* what is longer shares a bucket by its beginning */

/*
 * A bucket is the time at which it will be full again (a "generic cell rate
 * algorithm"): a try moves it by a period, and is refused while it lies a
 * burst of periods or more ahead.
 */
struct slot {
	uint64_t key;	 /* 0: free */
	int64_t full_ms;
	int64_t used_ms; /* the last success; of known addresses alone */
};

struct table {
	struct slot slots[SETS][WAYS];
};

struct guard {
	pthread_mutex_t lock; /* of all below but secret */
	struct hash_key secret;
	struct guard_limits limits;
	struct table accounts;	/* account: tries from where it is unknown */
	struct table known;	/* account and address: signed in before */
	struct table addresses; /* address: tries of any account */
};

struct guard *
guard_new(const struct guard_limits *limits, struct error *err)
{
	struct guard *guard = calloc(1, sizeof(*guard));

	if (guard == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a guard");
		return NULL;
	}
	if (RAND_bytes((unsigned char *)&guard->secret,
	    sizeof(guard->secret)) != 1) {
		error_set(err, ERROR_SYSTEM, "no random bytes for a guard");
		free(guard);
		return NULL;
	}
	guard->limits = *limits;
	pthread_mutex_init(&guard->lock, NULL);
	return guard;
}

void
guard_free(struct guard *guard)
{
	if (guard == NULL)
		return;
	pthread_mutex_destroy(&guard->lock);
	free(guard);
}

void
guard_set_limits(struct guard *guard, const struct guard_limits *limits)
{
	pthread_mutex_lock(&guard->lock);
	guard->limits = *limits;
	pthread_mutex_unlock(&guard->lock);
}

/* Either may be NULL.  Not 0. */
static uint64_t
key_of(const struct guard *guard, const char *account, const char *address)
{
	char text[KEY_MAX];
	uint64_t key;

	/* No NUL and no line end is in either. */
	snprintf(text, sizeof(text), "%s\n%s",
	    address != NULL ? address : "", account != NULL ? account : "");
	key = hash_keyed(&guard->secret, text, strlen(text));
	return key != 0 ? key : 1;
}

static struct slot *
find(struct table *table, uint64_t key)
{
	struct slot *set = table->slots[key % SETS];
	size_t i;

	for (i = 0; i < WAYS; i++)
		if (set[i].key == key)
			return &set[i];
	return NULL;
}

/* Which of two is the smaller loss? */
static bool
before(const struct slot *a, const struct slot *b)
{
	return a->used_ms != b->used_ms ? a->used_ms < b->used_ms :
	    a->full_ms < b->full_ms;
}

/* The slot of the key; at need that of the fullest bucket of its set. */
static struct slot *
claim(struct table *table, uint64_t key)
{
	struct slot *set = table->slots[key % SETS];
	struct slot *slot = find(table, key);
	size_t i;

	if (slot != NULL)
		return slot;
	slot = set;
	for (i = 1; i < WAYS; i++)
		if (before(&set[i], slot))
			slot = &set[i];
	*slot = (struct slot){.key = key};
	return slot;
}

#define PERIOD_MAX_MS 1e12

/* From one try to the next. */
static int64_t
period_ms(double rate)
{
	double period = 1000 / rate;

	if (period > PERIOD_MAX_MS)
		period = PERIOD_MAX_MS;
	return period < 1 ? 1 : (int64_t)(period + 0.5);
}

/* The ms until one more is allowed; slot NULL is a full bucket. */
static int64_t
wait_ms(const struct slot *slot, double rate, double burst, int64_t now_ms)
{
	int64_t wait;

	if (rate <= 0 || slot == NULL || slot->full_ms <= now_ms)
		return 0;
	if (burst < 1)
		burst = 1;
	wait = slot->full_ms - now_ms -
	    (int64_t)(burst - 1) * period_ms(rate);
	return wait > 0 ? wait : 0;
}

static void
take(struct slot *slot, double rate, int64_t now_ms)
{
	if (slot->full_ms < now_ms)
		slot->full_ms = now_ms;
	slot->full_ms += period_ms(rate);
}

static void
give_back(struct slot *slot, double rate)
{
	if (slot != NULL && rate > 0)
		slot->full_ms -= period_ms(rate);
}

static uint32_t
try_locked(struct guard *guard, uint64_t account, uint64_t pair,
    uint64_t address, int64_t now_ms)
{
	const struct guard_limits *limits = &guard->limits;
	struct slot *known = find(&guard->known, pair);
	int64_t wait, other;

	wait = wait_ms(known != NULL ? known :
	    find(&guard->accounts, account), limits->account_rate,
	    limits->account_burst, now_ms);
	other = wait_ms(find(&guard->addresses, address),
	    limits->address_rate, limits->address_burst, now_ms);
	if (other > wait)
		wait = other;
	if (wait > 0)
		return wait < UINT32_MAX ? (uint32_t)wait : UINT32_MAX;
	if (limits->account_rate > 0)
		take(known != NULL ? known :
		    claim(&guard->accounts, account), limits->account_rate,
		    now_ms);
	if (limits->address_rate > 0)
		take(claim(&guard->addresses, address), limits->address_rate,
		    now_ms);
	return 0;
}

uint32_t
guard_try(struct guard *guard, const char *account, const char *address,
    int64_t now_ms)
{
	uint64_t of_account = key_of(guard, account, NULL);
	uint64_t of_pair = key_of(guard, account, address);
	uint64_t of_address = key_of(guard, NULL, address);
	uint32_t wait;

	pthread_mutex_lock(&guard->lock);
	wait = try_locked(guard, of_account, of_pair, of_address, now_ms);
	pthread_mutex_unlock(&guard->lock);
	return wait;
}

void
guard_succeeded(struct guard *guard, const char *account,
    const char *address, int64_t now_ms)
{
	uint64_t of_account = key_of(guard, account, NULL);
	uint64_t of_pair = key_of(guard, account, address);
	uint64_t of_address = key_of(guard, NULL, address);
	struct slot *known;

	pthread_mutex_lock(&guard->lock);
	known = find(&guard->known, of_pair);
	give_back(known != NULL ? known :
	    find(&guard->accounts, of_account), guard->limits.account_rate);
	give_back(find(&guard->addresses, of_address),
	    guard->limits.address_rate);
	claim(&guard->known, of_pair)->used_ms = now_ms;
	pthread_mutex_unlock(&guard->lock);
}
