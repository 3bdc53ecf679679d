/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <string.h>

/* How many people one news names, and how many groups are told at most. */
#define TOLD_PEERS_MAX 384
#define TOLD_GROUPS_MAX 128
#define WATCHED_MAX 1000

static enum presence
best_of(const struct person *person)
{
	const struct session *session;
	enum presence best = PRESENCE_OFFLINE;

	for (session = person->sessions; session != NULL;
	     session = session->next) {
		if (!session_is_here(session))
			continue;
		if (!session->idle)
			return PRESENCE_ONLINE;
		best = PRESENCE_IDLE;
	}
	return best;
}

/* The next ones from `at` on: of direct conversations, then who watches. */
static size_t
put_peers(const struct person *person, size_t *at, uint64_t *ids)
{
	const struct map *watchers =
	    person->more != NULL ? person->more->watchers : NULL;
	size_t slots = watchers != NULL ? watchers->mask + 1 : 0, n = 0;
	uint64_t uid;

	for (; n < TOLD_PEERS_MAX && *at < person->peers_n + slots; ++*at) {
		uid = *at < person->peers_n ? person->peers[*at]
		    : watchers->slots[*at - person->peers_n].key;
		if (uid != 0)
			ids[n++] = uid;
	}
	return n;
}

static size_t
put_groups(const struct person *person, uint64_t *ids)
{
	const struct conversation *conversation;
	size_t n = 0, i;

	for (i = 0; i < person->joined_n && n < TOLD_GROUPS_MAX; i++) {
		conversation = person->joined[i].conversation;
		if (conversation->kind == CONVERSATION_GROUP &&
		    conversation->members <=
			person->chat->limits.presence_group)
			ids[n++] = conversation->id;
	}
	return n;
}

static void
publish(struct person *person, enum presence presence)
{
	uint64_t ids[TOLD_PEERS_MAX + TOLD_GROUPS_MAX];
	struct news news = {.kind = NEWS_PRESENCE, .uid = person->uid};
	size_t at = 0;

	person->presence = (uint8_t)presence;
	news.status = (uint8_t)presence;
	news.last_seen_us = person->last_seen_us;
	memcpy(news.user, person->name, sizeof(news.user));
	news.peers_n = (uint32_t)put_peers(person, &at, ids);
	news.convs_n = (uint32_t)put_groups(person, ids + news.peers_n);
	while (news.peers_n + news.convs_n != 0) {
		news_to_all(person->chat, person->uid, &news, ids);
		news.peers_n = (uint32_t)put_peers(person, &at, ids);
		news.convs_n = 0;
	}
}

static void
refresh(struct person *person)
{
	enum presence now = best_of(person);

	if (now != PRESENCE_OFFLINE && now != person->presence)
		publish(person, now);
}

static uint32_t
now_s(const struct chat *chat)
{
	return (uint32_t)(chat_now_ms(chat) / 1000);
}

static void
write_seen(const struct person *person)
{
	struct store_write *write = store_write_new(0);

	if (write == NULL)
		return;
	write->kind = STORE_WRITE_SEEN;
	write->worker = person->chat->worker;
	write->record.sender = person->uid;
	write->seen_us = person->last_seen_us;
	store_submit(person->chat->store, write);
}

/* The time is stored now, too: a server that is killed has no later one. */
void
presence_online(struct person *person)
{
	person->active_s = now_s(person->chat);
	if (person->presence == PRESENCE_OFFLINE) {
		person->last_seen_us = chat_now_us(person->chat);
		write_seen(person);
	}
	refresh(person);
}

/* It is written now, for nobody waits for the grace when the server ends. */
void
presence_left(struct person *person)
{
	person->last_seen_us = chat_now_us(person->chat);
	write_seen(person);
	person_grace(person, true);
}

void
presence_gone(struct person *person)
{
	if (person_is_here(person))
		return;
	publish(person, PRESENCE_OFFLINE);
	presence_forget(person);
}

void
presence_input(struct session *session)
{
	struct person *person = session->person;

	if (session->quiet)
		return;
	person->active_s = now_s(session->chat);
	if (session->idle) {
		session->idle = false;
		refresh(person);
	}
}

void
presence_status(struct session *session, bool idle)
{
	if (!idle)
		session->person->active_s = now_s(session->chat);
	session->idle = idle;
	refresh(session->person);
}

