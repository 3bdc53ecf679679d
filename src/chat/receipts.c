/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <stdlib.h>
#include <string.h>

/*
 * Who is told that a mark moved.
 *
 * In a direct conversation the other one is, at once.  In a group each author
 * is told how many have the message: the worker that owns the author counts
 * for the newest messages, from their commit on, in the order of commits, so
 * that nobody ever has to look at all members.  A mark costs a search and one
 * step for each message that it passed, of at most RECEIPTS_MAX; an author
 * hears of it at most once in RECEIPT_MS.
 */
#define RECEIPTS_MAX 256
#define RECEIPT_MS 1000

struct receipt {
	uint64_t seq;
	uint64_t author; /* 0: has gone, the entry is not used any more */
	int64_t at_us;	 /* of the last mark that counted */
	uint32_t of_n, delivered_n, read_n;
	uint32_t told_delivered_n, told_read_n, told_of_n;
};

struct receipts {
	struct chat *chat;
	struct conversation *conversation;
	struct timer timer;
	int64_t told_ms; /* when they were last told */
	uint32_t n, size;
	struct receipt *list; /* in the order of seq */
};

/* ----------------------------------------------------------- one's devices */

static void
tell(struct person *person, const struct wire_receipt *receipt)
{
	struct session *session, *next;

	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		if (!session_hears(session))
			continue;
		session_wire(session)->receipt(session_scratch(session),
		    receipt);
		session_answer(session);
	}
}

static void
tell_unread(struct person *person, const char *conversation, bool on)
{
	struct session *session, *next;

	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		if (!session_hears(session))
			continue;
		session_wire(session)->unread(session_scratch(session),
		    conversation, on);
		session_answer(session);
	}
}

static struct wire_receipt
new_receipt(const struct store_write *write)
{
	return (struct wire_receipt){
	    .conversation = write->conversation.name,
	    .user = write->record.sender_name,
	    .at_us = write->record.at_us};
}

static void
to_own(struct person *person, const struct store_write *write)
{
	struct wire_receipt receipt = new_receipt(write);
	struct chat *chat = person->chat;

	marks_moved(person, write->conversation.id, write->now.delivered);
	if (write->now.read > write->before.read) {
		receipt.read = true;
		receipt.seq = write->now.read;
		tell(person, &receipt);
	}
	/* The last session to end took the person with it. */
	person = person_find(chat, write->record.sender);
	if (person != NULL && write->unread)
		tell_unread(person, receipt.conversation, false);
}

static void
to_other(struct chat *chat, const struct store_write *write, uint64_t other)
{
	struct wire_receipt receipt = new_receipt(write);
	bool read = !write->hides_read &&
	    write->now.read > write->before.read;
	struct person *person = person_find(chat, other);

	/* Read implies delivered: one of the two says it all. */
	if (person != NULL && write->now.delivered > write->before.delivered &&
	    !(read && write->now.read == write->now.delivered)) {
		receipt.seq = write->now.delivered;
		tell(person, &receipt);
		person = person_find(chat, other);
	}
	if (person != NULL && read) {
		receipt.read = true;
		receipt.seq = write->now.read;
		tell(person, &receipt);
	}
}

/* ------------------------------------------------------------------ groups */

static void
schedule(struct receipts *receipts)
{
	int64_t since = chat_now_ms(receipts->chat) - receipts->told_ms;

	/* Not at once: what is committed together is told together. */
	if (!timer_is_set(&receipts->timer))
		timer_set(receipts->chat->timers, &receipts->timer,
		    since >= RECEIPT_MS ? 1 : (uint64_t)(RECEIPT_MS - since));
}

/* True when there was something to say to an author who can hear it. */
static bool
is_news(const struct receipt *receipt)
{
	return receipt->delivered_n != receipt->told_delivered_n ||
	    receipt->read_n != receipt->told_read_n ||
	    receipt->of_n != receipt->told_of_n;
}

