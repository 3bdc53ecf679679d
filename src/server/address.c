/* SPDX-License-Identifier: MIT */
#include "server/address.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"

/* Addresses at rest are forgotten when so many more have been seen. */
#define SWEEP_STEP 1024
/* Whoever has too many connections may look again after so long. */
#define CAP_WAIT_MS 5000
/* Refusals further apart than this are no abuse that goes on. */
#define ABUSE_PAUSE_MS 2000

static const struct ip nobody;

struct bucket {
	double level; /* what is taken out of it */
	int64_t at_ms;
};

struct address {
	uint64_t key;
	bool proxy; /* nothing is limited */
	uint32_t connections;
	uint32_t unauthenticated;
	struct bucket connects, accounts, requests;
	int64_t refused_ms; /* the last request that was; 0: none */
	int64_t abuse_ms;   /* since when they are */
	struct ip ip;
	char text[IP_TEXT_SIZE];
};

struct addresses {
	pthread_mutex_t lock;
	struct address_limits limits;
	struct map map;
	size_t sweep_at;
};

struct addresses *
addresses_new(const struct address_limits *limits, struct error *err)
{
	struct addresses *addresses;

	addresses = calloc(1, sizeof(*addresses));
	if (addresses == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for addresses");
		return NULL;
	}
	pthread_mutex_init(&addresses->lock, NULL);
	addresses->limits = *limits;
	addresses->sweep_at = SWEEP_STEP;
	return addresses;
}

void
addresses_free(struct addresses *addresses)
{
	struct address *address;
	size_t at = 0;

	if (addresses == NULL)
		return;
	while ((address = map_next(&addresses->map, &at)) != NULL)
		free(address);
	map_fini(&addresses->map);
	pthread_mutex_destroy(&addresses->lock);
	free(addresses);
}

void
addresses_set_limits(struct addresses *addresses,
    const struct address_limits *limits)
{
	pthread_mutex_lock(&addresses->lock);
	addresses->limits = *limits;
	pthread_mutex_unlock(&addresses->lock);
}

static int64_t
now_ms(void)
{
	static const struct clock system_clock;

	return clock_monotonic_ms(&system_clock);
}

static void
bucket_leak(struct bucket *bucket, double rate, int64_t now)
{
	bucket->level -= (double)(now - bucket->at_ms) * rate / 1000;
	if (bucket->level < 0)
		bucket->level = 0;
	bucket->at_ms = now;
}

/*
 * 0, or the ms until there is room.  One more, so that who waits so long is
 * not refused for a rounding.
 */
