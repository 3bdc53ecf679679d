/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

static char in_set; /* what the maps that are sets hold */

int
people_add(struct map **set, uint64_t uid)
{
	if (*set == NULL)
		*set = calloc(1, sizeof(**set));
	if (*set == NULL)
		return -1;
	if (map_put(*set, uid, &in_set) == 0)
		return 0;
	people_drop(set, uid); /* none is left empty */
	return -1;
}

void
people_drop(struct map **set, uint64_t uid)
{
	if (*set == NULL)
		return;
	map_remove(*set, uid);
	if ((*set)->count == 0) {
		map_fini(*set);
		free(*set);
		*set = NULL;
	}
}

bool
people_have(const struct map *set, uint64_t uid)
{
	return set != NULL && map_get(set, uid) != NULL;
}

static void
people_free(struct map *set)
{
	if (set != NULL)
		map_fini(set);
	free(set);
}

struct person *
person_find(struct chat *chat, uint64_t uid)
{
	return map_get(&chat->people, uid);
}

static void
grace_over(struct timer *timer)
{
	struct person *person = (struct person *)
	    ((char *)timer - offsetof(struct person, grace));

	presence_gone(person);
}

struct person *
person_obtain(struct chat *chat, uint64_t uid)
{
	struct person *person = person_find(chat, uid);

	if (person != NULL)
		return person;
	person = calloc(1, sizeof(*person));
	if (person == NULL)
		return NULL;
	person->chat = chat;
	person->uid = uid;
	person->grace.fire = grace_over;
	if (map_put(&chat->people, uid, person) != 0) {
		free(person);
		return NULL;
	}
	return person;
}

/* The list with room for one more of `size` bytes; NULL: no memory. */
static void *
grow(void *list, uint32_t n, uint32_t *room, size_t size)
{
	uint32_t want = *room == 0 ? 1 : *room * 2;

	if (n < *room)
		return list;
	list = realloc(list, want * size);
	if (list != NULL)
		*room = want;
	return list;
}

bool
person_is_in(const struct person *person,
    const struct conversation *conversation)
{
	uint32_t i;

	if (conversation->kind == CONVERSATION_DIRECT)
		return conversation->a == person->uid ||
		    conversation->b == person->uid;
	for (i = 0; i < person->joined_n; i++) {
		if (person->joined[i].conversation == conversation)
			return true;
	}
	return false;
}

int
person_join(struct person *person, struct conversation *conversation)
{
	struct membership *membership;
	void *list;

	if (person_is_in(person, conversation))
		return 0;
	list = grow(person->joined, person->joined_n, &person->joined_size,
	    sizeof(*person->joined));
	if (list == NULL)
		return -1;
	person->joined = list;
	list = grow(conversation->present, conversation->present_n,
	    &conversation->present_size, sizeof(*conversation->present));
	if (list == NULL)
		return -1;
	conversation->present = list;
	membership = &person->joined[person->joined_n++];
	membership->conversation = conversation;
	membership->index = conversation->present_n;
	conversation->present[conversation->present_n++] = person;
	conversation_ref(person->chat, conversation);
	return 0;
}

static void
move_present(struct conversation *conversation, uint32_t from, uint32_t to)
{
	struct person *person = conversation->present[from];
	uint32_t i;

	conversation->present[to] = person;
	for (i = 0; i < person->joined_n; i++) {
		if (person->joined[i].conversation == conversation)
			person->joined[i].index = to;
	}
}

void
person_leave(struct person *person, struct conversation *conversation)
{
	uint32_t i, index;

	for (i = 0; i < person->joined_n; i++) {
		if (person->joined[i].conversation == conversation)
			break;
	}
	if (i == person->joined_n)
		return;
	index = person->joined[i].index;
	person->joined[i] = person->joined[--person->joined_n];
	if (index != --conversation->present_n)
		move_present(conversation, conversation->present_n, index);
	conversation_unref(person->chat, conversation);
}

