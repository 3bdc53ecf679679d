/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

/*
 * Signing in: read the person, register the device, send what it missed in
 * the order of ids, go live.
 *
 *	PERSON ─> (DEVICE) ─> CATCH_UP … CATCH_UP ─> live
 *	   ^                                  │
 *	   └── joined or left a conversation ─┘
 *
 * Each page tells the highest id its snapshot saw, and that the person was
 * then in just the conversations that it covers.  What commits after the last
 * page's comes from the ring of recent events and then live, so nothing is
 * missed and nothing comes twice: a snapshot may be ahead of the feed.
 * Invitations are read with the person, who is read once more where the ring
 * does not reach back to that; so they alone may come twice.
 */
#define PAGE_RECORDS 1000

static void person_read(struct store_read *read);

void
catch_up_free(struct chat *chat, struct catch_up *catch_up)
{
	size_t i;

	if (catch_up == NULL)
		return;
	for (i = 0; i < catch_up->n; i++)
		conversation_unref(chat, catch_up->conversations[i]);
	store_read_free(catch_up->person);
	free(catch_up->positions);
	free(catch_up->conversations);
	free(catch_up);
}

int
catch_up_begin(struct session *session)
{
	struct store_read *read;

	read = session_read(session, STORE_READ_PERSON, person_read, 0);
	if (read == NULL)
		return -1;
	memcpy(read->device, session->device, strlen(session->device) + 1);
	read->family = session->family;
	read->since = session->catch_up->since;
	session->state = SESSION_READING;
	session->stale = false;
	store_query(session->chat->store, read);
	return 0;
}

/* ----------------------------------------------------------- the positions */

static bool
has_position(const struct catch_up *catch_up, uint64_t conv)
{
	size_t i;

	for (i = 0; i < catch_up->n; i++) {
		if (catch_up->positions[i].conv == conv)
			return true;
	}
	return false;
}

static void
add_position(struct chat *chat, struct catch_up *catch_up,
    struct conversation *conversation, const struct store_position *position)
{
	catch_up->positions[catch_up->n] = *position;
	catch_up->conversations[catch_up->n++] = conversation;
	conversation_ref(chat, conversation);
}

/* What a device never seen starts from, or the cursor of a known one. */
static uint64_t
first_seq(const struct catch_up *catch_up,
    const struct store_membership *membership, const struct store_read *read)
{
	uint64_t seq = membership->joined_seq;
	size_t i;

	/* What the client says goes before what another device has. */
	if (membership->since_seq > seq)
		seq = membership->since_seq;
	if (!read->device_known)
		return membership->delivered_seq > seq &&
		    !catch_up->resumes ? membership->delivered_seq : seq;
	for (i = 0; i < read->cursors_n; i++) {
		if (read->cursors[i].conv == membership->conversation.id &&
		    read->cursors[i].seq > seq)
			seq = read->cursors[i].seq;
	}
	return seq;
}

/* Room for n more positions. */
static int
grow(struct catch_up *catch_up, size_t n)
{
	void *positions, *conversations;

	positions = realloc(catch_up->positions,
	    (catch_up->n + n) * sizeof(*catch_up->positions));
	if (positions == NULL)
		return -1;
	catch_up->positions = positions;
	conversations = realloc(catch_up->conversations,
	    (catch_up->n + n) * sizeof(*catch_up->conversations));
	if (conversations == NULL)
		return -1;
	catch_up->conversations = conversations;
	return 0;
}

static bool
is_member(const struct store_read *read, uint64_t conv)
{
	size_t i;

	for (i = 0; i < read->memberships_n; i++) {
		if (read->memberships[i].conversation.id == conv)
			return true;
	}
	return conv == LOBBY_ID;
}

/* Groups that were left while this one was reading. */
static void
drop_positions(struct chat *chat, struct catch_up *catch_up,
    const struct store_read *read)
{
	size_t i = 0;

	while (i < catch_up->n) {
		if (is_member(read, catch_up->positions[i].conv)) {
			i++;
			continue;
		}
		conversation_unref(chat, catch_up->conversations[i]);
		catch_up->n--;
		catch_up->positions[i] = catch_up->positions[catch_up->n];
		catch_up->conversations[i] =
		    catch_up->conversations[catch_up->n];
	}
}

