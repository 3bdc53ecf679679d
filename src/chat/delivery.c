/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <string.h>

/*
 * From the store's feed to the sessions of this worker.  A record is encoded
 * once for each form in which somebody here needs it; a session then costs a
 * look at its state and one reference in its queue.
 */
#define FORMS 8 /* readable, and the flags own and hidden */

struct delivery {
	struct chat *chat;
	const struct record *record;
	const char *conversation;
	uint8_t kind;	 /* of the conversation */
	bool outside;	 /* to somebody who is not in it: no cursor */
	uint64_t origin; /* session that got `sent` instead, or 0 */
	struct blob *frames[FORMS];
};

static struct blob *
frame(struct delivery *delivery, const struct session *session, unsigned flags)
{
	unsigned form = (session->readable ? 1u : 0) |
	    (flags & WIRE_OWN ? 2u : 0) | (flags & WIRE_HIDDEN ? 4u : 0);
	struct chat *chat = delivery->chat;

	if (delivery->frames[form] == NULL) {
		buf_reset(&chat->scratch);
		session_wire(session)->record(&chat->scratch, delivery->record,
		    delivery->conversation, flags);
		delivery->frames[form] = chat_frame(chat);
	}
	return delivery->frames[form];
}

/*
 * Whether the session had it when it caught up.  An invitation it may get
 * once more, since that was not among what it caught up with.
 */
static bool
is_known(const struct session *session, const struct record *record)
{
	return record->id <= session->live_from &&
	    !(record->kind == RECORD_INVITED &&
		record->subject == session->uid);
}

static void
to_session(struct delivery *delivery, struct session *session, unsigned flags)
{
	const struct record *record = delivery->record;
	struct blob *blob;

	if (session->state != SESSION_LIVE || is_known(session, record) ||
	    session->id == delivery->origin)
		return;
	blob = frame(delivery, session, flags);
	if (blob == NULL) {
		session_end(session, SESSION_END_ERROR);
		return;
	}
	session->ops->send(session, blob);
	delivery->chat->stats.delivered++;
	if (delivery->kind != CONVERSATION_PUBLIC && !delivery->outside)
		cursors_sent(session, record,
		    delivery->kind == CONVERSATION_DIRECT);
}

static unsigned
flags_for(const struct delivery *delivery, const struct person *person)
{
	const struct record *record = delivery->record;

	if (record->sender == person->uid)
		return WIRE_OWN;
	if (person->blocks != NULL && record_is_said(record) &&
	    delivery->kind != CONVERSATION_DIRECT &&
	    person_blocks(person, record->sender))
		return WIRE_HIDDEN;
	return 0;
}

static void
to_person(struct delivery *delivery, const struct person *person)
{
	unsigned flags = flags_for(delivery, person);
	struct session *session, *next;

	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		to_session(delivery, session, flags);
	}
}

static void
finish(struct delivery *delivery)
{
	int form;

	for (form = 0; form < FORMS; form++)
		blob_unref(delivery->frames[form]);
}

/*
 * Goes down the list: a session that ends may remove the person it visits,
 * whose place is then taken by one that was visited already.
 */
static void
to_present(struct delivery *delivery, const struct conversation *conversation)
{
	uint32_t i;

	for (i = conversation->present_n; i-- > 0;) {
		if (i < conversation->present_n)
			to_person(delivery, conversation->present[i]);
	}
}

static struct delivery
new_delivery(struct chat *chat, const struct store_write *write,
    const struct record *record)
{
	struct delivery delivery = {
	    .chat = chat,
	    .record = record,
	    .conversation = write->conversation.name,
	    .kind = write->conversation.kind};

	/* A public room's lines stay out of everybody's cursors. */
	if (record->kind == RECORD_MESSAGE)
		delivery.origin = write->session;
	return delivery;
}

static void
deliver(struct chat *chat, const struct store_write *write,
    const struct record *record)
{
	const struct conversation_info *info = &write->conversation;
	struct delivery delivery = new_delivery(chat, write, record);
	struct conversation *conversation;
	struct person *person;

	if (info->kind == CONVERSATION_DIRECT) {
		person = person_find(chat, info->a);
		if (person != NULL)
			to_person(&delivery, person);
		person = info->b == info->a ? NULL : person_find(chat, info->b);
		if (person != NULL)
			to_person(&delivery, person);
	} else {
		conversation = conversation_find(chat, info->id);
		if (conversation != NULL)
			to_present(&delivery, conversation);
	}
	finish(&delivery);
}

/* ------------------------------------------------------------- what it feeds */

