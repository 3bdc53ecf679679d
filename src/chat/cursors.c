/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

#define PING_LOST_MS 10000

struct cursor *
cursors_find(struct cursors *cursors, uint64_t conv)
{
	uint32_t i;

	for (i = 0; cursors != NULL && i < cursors->n; i++) {
		if (cursors->list[i].conv == conv)
			return &cursors->list[i];
	}
	return NULL;
}

static void ping_due(struct timer *timer);

static struct cursors *
obtain(struct session *session)
{
	struct cursors *cursors = session->cursors;

	if (cursors != NULL)
		return cursors;
	cursors = calloc(1, sizeof(*cursors));
	if (cursors == NULL)
		return NULL;
	cursors->session = session;
	cursors->timer.fire = ping_due;
	cursors->marks.fire = marks_due;
	session->cursors = cursors;
	return cursors;
}

static struct cursor *
add(struct session *session, uint64_t conv)
{
	struct cursors *cursors = obtain(session);
	struct cursor *cursor, *list;
	uint32_t size;

	if (cursors == NULL)
		return NULL;
	if (cursors->n == cursors->size) {
		size = cursors->size == 0 ? 1 : cursors->size * 2;
		list = realloc(cursors->list, size * sizeof(*list));
		if (list == NULL)
			return NULL;
		cursors->list = list;
		cursors->size = size;
	}
	cursor = &cursors->list[cursors->n++];
	memset(cursor, 0, sizeof(*cursor));
	cursor->conv = conv;
	return cursor;
}

/*
 * A peer may answer the newest of several pings alone (RFC 6455 section
 * 5.5.3), so that after a heartbeat the answer to a mark may never come.
 */
static void
ping(struct session *session, int64_t now_ms)
{
	uint32_t i;

	session->mark++;
	for (i = 0; i < session->cursors->n; i++)
		session->cursors->list[i].pinged =
		    session->cursors->list[i].sent;
	session->ping_out = true;
	session->pinged_ms = (uint32_t)now_ms;
	timer_set(session->chat->timers, &session->cursors->timer,
	    PING_LOST_MS);
	session->ops->ping(session, session->mark);
}

/* One ping out at a time, and not too often. */
static void
ask_soon(struct session *session, uint32_t interval)
{
	int64_t now;
	uint32_t since;

	if (session->ack_client || !session->pings || session->ping_out ||
	    timer_is_set(&session->cursors->timer))
		return;
	now = chat_now_ms(session->chat);
	since = (uint32_t)now - session->pinged_ms;
	if (since >= interval)
		ping(session, now);
	else
		timer_set(session->chat->timers, &session->cursors->timer,
		    interval - since);
}

static void
ping_due(struct timer *timer)
{
	struct cursors *cursors = (struct cursors *)
	    ((char *)timer - offsetof(struct cursors, timer));

	cursors->session->ping_out = false;
	ping(cursors->session, chat_now_ms(cursors->session->chat));
}

void
cursors_sent(struct session *session, const struct record *record, bool direct)
{
	const struct chat_limits *limits = &session->chat->limits;
	struct cursor *cursor = cursors_find(session->cursors, record->conv);

	if (session->quiet || !(session->scopes & SCOPE_READ))
		return; /* it does not get what is before its own either */
	if (cursor == NULL)
		cursor = add(session, record->conv);
	/* Without memory for it the device will get the event once more. */
	if (cursor == NULL)
		return;
	if (record->seq > cursor->sent)
		cursor->sent = record->seq;
	if (record->sender != session->uid)
		marks_sent(cursor, record->seq, direct);
	ask_soon(session,
	    direct ? limits->ping_direct_ms : limits->ping_other_ms);
}

static void
link_unsaved(struct chat *chat, struct cursors *cursors)
{
	if (cursors->prev != NULL)
		return;
	cursors->next = chat->unsaved;
	cursors->prev = &chat->unsaved;
	if (cursors->next != NULL)
		cursors->next->prev = &cursors->next;
	chat->unsaved = cursors;
	if (!timer_is_set(&chat->save))
		timer_set(chat->timers, &chat->save,
		    chat->limits.cursor_save_ms);
}

void
cursors_had(struct session *session, const struct cursor *had, uint64_t seq)
{
	struct cursor *cursor;

	if (seq <= had->saved)
		return;
	cursor = add(session, had->conv);
	/* Without memory for it that is not acknowledged. */
	if (cursor == NULL)
		return;
	*cursor = *had;
	cursor->sent = cursor->pinged = cursor->acked = seq;
	cursor->theirs_last = had->theirs != 0 ? seq : 0;
	link_unsaved(session->chat, session->cursors);
}

