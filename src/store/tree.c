/* SPDX-License-Identifier: MIT */
#include "store/tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/pack.h"

#define FAN 32
#define HEIGHT_MAX 16 /* 16^16 items */

/* A key's first 16 bytes as two numbers, zeroes where it is shorter. */
struct prefix {
	uint64_t high, low;
};

struct slot {
	struct prefix prefix;
	/* leaf: the item; inner: a copy of a key, or NULL in slot 0 */
	struct tree_item *item;
};

/*
 * An inner node's children[i] holds the keys from slots[i] up to before
 * slots[i + 1]; slot 0 stands for everything below slot 1.
 */
struct tree_node {
	unsigned n;
	bool leaf;
	struct slot slots[FAN];
	union {
		struct tree_node *children[FAN];
		struct {
			struct tree_node *prev, *next;
		} link;
	};
};

#define LEAF_SIZE \
	(offsetof(struct tree_node, link) + 2 * sizeof(struct tree_node *))

struct probe {
	struct prefix prefix;
	struct kv_bytes key;
};

static struct prefix
prefix_of(struct kv_bytes key)
{
	unsigned char bytes[16] = {0};

	if (key.len != 0)
		memcpy(bytes, key.data,
		    key.len < sizeof(bytes) ? key.len : sizeof(bytes));
	return (struct prefix){get_be64(bytes), get_be64(bytes + 8)};
}

static struct probe
probe_of(struct kv_bytes key)
{
	return (struct probe){prefix_of(key), key};
}

static int
compare_rest(struct kv_bytes one, struct kv_bytes other)
{
	size_t len = one.len < other.len ? one.len : other.len;
	int order = len > 16 ? memcmp(one.data, other.data, len) : 0;

	if (order != 0 || one.len == other.len)
		return order;
	return one.len < other.len ? -1 : 1;
}

static int
compare(const struct probe *probe, const struct slot *slot)
{
	if (probe->prefix.high != slot->prefix.high)
		return probe->prefix.high < slot->prefix.high ? -1 : 1;
	if (probe->prefix.low != slot->prefix.low)
		return probe->prefix.low < slot->prefix.low ? -1 : 1;
	return compare_rest(probe->key, tree_item_key(slot->item));
}

