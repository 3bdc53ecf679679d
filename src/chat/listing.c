/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"

/*
 * A page of somebody's conversations, on its way from the store to them: who
 * of the other sides is here, the workers that own them know.  Those are asked,
 * and what they answer in time is put in; all others are offline.
 */
#define ANSWER_MS 2000

struct listing {
	struct listing *next; /* of the chat */
	struct chat *chat;
	struct store_read *read;
	struct timer timer;
	unsigned waits; /* for so many workers */
	uint8_t presence[]; /* of memberships[], as wire_list */
};

static void
unlink_listing(struct listing *listing)
{
	struct listing **at = &listing->chat->listings;

	while (*at != listing)
		at = &(*at)->next;
	*at = listing->next;
	timer_clear(listing->chat->timers, &listing->timer);
}

static void
listing_free(struct listing *listing)
{
	store_read_free(listing->read);
	free(listing);
}

static void
say(struct session *session, const struct listing *listing)
{
	const struct store_read *read = listing->read;
	struct wire_list list = {
	    .ref = extra_ref(read->extra),
	    .user = session->person->name,
	    .read = read,
	    .presence = listing->presence,
	    .next = read->next,
	    .now_us = chat_now_us(session->chat)};

	session_wire(session)->conversations(session_scratch(session), &list);
	session_answer(session);
}

static void
finish(struct listing *listing)
{
	struct session *session = read_session(listing->read);

	unlink_listing(listing);
	say(session, listing);
	listing_free(listing);
	session_unpark(session, PARK_ANSWER);
}

static void
late(struct timer *timer)
{
	finish((struct listing *)
	    ((char *)timer - offsetof(struct listing, timer)));
}

/* Whose presence belongs into it, or 0. */
static uint64_t
other_of(const struct session *session, const struct store_membership *of)
{
	if (of->conversation.kind != CONVERSATION_DIRECT ||
	    of->other == session->uid ||
	    person_blocks(session->person, of->other))
		return 0;
	return of->other;
}

/*
 * What is known here is filled in; those whom other workers own are put into
 * ids.  How many they are.
 */
static uint32_t
fill(struct session *session, struct listing *listing, uint64_t *ids)
{
	const struct store_read *read = listing->read;
	struct chat *chat = session->chat;
	const struct person *person;
	uint32_t n = 0;
	uint64_t uid;
	size_t i;

	for (i = 0; i < read->memberships_n; i++) {
		listing->presence[i] = WIRE_NOT_SHOWN;
		uid = other_of(session, &read->memberships[i]);
		if (uid == 0)
			continue;
		person = person_find(chat, uid);
		listing->presence[i] =
		    person != NULL ? person->presence : PRESENCE_OFFLINE;
		if (owner_of(uid, chat->workers) != chat->worker)
			ids[n++] = uid;
	}
	return n;
}

void
listing_begin(struct session *session, struct store_read *read)
{
	struct chat *chat = session->chat;
	struct listing *listing =
	    calloc(1, sizeof(*listing) + read->memberships_n);
	struct news news = {.kind = NEWS_ASK, .uid = session->uid,
	    .session = session->id};
	uint64_t ids[PAGE_MAX];

	assert(read->memberships_n <= PAGE_MAX);
	if (listing == NULL) {
		session_refuse_store(session, extra_ref(read->extra),
		    STORE_NOMEM);
		store_read_free(read);
		session_unpark(session, PARK_ANSWER);
		return;
	}
	listing->chat = chat;
	listing->read = read;
	listing->timer.fire = late;
	listing->waits = chat->workers;
	listing->next = chat->listings;
	chat->listings = listing;
	news.peers_n = fill(session, listing, ids);
	if (news.peers_n == 0) {
		finish(listing);
		return;
	}
	timer_set(chat->timers, &listing->timer, ANSWER_MS);
	news_to_all(chat, session->uid, &news, ids);
}

static struct listing *
find(const struct chat *chat, uint64_t uid, uint64_t session)
{
	struct listing *listing = chat->listings;

	while (listing != NULL && (listing->read->asker != uid ||
		listing->read->session != session))
		listing = listing->next;
	return listing;
}

void
listing_drop(const struct session *session)
{
	struct listing *listing =
	    find(session->chat, session->uid, session->id);

	if (listing == NULL)
		return;
	unlink_listing(listing);
	listing_free(listing);
}

/* ------------------------------------------------------------ the question */

/* Who of them is here: a worker knows the people it owns. */
static void
answer(struct chat *chat, const struct news *asked, const uint64_t *ids)
{
	struct news news = {.kind = NEWS_TOLD, .uid = asked->uid,
	    .session = asked->session};
	uint64_t online[PAGE_MAX], idle[PAGE_MAX];
	const struct person *person;
	struct buf data = {0};
	uint32_t i;

	for (i = 0; i < asked->peers_n && i < PAGE_MAX; i++) {
		person = person_find(chat, ids[i]);
		if (person != NULL && person->presence == PRESENCE_ONLINE)
			online[news.peers_n++] = ids[i];
		else if (person != NULL && person->presence == PRESENCE_IDLE)
			idle[news.convs_n++] = ids[i];
	}
	buf_append(&data, &news, sizeof(news));
	buf_append(&data, online, news.peers_n * sizeof(online[0]));
	buf_append(&data, idle, news.convs_n * sizeof(idle[0]));
	if (!data.failed)
		bus_publish(chat->bus, BUS_PERSON, asked->uid, data.data,
		    data.len);
	buf_fini(&data);
}

static void
collect(struct listing *listing, uint64_t uid, enum presence presence)
{
	const struct store_read *read = listing->read;
	size_t i;

	for (i = 0; i < read->memberships_n; i++) {
		if (read->memberships[i].other == uid &&
		    listing->presence[i] != WIRE_NOT_SHOWN)
			listing->presence[i] = (uint8_t)presence;
	}
}

void
listing_news(struct chat *chat, const struct news *news, const uint64_t *ids)
{
	struct listing *listing;
	uint32_t i;

	if (news->kind == NEWS_ASK) {
		answer(chat, news, ids);
		return;
	}
	listing = find(chat, news->uid, news->session);
	if (listing == NULL)
		return;
	for (i = 0; i < news->peers_n + news->convs_n; i++)
		collect(listing, ids[i], i < news->peers_n ? PRESENCE_ONLINE
							   : PRESENCE_IDLE);
	if (--listing->waits == 0)
		finish(listing);
}
