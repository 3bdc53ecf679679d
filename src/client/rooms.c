/* SPDX-License-Identifier: MIT */
#include "client/rooms.h"

#include <stdlib.h>
#include <string.h>

void
rooms_fini(struct rooms *rooms)
{
	free(rooms->items);
	memset(rooms, 0, sizeof(*rooms));
}

struct room *
rooms_find(const struct rooms *rooms, const char *name)
{
	size_t i;

	for (i = 0; i < rooms->n; i++) {
		if (strcmp(rooms->items[i].name, name) == 0)
			return &rooms->items[i];
	}
	return NULL;
}

struct room *
rooms_get(struct rooms *rooms, const char *name)
{
	struct room *room = rooms_find(rooms, name);
	size_t larger = rooms->room > 0 ? 2 * rooms->room : 16;

	if (room != NULL || name[0] == '\0' ||
	    strlen(name) > CONVERSATION_NAME_MAX)
		return room;
	if (rooms->n == rooms->room) {
		room = realloc(rooms->items, larger * sizeof(*room));
		if (room == NULL)
			return NULL;
		rooms->items = room;
		rooms->room = larger;
	}
	room = &rooms->items[rooms->n++];
	memset(room, 0, sizeof(*room));
	memcpy(room->name, name, strlen(name) + 1);
	return room;
}

void
room_restart(struct room *room)
{
	char name[CONVERSATION_NAME_MAX + 1];

	memcpy(name, room->name, sizeof(name));
	memset(room, 0, sizeof(*room));
	memcpy(room->name, name, sizeof(name));
}

void
room_read_all(struct room *room)
{
	seq_raise(&room->looked_seq, room->seen_seq);
	room->unread = room->mentions = 0;
}

bool
room_keeps_marks(const char *name)
{
	return strcmp(name, "#lobby") != 0;
}

bool
room_name(const char *conversation, const char *self,
    char name[CONVERSATION_NAME_MAX + 1])
{
	const char *colon = strchr(conversation, ':');
	size_t len;

	if (strlen(conversation) > CONVERSATION_NAME_MAX)
		return false;
	memcpy(name, conversation, strlen(conversation) + 1);
	if (conversation[0] != '@' || colon == NULL)
		return true;
	len = (size_t)(colon - conversation) - 1;
	if (len == strlen(self) && memcmp(conversation + 1, self, len) == 0)
		memcpy(name + 1, colon + 1, strlen(colon + 1) + 1);
	else if (strcmp(colon + 1, self) == 0)
		name[1 + len] = '\0';
	return true;
}
