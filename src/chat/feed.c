/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

/*
 * What the store has committed, in its order: what this worker knows of
 * people and conversations follows, and the sessions are told.
 */

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
	delivery_send(chat, write);
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

	if (conversation != NULL)
		conversation->members = write->conversation.members;
	if (person != NULL) {
		person_stale(person);
		if (conversation == NULL)
			conversation =
			    conversation_learn(chat, &write->conversation);
		if (person->loaded && (conversation == NULL ||
			person_join(person, conversation,
			    write->joined_seq) != 0))
			person_fail(person);
	}
	delivery_send(chat, write);
}

/* Who is put out learns of it with the others, and then of nothing more. */
static void
feed_leave(struct chat *chat, struct store_write *write)
{
	struct conversation *conversation;
	struct person *person;

	/* Before they are looked for: it may end sessions. */
	delivery_send(chat, write);
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
	if (conversation != NULL && person_is_in(person, conversation))
		person_leave(person, conversation);
	else if (write->kind == STORE_WRITE_BAN)
		delivery_send_outside(person, write);
}

static void
feed_invite(struct chat *chat, struct store_write *write)
{
	const struct person *person;

	delivery_send(chat, write);
	person = person_find(chat, write->record.subject);
	if (person != NULL)
		delivery_send_outside(person, write);
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
		if (!session_hears(session))
			continue;
		session_wire(session)->blocked(session_scratch(session),
		    write->name, on);
		session_answer(session);
	}
}

void
feed_take(void *arg, struct store_write *write)
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
		delivery_send(chat, write);
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
	case STORE_WRITE_REGISTER:
	case STORE_WRITE_ACCOUNT:
	case STORE_WRITE_REFRESH:
	case STORE_WRITE_SIGN_OUT:
	case STORE_WRITE_RESET:
		sign_out_feed(chat, write);
		return;
	case STORE_WRITE_BAN_RANGE:
	case STORE_WRITE_UNBAN_RANGE:
	case STORE_WRITE_LOCKDOWN:
		if (chat->fed != NULL)
			chat->fed(chat->fed_arg, write);
		return;
	default:
		return;
	}
	delivery_remember(chat, write);
}
