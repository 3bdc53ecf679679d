/* SPDX-License-Identifier: MIT */
#include "net/tickets.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct key {
	unsigned char name[TICKETS_NAME_SIZE];
	unsigned char aes[32];
	unsigned char hmac[32];
};

struct tickets {
	atomic_uint refs;
	const struct clock *clock;
	pthread_mutex_t lock;
	int64_t made_ms; /* of keys[0] */
	struct key keys[2]; /* the one that seals, and the one before it */
};

static int
make_key(struct key *key)
{
	return RAND_priv_bytes((unsigned char *)key, sizeof(*key)) == 1 ? 0 :
	    -1;
}

struct tickets *
tickets_new(const struct clock *clock, struct error *err)
{
	struct tickets *tickets;

	tickets = calloc(1, sizeof(*tickets));
	if (tickets == NULL || make_key(&tickets->keys[0]) == -1 ||
	    make_key(&tickets->keys[1]) == -1) {
		error_set(err, ERROR_SYSTEM, "cannot make keys of tickets");
		free(tickets);
		return NULL;
	}
	atomic_init(&tickets->refs, 1);
	tickets->clock = clock;
	tickets->made_ms = clock_monotonic_ms(clock);
	pthread_mutex_init(&tickets->lock, NULL);
	return tickets;
}

struct tickets *
tickets_ref(struct tickets *tickets)
{
	atomic_fetch_add(&tickets->refs, 1);
	return tickets;
}

void
tickets_unref(struct tickets *tickets)
{
	if (tickets == NULL || atomic_fetch_sub(&tickets->refs, 1) != 1)
		return;
	pthread_mutex_destroy(&tickets->lock);
	OPENSSL_cleanse(tickets->keys, sizeof(tickets->keys));
	free(tickets);
}

/* Changes the keys that have lived long enough, as often as is due. */
static int
rotate(struct tickets *tickets)
{
	const int64_t life_ms = TICKETS_LIFE_S * INT64_C(1000);
	int64_t now = clock_monotonic_ms(tickets->clock);
	int64_t due = (now - tickets->made_ms) / life_ms;

	if (due <= 0)
		return 0;
	tickets->keys[1] = tickets->keys[0];
	if (make_key(&tickets->keys[0]) == -1 ||
	    (due > 1 && make_key(&tickets->keys[1]) == -1))
		return -1;
	tickets->made_ms += due * life_ms;
	return 0;
}

/* Copies the key to seal with, or that of the name.  As tickets_prepare(). */
static int
find_key(struct tickets *tickets, const unsigned char *name, int seal,
    struct key *key)
{
	int i, found = 0;

	pthread_mutex_lock(&tickets->lock);
	if (rotate(tickets) == -1)
		found = -1;
	for (i = 0; i < 2 && found == 0; i++) {
		if (seal || memcmp(tickets->keys[i].name, name,
		    TICKETS_NAME_SIZE) == 0) {
			*key = tickets->keys[i];
			found = i + 1;
		}
	}
	pthread_mutex_unlock(&tickets->lock);
	return found;
}

static int
use_key(struct key *key, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY,
		    key->hmac, sizeof(key->hmac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
		    (char[]){"SHA256"}, 0),
		OSSL_PARAM_construct_end(),
	};

	if (seal) {
		memcpy(name, key->name, TICKETS_NAME_SIZE);
		if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(
		    EVP_aes_256_cbc())) != 1)
			return -1;
	}
	if (EVP_MAC_CTX_set_params(mac, params) != 1)
		return -1;
	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->aes,
	    iv, seal) == 1 ? 0 : -1;
}

int
tickets_prepare(struct tickets *tickets, unsigned char *name,
    unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	struct key key;
	int found;

	found = find_key(tickets, name, seal, &key);
	if (found > 0 && use_key(&key, name, iv, cipher, mac, seal) == -1)
		found = -1;
	OPENSSL_cleanse(&key, sizeof(key));
	return found;
}
