/* SPDX-License-Identifier: MIT */
#include "client/render_put.h"

#include <string.h>

static void
put_reactions(const struct render *render, const json_t *event,
    struct buf *out)
{
	const json_t *all = json_object_get(event, "reactions"), *one;
	uint64_t n;
	size_t i;

	json_array_foreach(all, i, one) {
		n = render_reaction_count(one);
		if (n == 0)
			continue;
		render_style(render, out, DIM);
		buf_puts(out, " [");
		render_text(render_member(one, "emoji"), out);
		if (n > 1)
			buf_printf(out, " %llu", (unsigned long long)n);
		buf_putc(out, ']');
		render_style(render, out, PLAIN);
	}
}

static void
put_said(const struct render *render, const json_t *event, struct buf *out)
{
	uint64_t reply_to = render_number(event, "reply_to");

	if (render_is_true(event, "deleted")) {
		render_style(render, out, DIM);
		buf_puts(out, "(deleted)");
		render_style(render, out, PLAIN);
		return;
	}
	if (reply_to > 0) {
		render_style(render, out, DIM);
		buf_printf(out, "(re %llu) ", (unsigned long long)reply_to);
		render_style(render, out, PLAIN);
	}
	render_put_text(render, render_member(event, "text"), "      ", out);
	if (json_object_get(event, "edited_at") != NULL) {
		render_style(render, out, DIM);
		buf_puts(out, " (edited)");
		render_style(render, out, PLAIN);
	}
	put_reactions(render, event, out);
}

/*
 * "18:02 #tea bob: Hello", "18:02 @bob: Hello", "18:02 @bob you: Hello",
 * "18:02 #tea * bob waves"
 */
static void
message(const struct render *render, const json_t *event, struct buf *out)
{
	bool action = render_is_true(event, "action");
	bool direct = render_member(event, "conversation")[0] == '@';
	const char *from = render_member(event, "from");

	render_put_head(render, event, out);
	if (action || !direct || strcmp(from, render->self) == 0) {
		buf_puts(out, action ? " * " : " ");
		render_style(render, out, BOLD);
		render_put_who(render, from, out);
		render_style(render, out, PLAIN);
	}
	buf_puts(out, action ? " " : ": ");
	put_said(render, event, out);
}

static void
sent(const struct render *render, const json_t *event, struct buf *out)
{
	if (json_object_get(event, "text") == NULL)
		return;
	render_put_head(render, event, out);
	buf_puts(out, " you (changed by a rule): ");
	render_text(render_member(event, "text"), out);
}

static void
error(const struct render *render, const json_t *event, struct buf *out)
{
	render_style(render, out, RED);
	buf_puts(out, "! ");
	render_text(render_member(event, "message"), out);
	if (render_member(event, "rule")[0] != '\0') {
		buf_puts(out, " (rule ");
		render_text(render_member(event, "rule"), out);
		buf_putc(out, ')');
	}
	render_style(render, out, PLAIN);
}

static void
notice(const struct render *render, const json_t *event, struct buf *out)
{
	buf_puts(out, "* ");
	render_put_text(render, render_member(event, "text"), "  ", out);
}

static void
presence(const struct render *render, const json_t *event, struct buf *out)
{
	render_style(render, out, DIM);
	buf_puts(out, "* ");
	render_put_who(render, render_member(event, "user"), out);
	buf_puts(out, " is ");
	render_text(render_member(event, "status"), out);
	if (render_member(event, "last_seen")[0] != '\0') {
		buf_puts(out, ", last seen ");
		render_put_time(render, render_member(event, "last_seen"), out);
	}
	render_style(render, out, PLAIN);
}

static void
block(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_printf(out, "* you have %s ", render_member(event, "type"));
	render_text(render_member(event, "user"), out);
}

static void
hidden(const struct render *render, const json_t *event, struct buf *out)
{
	render_style(render, out, DIM);
	buf_puts(out, "* ");
	render_put_room(render, render_member(event, "conversation"), out);
	buf_puts(out, ": a message of somebody you block");
	render_style(render, out, PLAIN);
}

static void
gap(const struct render *render, const json_t *event, struct buf *out)
{
	uint64_t from = render_number(event, "from");
	uint64_t to = render_number(event, "to");

	buf_puts(out, "* ");
	render_put_room(render, render_member(event, "conversation"), out);
	buf_printf(out, ": %llu earlier ones are left out; /history shows "
	    "them", (unsigned long long)(to - from + 1));
}

static void
held(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_puts(out, "* a moderator will decide about this message: ");
	render_text(render_member(event, "reason"), out);
}

static void
expiring(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_printf(out, "* your token expires in %llu s",
	    (unsigned long long)render_number(event, "in_ms") / 1000);
}