static uint32_t
bucket_take(struct bucket *bucket, double rate, double burst, int64_t now)
{
	double ms;

	if (rate <= 0)
		return 0;
	bucket_leak(bucket, rate, now);
	if (bucket->level + 1 <= burst) {
		bucket->level += 1;
		return 0;
	}
	ms = (bucket->level + 1 - burst) / rate * 1000 + 1;
	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

/*
 * What counts as one: an IPv4 address, or the /64 of an IPv6 one (of which
 * the first, ::/64, has no hosts but the loopback).
 */
static struct ip
whole_of(const struct ip *ip)
{
	struct ip whole = *ip;

	if (!ip_is_v4(ip) && !ip_is_loopback(ip))
		memset(whole.bytes + 8, 0, 8);
	return whole;
}

/*
 * IPv4 addresses have the top bit set and the rest in the low half, where no
 * global IPv6 prefix is; nor are there prefixes of few low bits, or with the
 * bit that sets proxies apart.
 */
#define KEY_V4 (UINT64_C(1) << 63)
#define KEY_PROXY (UINT64_C(1) << 62)
enum { KEY_ZERO = 1, KEY_UNIX = 2 };

/* whole NULL: over a Unix socket. */
static uint64_t
key_of(const struct ip *whole)
{
	uint64_t key = 0;
	int i;

	if (whole == NULL)
		return KEY_UNIX;
	if (ip_is_v4(whole)) {
		for (i = 12; i < 16; i++)
			key = key << 8 | whole->bytes[i];
		return KEY_V4 | key;
	}
	for (i = 0; i < 8; i++)
		key = key << 8 | whole->bytes[i];
	/* ::1: a key must not be 0. */
	return key != 0 ? key : KEY_ZERO;
}

static bool
is_forgettable(const struct address_limits *limits, struct address *address,
    int64_t now)
{
	if (address->connections != 0)
		return false;
	bucket_leak(&address->connects, limits->connect_rate, now);
	bucket_leak(&address->accounts, limits->account_rate, now);
	bucket_leak(&address->requests, limits->request_rate, now);
	return address->connects.level <= 0 && address->accounts.level <= 0 &&
	    address->requests.level <= 0;
}

/* A map must not change while it is walked: first find, then remove. */
static void
sweep(struct addresses *addresses, int64_t now)
{
	struct map *map = &addresses->map;
	struct address *address;
	uint64_t *keys;
	size_t at = 0, n = 0;

	addresses->sweep_at = map->count + SWEEP_STEP;
	keys = malloc(map->count * sizeof(*keys));
	if (keys == NULL)
		return;
	while ((address = map_next(map, &at)) != NULL) {
		if (is_forgettable(&addresses->limits, address, now))
			keys[n++] = address->key;
	}
	while (n > 0)
		free(map_remove(map, keys[--n]));
	free(keys);
	addresses->sweep_at = map->count + SWEEP_STEP;
}

static struct address *
obtain(struct addresses *addresses, const struct ip *ip, bool proxy,
    int64_t now)
{
	const struct ip whole = ip != NULL ? whole_of(ip) : nobody;
	uint64_t key = key_of(ip != NULL ? &whole : NULL);
	struct address *address;

	if (proxy)
		key ^= KEY_PROXY;
	address = map_get(&addresses->map, key);
	if (address != NULL)
		return address;
	if (addresses->map.count >= addresses->sweep_at)
		sweep(addresses, now);
	address = calloc(1, sizeof(*address));
	if (address == NULL)
		return NULL;
	address->key = key;
	address->proxy = proxy;
	address->ip = whole;
	if (ip != NULL)
		ip_format(&whole, address->text);
	else
		strcpy(address->text, "unix");
	address->connects.at_ms = address->accounts.at_ms = now;
	address->requests.at_ms = now;
	if (map_put(&addresses->map, key, address) == -1) {
		free(address);
		return NULL;
	}
	return address;
}

static enum address_verdict
judge(const struct address_limits *limits, struct address *address,
    enum address_kind kind, int64_t now, uint32_t *wait_ms)
{
	uint32_t all = limits->connections, unknown = limits->unauthenticated;

	if (kind == ADDRESS_PROXY)
		return ADDRESS_OK;
	if ((all != 0 && address->connections >= 2 * all) ||
	    (unknown != 0 && address->unauthenticated >= 2 * unknown))
		return ADDRESS_DROPPED;
	*wait_ms = kind == ADDRESS_FORWARDED ? 0 :
	    bucket_take(&address->connects, limits->connect_rate,
	    limits->connect_burst, now);
	if (*wait_ms != 0)
		return ADDRESS_REFUSED;
	*wait_ms = CAP_WAIT_MS;
	if ((all != 0 && address->connections >= all) ||
	    (unknown != 0 && address->unauthenticated >= unknown))
		return ADDRESS_REFUSED;
	return ADDRESS_OK;
}

enum address_verdict
address_connect(struct addresses *addresses, const struct ip *ip,
    enum address_kind kind, struct address **out, uint32_t *wait_ms)
{
	enum address_verdict verdict = ADDRESS_DROPPED;
	struct address *address;
	int64_t now = now_ms();

	*out = NULL;
	pthread_mutex_lock(&addresses->lock);
	address = obtain(addresses, ip, kind == ADDRESS_PROXY, now);
	if (address != NULL)
		verdict = judge(&addresses->limits, address, kind, now,
		    wait_ms);
	if (verdict != ADDRESS_DROPPED) {
		address->connections++;
		address->unauthenticated++;
		*out = address;
	}
	pthread_mutex_unlock(&addresses->lock);
	return verdict;
}

bool
address_is(const struct address *address, const struct ip *ip)
{
	const struct ip whole = whole_of(ip);

	return address->key == key_of(&whole);
}

void
address_authenticated(struct addresses *addresses, struct address *address)
{
	pthread_mutex_lock(&addresses->lock);
	address->unauthenticated--;
	pthread_mutex_unlock(&addresses->lock);
}

void
address_disconnect(struct addresses *addresses, struct address *address,
    bool authenticated)
{
	pthread_mutex_lock(&addresses->lock);
	address->connections--;
	if (!authenticated)
		address->unauthenticated--;
	pthread_mutex_unlock(&addresses->lock);
}

/* Whether refusals have gone on for too long. */
static bool
is_abused(const struct address_limits *limits, struct address *address,
    int64_t now)
{
	if (address->refused_ms == 0 ||
	    now - address->refused_ms > ABUSE_PAUSE_MS)
		address->abuse_ms = now;
	address->refused_ms = now;
	return now - address->abuse_ms > limits->abuse_ms;
}

enum address_verdict
address_request(struct addresses *addresses, struct address *address,
    uint32_t *wait_ms)
{
	const struct address_limits *limits = &addresses->limits;
	enum address_verdict verdict = ADDRESS_OK;
	int64_t now = now_ms();

	*wait_ms = 0;
	if (address->proxy)
		return ADDRESS_OK;
	pthread_mutex_lock(&addresses->lock);
	*wait_ms = bucket_take(&address->requests, limits->request_rate,
	    limits->request_burst, now);
	if (*wait_ms != 0)
		verdict = is_abused(limits, address, now) ? ADDRESS_DROPPED :
		    ADDRESS_REFUSED;
	pthread_mutex_unlock(&addresses->lock);
	return verdict;
}

void
address_request_known(struct addresses *addresses, struct address *address)
{
	pthread_mutex_lock(&addresses->lock);
	if (address->requests.level >= 1)
		address->requests.level -= 1;
	pthread_mutex_unlock(&addresses->lock);
}

bool
address_may_register(struct addresses *addresses, struct address *address)
{
	bool may;

	pthread_mutex_lock(&addresses->lock);
	may = bucket_take(&address->accounts, addresses->limits.account_rate,
	    addresses->limits.account_burst, now_ms()) == 0;
	pthread_mutex_unlock(&addresses->lock);
	return may;
}

const char *
address_text(const struct address *address)
{
	return address->text;
}

const struct ip *
address_ip(const struct address *address)
{
	return &address->ip;
}