static void
tell_author(const struct receipts *receipts, struct receipt *receipt,
    struct person *author)
{
	struct wire_receipt said = {
	    .conversation = receipts->conversation->name,
	    .seq = receipt->seq,
	    .at_us = receipt->at_us,
	    .read = receipt->read_n != receipt->told_read_n,
	    .delivered_n = receipt->delivered_n,
	    .read_n = receipt->read_n,
	    .of_n = receipt->of_n};

	receipt->told_delivered_n = receipt->delivered_n;
	receipt->told_read_n = receipt->read_n;
	receipt->told_of_n = receipt->of_n;
	tell(author, &said);
}

static void
compact(struct receipts *receipts)
{
	const struct receipt *receipt;
	uint32_t i, n = 0;

	for (i = 0; i < receipts->n; i++) {
		receipt = &receipts->list[i];
		if (receipt->author != 0 &&
		    (receipt->read_n < receipt->of_n || is_news(receipt)))
			receipts->list[n++] = *receipt;
	}
	receipts->n = n;
}

/*
 * To each author the newest message that there is news of; their others have
 * their turn when the next one may be told.
 */
static void
tell_authors(struct timer *timer)
{
	struct receipts *receipts = (struct receipts *)
	    ((char *)timer - offsetof(struct receipts, timer));
	struct conversation *conversation = receipts->conversation;
	struct chat *chat = receipts->chat;
	struct receipt *receipt;
	struct person *author;
	bool more = false;
	uint32_t i;

	/* A session that ends may be the last one of the conversation. */
	conversation_ref(chat, conversation);
	receipts->told_ms = chat_now_ms(chat);
	chat->round++;
	for (i = receipts->n; i-- > 0;) {
		receipt = &receipts->list[i];
		if (receipt->author == 0 || !is_news(receipt))
			continue;
		author = person_find(chat, receipt->author);
		if (author == NULL || !person_is_here(author))
			continue;
		if (author->round == chat->round) {
			more = true;
			continue;
		}
		author->round = chat->round;
		tell_author(receipts, receipt, author);
	}
	compact(receipts);
	if (more)
		schedule(receipts);
	conversation_unref(chat, conversation);
}

static struct receipts *
obtain(struct chat *chat, struct conversation *conversation)
{
	struct receipts *receipts = conversation->receipts;

	if (receipts != NULL)
		return receipts;
	receipts = calloc(1, sizeof(*receipts));
	if (receipts == NULL)
		return NULL;
	receipts->chat = chat;
	receipts->conversation = conversation;
	receipts->timer.fire = tell_authors;
	receipts->told_ms = chat_now_ms(chat) - RECEIPT_MS;
	conversation->receipts = receipts;
	return receipts;
}

/* Room for one more; a quarter of the oldest makes it where there is none. */
static bool
make_room(struct receipts *receipts)
{
	const uint32_t quarter = RECEIPTS_MAX / 4;
	struct receipt *list;
	uint32_t size;

	if (receipts->n == RECEIPTS_MAX) {
		compact(receipts);
		if (receipts->n > RECEIPTS_MAX - quarter) {
			receipts->n -= quarter;
			memmove(receipts->list, receipts->list + quarter,
			    receipts->n * sizeof(*list));
		}
	}
	if (receipts->n < receipts->size)
		return true;
	size = receipts->size == 0 ? 4 : receipts->size * 2;
	list = realloc(receipts->list, size * sizeof(*list));
	if (list == NULL)
		return false;
	receipts->list = list;
	receipts->size = size;
	return true;
}

void
receipts_message(struct person *author, struct conversation *conversation,
    const struct store_write *write)
{
	const struct record *record = &write->record;
	uint32_t of_n = write->conversation.members - 1;
	struct receipts *receipts;

	if (write->conversation.members < 2 || !person_is_here(author) ||
	    !person_is_in(author, conversation))
		return;
	receipts = obtain(author->chat, conversation);
	/* Without memory its author asks for receipts, or does without. */
	if (receipts == NULL || !make_room(receipts))
		return;
	receipts->list[receipts->n++] = (struct receipt){
	    .seq = record->seq, .author = author->uid, .at_us = record->at_us,
	    .of_n = of_n, .told_of_n = of_n};
}

