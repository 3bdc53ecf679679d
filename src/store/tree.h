/* SPDX-License-Identifier: MIT */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "store/kv.h"

/*
 * An ordered map in memory: a B+ tree of items that the caller allocates.
 * Each node keeps the first 16 bytes of its keys beside the pointers, so that
 * most steps of a search touch no item.  All zero is an empty tree.
 */
struct tree_item {
	uint32_t key_len;
	uint32_t value_len;
	unsigned char bytes[]; /* key, value */
};

struct tree_node;

struct tree {
	struct tree_node *root;
	struct tree_node *first, *last; /* leaves */
};

struct tree_at {
	struct tree_node *leaf; /* NULL: past the end */
	unsigned index;
};

/* NULL: no memory. */
struct tree_item *tree_item_new(struct kv_bytes key, struct kv_bytes value);

/* Frees the items too. */
void tree_fini(struct tree *tree);

struct tree_item *tree_get(const struct tree *tree, struct kv_bytes key);

/*
 * Puts item in, in place of the one with its key, which is handed out in
 * *old (else NULL).  Replacing allocates nothing.  -1: no memory, and the
 * map is as it was.
 */
int tree_put(struct tree *tree, struct tree_item *item,
    struct tree_item **old);

/* Takes the item with this key out, or NULL.  Allocates nothing. */
struct tree_item *tree_remove(struct tree *tree, struct kv_bytes key);

/* The first item at or after key; NULL: none.  Changes invalidate `at`. */
struct tree_item *tree_seek(const struct tree *tree, struct kv_bytes key,
    struct tree_at *at);
struct tree_item *tree_next(struct tree_at *at);
struct tree_item *tree_prev(struct tree_at *at);
struct tree_item *tree_last(const struct tree *tree, struct tree_at *at);

static inline struct kv_bytes
tree_item_key(const struct tree_item *item)
{
	return (struct kv_bytes){item->bytes, item->key_len};
}

static inline struct kv_bytes
tree_item_value(const struct tree_item *item)
{
	return (struct kv_bytes){item->bytes + item->key_len, item->value_len};
}

#endif
