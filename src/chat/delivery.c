/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <string.h>

/*
 * From the store's feed to the sessions of this worker.  A record is encoded
 * once for each form in which somebody here needs it; a session then costs a
 * look at its state and one reference in its queue.
 */
#define FORMS 16 /* readable, own, hidden, unseen */

/*
 * Beside the flags of the wire: an edit of a message that came before its
 * receiver, who is to see nothing that did.  As in what is read, no text.
 */
#define UNSEEN (1u << 3)

struct delivery {
	struct chat *chat;
	const struct record *record;
	const char *conversation;
	uint8_t kind;	 /* of the conversation */
	bool since_join; /* an edit that newcomers may not see */
	bool outside;	 /* to somebody who is not in it: no cursor */
	uint64_t origin; /* session that got `sent` instead, or 0 */
	struct blob *frames[FORMS];
};

static struct blob *
frame(struct delivery *delivery, const struct session *session, unsigned flags)
{
	unsigned form = (session->readable ? 1u : 0) |
	    (flags & WIRE_OWN ? 2u : 0) | (flags & WIRE_HIDDEN ? 4u : 0) |
	    (flags & UNSEEN ? 8u : 0);
	struct chat *chat = delivery->chat;
	struct record record;

	if (delivery->frames[form] == NULL) {
		record = *delivery->record;
		if (flags & UNSEEN)
			record.text_len = 0;
		buf_reset(&chat->scratch);
		session_wire(session)->record(&chat->scratch, &record,
		    delivery->conversation, flags & ~UNSEEN);
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

	if (!session_hears(session) || is_known(session, record) ||
	    session->id == delivery->origin)
		return;
	blob = frame(delivery, session, flags);
	if (blob == NULL) {
		session_end(session, SESSION_END_ERROR);
		return;
	}
	/* An invitation may come behind what is later. */
	session->ops->send(session, blob, delivery->outside ? 0 : record->id);
	delivery->chat->stats.delivered++;
	if (delivery->kind != CONVERSATION_PUBLIC && !delivery->outside)
		cursors_sent(session, record,
		    delivery->kind == CONVERSATION_DIRECT);
}

static bool
is_unseen(const struct delivery *delivery, const struct person *person)
{
	const struct record *record = delivery->record;
	const struct conversation *conversation;
	const struct membership *membership = NULL;

	conversation = conversation_find(delivery->chat, record->conv);
	if (conversation != NULL)
		membership = person_membership(person, conversation);
	return membership != NULL && record->target <= membership->joined_seq;
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
	return delivery->since_join && is_unseen(delivery, person) ? UNSEEN
								   : 0;
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
	    .kind = write->conversation.kind,
	    .since_join = record->kind == RECORD_EDITED &&
		write->conversation.flags & CONVERSATION_SINCE_JOIN};

	/* A public room's lines stay out of everybody's cursors. */
	if (record->kind == RECORD_MESSAGE)
		delivery.origin = write->session;
	return delivery;
}

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
send_record(struct chat *chat, const struct store_write *write,
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

void
delivery_send(struct chat *chat, const struct store_write *write)
{
	struct record created;

	if (write->created && write->conversation.kind == CONVERSATION_GROUP) {
		created = created_record(write);
		send_record(chat, write, &created);
	}
	send_record(chat, write, &write->record);
}

static bool
is_outside(const struct person *person, const struct store_write *write)
{
	const struct conversation *conversation =
	    conversation_find(person->chat, write->conversation.id);

	return conversation == NULL || !person_is_in(person, conversation);
}

void
delivery_send_outside(const struct person *person,
    const struct store_write *write)
{
	struct delivery delivery;

	if (!is_outside(person, write))
		return;
	delivery = new_delivery(person->chat, write, &write->record);
	delivery.outside = true;
	to_person(&delivery, person);
	finish(&delivery);
}

/* ------------------------------------------------------------------- replay */

void
delivery_remember(struct chat *chat, struct store_write *write)
{
	struct store_write **place = &chat->recent[chat->recent_at];

	if (*place != NULL) {
		chat->recent_floor = (*place)->record.id;
		store_write_unref(*place);
	}
	*place = store_write_ref(write);
	chat->recent_at = (chat->recent_at + 1) % RECENT_MAX;
}

static bool
concerns(const struct session *session, const struct store_write *write)
{
	const struct conversation_info *info = &write->conversation;
	const struct membership *membership;
	struct conversation *conversation;

	if (info->kind == CONVERSATION_DIRECT)
		return info->a == session->uid || info->b == session->uid;
	/* An own message that another deleted is not done to oneself. */
	if (write->record.sender == session->uid ||
	    (write->record.subject == session->uid &&
		write->kind != STORE_WRITE_DELETE))
		return true;
	conversation = conversation_find(session->chat, info->id);
	if (conversation == NULL || conversation->kind != CONVERSATION_GROUP)
		return conversation != NULL;
	/* Who was out meanwhile gets nothing of that. */
	membership = person_membership(session->person, conversation);
	return membership != NULL &&
	    write->record.seq > membership->joined_seq;
}

static void
replay_record(struct session *session, const struct store_write *write,
    const struct record *record)
{
	struct delivery delivery =
	    new_delivery(session->chat, write, record);

	delivery.outside = delivery.kind == CONVERSATION_GROUP &&
	    is_outside(session->person, write);
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