/* Nobody types at most devices: after a while they all count as idle. */
void
presence_sweep(struct timer *timer)
{
	struct chat *chat = (struct chat *)
	    ((char *)timer - offsetof(struct chat, sweep));
	uint32_t now = now_s(chat), after = chat->limits.idle_after_ms / 1000;
	struct session *session;
	struct person *person;
	size_t at = 0;

	while ((person = map_next(&chat->people, &at)) != NULL) {
		if (person->presence != PRESENCE_ONLINE ||
		    now - person->active_s < after)
			continue;
		for (session = person->sessions; session != NULL;
		     session = session->next)
			session->idle = session_is_here(session);
		refresh(person);
	}
	/* Nobody is counted as idle much later than they are. */
	timer_set(chat->timers, &chat->sweep,
	    after < 60 ? (uint64_t)after * 250 + 50 : 15000);
}

/* ------------------------------------------------------------------ watching */

void
presence_watch(struct person *person, const struct store_person *whom)
{
	struct news news = {.kind = NEWS_WATCH, .uid = person->uid};
	struct person_more *more = person_more(person);

	if (more == NULL || (more->watching != NULL &&
		more->watching->count >= WATCHED_MAX) ||
	    people_add(&more->watching, whom->uid) != 0)
		return;
	news.last_seen_us = whom->last_seen_us;
	/* The one watched may be offline, and is then made here by name. */
	memcpy(news.user, whom->name, sizeof(news.user));
	news_to_person(person->chat, whom->uid, &news);
}

void
presence_forget(struct person *person)
{
	struct news news = {.kind = NEWS_UNWATCH, .uid = person->uid};
	struct person_more *more = person->more;
	uint64_t uid;
	size_t i;

	while (more != NULL && more->watching != NULL) {
		for (i = 0; more->watching->slots[i].key == 0; i++)
			continue;
		uid = more->watching->slots[i].key;
		people_drop(&more->watching, uid);
		news_to_person(person->chat, uid, &news);
	}
}

static void
watched(struct chat *chat, uint64_t uid, const struct news *asked)
{
	struct person *person = person_obtain(chat, uid);
	struct news news = {.kind = NEWS_STATUS, .uid = uid};

	if (person == NULL)
		return;
	if (!person->loaded) {
		memcpy(person->name, asked->user, sizeof(person->name));
		if (person->last_seen_us == 0)
			person->last_seen_us = asked->last_seen_us;
	}
	if (person_more(person) == NULL ||
	    people_add(&person->more->watchers, asked->uid) != 0) {
		person_release(person);
		return;
	}
	news.status = person->presence;
	news.last_seen_us = person->last_seen_us;
	memcpy(news.user, person->name, sizeof(news.user));
	news_to_person(chat, asked->uid, &news);
}

void
presence_say(struct session *session, const struct news *news)
{
	session_wire(session)->presence(session_scratch(session), news->user,
	    (enum presence)news->status, news->last_seen_us);
	session_answer(session);
}

static void
tell(struct person *person, const struct news *news)
{
	size_t slow = person->chat->limits.queue_soft;

	struct session *session, *next;

	if (person->uid == news->uid || person_blocks(person, news->uid))
		return;
	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		if (!session_hears(session))
			continue;
		if (session->ops->queued(session) > slow)
			late_keep(session, news);
		else
			presence_say(session, news);
	}
}

/* Each person here hears it once, though they share many groups. */
static void
tell_once(struct chat *chat, struct person *person, const struct news *news)
{
	if (person == NULL || person->round == chat->round)
		return;
	person->round = chat->round;
	tell(person, news);
}

static void
changed(struct chat *chat, const struct news *news, const uint64_t *ids)
{
	const struct conversation *conversation;
	uint32_t i, j;

	chat->round++;
	for (i = 0; i < news->peers_n; i++)
		tell_once(chat, person_find(chat, ids[i]), news);
	for (i = 0; i < news->convs_n; i++) {
		conversation = conversation_find(chat, ids[news->peers_n + i]);
		if (conversation == NULL)
			continue;
		for (j = conversation->present_n; j-- > 0;) {
			if (j < conversation->present_n)
				tell_once(chat, conversation->present[j],
				    news);
		}
	}
}

void
presence_news(struct chat *chat, enum bus_topic topic, uint64_t key,
    const struct news *news, const uint64_t *ids)
{
	struct person *person;

	switch ((enum news_kind)news->kind) {
	case NEWS_WATCH:
		watched(chat, key, news);
		break;
	case NEWS_UNWATCH:
		person = person_find(chat, key);
		if (person == NULL)
			break;
		if (person->more != NULL)
			people_drop(&person->more->watchers, news->uid);
		person_release(person);
		break;
	case NEWS_STATUS:
		person = person_find(chat, key);
		if (person != NULL)
			tell(person, news);
		break;
	default:
		if (topic == BUS_EVERYONE)
			changed(chat, news, ids);
		break;
	}
}
