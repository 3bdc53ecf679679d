/* SPDX-License-Identifier: MIT */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include <stdint.h>
#include <string.h>

#include "store/account.h"
#include "store/kv.h"
#include "store/pack.h"
#include "store/record.h"

/*
 * Keys as bytes, in whose order the tables are kept.  One conversation's
 * stretch of KV_CONV, so that an append stays within one leaf:
 *
 *	conv | seq                the log
 *	conv | FF x 8             the head
 *	conv | FF x 8 | 'i'       what the conversation is
 *	conv | FF x 8 | 't'       title and description
 */
struct key {
	size_t len;
	unsigned char bytes[EMAIL_MAX]; /* the longest */
};

static inline struct kv_bytes
key_bytes(const struct key *key)
{
	return (struct kv_bytes){key->bytes, key->len};
}

static inline void
key_u64(struct key *key, uint64_t value)
{
	key->len = 8;
	put_be64(key->bytes, value);
}

static inline void
key_pair(struct key *key, uint64_t first, uint64_t second)
{
	key->len = 16;
	put_be64(key->bytes, first);
	put_be64(key->bytes + 8, second);
}

static inline void
key_record(struct key *key, uint64_t conv, uint64_t seq)
{
	key_pair(key, conv, seq);
}

static inline void
key_head(struct key *key, uint64_t conv)
{
	key_pair(key, conv, UINT64_MAX);
}

static inline void
key_info(struct key *key, uint64_t conv)
{
	key_pair(key, conv, UINT64_MAX);
	key->bytes[key->len++] = 'i';
}

static inline void
key_texts(struct key *key, uint64_t conv)
{
	key_pair(key, conv, UINT64_MAX);
	key->bytes[key->len++] = 't';
}

/* KV_MARK; which: 'd'elivered or 'r'ead. */
static inline void
key_mark(struct key *key, uint64_t conv, uint64_t uid, char which,
    uint64_t seq)
{
	key_pair(key, conv, uid);
	key->bytes[key->len++] = (unsigned char)which;
	put_be64(key->bytes + key->len, seq);
	key->len += 8;
}

/* KV_REACT; emoji: at most EMOJI_MAX bytes. */
static inline void
key_reaction(struct key *key, uint64_t conv, uint64_t seq, uint64_t uid,
    const char *emoji, size_t len)
{
	key_pair(key, conv, seq);
	put_be64(key->bytes + 16, uid);
	memcpy(key->bytes + 24, emoji, len);
	key->len = 24 + len;
}

/* KV_OLD; id: of the event that ended it. */
static inline void
key_old(struct key *key, uint64_t conv, uint64_t seq, uint64_t id)
{
	key_pair(key, conv, seq);
	put_be64(key->bytes + 16, id);
	key->len = 24;
}

/* KV_BAN: of who is out, and was muted. */
static inline void
key_mute(struct key *key, uint64_t conv, uint64_t uid)
{
	key_pair(key, conv, uid);
	key->bytes[key->len++] = 'm';
}

/* KV_CNAME of a direct conversation; a group's begins with '#'. */
static inline void
key_direct(struct key *key, uint64_t one, uint64_t other)
{
	key->len = 17;
	key->bytes[0] = '@';
	put_be64(key->bytes + 1, one < other ? one : other);
	put_be64(key->bytes + 9, one < other ? other : one);
}

/* A name, an e-mail address, a range: at most EMAIL_MAX bytes. */
static inline void
key_string(struct key *key, const char *string)
{
	key->len = strlen(string);
	memcpy(key->bytes, string, key->len);
}

/* KV_META: a person whose erasure is not done. */
#define KEY_ERASING "erasing "

static inline void
key_erasing(struct key *key, uint64_t uid)
{
	key_string(key, KEY_ERASING);
	put_be64(key->bytes + key->len, uid);
	key->len += 8;
}

static inline void
key_device(struct key *key, uint64_t uid, const char *device)
{
	size_t len = strlen(device);

	put_be64(key->bytes, uid);
	memcpy(key->bytes + 8, device, len);
	key->len = 8 + len;
}

#endif
