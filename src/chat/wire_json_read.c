/* SPDX-License-Identifier: MIT */
#include "chat/wire_read.h"

#include <string.h>

#include "base/json.h"
#include "chat/wire_put.h"

#define REACTORS_MAX 100 /* named for each emoji */

/* ---------------------------------------------------------------- messages */

/* Those of one emoji, from `from` on; how many they are. */
static uint32_t
put_emoji(struct buf *out, const struct record *record, uint32_t from)
{
	const struct record_reaction *all = record->reactions;
	const char *emoji = all[from].emoji;
	uint32_t end = from, i;

	while (end < record->reactions_n &&
	    strcmp(all[end].emoji, emoji) == 0)
		end++;
	buf_puts(out, "{\"emoji\":");
	json_put_string(out, emoji, strlen(emoji));
	wire_put_number(out, "n", end - from);
	buf_puts(out, ",\"users\":[");
	for (i = from; i < end && i < from + REACTORS_MAX; i++)
		wire_put_name(out, i == from ? "\"" : ",\"", all[i].user);
	buf_puts(out, "]}");
	return end - from;
}

void
json_reactions(struct buf *out, const struct record *record)
{
	uint32_t i = 0;

	buf_puts(out, ",\"reactions\":[");
	while (i < record->reactions_n) {
		if (i != 0)
			buf_putc(out, ',');
		i += put_emoji(out, record, i);
	}
	buf_putc(out, ']');
}

void
json_history(struct buf *out, const struct wire_page *page)
{
	const struct store_read *read = page->read;
	const struct record *record;
	unsigned flags;
	size_t i;

	buf_puts(out, "{\"type\":\"history\"");
	wire_put_ref(out, page->ref);
	wire_put_name(out, ",\"conversation\":\"", page->conversation);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < page->records_n; i++) {
		record = &page->records[i];
		flags = record->sender == page->uid ? WIRE_OWN : 0;
		if (record_is_said(record) &&
		    page->blocked(page->arg, record->sender))
			flags |= WIRE_HIDDEN;
		if (i != 0)
			buf_putc(out, ',');
		json_record(out, record, page->conversation, flags);
	}
	buf_putc(out, ']');
	if (page->next != 0)
		wire_put_number(out, "next", page->next);
	if (read->by_offset)
		buf_puts(out, read->more ? ",\"has_more\":true"
					 : ",\"has_more\":false");
	wire_put_number(out, "total", read->total);
	if (read->first_us != 0)
		wire_put_time(out, "first_at", read->first_us);
	if (read->last_us != 0)
		wire_put_time(out, "last_at", read->last_us);
	buf_putc(out, '}');
}

void
json_search(struct buf *out, const struct wire_page *page)
{
	const struct record *record;
	bool first = true;
	size_t i;

	buf_puts(out, "{\"type\":\"search\"");
	wire_put_ref(out, page->ref);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < page->records_n; i++) {
		record = &page->records[i];
		if (record->conversation_name[0] != '@' &&
		    page->blocked(page->arg, record->sender))
			continue;
		if (!first)
			buf_putc(out, ',');
		first = false;
		json_record(out, record, record->conversation_name,
		    record->sender == page->uid ? WIRE_OWN : 0);
	}
	buf_putc(out, ']');
	if (page->next != 0)
		wire_put_number(out, "next", page->next);
	buf_putc(out, '}');
}

/* -------------------------------------------------------- the conversations */

static void
put_conversation(struct buf *out, const struct conversation_info *info)
{
	static const char *const kinds[] = {
	    [CONVERSATION_PUBLIC] = "public", [CONVERSATION_GROUP] = "group",
	    [CONVERSATION_DIRECT] = "direct"};

	wire_put_name(out, "{\"conversation\":\"", info->name);
	wire_put_text(out, "kind", kinds[info->kind]);
	if (info->kind != CONVERSATION_GROUP)
		return;
	if (info->flags & CONVERSATION_PRIVATE)
		buf_puts(out, ",\"private\":true");
	if (info->flags & CONVERSATION_SINCE_JOIN)
		buf_puts(out, ",\"history\":\"since_join\"");
	if (info->slow_s != 0)
		wire_put_number(out, "slow", info->slow_s);
}