/* The index of the first message above seq. */
static uint32_t
first_above(const struct receipts *receipts, uint64_t seq)
{
	uint32_t low = 0, high = receipts->n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (receipts->list[middle].seq <= seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
count(struct receipts *receipts, const struct store_write *write)
{
	const struct store_mark *before = &write->before, *now = &write->now;
	uint64_t read = write->hides_read ? before->read : now->read;
	struct receipt *receipt;
	uint32_t i;

	i = first_above(receipts, read > before->read ? before->read
						      : before->delivered);
	for (; i < receipts->n && receipts->list[i].seq <= now->delivered;
	     i++) {
		receipt = &receipts->list[i];
		if (receipt->author == write->record.sender)
			continue;
		if (receipt->seq > before->delivered)
			receipt->delivered_n++;
		if (receipt->seq > before->read && receipt->seq <= read)
			receipt->read_n++;
		receipt->at_us = write->record.at_us;
	}
	schedule(receipts);
}

/* Who hides their marks now may have been counted before. */
static void
lower(uint32_t *n, bool counted)
{
	if (counted && *n > 0)
		--*n;
}

void
receipts_left(struct conversation *conversation,
    const struct store_write *write, uint64_t uid)
{
	struct receipts *receipts = conversation->receipts;
	struct receipt *receipt;
	uint32_t i;

	if (receipts == NULL)
		return;
	for (i = first_above(receipts, write->joined_seq); i < receipts->n;
	     i++) {
		receipt = &receipts->list[i];
		if (receipt->author == uid)
			continue;
		lower(&receipt->of_n, true);
		lower(&receipt->delivered_n,
		    receipt->seq <= write->before.delivered);
		lower(&receipt->read_n, !write->hides_read &&
		    receipt->seq <= write->before.read);
		/* What is hidden now was counted before it was. */
		if (receipt->read_n > receipt->delivered_n)
			receipt->read_n = receipt->delivered_n;
	}
	schedule(receipts);
}

void
receipts_forget(struct conversation *conversation, uint64_t author)
{
	struct receipts *receipts = conversation->receipts;
	uint32_t i;

	for (i = 0; receipts != NULL && i < receipts->n; i++) {
		if (receipts->list[i].author == author)
			receipts->list[i].author = 0;
	}
}

void
receipts_free(struct conversation *conversation)
{
	struct receipts *receipts = conversation->receipts;

	if (receipts == NULL)
		return;
	timer_clear(receipts->chat->timers, &receipts->timer);
	free(receipts->list);
	free(receipts);
	conversation->receipts = NULL;
}

/* ------------------------------------------------------ what the store fed */

void
receipts_feed(struct chat *chat, const struct store_write *write)
{
	const struct conversation_info *info = &write->conversation;
	uint64_t uid = write->record.sender;
	struct person *person = person_find(chat, uid);
	struct conversation *conversation;

	if (person != NULL)
		to_own(person, write);
	if (info->kind == CONVERSATION_DIRECT) {
		if (info->a != info->b)
			to_other(chat, write, info->a == uid ? info->b
							     : info->a);
		return;
	}
	conversation = conversation_find(chat, info->id);
	if (conversation != NULL && conversation->receipts != NULL)
		count(conversation->receipts, write);
}

void
receipts_feed_unread(struct chat *chat, const struct store_write *write)
{
	struct person *person = person_find(chat, write->record.sender);

	if (person != NULL)
		tell_unread(person, write->conversation.name, write->unread);
}

void
receipts_feed_settings(struct chat *chat, const struct store_write *write)
{
	struct person *person = person_find(chat, write->record.sender);
	struct session *session, *next;

	if (person == NULL)
		return;
	for (session = person->sessions; session != NULL; session = next) {
		next = session->next;
		if (!session_hears(session))
			continue;
		session_wire(session)->settings(session_scratch(session),
		    NULL, !write->hides_read);
		session_answer(session);
	}
}