static void
unlink_unsaved(struct cursors *cursors)
{
	if (cursors->prev == NULL)
		return;
	*cursors->prev = cursors->next;
	if (cursors->next != NULL)
		cursors->next->prev = cursors->prev;
	cursors->next = NULL;
	cursors->prev = NULL;
}

void
cursors_received(struct session *session, uint64_t conv, uint64_t seq)
{
	struct cursor *cursor = cursors_find(session->cursors, conv);

	if (cursor == NULL)
		return; /* settled: it has that already */
	if (seq > cursor->sent)
		seq = cursor->sent;
	if (seq > cursor->acked) {
		cursor->acked = seq;
		link_unsaved(session->chat, session->cursors);
		marks_acknowledged(session);
	}
}

void
cursors_pong(struct session *session, uint32_t mark)
{
	struct cursors *cursors = session->cursors;
	struct cursor *cursor;
	bool more = false;
	uint32_t i;

	if (!session->ping_out || mark != session->mark)
		return;
	session->ping_out = false;
	if (cursors != NULL)
		timer_clear(session->chat->timers, &cursors->timer);
	for (i = 0; cursors != NULL && i < cursors->n; i++) {
		cursor = &cursors->list[i];
		if (cursor->pinged > cursor->acked) {
			cursor->acked = cursor->pinged;
			link_unsaved(session->chat, cursors);
		}
		more = more || cursor->sent > cursor->acked;
	}
	marks_acknowledged(session);
	if (more)
		ask_soon(session, session->chat->limits.ping_direct_ms);
}

static void
saved(struct store_write *write)
{
	struct chat *chat = write->arg;
	uint64_t uid = write->record.sender;
	struct person *person = person_find(chat, uid);
	struct session *session, *next;

	if (write->status != STORE_OK)
		log_write(chat->log, LOG_LEVEL_WARN, "cursors.save",
		    "status=%d: devices may get again what they had",
		    (int)write->status);
	if (person == NULL || --person->saving != 0)
		return;
	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		if (session->state == SESSION_WAITING &&
		    catch_up_begin(session) != 0)
			session_end(session, SESSION_END_ERROR);
	}
	/* The last one to end took the person with it. */
	person = person_find(chat, uid);
	if (person != NULL)
		person_release(person);
}

/* Drops the entries that are settled. */
static void
prune(struct session *session)
{
	struct cursors *cursors = session->cursors;
	uint32_t i = 0;

	while (i < cursors->n) {
		if (cursors->list[i].saved == cursors->list[i].sent)
			cursors->list[i] = cursors->list[--cursors->n];
		else
			i++;
	}
	if (cursors->n == 0 && !timer_is_set(&cursors->marks))
		cursors_free(session);
}

void
cursors_save(struct session *session)
{
	struct cursors *cursors = session->cursors;
	struct store_write *write;
	struct cursor *cursor;
	uint32_t i;

	if (cursors == NULL)
		return;
	unlink_unsaved(cursors);
	write = store_write_new(cursors->n * sizeof(*write->cursors));
	if (write == NULL)
		return;
	write->kind = STORE_WRITE_CURSORS;
	write->worker = session->chat->worker;
	write->done = saved;
	write->arg = session->chat;
	write->urgent = true;
	write->record.sender = session->uid;
	memcpy(write->device, session->device, strlen(session->device) + 1);
	write->cursors = (struct store_cursor *)(void *)write->extra;
	for (i = 0; i < cursors->n; i++) {
		cursor = &cursors->list[i];
		/* What is saved is delivered: its mark goes before. */
		if (cursor->acked == cursor->saved ||
		    !marks_save(session, cursor))
			continue;
		write->cursors[write->cursors_n].conv = cursor->conv;
		write->cursors[write->cursors_n++].seq = cursor->acked;
		cursor->saved = cursor->acked;
	}
	if (write->cursors_n == 0) {
		store_write_unref(write);
	} else {
		session->person->saving++;
		store_submit(session->chat->store, write);
	}
	prune(session);
}

void
cursors_save_all(struct timer *timer)
{
	struct chat *chat = (struct chat *)
	    ((char *)timer - offsetof(struct chat, save));

	while (chat->unsaved != NULL)
		cursors_save(chat->unsaved->session);
}

void
cursors_free(struct session *session)
{
	struct cursors *cursors = session->cursors;

	if (cursors == NULL)
		return;
	unlink_unsaved(cursors);
	timer_clear(session->chat->timers, &cursors->timer);
	timer_clear(session->chat->timers, &cursors->marks);
	free(cursors->list);
	free(cursors);
	session->cursors = NULL;
	session->ping_out = false;
}
