/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

#define NOT_PRESENT UINT32_MAX

/* How long who only makes calls is kept for the next one. */
#define LINGER_MS 10000

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
	struct person_more *more = (struct person_more *)
	    ((char *)timer - offsetof(struct person_more, grace));
	struct person *person = more->person;

	presence_gone(person);
	person_release(person);
}

static void
linger_over(struct timer *timer)
{
	struct person_more *more = (struct person_more *)
	    ((char *)timer - offsetof(struct person_more, linger));

	person_release(more->person);
}

struct person_more *
person_more(struct person *person)
{
	struct person_more *more = person->more;

	if (more != NULL)
		return more;
	more = calloc(1, sizeof(*more));
	if (more == NULL)
		return NULL;
	more->person = person;
	more->grace.fire = grace_over;
	more->linger.fire = linger_over;
	person->more = more;
	return more;
}

void
person_grace(struct person *person, bool on)
{
	struct chat *chat = person->chat;

	/* While it drains, nobody is expected back on this server. */
	if (on && chat->drain_spread_ms == 0 && person_more(person) != NULL)
		timer_set(chat->timers, &person->more->grace,
		    chat->limits.presence_grace_ms);
	else if (on)
		presence_gone(person);
	else if (person->more != NULL)
		timer_clear(chat->timers, &person->more->grace);
}

void
person_linger(struct person *person)
{
	struct chat *chat = person->chat;

	if (person->loaded && chat->drain_spread_ms == 0 &&
	    person_more(person) != NULL)
		timer_set(chat->timers, &person->more->linger, LINGER_MS);
}

/* Nobody gets new tokens by going away. */
static bool
lingers(struct person *person)
{
	uint64_t ms;

	if (person->more == NULL)
		return false;
	if (timer_is_set(&person->more->linger))
		return true;
	ms = rates_refilled_ms(person);
	if (ms != 0)
		timer_set(person->chat->timers, &person->more->linger, ms);
	return ms != 0;
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
	person->lobby_index = NOT_PRESENT;
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

const struct membership *
person_membership(const struct person *person,
    const struct conversation *conversation)
{
	uint32_t i;

	for (i = 0; i < person->joined_n; i++) {
		if (person->joined[i].conversation == conversation)
			return &person->joined[i];
	}
	return NULL;
}

bool
person_is_in(const struct person *person,
    const struct conversation *conversation)
{
	if (conversation->kind == CONVERSATION_PUBLIC)
		return true;
	if (conversation->kind == CONVERSATION_DIRECT)
		return conversation->a == person->uid ||
		    conversation->b == person->uid;
	return person_membership(person, conversation) != NULL;
}

/* Where it stands in present; -1: no memory. */
static int
appear(struct conversation *conversation, struct person *person,
    uint32_t *index)
{
	void *list;

	list = grow(conversation->present, conversation->present_n,
	    &conversation->present_size, sizeof(*conversation->present));
	if (list == NULL)
		return -1;
	conversation->present = list;
	*index = conversation->present_n;
	conversation->present[conversation->present_n++] = person;
	conversation_ref(person->chat, conversation);
	return 0;
}

static uint32_t *
index_of(struct person *person, const struct conversation *conversation)
{
	uint32_t i;

	if (conversation->kind == CONVERSATION_PUBLIC)
		return &person->lobby_index;
	for (i = 0; i < person->joined_n; i++) {
		if (person->joined[i].conversation == conversation)
			return &person->joined[i].index;
	}
	return NULL;
}

/* The last one takes the free place. */
static void
vanish(struct conversation *conversation, struct chat *chat, uint32_t index)
{
	struct person *last = conversation->present[--conversation->present_n];

	conversation->present[index] = last;
	*index_of(last, conversation) = index;
	conversation_unref(chat, conversation);
}

int
person_join(struct person *person, struct conversation *conversation,
    uint64_t joined_seq)
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
	membership = &person->joined[person->joined_n];
	if (appear(conversation, person, &membership->index) != 0)
		return -1;
	membership->conversation = conversation;
	membership->joined_seq = joined_seq;
	person->joined_n++;
	return 0;
}

void
person_leave(struct person *person, struct conversation *conversation)
{
	uint32_t *index = index_of(person, conversation), i;

	if (index == NULL || conversation->kind != CONVERSATION_GROUP)
		return;
	receipts_forget(conversation, person->uid);
	vanish(conversation, person->chat, *index);
	for (i = 0; person->joined[i].conversation != conversation;)
		i++;
	person->joined[i] = person->joined[--person->joined_n];
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
	if (person->lobby_index != NOT_PRESENT)
		vanish(person->chat->lobby, person->chat,
		    person->lobby_index);
	person->lobby_index = NOT_PRESENT;
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
load_membership(struct person *person, const struct store_membership *of)
{
	const struct conversation_info *info = &of->conversation;
	struct conversation *conversation;

	if (info->kind == CONVERSATION_DIRECT)
		return person_add_peer(person,
		    info->a == person->uid ? info->b : info->a);
	conversation = conversation_learn(person->chat, info);
	if (conversation == NULL)
		return -1;
	return person_join(person, conversation, of->joined_seq);
}

int
person_load(struct person *person, const struct store_read *read)
{
	size_t i;

	memcpy(person->name, read->person.name, sizeof(person->name));
	person->last_seen_us = read->person.last_seen_us;
	if (appear(person->chat->lobby, person, &person->lobby_index) != 0)
		goto fail;
	for (i = 0; i < read->memberships_n; i++) {
		if (load_membership(person, &read->memberships[i]) != 0)
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
		if (session_is_here(session))
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

	unload(person);
	if (person->more != NULL) {
		timer_clear(chat->timers, &person->more->grace);
		timer_clear(chat->timers, &person->more->linger);
		typing_free(person);
		people_free(person->more->watchers);
		people_free(person->more->watching);
		rates_free(person->more->rates);
		free(person->more);
	}
	map_remove(&chat->people, person->uid);
	free(person);
}

void
person_release(struct person *person)
{
	if (person->sessions != NULL || person->saving != 0 ||
	    (person->more != NULL && timer_is_set(&person->more->grace)) ||
	    person->presence != PRESENCE_OFFLINE || lingers(person))
		return;
	unload(person);
	if (person->more == NULL || person->more->watchers == NULL)
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