/* The event of a group's making has the place right before its first join. */
static struct record
created_record(const struct store_write *write)
{
	struct record record = write->record;

	record.kind = RECORD_CREATED;
	record.role = ROLE_NONE;
	record.seq--;
	record.id--;
	return record;
}

static void
new_direct(struct chat *chat, uint64_t uid, uint64_t other)
{
	struct person *person = person_find(chat, uid);

	if (person == NULL)
		return;
	person_stale(person);
	/* What was read may have been ahead of the feed. */
	if (!person->loaded || person_has_peer(person, other))
		return;
	if (person_add_peer(person, other) != 0)
		log_write(chat->log, LOG_LEVEL_WARN, "person.peer",
		    "user=%s: no memory, presence may be missed", person->name);
}

/* Delivering may have ended the last session of its author. */
static void
count_receipts(struct chat *chat, const struct store_write *write)
{
	struct conversation *conversation =
	    conversation_find(chat, write->conversation.id);
	struct person *author = person_find(chat, write->record.sender);

	if (conversation != NULL && author != NULL)
		receipts_message(author, conversation, write);
}

static void
feed_append(struct chat *chat, struct store_write *write)
{
	const struct conversation_info *info = &write->conversation;
	struct person *sender;

	if (write->created && info->kind == CONVERSATION_DIRECT) {
		new_direct(chat, info->a, info->b);
		if (info->a != info->b)
			new_direct(chat, info->b, info->a);
	}
	sender = person_find(chat, write->record.sender);
	if (sender != NULL && sender->more != NULL)
		typing_message(sender, info->name);
	deliver(chat, write, &write->record);
	if (info->kind == CONVERSATION_GROUP)
		count_receipts(chat, write);
}

/* Who is made a member, or is none any more. */
static uint64_t
whose(const struct store_write *write)
{
	bool done_to = write->kind == STORE_WRITE_ADD ||
	    write->kind == STORE_WRITE_KICK || write->kind == STORE_WRITE_BAN;

	return done_to ? write->record.subject : write->record.sender;
}

static void
feed_join(struct chat *chat, struct store_write *write)
{
	struct conversation *conversation =
	    conversation_find(chat, write->conversation.id);
	struct person *person = person_find(chat, whose(write));
	struct record created;

	if (conversation != NULL)
		conversation->members = write->conversation.members;
	if (person != NULL) {
		person_stale(person);
		if (conversation == NULL)
			conversation =
			    conversation_learn(chat, &write->conversation);
		if (person->loaded && (conversation == NULL ||
			person_join(person, conversation) != 0))
			person_fail(person);
	}
	if (write->created) {
		created = created_record(write);
		deliver(chat, write, &created);
	}
	deliver(chat, write, &write->record);
}

/* To somebody who is not among those present. */
static void
deliver_outside(struct chat *chat, const struct store_write *write,
    const struct person *person)
{
	struct delivery delivery = new_delivery(chat, write, &write->record);

	delivery.outside = true;
	to_person(&delivery, person);
	finish(&delivery);
}

static bool
is_outside(const struct person *person,
    const struct conversation *conversation)
{
	return conversation == NULL || !person_is_in(person, conversation);
}

/* Who is put out learns of it with the others, and then of nothing more. */
static void
feed_leave(struct chat *chat, struct store_write *write)
{
	struct conversation *conversation;
	struct person *person;

	/* Before they are looked for: it may end sessions. */
	deliver(chat, write, &write->record);
	conversation = conversation_find(chat, write->conversation.id);
	person = person_find(chat, whose(write));
	if (conversation != NULL) {
		conversation->members = write->conversation.members;
		if (write->joined_seq != UINT64_MAX) /* they were in it */
			receipts_left(conversation, write, whose(write));
	}
	if (person == NULL)
		return;
	person_stale(person);
	if (!is_outside(person, conversation))
		person_leave(person, conversation);
	else if (write->kind == STORE_WRITE_BAN)
		deliver_outside(chat, write, person);
}

static void
feed_invite(struct chat *chat, struct store_write *write)
{
	const struct conversation *conversation;
	const struct person *person;

	deliver(chat, write, &write->record);
	conversation = conversation_find(chat, write->conversation.id);
	person = person_find(chat, write->record.subject);
	if (person != NULL && is_outside(person, conversation))
		deliver_outside(chat, write, person);
}