int
person_add_peer(struct person *person, uint64_t uid)
{
	void *list;

	if (uid == person->uid)
		return 0;
	list = grow(person->peers, person->peers_n, &person->peers_size,
	    sizeof(*person->peers));
	if (list == NULL)
		return -1;
	person->peers = list;
	person->peers[person->peers_n++] = uid;
	return 0;
}

bool
person_has_peer(const struct person *person, uint64_t uid)
{
	uint32_t i;

	for (i = 0; i < person->peers_n; i++) {
		if (person->peers[i] == uid)
			return true;
	}
	return false;
}

bool
person_blocks(const struct person *person, uint64_t uid)
{
	return people_have(person->blocks, uid);
}

int
person_set_block(struct person *person, uint64_t uid, bool on)
{
	if (on)
		return people_add(&person->blocks, uid);
	people_drop(&person->blocks, uid);
	return 0;
}

static void
unload(struct person *person)
{
	while (person->joined_n > 0)
		person_leave(person,
		    person->joined[person->joined_n - 1].conversation);
	people_free(person->blocks);
	person->blocks = NULL;
	free(person->joined);
	free(person->peers);
	person->joined = NULL;
	person->peers = NULL;
	person->joined_size = person->peers_n = person->peers_size = 0;
	person->loaded = false;
}

static int
load_membership(struct person *person, const struct conversation_info *info)
{
	struct conversation *conversation;

	if (info->kind == CONVERSATION_DIRECT)
		return person_add_peer(person,
		    info->a == person->uid ? info->b : info->a);
	conversation = conversation_learn(person->chat, info);
	if (conversation == NULL)
		return -1;
	return person_join(person, conversation);
}

int
person_load(struct person *person, const struct store_read *read)
{
	size_t i;

	memcpy(person->name, read->person.name, sizeof(person->name));
	person->last_seen_us = read->person.last_seen_us;
	if (person_join(person, person->chat->lobby) != 0)
		goto fail;
	for (i = 0; i < read->memberships_n; i++) {
		if (load_membership(person,
			&read->memberships[i].conversation) != 0)
			goto fail;
	}
	for (i = 0; i < read->blocks_n; i++) {
		if (people_add(&person->blocks, read->blocks[i]) != 0)
			goto fail;
	}
	person->loaded = true;
	return 0;

fail:
	unload(person);
	return -1;
}

bool
person_is_here(const struct person *person)
{
	const struct session *session;

	for (session = person->sessions; session != NULL;
	     session = session->next) {
		if (session->state == SESSION_LIVE)
			return true;
	}
	return false;
}

void
person_stale(struct person *person)
{
	struct session *session;

	for (session = person->sessions; session != NULL;
	     session = session->next) {
		if (session->state != SESSION_LIVE)
			session->stale = true;
	}
}

void
person_free(struct person *person)
{
	struct chat *chat = person->chat;

	timer_clear(chat->timers, &person->grace);
	typing_free(person);
	unload(person);
	people_free(person->watchers);
	people_free(person->watching);
	free(person->rates);
	map_remove(&chat->people, person->uid);
	free(person);
}

void
person_release(struct person *person)
{
	if (person->sessions != NULL || person->saving != 0 ||
	    timer_is_set(&person->grace) ||
	    person->presence != PRESENCE_OFFLINE)
		return;
	unload(person);
	if (person->watchers == NULL)
		person_free(person);
}

void
person_fail(struct person *person)
{
	struct chat *chat = person->chat;
	uint64_t uid = person->uid;

	log_write(chat->log, LOG_LEVEL_ERROR, "person.fail",
	    "user=%s: no memory, their sessions end", person->name);
	unload(person);
	/* The last one may take the person with it. */
	while ((person = person_find(chat, uid)) != NULL &&
	    person->sessions != NULL)
		session_end(person->sessions, SESSION_END_ERROR);
}
