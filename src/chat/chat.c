/* SPDX-License-Identifier: MIT */
#include "chat/refusals.h"
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

const struct chat_limits chat_limits_default = {
    .user_rate = 5,
    .user_burst = 20,
    .conversation_rate = 2,
    .conversation_burst = 10,
    .join_rate = 1,
    .join_burst = 10,
    .abuse_ms = 10000,
    .typing_relay_ms = 3000,
    .typing_expire_ms = 6000,
    .presence_grace_ms = 10000,
    .idle_after_ms = 600000,
    .ping_direct_ms = 250,
    .ping_other_ms = 1000,
    .cursor_save_ms = 2000,
    .catch_up = 1000,
    .lobby_history = 50,
    .group_members = 10000,
    .user_groups = 500,
    .edit_window_s = 48 * 3600,
    .presence_group = 100,
    .queue_soft = 256 * 1024,
};

struct chat *
chat_new(const struct chat_options *options, struct error *err)
{
	static const struct conversation_info lobby = {
	    .id = LOBBY_ID, .kind = CONVERSATION_PUBLIC, .name = "#lobby"};
	struct chat *chat = calloc(1, sizeof(*chat));

	if (chat == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a worker's chat");
		return NULL;
	}
	chat->worker = options->worker;
	chat->workers = options->workers;
	chat->store = options->store;
	chat->bus = options->bus;
	chat->mailbox = options->mailbox;
	chat->timers = options->timers;
	chat->clock = options->clock;
	chat->log = options->log;
	chat->server = options->server;
	chat->fed = options->fed;
	chat->fed_arg = options->fed_arg;
	chat->limits = *options->limits;
	chat->next_session = options->worker + options->workers;
	chat->save.fire = cursors_save_all;
	chat->sweep.fire = presence_sweep;
	chat->lobby = conversation_learn(chat, &lobby);
	if (chat->lobby == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a worker's chat");
		chat_free(chat);
		return NULL;
	}
	conversation_ref(chat, chat->lobby);
	store_attach(chat->store, chat->worker, options->mailbox,
	    feed_take, chat);
	bus_attach(chat->bus, chat->worker, options->mailbox, news_receive,
	    chat);
	presence_sweep(&chat->sweep);
	return chat;
}

void
chat_free(struct chat *chat)
{
	struct person *person;
	size_t i, at = 0;
	uint64_t uid;

	if (chat == NULL)
		return;
	timer_clear(chat->timers, &chat->sweep);
	timer_clear(chat->timers, &chat->save);
	while ((person = map_next(&chat->people, &at)) != NULL) {
		uid = person->uid;
		calls_free(chat, uid);
		person = person_find(chat, uid);
		if (person != NULL)
			person_free(person);
		at = 0;
	}
	for (i = 0; i < RECENT_MAX; i++)
		store_write_unref(chat->recent[i]);
	conversations_free(chat);
	map_fini(&chat->people);
	buf_fini(&chat->scratch);
	refusals_free(chat->refusals);
	free(chat);
}

void
chat_set_policy(struct chat *chat, struct policy *policy)
{
	chat->policy = policy;
}

int
chat_send_code(struct chat *chat, const struct policy_code *code)
{
	if (chat->policy == NULL)
		return -1;
	return chat->policy->ops->send_code(chat->policy, code);
}

void
chat_set_limits(struct chat *chat, const struct chat_limits *limits)
{
	chat->limits = *limits;
}

struct session *
chat_session(struct chat *chat, uint64_t uid, uint64_t id)
{
	struct person *person = person_find(chat, uid);
	struct session *session;

	if (person == NULL)
		return NULL;
	for (session = person->sessions; session != NULL;
	     session = session->next) {
		if (session->id == id)
			return session;
	}
	return NULL;
}

int64_t
chat_now_ms(const struct chat *chat)
{
	return clock_monotonic_ms(chat->clock);
}

int64_t
chat_now_us(const struct chat *chat)
{
	return clock_realtime_us(chat->clock);
}

struct blob *
chat_frame(struct chat *chat)
{
	if (chat->scratch.failed)
		return NULL;
	return blob_new(chat->scratch.data, chat->scratch.len);
}

static void
drain_person(struct person *person)
{
	struct session *session, *next;

	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		session_park(session, PARK_DRAIN);
		session_settle(session);
	}
}

void
chat_drain(struct chat *chat, uint32_t spread_ms)
{
	struct person **people;
	size_t at = 0, n = 0, i;

	chat->drain_spread_ms = spread_ms != 0 ? spread_ms : 1;
	/* Ending a session may remove its person from the map. */
	people = calloc(chat->people.count + 1, sizeof(struct person *));
	if (people == NULL)
		return;
	while ((people[n] = map_next(&chat->people, &at)) != NULL)
		n++;
	for (i = 0; i < n; i++)
		drain_person(people[i]);
	free(people);
}

size_t
chat_kick(struct chat *chat, uint64_t uid, const char *device)
{
	struct person *person = person_find(chat, uid);
	struct session *session, *next;
	size_t n = 0;

	if (person == NULL)
		return 0;
	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		if (session->quiet || (device != NULL &&
			strcmp(session->device, device) != 0))
			continue;
		n++;
		/* The last one may take the person with it. */
		session_end(session, SESSION_END_KICKED);
	}
	return n;
}

size_t
chat_sessions_beside(struct chat *chat, uint64_t uid, const char *device)
{
	const struct person *person = person_find(chat, uid);
	const struct session *session;
	size_t n = 0;

	if (person == NULL)
		return 0;
	for (session = person->sessions; session != NULL;
	    session = session->next) {
		if (!session->quiet && (device[0] == '\0' ||
			strcmp(session->device, device) != 0))
			n++;
	}
	return n;
}

void
chat_each_session(struct chat *chat,
    void (*see)(void *arg, const struct session *session), void *arg)
{
	const struct session *session;
	const struct person *person;
	size_t at = 0;

	while ((person = map_next(&chat->people, &at)) != NULL) {
		for (session = person->sessions; session != NULL;
		     session = session->next) {
			if (session_is_here(session))
				see(arg, session);
		}
	}
}

void
chat_stats(const struct chat *chat, struct chat_stats *stats)
{
	*stats = chat->stats;
	stats->people = chat->people.count;
	stats->conversations = chat->by_id.count;
}
