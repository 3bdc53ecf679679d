/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "client/render_put.h"

static void
put_items(const struct render *render, const json_t *page, struct buf *out)
{
	const json_t *items = json_object_get(page, "items"), *item;
	json_t *event;
	size_t i, before;

	json_array_foreach(items, i, item) {
		event = render_item(page, item);
		if (event == NULL)
			continue;
		before = out->len;
		if (before > 0)
			buf_putc(out, '\n');
		render_event(render, event, out);
		if (out->len == before + 1 && before > 0)
			out->len = before;
		json_decref(event);
	}
	if (json_object_get(page, "next") != NULL)
		buf_puts(out, "\n* there is more");
}

void
render_history(const struct render *render, const json_t *event,
    struct buf *out)
{
	if (json_array_size(json_object_get(event, "items")) == 0)
		buf_puts(out, "* nothing was said there");
	put_items(render, event, out);
}

void
render_search(const struct render *render, const json_t *event,
    struct buf *out)
{
	size_t n = json_array_size(json_object_get(event, "items"));

	buf_printf(out, "* found %zu%s", n,
	    json_object_get(event, "next") != NULL ? ", the newest" : "");
	put_items(render, event, out);
}

/* "* 12 said before:", and each text with when it was replaced. */
void
render_versions(const struct render *render, const json_t *event,
    struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	size_t i;

	if (json_array_size(items) == 0) {
		buf_puts(out, "* no earlier version is kept");
		return;
	}
	buf_printf(out, "* %llu said before:",
	    (unsigned long long)render_number(event, "seq"));
	json_array_foreach(items, i, item) {
		buf_puts(out, "\n  until ");
		render_put_time(render, render_member(item, "at"), out);
		buf_puts(out, ": ");
		render_put_text(render, render_member(item, "text"), "      ",
		    out);
	}
}

/* "read 18:02"; "read by 18:02" when it may have been earlier. */
static void
put_mark(const struct render *render, const json_t *receipt,
    const char *verb, const char *at, struct buf *out)
{
	buf_printf(out, " %s %s", verb,
	    render_is_true(receipt, "by") ? "by " : "");
	render_put_time(render, at, out);
}

static void
put_receipt(const struct render *render, const json_t *receipt,
    struct buf *out)
{
	const char *read_at = render_member(receipt, "read_at");
	const char *delivered_at = render_member(receipt, "delivered_at");

	buf_puts(out, "\n  ");
	render_put_who(render, render_member(receipt, "user"), out);
	if (read_at[0] != '\0')
		put_mark(render, receipt, "read", read_at, out);
	else if (delivered_at[0] != '\0')
		put_mark(render, receipt, "delivered", delivered_at, out);
	else
		buf_puts(out, " not yet");
}

void
render_receipts(const struct render *render, const json_t *event,
    struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	size_t i;

	buf_puts(out, "* ");
	render_put_room(render, render_member(event, "conversation"), out);
	buf_printf(out, " %llu: %llu delivered, %llu read, of %llu",
	    (unsigned long long)render_number(event, "seq"),
	    (unsigned long long)render_number(event, "delivered_n"),
	    (unsigned long long)render_number(event, "read_n"),
	    (unsigned long long)render_number(event, "of_n"));
	json_array_foreach(items, i, item)
		put_receipt(render, item, out);
	if (json_object_get(event, "next") != NULL)
		buf_puts(out, "\n  and more");
}

void
render_members(const struct render *render, const json_t *event,
    struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	const char *role;
	size_t i;

	buf_puts(out, "* in ");
	render_text(render_member(event, "conversation"), out);
	buf_puts(out, ":");
	json_array_foreach(items, i, item) {
		buf_puts(out, i > 0 ? ", " : " ");
		render_put_who(render, render_member(item, "user"), out);
		role = render_member(item, "role");
		if (role[0] != '\0' && strcmp(role, "member") != 0) {
			buf_puts(out, " (");
			render_text(role, out);
			buf_putc(out, ')');
		}
	}
	if (i == 0)
		buf_puts(out, " everyone who is here");
}

/* An integer, or "1000+". */
static void
put_unread(const json_t *item, struct buf *out)
{
	const json_t *unread = json_object_get(item, "unread");

	if (json_is_string(unread)) {
		buf_puts(out, ", ");
		render_text(json_string_value(unread), out);
		buf_puts(out, " unread");
	} else if (render_number(item, "unread") > 0) {
		buf_printf(out, ", %llu unread",
		    (unsigned long long)render_number(item, "unread"));
	}
	if (render_is_true(item, "marked_unread"))
		buf_puts(out, ", marked as unread");
	if (render_number(item, "mentions") > 0)
		buf_printf(out, ", %llu for you",
		    (unsigned long long)render_number(item, "mentions"));
}

static void
put_conversation(const struct render *render, const json_t *item,
    struct buf *out)
{
	bool group = render_member(item, "conversation")[0] == '#';
	const char *role = render_member(item, "role");
	const json_t *other = json_object_get(item, "other");

	render_put_room(render, render_member(item, "conversation"), out);
	if (render_member(item, "title")[0] != '\0') {
		buf_puts(out, " \"");
		render_text(render_member(item, "title"), out);
		buf_putc(out, '"');
	}
	if (strcmp(role, "invited") == 0) {
		buf_puts(out, ", you are invited by ");
		render_put_who(render, render_member(item, "by"), out);
		return;
	}
	put_unread(item, out);
	if (render_member(other, "status")[0] != '\0') {
		buf_puts(out, ", ");
		render_text(render_member(other, "status"), out);
	}
	if (group && render_number(item, "members") > 0)
		buf_printf(out, ", %llu members",
		    (unsigned long long)render_number(item, "members"));
	if (group && role[0] != '\0' && strcmp(role, "member") != 0) {
		buf_puts(out, ", you are ");
		render_text(role, out);
	}
	if (render_member(item, "last_at")[0] != '\0') {
		buf_puts(out, ", last at ");
		render_put_time(render, render_member(item, "last_at"), out);
	}
}

void
render_conversations(const struct render *render, const json_t *event,
    struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	size_t i;

	json_array_foreach(items, i, item) {
		buf_puts(out, i > 0 ? "\n  " : "  ");
		put_conversation(render, item, out);
	}
	if (i == 0)
		buf_puts(out, "* you are in no group yet: /join tea");
	if (json_object_get(event, "next") != NULL)
		buf_puts(out, "\n  and older ones");
}

void
render_commands(const struct render *render, const json_t *event,
    struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	size_t i;

	(void)render;
	json_array_foreach(items, i, item) {
		buf_puts(out, i > 0 ? "\n  " : "  ");
		render_text(render_member(item, "usage"), out);
		buf_puts(out, "  ");
		render_text(render_member(item, "summary"), out);
	}
}
