/* SPDX-License-Identifier: MIT */
#include "chat/wire_read.h"

#include <string.h>

#include "base/clock.h"

void
text_history(struct buf *out, const struct wire_page *page)
{
	const struct record *record;
	unsigned flags;
	size_t i;

	buf_printf(out, "* %s, %zu of its history (%llu messages in all):",
	    page->conversation, page->records_n,
	    (unsigned long long)page->read->total);
	for (i = 0; i < page->records_n; i++) {
		record = &page->records[i];
		flags = record_is_said(record) &&
		    page->blocked(page->arg, record->sender) ? WIRE_HIDDEN : 0;
		buf_putc(out, '\n');
		text_record(out, record, page->conversation, flags);
	}
}

void
text_search(struct buf *out, const struct wire_page *page)
{
	const struct record *record;
	size_t i, n = 0;

	buf_puts(out, "* Found:");
	for (i = 0; i < page->records_n; i++) {
		record = &page->records[i];
		if (record->conversation_name[0] != '@' &&
		    page->blocked(page->arg, record->sender))
			continue;
		n++;
		buf_putc(out, '\n');
		text_record(out, record, record->conversation_name, 0);
	}
	if (n == 0)
		buf_puts(out, " nothing.");
	else if (page->next != 0)
		buf_puts(out, "\n* There are older ones.");
}

static void
put_membership(struct buf *out, const struct store_membership *membership)
{
	const char *title = membership->title;

	buf_printf(out, "\n  %-24s  %-9s", membership->conversation.name,
	    role_name(membership->role));
	if (membership->unread_more)
		buf_printf(out, "  %4d+ unread", UNREAD_MAX);
	else if (membership->unread != 0)
		buf_printf(out, "  %5u unread", membership->unread);
	if (membership->mentions != 0)
		buf_printf(out, ", %u for you", membership->mentions);
	if (membership->marked_unread)
		buf_puts(out, "  (marked as unread)");
	if (title != NULL && title[0] != '\0') {
		buf_puts(out, "  ");
		text_put_line(out, title, strlen(title));
	}
}

void
text_conversations(struct buf *out, const struct wire_list *list)
{
	const struct store_read *read = list->read;
	size_t i;

	buf_puts(out, "* Your conversations:");
	for (i = 0; i < read->invitations_n; i++)
		buf_printf(out, "\n  %-24s  invited by %s; /join %s",
		    read->invitations[i].conversation.name,
		    read->invitations[i].by_name,
		    read->invitations[i].conversation.name);
	for (i = 0; i < read->memberships_n; i++)
		put_membership(out, &read->memberships[i]);
	if (list->next != 0)
		buf_puts(out, "\n* There are more.");
}

void
text_receipt(struct buf *out, const struct wire_receipt *receipt)
{
	unsigned long long seq = receipt->seq;

	if (receipt->user != NULL)
		buf_printf(out, "* %s %s up to %llu in %s", receipt->user,
		    receipt->read ? "read" : "has", seq,
		    receipt->conversation);
	else
		buf_printf(out, "* %s %llu: of %u people %u have it, %u read "
		    "it", receipt->conversation, seq, receipt->of_n,
		    receipt->delivered_n, receipt->read_n);
}

void
text_receipts(struct buf *out, const char *ref, const struct store_read *read)
{
	const struct store_member *member;
	char at[CLOCK_TEXT_SIZE];
	const char *what;
	int64_t us;
	size_t i;

	(void)ref;
	buf_printf(out, "* %s %llu: of %u people %u have it, %u read it",
	    read->name, (unsigned long long)read->after, read->of_n,
	    read->delivered_n, read->read_n);
	for (i = 0; i < read->members_n; i++) {
		member = &read->members[i];
		us = member->hides_read ? 0 : member->read_us;
		what = us != 0 ? "read" : "delivered";
		if (us == 0)
			us = member->delivered_us;
		clock_format(us, at);
		buf_printf(out, "\n  %-32s  %s%s%s", member->name,
		    us != 0 ? what : "not yet", us == 0 ? "" :
		    member->imprecise ? " by " : " at ", us == 0 ? "" : at);
	}
	if (read->more)
		buf_puts(out, "\n* There are more.");
}

void
text_unread(struct buf *out, const char *conversation, bool on)
{
	buf_printf(out, "* %s is %s as unread", conversation,
	    on ? "marked" : "no longer marked");
}

void
text_settings(struct buf *out, const char *ref, bool read_receipts)
{
	(void)ref;
	buf_printf(out, "* Others %s what you have read",
	    read_receipts ? "see" : "do not see");
}

void
text_invited(struct buf *out, const char *user,
    const struct store_invitation *invitation)
{
	(void)user;
	buf_printf(out, "* %s invites you to %s; /join %s accepts",
	    invitation->by_name, invitation->conversation.name,
	    invitation->conversation.name);
}