static void
put_invitation(struct buf *out, const struct store_invitation *invitation)
{
	put_conversation(out, &invitation->conversation);
	buf_puts(out, ",\"role\":\"invited\"");
	wire_put_name(out, ",\"by\":\"", invitation->by_name);
	wire_put_time(out, "at", invitation->at_us);
	wire_put_number(out, "members", invitation->conversation.members);
	buf_putc(out, '}');
}

static void
put_other(struct buf *out, const struct wire_list *list,
    const struct store_membership *membership, uint8_t presence)
{
	char other[NAME_BYTES_MAX + 1];

	direct_other(membership->conversation.name, list->user, other);
	wire_put_name(out, ",\"other\":{\"user\":\"", other);
	if (presence != WIRE_NOT_SHOWN) {
		wire_put_text(out, "status", presence_name(presence));
		if (presence == PRESENCE_OFFLINE &&
		    membership->other_seen_us != 0)
			wire_put_time(out, "last_seen",
			    membership->other_seen_us);
	}
	wire_put_number(out, "delivered_seq", membership->other_delivered);
	wire_put_number(out, "read_seq", membership->other_read);
	buf_putc(out, '}');
}

static void
put_unread(struct buf *out, const struct store_membership *membership)
{
	if (membership->unread_more)
		buf_printf(out, ",\"unread\":\"%d+\"", UNREAD_MAX);
	else
		wire_put_number(out, "unread", membership->unread);
	wire_put_number(out, "mentions", membership->mentions);
	if (membership->marked_unread)
		buf_puts(out, ",\"marked_unread\":true");
	wire_put_number(out, "delivered_seq", membership->delivered_seq);
	wire_put_number(out, "read_seq", membership->read_seq);
}

static void
put_given(struct buf *out, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		wire_put_text(out, key, text);
}

static void
put_muted(struct buf *out, int64_t until_us, int64_t now_us)
{
	if (until_us <= now_us)
		return;
	buf_puts(out, ",\"muted\":true");
	if (until_us != INT64_MAX)
		wire_put_time(out, "muted_until", until_us);
}

static void
put_membership(struct buf *out, const struct wire_list *list, size_t i)
{
	const struct store_membership *membership =
	    &list->read->memberships[i];
	const struct conversation_info *info = &membership->conversation;
	const struct record *last = &list->read->records[i];

	put_conversation(out, info);
	put_given(out, "title", membership->title);
	put_given(out, "description", membership->description);
	wire_put_text(out, "role", role_name(membership->role));
	wire_put_number(out, "members", info->members);
	put_unread(out, membership);
	put_muted(out, membership->muted_until_us, list->now_us);
	if (info->kind == CONVERSATION_DIRECT && info->a != info->b)
		put_other(out, list, membership, list->presence[i]);
	if (last->kind != 0) {
		buf_puts(out, ",\"last_message\":");
		json_record(out, last, info->name, 0);
		wire_put_time(out, "last_at", last->at_us);
	}
	buf_putc(out, '}');
}

void
json_conversations(struct buf *out, const struct wire_list *list)
{
	const struct store_read *read = list->read;
	size_t i;

	buf_puts(out, "{\"type\":\"conversations\"");
	wire_put_ref(out, list->ref);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < read->invitations_n; i++) {
		if (i != 0)
			buf_putc(out, ',');
		put_invitation(out, &read->invitations[i]);
	}
	for (i = 0; i < read->memberships_n; i++) {
		if (i + read->invitations_n != 0)
			buf_putc(out, ',');
		put_membership(out, list, i);
	}
	buf_putc(out, ']');
	if (list->next != 0)
		wire_put_number(out, "next", list->next);
	wire_put_number(out, "upto", read->upto);
	buf_putc(out, '}');
}