static void
feed_block(struct chat *chat, const struct store_write *write)
{
	struct person *person = person_find(chat, write->record.sender);
	struct session *session, *next;
	bool on = write->kind == STORE_WRITE_BLOCK;

	if (person == NULL)
		return;
	person_stale(person);
	if (!person->loaded)
		return;
	if (person_set_block(person, write->peer, on) != 0) {
		person_fail(person);
		return;
	}
	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		if (session->state != SESSION_LIVE)
			continue;
		session_wire(session)->blocked(session_scratch(session),
		    write->name, on);
		session_answer(session);
	}
}

static void
remember(struct chat *chat, struct store_write *write)
{
	struct store_write **place = &chat->recent[chat->recent_at];

	if (*place != NULL) {
		chat->recent_floor = (*place)->record.id;
		store_write_unref(*place);
	}
	*place = store_write_ref(write);
	chat->recent_at = (chat->recent_at + 1) % RECENT_MAX;
}

void
delivery_feed(void *arg, struct store_write *write)
{
	struct chat *chat = arg;

	switch (write->kind) {
	case STORE_WRITE_APPEND:
		feed_append(chat, write);
		break;
	case STORE_WRITE_JOIN:
	case STORE_WRITE_CREATE:
	case STORE_WRITE_ADD:
		feed_join(chat, write);
		break;
	case STORE_WRITE_LEAVE:
	case STORE_WRITE_KICK:
	case STORE_WRITE_BAN:
		feed_leave(chat, write);
		break;
	case STORE_WRITE_INVITE:
		feed_invite(chat, write);
		break;
	case STORE_WRITE_UNBAN:
	case STORE_WRITE_MUTE:
	case STORE_WRITE_UNMUTE:
	case STORE_WRITE_ROLE:
	case STORE_WRITE_UPDATE:
	case STORE_WRITE_EDIT:
	case STORE_WRITE_DELETE:
	case STORE_WRITE_REACT:
		deliver(chat, write, &write->record);
		break;
	case STORE_WRITE_BLOCK:
	case STORE_WRITE_UNBLOCK:
		feed_block(chat, write);
		return;
	case STORE_WRITE_MARK:
		receipts_feed(chat, write);
		return;
	case STORE_WRITE_UNREAD:
		receipts_feed_unread(chat, write);
		return;
	case STORE_WRITE_HIDE_READ:
		receipts_feed_settings(chat, write);
		return;
	default:
		return;
	}
	remember(chat, write);
}

/* ------------------------------------------------------------------- replay */

static bool
concerns(const struct session *session, const struct store_write *write)
{
	const struct conversation_info *info = &write->conversation;
	struct conversation *conversation;

	if (info->kind == CONVERSATION_DIRECT)
		return info->a == session->uid || info->b == session->uid;
	/* An own message that another deleted is not done to oneself. */
	if (write->record.sender == session->uid ||
	    (write->record.subject == session->uid &&
		write->kind != STORE_WRITE_DELETE))
		return true;
	conversation = conversation_find(session->chat, info->id);
	return conversation != NULL &&
	    person_is_in(session->person, conversation);
}

static void
replay_record(struct session *session, const struct store_write *write,
    const struct record *record)
{
	struct delivery delivery =
	    new_delivery(session->chat, write, record);

	delivery.outside = delivery.kind == CONVERSATION_GROUP &&
	    is_outside(session->person,
		conversation_find(session->chat, write->conversation.id));
	to_session(&delivery, session, flags_for(&delivery, session->person));
	finish(&delivery);
}

static void
replay(struct session *session, struct store_write *write)
{
	struct record created;

	if (write == NULL || session->state != SESSION_LIVE ||
	    is_known(session, &write->record) || !concerns(session, write))
		return;
	if (write->created && write->conversation.kind == CONVERSATION_GROUP) {
		created = created_record(write);
		replay_record(session, write, &created);
	}
	if (session->state == SESSION_LIVE)
		replay_record(session, write, &write->record);
}

void
delivery_replay(struct session *session, uint64_t invited_upto)
{
	struct chat *chat = session->chat;
	uint64_t from = invited_upto < session->live_from
	    ? invited_upto : session->live_from;
	struct store_write *write;
	size_t i, at;

	/* Back from the newest to the first that is new to this session. */
	for (i = 0; i < RECENT_MAX; i++) {
		at = (chat->recent_at + RECENT_MAX - 1 - i) % RECENT_MAX;
		write = chat->recent[at];
		if (write == NULL || write->record.id <= from)
			break;
	}
	while (i-- > 0) {
		at = (chat->recent_at + RECENT_MAX - 1 - i) % RECENT_MAX;
		replay(session, chat->recent[at]);
	}
}
