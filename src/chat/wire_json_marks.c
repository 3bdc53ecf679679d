/* SPDX-License-Identifier: MIT */
#include "chat/wire_put.h"
#include "chat/wire_read.h"

void
json_receipt(struct buf *out, const struct wire_receipt *receipt)
{
	buf_puts(out, receipt->read ? "{\"type\":\"read\""
				    : "{\"type\":\"delivered\"");
	wire_put_name(out, ",\"conversation\":\"", receipt->conversation);
	wire_put_number(out, "seq", receipt->seq);
	if (receipt->user != NULL) {
		wire_put_name(out, ",\"user\":\"", receipt->user);
	} else {
		wire_put_number(out, "delivered_n", receipt->delivered_n);
		wire_put_number(out, "read_n", receipt->read_n);
		wire_put_number(out, "of_n", receipt->of_n);
	}
	wire_put_time(out, "at", receipt->at_us);
	buf_putc(out, '}');
}

static void
put_receipt(struct buf *out, const struct store_member *member)
{
	bool read = member->read_us != 0 && !member->hides_read;

	wire_put_name(out, "{\"user\":\"", member->name);
	if (member->delivered_us != 0)
		wire_put_time(out, "delivered_at", member->delivered_us);
	if (read)
		wire_put_time(out, "read_at", member->read_us);
	if (member->imprecise && (read || member->delivered_us != 0))
		buf_puts(out, ",\"by\":true");
	buf_putc(out, '}');
}

void
json_receipts(struct buf *out, const char *ref, const struct store_read *read)
{
	size_t i;

	buf_puts(out, "{\"type\":\"receipts\"");
	wire_put_ref(out, ref);
	wire_put_name(out, ",\"conversation\":\"", read->name);
	wire_put_number(out, "seq", read->after);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < read->members_n; i++) {
		if (i != 0)
			buf_putc(out, ',');
		put_receipt(out, &read->members[i]);
	}
	buf_putc(out, ']');
	wire_put_number(out, "delivered_n", read->delivered_n);
	wire_put_number(out, "read_n", read->read_n);
	wire_put_number(out, "of_n", read->of_n);
	if (read->more && read->members_n != 0)
		wire_put_number(out, "next",
		    read->members[read->members_n - 1].uid + 1);
	buf_putc(out, '}');
}

void
json_unread(struct buf *out, const char *conversation, bool on)
{
	buf_puts(out, "{\"type\":\"unread\"");
	wire_put_name(out, ",\"conversation\":\"", conversation);
	buf_puts(out, on ? ",\"on\":true}" : ",\"on\":false}");
}

void
json_settings(struct buf *out, const char *ref, bool read_receipts)
{
	buf_puts(out, "{\"type\":\"settings\"");
	wire_put_ref(out, ref);
	buf_puts(out, read_receipts ? ",\"read_receipts\":true}"
				    : ",\"read_receipts\":false}");
}

void
json_invited(struct buf *out, const char *user,
    const struct store_invitation *invitation)
{
	buf_puts(out, "{\"type\":\"invited\"");
	wire_put_name(out, ",\"conversation\":\"",
	    invitation->conversation.name);
	wire_put_name(out, ",\"user\":\"", user);
	wire_put_name(out, ",\"by\":\"", invitation->by_name);
	wire_put_time(out, "at", invitation->at_us);
	buf_putc(out, '}');
}