static void
bye(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_puts(out, "* the server says goodbye: ");
	render_text(render_member(event, "reason"), out);
}

static void
unread(const struct render *render, const json_t *event, struct buf *out)
{
	if (!render_is_true(event, "on"))
		return;
	buf_puts(out, "* ");
	render_put_room(render, render_member(event, "conversation"), out);
	buf_puts(out, " is marked as unread");
}

static void
settings(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	if (json_object_get(event, "read_receipts") == NULL)
		return;
	buf_puts(out, render_is_true(event, "read_receipts") ?
	    "* others see what you have read" :
	    "* others do not see what you have read");
}

/* -------------------------------------------------------------------- ticks */

static void
put_counts(const struct ticks *ticks, struct buf *out)
{
	if (ticks->read_n > 0 && ticks->read_n < ticks->of_n)
		buf_printf(out, " read %llu/%llu",
		    (unsigned long long)ticks->read_n,
		    (unsigned long long)ticks->of_n);
	else if (ticks->read_n == 0 && ticks->delivered_n > 0 &&
	    ticks->delivered_n < ticks->of_n)
		buf_printf(out, " delivered %llu/%llu",
		    (unsigned long long)ticks->delivered_n,
		    (unsigned long long)ticks->of_n);
}

void
render_ticks(const struct render *render, const struct ticks *ticks,
    struct buf *out)
{
	static const struct {
		const char *sign, *ascii, *style;
	} kinds[] = {[TICK_SENT] = {" ✓", " (sent)", DIM},
	    [TICK_DELIVERED] = {" ✓✓", " (delivered)", DIM},
	    [TICK_READ] = {" ✓✓", " (read)", CYAN},
	    [TICK_REFUSED] = {" ✗", " (refused)", RED}};
	bool some = ticks->tick == TICK_SENT &&
	    (ticks->delivered_n > 0 || ticks->read_n > 0);
	bool all = ticks->tick == TICK_DELIVERED && ticks->read_n > 0;

	if (ticks->tick == TICK_NONE)
		return;
	render_style(render, out, kinds[ticks->tick].style);
	if (render->utf8)
		buf_puts(out, kinds[ticks->tick].sign);
	else if (!some && !all)
		buf_puts(out, kinds[ticks->tick].ascii);
	/* Colour alone would not tell read from delivered. */
	if (render->utf8 && ticks->tick == TICK_READ)
		buf_puts(out, " read");
	put_counts(ticks, out);
	render_style(render, out, PLAIN);
}

void
render_unread(uint32_t unread, struct buf *out)
{
	if (unread >= UNREAD_EXACT)
		buf_printf(out, "%d+", UNREAD_EXACT);
	else
		buf_put_u64(out, unread);
}

void
render_separator(const struct render *render, const char *what,
    uint32_t unread_n, uint32_t mentions, struct buf *out)
{
	const char *rule = render->utf8 ? "──" : "--";

	render_style(render, out, unread_n > 0 ? YELLOW : DIM);
	buf_printf(out, "%s ", rule);
	render_text(what, out);
	if (unread_n > 0) {
		buf_puts(out, ": ");
		render_unread(unread_n, out);
		buf_puts(out, " unread");
	}
	if (mentions > 0)
		buf_printf(out, ", %u for you", mentions);
	buf_printf(out, " %s", rule);
	render_style(render, out, PLAIN);
}

/* -------------------------------------------------------------------- kinds */

static const struct {
	const char *type;
	void (*put)(const struct render *render, const json_t *event,
	    struct buf *out);
} kinds[] = {
    {"message", message}, {"sent", sent}, {"error", error},
    {"notice", notice}, {"presence", presence},
    {"joined", render_group_event}, {"left", render_group_event},
    {"created", render_group_event}, {"updated", render_group_event},
    {"invited", render_group_event}, {"kicked", render_group_event},
    {"banned", render_group_event}, {"unbanned", render_group_event},
    {"muted", render_group_event}, {"unmuted", render_group_event},
    {"role", render_group_event}, {"edited", render_change},
    {"deleted", render_change}, {"reacted", render_change},
    {"unread", unread}, {"settings", settings}, {"blocked", block},
    {"unblocked", block}, {"hidden", hidden}, {"gap", gap}, {"held", held},
    {"expiring", expiring}, {"bye", bye}, {"history", render_history},
    {"search", render_search}, {"versions", render_versions},
    {"receipts", render_receipts}, {"members", render_members},
    {"conversations", render_conversations},
    {"commands", render_commands}};

void
render_event(const struct render *render, const json_t *event,
    struct buf *out)
{
	const char *type = render_member(event, "type");
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].type, type) == 0) {
			kinds[i].put(render, event, out);
			return;
		}
	}
}
