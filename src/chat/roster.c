/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <stdlib.h>
#include <string.h>

/*
 * Who is in the public room: nobody keeps that list, so all workers are
 * asked, and what they answer in time is put together.
 */
#define NAMES_MAX 500 /* of one worker */
#define ANSWER_MS 2000

struct roster {
	struct chat *chat;
	uint64_t uid, session;
	struct timer timer;
	unsigned waits; /* for so many workers */
	struct store_member *members;
	size_t n;
	char ref[REF_MAX];
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct store_member *)a)->name,
	    ((const struct store_member *)b)->name);
}

static void
finish(struct roster *roster, struct session *session)
{
	if (roster->n > 1)
		qsort(roster->members, roster->n, sizeof(*roster->members),
		    by_name);
	session->roster = NULL;
	session_wire(session)->members(session_scratch(session),
	    extra_ref(roster->ref), "#lobby", roster->members, roster->n);
	session_answer(session);
	roster_free(roster);
	session_unpark(session, PARK_ANSWER);
}

static void
late(struct timer *timer)
{
	struct roster *roster = (struct roster *)
	    ((char *)timer - offsetof(struct roster, timer));

	finish(roster, chat_session(roster->chat, roster->uid,
	    roster->session));
}

void
roster_free(struct roster *roster)
{
	if (roster == NULL)
		return;
	timer_clear(roster->chat->timers, &roster->timer);
	free(roster->members);
	free(roster);
}

void
roster_ask(struct session *session, const char *ref)
{
	struct chat *chat = session->chat;
	struct roster *roster = calloc(1, sizeof(*roster));
	struct news news = {.kind = NEWS_WHO, .uid = session->uid,
	    .session = session->id};

	if (roster == NULL) {
		session_refuse_store(session, ref, STORE_NOMEM);
		return;
	}
	roster->chat = chat;
	roster->uid = session->uid;
	roster->session = session->id;
	roster->waits = chat->workers;
	roster->timer.fire = late;
	if (ref != NULL)
		memcpy(roster->ref, ref, strlen(ref) + 1);
	session->roster = roster;
	session_park(session, PARK_ANSWER);
	timer_set(chat->timers, &roster->timer, ANSWER_MS);
	news_to_all(chat, session->uid, &news, NULL);
}

/* Another worker asks: the names of who is here. */
static void
answer(struct chat *chat, const struct news *asked)
{
	struct news news = {.kind = NEWS_HERE, .uid = asked->uid,
	    .session = asked->session};
	struct buf data = {0};
	const struct person *person;
	size_t at = 0;

	buf_append(&data, &news, sizeof(news));
	while ((person = map_next(&chat->people, &at)) != NULL &&
	    news.names_n < NAMES_MAX) {
		if (!person_is_here(person))
			continue;
		buf_append(&data, person->name, sizeof(person->name));
		news.names_n++;
	}
	if (!data.failed) {
		memcpy(data.data, &news, sizeof(news));
		bus_publish(chat->bus, BUS_PERSON, asked->uid, data.data,
		    data.len);
	}
	buf_fini(&data);
}

static void
collect(struct roster *roster, const char (*names)[NAME_BYTES_MAX + 1], uint32_t n)
{
	struct store_member *more;
	uint32_t i;

	more = realloc(roster->members,
	    (roster->n + n + 1) * sizeof(*roster->members));
	if (more == NULL)
		return;
	roster->members = more;
	for (i = 0; i < n; i++) {
		memset(&more[roster->n], 0, sizeof(*more));
		memcpy(more[roster->n].name, names[i], NAME_BYTES_MAX + 1);
		more[roster->n++].role = ROLE_MEMBER;
	}
}

void
roster_news(struct chat *chat, const struct news *news, const char *names)
{
	struct session *session;

	if (news->kind == NEWS_WHO) {
		answer(chat, news);
		return;
	}
	session = chat_session(chat, news->uid, news->session);
	if (session == NULL || session->roster == NULL)
		return;
	collect(session->roster, (const char (*)[NAME_BYTES_MAX + 1])names,
	    news->names_n);
	if (--session->roster->waits == 0)
		finish(session->roster, session);
}