/* How many of slots[from..n) are below probe, plus from. */
static unsigned
lower_bound(const struct tree_node *node, unsigned from,
    const struct probe *probe, bool *equal)
{
	unsigned low = from, high = node->n, middle;
	int order;

	*equal = false;
	while (low < high) {
		middle = (low + high) / 2;
		order = compare(probe, &node->slots[middle]);
		if (order == 0) {
			*equal = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static unsigned
child_index(const struct tree_node *node, const struct probe *probe)
{
	bool equal;
	unsigned at = lower_bound(node, 1, probe, &equal);

	return equal ? at : at - 1;
}

static struct tree_node *
find_leaf(const struct tree *tree, const struct probe *probe)
{
	struct tree_node *node = tree->root;

	while (node != NULL && !node->leaf)
		node = node->children[child_index(node, probe)];
	return node;
}

struct tree_item *
tree_item_new(struct kv_bytes key, struct kv_bytes value)
{
	struct tree_item *item;

	item = malloc(sizeof(*item) + key.len + value.len);
	if (item == NULL)
		return NULL;
	item->key_len = (uint32_t)key.len;
	item->value_len = (uint32_t)value.len;
	memcpy(item->bytes, key.data, key.len);
	if (value.len != 0)
		memcpy(item->bytes + key.len, value.data, value.len);
	return item;
}

static struct tree_node *
node_new(bool leaf)
{
	struct tree_node *node;

	node = malloc(leaf ? LEAF_SIZE : sizeof(*node));
	if (node == NULL)
		return NULL;
	node->n = 0;
	node->leaf = leaf;
	if (leaf)
		node->link.prev = node->link.next = NULL;
	return node;
}

static void
node_free(struct tree_node *node)
{
	unsigned i;

	for (i = 0; i < node->n; i++)
		free(node->slots[i].item);
	free(node);
}

void
tree_fini(struct tree *tree)
{
	struct tree_node *stack[HEIGHT_MAX * FAN], *node;
	size_t depth = 0;
	unsigned i;

	if (tree->root != NULL)
		stack[depth++] = tree->root;
	while (depth > 0) {
		node = stack[--depth];
		for (i = 0; !node->leaf && i < node->n; i++)
			stack[depth++] = node->children[i];
		node_free(node);
	}
	memset(tree, 0, sizeof(*tree));
}

struct tree_item *
tree_get(const struct tree *tree, struct kv_bytes key)
{
	const struct probe probe = probe_of(key);
	struct tree_node *leaf = find_leaf(tree, &probe);
	unsigned at;
	bool equal;

	if (leaf == NULL)
		return NULL;
	at = lower_bound(leaf, 0, &probe, &equal);
	return equal ? leaf->slots[at].item : NULL;
}

static void
open_slot(struct tree_node *node, unsigned at)
{
	memmove(&node->slots[at + 1], &node->slots[at],
	    (node->n - at) * sizeof(node->slots[0]));
	if (!node->leaf)
		memmove(&node->children[at + 1], &node->children[at],
		    (node->n - at) * sizeof(node->children[0]));
	node->n++;
}

static void
close_slot(struct tree_node *node, unsigned at)
{
	node->n--;
	memmove(&node->slots[at], &node->slots[at + 1],
	    (node->n - at) * sizeof(node->slots[0]));
	if (!node->leaf)
		memmove(&node->children[at], &node->children[at + 1],
		    (node->n - at) * sizeof(node->children[0]));
}

static void
link_after(struct tree *tree, struct tree_node *leaf, struct tree_node *right)
{
	right->link.prev = leaf;
	right->link.next = leaf->link.next;
	if (leaf->link.next != NULL)
		leaf->link.next->link.prev = right;
	else
		tree->last = right;
	leaf->link.next = right;
}

/* Moves the upper part of the full children[at] into a new sibling. */
static int
split_child(struct tree *tree, struct tree_node *parent, unsigned at)
{
	struct tree_node *left = parent->children[at], *right;
	struct tree_item *separator;
	/* The end of a tree grows by appends: leave its leaves full. */
	unsigned keep = left == tree->last ? FAN - 1 : FAN / 2;

	right = node_new(left->leaf);
	if (right == NULL)
		return -1;
	separator = left->slots[keep].item;
	if (left->leaf) {
		separator = tree_item_new(tree_item_key(separator),
		    (struct kv_bytes){NULL, 0});
		if (separator == NULL) {
			free(right);
			return -1;
		}
		link_after(tree, left, right);
	}
	right->n = left->n - keep;
	memcpy(right->slots, &left->slots[keep],
	    right->n * sizeof(right->slots[0]));
	if (!left->leaf) {
		memcpy(right->children, &left->children[keep],
		    right->n * sizeof(right->children[0]));
		right->slots[0].item = NULL; /* it moved up */
	}
	left->n = keep;
	open_slot(parent, at + 1);
	parent->slots[at + 1].prefix = prefix_of(tree_item_key(separator));
	parent->slots[at + 1].item = separator;
	parent->children[at + 1] = right;
	return 0;
}

static int
grow_root(struct tree *tree)
{
	struct tree_node *root = node_new(tree->root == NULL);

	if (root == NULL)
		return -1;
	if (tree->root == NULL) {
		tree->first = tree->last = root;
	} else {
		root->n = 1;
		root->slots[0].item = NULL;
		root->children[0] = tree->root;
	}
	tree->root = root;
	return 0;
}

/* The leaf for probe, full nodes split on the way; NULL: no memory. */
static struct tree_node *
make_room(struct tree *tree, const struct probe *probe)
{
	struct tree_node *node;
	unsigned at;

	if ((tree->root == NULL || tree->root->n == FAN) &&
	    grow_root(tree) != 0)
		return NULL;
	for (node = tree->root; !node->leaf; node = node->children[at]) {
		at = child_index(node, probe);
		if (node->children[at]->n < FAN)
			continue;
		if (split_child(tree, node, at) != 0)
			return NULL;
		at = child_index(node, probe);
	}
	return node;
}

int
tree_put(struct tree *tree, struct tree_item *item, struct tree_item **old)
{
	const struct probe probe = probe_of(tree_item_key(item));
	struct tree_node *leaf = find_leaf(tree, &probe);
	unsigned at = 0;
	bool equal = false;

	*old = NULL;
	if (leaf != NULL)
		at = lower_bound(leaf, 0, &probe, &equal);
	if (equal) {
		*old = leaf->slots[at].item;
		leaf->slots[at].item = item;
		return 0;
	}
	if (leaf == NULL || leaf->n == FAN) {
		leaf = make_room(tree, &probe);
		if (leaf == NULL)
			return -1;
		at = lower_bound(leaf, 0, &probe, &equal);
	}
	open_slot(leaf, at);
	leaf->slots[at].prefix = probe.prefix;
	leaf->slots[at].item = item;
	return 0;
}

static void
unlink_leaf(struct tree *tree, struct tree_node *leaf)
{
	if (leaf->link.prev != NULL)
		leaf->link.prev->link.next = leaf->link.next;
	else
		tree->first = leaf->link.next;
	if (leaf->link.next != NULL)
		leaf->link.next->link.prev = leaf->link.prev;
	else
		tree->last = leaf->link.prev;
}

/* Nodes are freed when they are empty, never merged before. */
static void
drop_empty(struct tree *tree, struct tree_node **path, const unsigned *index,
    unsigned depth)
{
	struct tree_node *node, *parent;

	while (depth > 0 && path[depth]->n == 0) {
		node = path[depth];
		parent = path[--depth];
		if (node->leaf)
			unlink_leaf(tree, node);
		free(node);
		free(parent->slots[index[depth]].item);
		close_slot(parent, index[depth]);
		if (parent->n > 0 && index[depth] == 0) {
			free(parent->slots[0].item);
			parent->slots[0].item = NULL;
		}
	}
	if (depth == 0 && tree->root->n == 0) {
		free(tree->root);
		memset(tree, 0, sizeof(*tree));
	}
}

struct tree_item *
tree_remove(struct tree *tree, struct kv_bytes key)
{
	const struct probe probe = probe_of(key);
	struct tree_node *path[HEIGHT_MAX], *node = tree->root;
	unsigned index[HEIGHT_MAX], depth = 0, at;
	struct tree_item *item;
	bool equal;

	if (node == NULL)
		return NULL;
	for (; !node->leaf; node = node->children[index[depth - 1]]) {
		path[depth] = node;
		index[depth++] = child_index(node, &probe);
	}
	path[depth] = node;
	at = lower_bound(node, 0, &probe, &equal);
	if (!equal)
		return NULL;
	item = node->slots[at].item;
	close_slot(node, at);
	drop_empty(tree, path, index, depth);
	return item;
}

static struct tree_item *
item_at(const struct tree_at *at)
{
	return at->leaf != NULL ? at->leaf->slots[at->index].item : NULL;
}

struct tree_item *
tree_seek(const struct tree *tree, struct kv_bytes key, struct tree_at *at)
{
	const struct probe probe = probe_of(key);
	bool equal;

	at->leaf = find_leaf(tree, &probe);
	if (at->leaf == NULL)
		return NULL;
	at->index = lower_bound(at->leaf, 0, &probe, &equal);
	if (at->index == at->leaf->n) {
		at->leaf = at->leaf->link.next;
		at->index = 0;
	}
	return item_at(at);
}

struct tree_item *
tree_next(struct tree_at *at)
{
	if (at->leaf != NULL && ++at->index == at->leaf->n) {
		at->leaf = at->leaf->link.next;
		at->index = 0;
	}
	return item_at(at);
}

struct tree_item *
tree_prev(struct tree_at *at)
{
	if (at->leaf != NULL && at->index-- == 0) {
		at->leaf = at->leaf->link.prev;
		at->index = at->leaf != NULL ? at->leaf->n - 1 : 0;
	}
	return item_at(at);
}

struct tree_item *
tree_last(const struct tree *tree, struct tree_at *at)
{
	at->leaf = tree->last;
	at->index = at->leaf != NULL ? at->leaf->n - 1 : 0;
	return item_at(at);
}
