/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

/* Conversations nobody here is present in that are kept all the same. */
#define IDLE_MAX 131072

struct conversation *
conversation_find(struct chat *chat, uint64_t id)
{
	return map_get(&chat->by_id, id);
}

struct conversation *
conversation_by_name(struct chat *chat, const char *name)
{
	struct conversation *found;

	HASH_FIND(by_name, chat->by_name, name, strlen(name), found);
	return found;
}

static void
idle_remove(struct chat *chat, struct conversation *conversation)
{
	if (conversation->older != NULL)
		conversation->older->newer = conversation->newer;
	else
		chat->idle_oldest = conversation->newer;
	if (conversation->newer != NULL)
		conversation->newer->older = conversation->older;
	else
		chat->idle_newest = conversation->older;
	conversation->older = conversation->newer = NULL;
	chat->idle_n--;
}

static void
forget(struct chat *chat, struct conversation *conversation)
{
	HASH_DELETE(by_name, chat->by_name, conversation);
	map_remove(&chat->by_id, conversation->id);
	receipts_free(conversation);
	free(conversation->present);
	free(conversation);
}

static void
idle_add(struct chat *chat, struct conversation *conversation)
{
	struct conversation *oldest;

	conversation->older = chat->idle_newest;
	conversation->newer = NULL;
	if (chat->idle_newest != NULL)
		chat->idle_newest->newer = conversation;
	else
		chat->idle_oldest = conversation;
	chat->idle_newest = conversation;
	chat->idle_n++;
	if (chat->idle_n > IDLE_MAX) {
		oldest = chat->idle_oldest;
		idle_remove(chat, oldest);
		forget(chat, oldest);
	}
}

struct conversation *
conversation_learn(struct chat *chat, const struct conversation_info *info)
{
	struct conversation *conversation;
	size_t len = strlen(info->name);

	conversation = map_get(&chat->by_id, info->id);
	if (conversation != NULL) {
		conversation->members = info->members;
		return conversation;
	}
	conversation = calloc(1, sizeof(*conversation) + len + 1);
	if (conversation == NULL)
		return NULL;
	conversation->id = info->id;
	conversation->kind = info->kind;
	conversation->a = info->a;
	conversation->b = info->b;
	conversation->members = info->members;
	memcpy(conversation->name, info->name, len);
	if (map_put(&chat->by_id, info->id, conversation) != 0) {
		free(conversation);
		return NULL;
	}
	HASH_ADD_KEYPTR(by_name, chat->by_name, conversation->name, len,
	    conversation);
	if (conversation->by_name.tbl == NULL) {
		map_remove(&chat->by_id, info->id);
		free(conversation);
		return NULL;
	}
	idle_add(chat, conversation);
	return conversation;
}

void
conversation_ref(struct chat *chat, struct conversation *conversation)
{
	if (conversation->refs++ == 0)
		idle_remove(chat, conversation);
}

void
conversation_unref(struct chat *chat, struct conversation *conversation)
{
	if (--conversation->refs != 0)
		return;
	receipts_free(conversation);
	free(conversation->present);
	conversation->present = NULL;
	conversation->present_size = 0;
	idle_add(chat, conversation);
}

void
conversations_free(struct chat *chat)
{
	struct conversation *conversation, *next;

	HASH_ITER(by_name, chat->by_name, conversation, next)
		forget(chat, conversation);
	map_fini(&chat->by_id);
}