static int
merge_positions(struct session *session, const struct store_read *read)
{
	struct chat *chat = session->chat;
	struct catch_up *catch_up = session->catch_up;
	const struct store_membership *membership;
	struct conversation *conversation;
	struct store_position position;
	size_t i;

	drop_positions(chat, catch_up, read);
	if (grow(catch_up, read->memberships_n + 1) != 0)
		return -1;
	if (catch_up->n == 0 && chat->limits.lobby_history != 0) {
		position = (struct store_position){.conv = LOBBY_ID,
		    .tail = chat->limits.lobby_history, .silent = true};
		add_position(chat, catch_up, chat->lobby, &position);
	}
	for (i = 0; i < read->memberships_n; i++) {
		membership = &read->memberships[i];
		if (has_position(catch_up, membership->conversation.id))
			continue;
		conversation =
		    conversation_learn(chat, &membership->conversation);
		if (conversation == NULL)
			return -1;
		position = (struct store_position){
		    .conv = conversation->id,
		    .seq = first_seq(catch_up, membership, read)};
		if (conversation->kind != CONVERSATION_DIRECT)
			position.tail = chat->limits.catch_up;
		add_position(chat, catch_up, conversation, &position);
	}
	return 0;
}

/* ---------------------------------------------------------------- the pages */

static void page_read(struct store_read *read);

static int
read_page(struct session *session)
{
	struct catch_up *catch_up = session->catch_up;
	size_t size = catch_up->n * sizeof(*catch_up->positions);
	struct store_read *read;

	read = session_read(session, STORE_READ_CATCH_UP, page_read, size);
	if (read == NULL)
		return -1;
	read->limit = PAGE_RECORDS;
	read->gaps_wanted = true;
	read->positions = (struct store_position *)(void *)read->extra;
	read->positions_n = catch_up->n;
	if (size != 0)
		memcpy(read->extra, catch_up->positions, size);
	catch_up->waits = false;
	store_query(session->chat->store, read);
	return 0;
}

void
catch_up_continue(struct session *session)
{
	if (read_page(session) != 0)
		session_end(session, SESSION_END_ERROR);
}

static struct conversation *
conversation_at(const struct catch_up *catch_up, uint64_t conv)
{
	size_t i;

	for (i = 0; i < catch_up->n; i++) {
		if (catch_up->positions[i].conv == conv)
			return catch_up->conversations[i];
	}
	return NULL;
}

static void
welcome(struct session *session, bool resumed)
{
	const struct chat *chat = session->chat;
	struct wire_welcome said = {
	    .user = session->person->name,
	    .device = session->device,
	    .server = chat->server,
	    .session = session->id,
	    .epoch = store_epoch(chat->store),
	    .time_us = chat_now_us(chat),
	    .resumed = resumed};

	session->catch_up->welcomed = true;
	session_wire(session)->welcome(session_scratch(session), &said);
	session_answer(session);
}

/* No event of theirs is among what a device missed. */
static void
send_invitations(struct session *session, const struct store_read *person)
{
	size_t i;

	/* Each may be the last: with the session goes its catch-up. */
	for (i = 0; session->state != SESSION_CLOSED && person != NULL &&
	     i < person->invitations_n; i++) {
		session_wire(session)->invited(session_scratch(session),
		    session->person->name, &person->invitations[i]);
		session_answer(session);
	}
}

static void
greet(struct session *session, bool resumed)
{
	welcome(session, resumed);
	if (session->state != SESSION_CLOSED)
		send_invitations(session, session->catch_up->person);
}

static void
send_gaps(struct session *session, const struct store_read *read)
{
	const struct conversation *conversation;
	const struct store_gap *gap;
	size_t i;

	for (i = 0; i < read->gaps_n && session->state != SESSION_CLOSED;
	     i++) {
		gap = &read->gaps[i];
		conversation = conversation_at(session->catch_up, gap->conv);
		if (conversation == NULL)
			continue;
		session_wire(session)->gap(session_scratch(session),
		    conversation->name, gap->from, gap->to);
		session_answer(session);
	}
}

