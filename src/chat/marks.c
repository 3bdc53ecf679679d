/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <string.h>

/*
 * Delivered marks: what a device acknowledged becomes known to who sent it.
 *
 * Of each conversation only the newest mark is written: in direct ones as soon
 * as the one before is stored, in groups at most one in MARK_GROUP_MS.  What
 * holds only the person's own events needs none.
 */
#define MARK_GROUP_MS 1000

/* It acknowledges an event by somebody else that is not marked yet. */
static bool
is_due(const struct cursor *cursor)
{
	return cursor->theirs != 0 && cursor->theirs <= cursor->acked;
}

/*
 * All up to seq is marked.  Where the next event of theirs is that was sent
 * is not kept, only the last: it is somewhere behind seq.
 */
static void
settle(struct cursor *cursor, uint64_t seq)
{
	cursor->theirs = cursor->theirs_last > seq ? seq + 1 : 0;
}

void
marks_sent(struct cursor *cursor, uint64_t seq, bool direct)
{
	cursor->direct = direct;
	if (seq <= cursor->theirs_last)
		return;
	cursor->theirs_last = seq;
	if (cursor->theirs == 0)
		cursor->theirs = seq;
}

static void
marked(struct store_write *write)
{
	struct chat *chat = write->arg;
	struct session *session = chat_session(chat, write->record.sender,
	    write->session);

	/* Of a group that was left meanwhile there is nothing to mark. */
	if (write->status != STORE_OK && write->status != STORE_DUPLICATE &&
	    write->status != STORE_NOT_MEMBER)
		log_write(chat->log, LOG_LEVEL_WARN, "marks.write",
		    "status=%d: a sender is not told of a delivery",
		    (int)write->status);
	if (session == NULL)
		return;
	session->marking--;
	marks_acknowledged(session);
}

static int
submit(struct session *session, struct cursor *cursor)
{
	const struct person *person = session->person;
	struct store_write *write = store_write_new(sizeof(person->name));

	if (write == NULL)
		return -1;
	write->kind = STORE_WRITE_MARK;
	write->worker = session->chat->worker;
	write->done = marked;
	write->arg = session->chat;
	write->session = session->id;
	write->urgent = true;
	write->record.conv = cursor->conv;
	write->record.sender = session->uid;
	write->record.sender_name = write->extra;
	write->record.transport = session->transport;
	memcpy(write->extra, person->name, sizeof(person->name));
	write->mark.delivered = cursor->acked;
	settle(cursor, cursor->acked);
	session->marking++;
	store_submit(session->chat->store, write);
	return 0;
}

/* Whether there were any.  What there is no memory for stays due. */
static bool
submit_due(struct cursors *cursors, bool direct)
{
	bool any = false;
	uint32_t i;

	for (i = 0; i < cursors->n; i++) {
		if (cursors->list[i].direct == direct &&
		    is_due(&cursors->list[i])) {
			any = true;
			submit(cursors->session, &cursors->list[i]);
		}
	}
	return any;
}

void
marks_acknowledged(struct session *session)
{
	struct cursors *cursors = session->cursors;

	if (cursors == NULL)
		return;
	if (session->marking == 0)
		submit_due(cursors, true);
	if (!timer_is_set(&cursors->marks) && submit_due(cursors, false))
		timer_set(session->chat->timers, &cursors->marks,
		    MARK_GROUP_MS);
}

void
marks_due(struct timer *timer)
{
	struct cursors *cursors = (struct cursors *)
	    ((char *)timer - offsetof(struct cursors, marks));

	if (submit_due(cursors, false))
		timer_set(cursors->session->chat->timers, timer,
		    MARK_GROUP_MS);
	else if (cursors->n == 0)
		cursors_free(cursors->session);
}

bool
marks_save(struct session *session, struct cursor *cursor)
{
	if (!is_due(cursor))
		return true;
	if (!cursor->direct)
		timer_set(session->chat->timers, &session->cursors->marks,
		    MARK_GROUP_MS);
	return submit(session, cursor) == 0;
}

void
marks_moved(struct person *person, uint64_t conv, uint64_t delivered)
{
	struct session *session;
	struct cursor *cursor;

	for (session = person->sessions; session != NULL;
	     session = session->next) {
		cursor = cursors_find(session->cursors, conv);
		if (cursor != NULL && cursor->theirs != 0 &&
		    cursor->theirs <= delivered)
			settle(cursor, delivered);
	}
}
