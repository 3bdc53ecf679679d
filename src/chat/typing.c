/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

/*
 * Who is typing where: relayed at most once in typing_relay_ms, off again by
 * itself, never stored.  An entry outlives its end by the throttle.
 */
#define TYPING_MAX 16 /* conversations of one person at a time */

struct typing {
	struct typing *next;
	struct person *person;
	struct timer timer;
	uint64_t conv;
	uint64_t peer; /* direct: the other one; else 0 */
	int64_t relayed_ms;
	bool on;
	char name[];
};

static void
relay(const struct typing *typing, bool on)
{
	const struct person *person = typing->person;
	struct news news = {.kind = NEWS_TYPING, .on = on, .uid = person->uid};

	memcpy(news.user, person->name, sizeof(news.user));
	memcpy(news.conversation, typing->name, strlen(typing->name) + 1);
	if (typing->peer != 0)
		news_to_person(person->chat, typing->peer, &news);
	else
		news_to_all(person->chat, typing->conv, &news, NULL);
}

static void
unlink_typing(struct typing *typing)
{
	struct typing **at = &typing->person->more->typing;

	while (*at != typing)
		at = &(*at)->next;
	*at = typing->next;
	timer_clear(typing->person->chat->timers, &typing->timer);
	free(typing);
}

static void
expired(struct timer *timer)
{
	struct typing *typing = (struct typing *)
	    ((char *)timer - offsetof(struct typing, timer));

	if (typing->on)
		relay(typing, false);
	unlink_typing(typing);
}

static struct typing *
find(const struct person *person, const char *name)
{
	struct typing *typing;

	if (person->more == NULL)
		return NULL;
	for (typing = person->more->typing; typing != NULL; typing = typing->next) {
		if (strcmp(typing->name, name) == 0)
			return typing;
	}
	return NULL;
}

static struct typing *
add(struct person *person, uint64_t conv, uint64_t peer, const char *name)
{
	size_t size = strlen(name) + 1, n = 0;
	struct typing *typing;

	if (person_more(person) == NULL)
		return NULL;
	for (typing = person->more->typing; typing != NULL;
	     typing = typing->next)
		n++;
	if (n >= TYPING_MAX)
		return NULL;
	typing = calloc(1, sizeof(*typing) + size);
	if (typing == NULL)
		return NULL;
	typing->person = person;
	typing->timer.fire = expired;
	typing->conv = conv;
	typing->peer = peer;
	memcpy(typing->name, name, size);
	typing->next = person->more->typing;
	person->more->typing = typing;
	return typing;
}

void
typing_set(struct person *person, uint64_t conv, uint64_t peer,
    const char *name, bool on)
{
	const struct chat_limits *limits = &person->chat->limits;
	int64_t now = chat_now_ms(person->chat);
	struct typing *typing = find(person, name);

	if (!on) {
		if (typing != NULL && typing->on) {
			typing->on = false;
			relay(typing, false);
		}
		return;
	}
	if (typing == NULL) {
		typing = add(person, conv, peer, name);
		if (typing == NULL)
			return;
		typing->relayed_ms = now - limits->typing_relay_ms;
	}
	timer_set(person->chat->timers, &typing->timer,
	    limits->typing_expire_ms);
	if (now - typing->relayed_ms < limits->typing_relay_ms)
		return;
	typing->on = true;
	typing->relayed_ms = now;
	relay(typing, true);
}

/* The message itself tells that the typing is over. */
void
typing_message(struct person *person, const char *name)
{
	struct typing *typing = find(person, name);

	if (typing != NULL)
		typing->on = false;
}

void
typing_free(struct person *person)
{
	while (person->more->typing != NULL)
		unlink_typing(person->more->typing);
}

/* ------------------------------------------------------------ the receivers */

static void
tell(const struct person *person, const struct news *news)
{
	struct session *session, *next;

	if (person->uid == news->uid || person_blocks(person, news->uid))
		return;
	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		/* A slow reader does without it. */
		if (!session_hears(session) ||
		    session->ops->queued(session) >
			session->chat->limits.queue_soft)
			continue;
		session_wire(session)->typing(session_scratch(session),
		    news->conversation, news->user, news->on);
		session_answer(session);
	}
}

void
typing_news(struct chat *chat, enum bus_topic topic, uint64_t key,
    const struct news *news)
{
	const struct conversation *conversation;
	const struct person *person;
	uint32_t i;

	if (topic == BUS_PERSON) {
		person = person_find(chat, key);
		if (person != NULL)
			tell(person, news);
		return;
	}
	conversation = conversation_find(chat, key);
	if (conversation == NULL)
		return;
	for (i = conversation->present_n; i-- > 0;) {
		if (i < conversation->present_n)
			tell(conversation->present[i], news);
	}
}