static unsigned
record_flags(const struct session *session, const struct record *record,
    const struct conversation *conversation)
{
	unsigned flags = record->sender == session->uid ? WIRE_OWN : 0;

	if (conversation->kind == CONVERSATION_PUBLIC)
		flags |= WIRE_HISTORY;
	if (conversation->kind != CONVERSATION_DIRECT &&
	    record_is_said(record) &&
	    person_blocks(session->person, record->sender))
		flags |= WIRE_HIDDEN;
	return flags;
}

static void
send_records(struct session *session, const struct store_read *read)
{
	const struct wire *wire = session_wire(session);
	const struct conversation *conversation = NULL;
	const struct record *record;
	size_t i;

	for (i = 0; i < read->records_n && session->state != SESSION_CLOSED;
	     i++) {
		record = &read->records[i];
		if (record->id <= session->catch_up->since)
			continue; /* of the public room, which keeps no marks */
		if (conversation == NULL || conversation->id != record->conv)
			conversation = conversation_at(session->catch_up,
			    record->conv);
		if (conversation == NULL)
			continue;
		wire->record(session_scratch(session), record,
		    conversation->name,
		    record_flags(session, record, conversation));
		session_tell(session, record->id);
		if (session->state != SESSION_CLOSED &&
		    conversation->kind != CONVERSATION_PUBLIC)
			cursors_sent(session, record,
			    conversation->kind == CONVERSATION_DIRECT);
	}
}

static void
go_live(struct session *session, uint64_t upto)
{
	struct person *person = session->person;
	uint64_t invited_upto = session->catch_up->invited_upto;

	session->live_from = upto;
	session->state = SESSION_LIVE;
	catch_up_free(session->chat, session->catch_up);
	session->catch_up = NULL;
	person_grace(person, false);
	presence_online(person);
	log_write(session->chat->log, LOG_LEVEL_DEBUG, "session.live",
	    "user=%s device=%s session=%llu", person->name, session->device,
	    (unsigned long long)session->id);
	if (session->ops->live != NULL)
		session->ops->live(session, upto);
	delivery_replay(session, invited_upto);
	session_unpark(session, PARK_ANSWER);
}

static int
after_page(struct session *session, const struct store_read *read)
{
	const struct chat *chat = session->chat;

	if (read->more &&
	    session->ops->queued(session) > chat->limits.queue_soft / 2) {
		session->catch_up->waits = true;
		return 0;
	}
	if (read->more)
		return read_page(session);
	if (chat->recent_floor > read->upto)
		return read_page(session);
	if (chat->recent_floor > session->catch_up->invited_upto)
		return catch_up_begin(session);
	go_live(session, read->upto);
	return 0;
}

/* The tails are cut once: what comes after that is read to its end. */
static void
take_positions(struct catch_up *catch_up, const struct store_read *read)
{
	size_t i;

	for (i = 0; i < catch_up->n; i++) {
		catch_up->positions[i] = read->positions[i];
		catch_up->positions[i].tail = 0;
	}
}

static void
page_read(struct store_read *read)
{
	struct chat *chat = read->arg;
	struct session *session = chat_session(chat, read->uid, read->session);
	struct catch_up *catch_up;

	if (session == NULL)
		goto out;
	if (read->status != STORE_OK) {
		session_end(session, SESSION_END_ERROR);
		goto out;
	}
	if (read->stale) {
		if (catch_up_begin(session) != 0)
			session_end(session, SESSION_END_ERROR);
		goto out;
	}
	catch_up = session->catch_up;
	take_positions(catch_up, read);
	if (!catch_up->welcomed)
		greet(session, catch_up->device_known && read->gaps_n == 0);
	send_gaps(session, read);
	send_records(session, read);
	if (session->state != SESSION_CLOSED &&
	    after_page(session, read) != 0)
		session_end(session, SESSION_END_ERROR);
out:
	store_read_free(read);
}

/* --------------------------------------------------------------- the device */

static void
device_written(struct store_write *write)
{
	struct chat *chat = write->arg;
	struct session *session = chat_session(chat, write->record.sender,
	    write->session);

	if (session == NULL)
		return;
	if ((write->status != STORE_OK && write->status != STORE_DUPLICATE) ||
	    read_page(session) != 0)
		session_end(session, SESSION_END_ERROR);
}

/* A device never seen is durable before it is welcomed. */
static int
register_device(struct session *session)
{
	const struct catch_up *catch_up = session->catch_up;
	struct store_write *write;
	size_t i;

	write = store_write_new(catch_up->n * sizeof(*write->cursors));
	if (write == NULL)
		return -1;
	write->kind = STORE_WRITE_DEVICE;
	write->worker = session->chat->worker;
	write->done = device_written;
	write->arg = session->chat;
	write->session = session->id;
	write->record.sender = session->uid;
	write->urgent = true;
	memcpy(write->device, session->device, strlen(session->device) + 1);
	write->cursors = (struct store_cursor *)(void *)write->extra;
	for (i = 0; i < catch_up->n; i++) {
		if (catch_up->positions[i].conv == LOBBY_ID)
			continue;
		write->cursors[write->cursors_n].conv =
		    catch_up->positions[i].conv;
		write->cursors[write->cursors_n++].seq =
		    catch_up->positions[i].seq;
	}
	store_submit(session->chat->store, write);
	return 0;
}

/* What the client says that it has, it acknowledges with that. */
static void
acknowledge(struct session *session, const struct store_read *read)
{
	const struct store_membership *membership;
	struct cursor had;
	size_t i, j;

	for (i = 0; i < read->memberships_n; i++) {
		membership = &read->memberships[i];
		had = (struct cursor){.conv = membership->conversation.id,
		    .direct = membership->conversation.kind ==
			CONVERSATION_DIRECT};
		for (j = 0; j < read->cursors_n; j++) {
			if (read->cursors[j].conv == had.conv)
				had.saved = read->cursors[j].seq;
		}
		if (!read->device_known)
			had.saved = membership->delivered_seq;
		if (membership->since_seq > membership->delivered_seq)
			had.theirs = membership->delivered_seq + 1;
		cursors_had(session, &had, membership->since_seq);
	}
	marks_acknowledged(session);
}

/* Its token lets it do other things: it is told of nothing. */
static void
go_deaf(struct session *session, const struct store_read *read)
{
	welcome(session, false);
	if (session->state != SESSION_CLOSED)
		go_live(session, read->upto);
}

static int
person_known(struct session *session, const struct store_read *read)
{
	struct catch_up *catch_up = session->catch_up;
	bool first = !catch_up->known;

	if (first)
		catch_up->device_known = read->device_known;
	if (read->since != catch_up->since) { /* it is of other data */
		catch_up->since = 0;
		catch_up->resumes = false;
	}
	catch_up->known = true;
	if (!session->person->loaded &&
	    person_load(session->person, read) != 0)
		return -1;
	if (!(session->scopes & SCOPE_READ)) {
		go_deaf(session, read);
		return 0;
	}
	if (merge_positions(session, read) != 0)
		return -1;
	if (first && catch_up->since != 0)
		acknowledge(session, read);
	session->catch_up->invited_upto = read->upto;
	if (first && session->device[0] != '\0' && !read->device_known)
		return register_device(session);
	return read_page(session);
}

/* Takes read over, if it has any, until the session is welcomed. */
static void
keep_invitations(struct catch_up *catch_up, struct store_read *read)
{
	store_read_free(catch_up->person);
	catch_up->person = NULL;
	if (read->invitations_n != 0)
		catch_up->person = read;
	else
		store_read_free(read);
}

static void
person_read(struct store_read *read)
{
	struct chat *chat = read->arg;
	struct session *session = chat_session(chat, read->uid, read->session);
	enum session_end why;
	int result;

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK && sign_out_why(chat, &read->access,
		&session->catch_up->token, &why)) {
		session_end(session, why);
		goto out;
	}
	if (read->status != STORE_OK)
		result = -1;
	else if (session->stale && !session->person->loaded)
		result = catch_up_begin(session); /* it changed meanwhile */
	else
		result = person_known(session, read);
	if (result != 0) {
		session_end(session, SESSION_END_ERROR);
	} else if (session->catch_up != NULL && session->catch_up->welcomed) {
		send_invitations(session, read);
	} else if (session->catch_up != NULL) {
		keep_invitations(session->catch_up, read);
		return;
	}
out:
	store_read_free(read);
}
