/* SPDX-License-Identifier: MIT */
#include "client/render.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/rooms.h"

#define DIM "\033[2m"
#define BOLD "\033[1m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

static const char *
member(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string != NULL ? string : "";
}

static long long
number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static void
style(const struct render *render, struct buf *out, const char *sequence)
{
	if (render->color)
		buf_puts(out, sequence);
}

/*
 * C0, DEL and C1 controls, which terminals obey, and the marks that reverse
 * the order of what is behind them.
 */
static size_t
control_len(const unsigned char *at)
{
	if (*at < 0x20 || *at == 0x7f)
		return 1;
	if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
		return 2;
	if (at[0] == 0xe2 && at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae)
		return 3; /* U+202A to U+202E */
	if (at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9)
		return 3; /* U+2066 to U+2069 */
	return 0;
}

/* indent is what a line within the text begins with. */
static void
put_text(const char *text, const char *indent, struct buf *out)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t skip;

	while (*at != '\0') {
		skip = control_len(at);
		if (skip == 0)
			buf_putc(out, (char)*at++);
		else if (*at == '\n')
			buf_printf(out, "\n%s", indent);
		else if (*at == '\t')
			buf_putc(out, ' ');
		at += skip;
	}
}

void
render_text(const char *text, struct buf *out)
{
	put_text(text, "      ", out);
}

/* RFC 3339 in UTC as local time: "18:02", or with its date if not today's. */
static void
put_time(const struct render *render, const char *at, struct buf *out)
{
	time_t now = (time_t)render->now_s, then;
	struct tm utc = {0}, local, today;
	char text[32];

	if (sscanf(at, "%4d-%2d-%2dT%2d:%2d:%2d", &utc.tm_year, &utc.tm_mon,
	    &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec) != 6)
		return;
	utc.tm_year -= 1900;
	utc.tm_mon -= 1;
	then = timegm(&utc);
	if (localtime_r(&then, &local) == NULL ||
	    localtime_r(&now, &today) == NULL)
		return;
	strftime(text, sizeof(text), local.tm_yday == today.tm_yday &&
	    local.tm_year == today.tm_year ? "%H:%M" : "%Y-%m-%d %H:%M",
	    &local);
	buf_puts(out, text);
}

/* "18:02 #tea " */
static void
put_head(const struct render *render, const json_t *event, struct buf *out)
{
	char room[CONVERSATION_NAME_MAX + 1];

	style(render, out, DIM);
	put_time(render, member(event, "at"), out);
	style(render, out, PLAIN);
	buf_putc(out, ' ');
	if (room_name(member(event, "conversation"), render->self, room))
		render_text(room, out);
}

static void
put_who(const struct render *render, const char *user, struct buf *out)
{
	render_text(strcmp(user, render->self) == 0 ? "you" : user, out);
}

/*
 * "18:02 #tea bob: Hello", "18:02 @bob: Hello", "18:02 @bob you: Hello",
 * "18:02 #tea * bob waves"
 */
static void
message(const struct render *render, const json_t *event, struct buf *out)
{
	bool action = json_is_true(json_object_get(event, "action"));
	bool direct = member(event, "conversation")[0] == '@';
	const char *from = member(event, "from");

	put_head(render, event, out);
	if (action || !direct || strcmp(from, render->self) == 0) {
		buf_puts(out, action ? " * " : " ");
		style(render, out, BOLD);
		put_who(render, from, out);
		style(render, out, PLAIN);
	}
	buf_puts(out, action ? " " : ": ");
	if (json_is_true(json_object_get(event, "deleted")))
		buf_puts(out, "(deleted)");
	else
		render_text(member(event, "text"), out);
	if (json_object_get(event, "edited_at") != NULL)
		buf_puts(out, " (edited)");
}

/* "18:02 #tea: bob joined" */
static void
membership(const struct render *render, const json_t *event, struct buf *out)
{
	const char *type = member(event, "type");

	put_head(render, event, out);
	style(render, out, DIM);
	buf_puts(out, ": ");
	put_who(render, member(event, "user"), out);
	buf_printf(out, " %s%s", type,
	    strcmp(type, "created") == 0 ? " it" : "");
	if (member(event, "by")[0] != '\0') {
		buf_puts(out, " by ");
		put_who(render, member(event, "by"), out);
	}
	style(render, out, PLAIN);
}

static void
sent(const struct render *render, const json_t *event, struct buf *out)
{
	if (json_object_get(event, "text") == NULL)
		return;
	put_head(render, event, out);
	buf_puts(out, " you (changed by a rule): ");
	render_text(member(event, "text"), out);
}

static void
error(const struct render *render, const json_t *event, struct buf *out)
{
	style(render, out, RED);
	buf_puts(out, "! ");
	render_text(member(event, "message"), out);
	if (member(event, "rule")[0] != '\0') {
		buf_puts(out, " (rule ");
		render_text(member(event, "rule"), out);
		buf_putc(out, ')');
	}
	style(render, out, PLAIN);
}

static void
notice(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_puts(out, "* ");
	put_text(member(event, "text"), "  ", out);
}

static void
presence(const struct render *render, const json_t *event, struct buf *out)
{
	style(render, out, DIM);
	buf_puts(out, "* ");
	put_who(render, member(event, "user"), out);
	buf_puts(out, " is ");
	render_text(member(event, "status"), out);
	if (member(event, "last_seen")[0] != '\0') {
		buf_puts(out, ", last seen ");
		put_time(render, member(event, "last_seen"), out);
	}
	style(render, out, PLAIN);
}

static void
block(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_printf(out, "* you have %s ", member(event, "type"));
	render_text(member(event, "user"), out);
}

static void
hidden(const struct render *render, const json_t *event, struct buf *out)
{
	style(render, out, DIM);
	buf_puts(out, "* ");
	render_text(member(event, "conversation"), out);
	buf_puts(out, ": a message of somebody you block");
	style(render, out, PLAIN);
}

static void
gap(const struct render *render, const json_t *event, struct buf *out)
{
	char room[CONVERSATION_NAME_MAX + 1] = "";
	long long from = number(event, "from"), to = number(event, "to");

	room_name(member(event, "conversation"), render->self, room);
	buf_puts(out, "* ");
	render_text(room, out);
	buf_printf(out, ": %lld earlier ones are left out; /history shows "
	    "them", to - from + 1);
}

static void
held(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_puts(out, "* a moderator will decide about this message: ");
	render_text(member(event, "reason"), out);
}

static void
expiring(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_printf(out, "* your token expires in %lld s",
	    number(event, "in_ms") / 1000);
}

static void
bye(const struct render *render, const json_t *event, struct buf *out)
{
	(void)render;
	buf_puts(out, "* the server says goodbye: ");
	render_text(member(event, "reason"), out);
}

/* -------------------------------------------------------------------- lists */

static void
history(const struct render *render, const json_t *event, struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	json_t *copy;
	size_t i, before;

	json_array_foreach(items, i, item) {
		copy = json_copy((json_t *)item);
		if (copy == NULL)
			continue;
		/* The page says which conversation; its items may not. */
		if (json_object_get(copy, "conversation") == NULL)
			json_object_set(copy, "conversation",
			    json_object_get(event, "conversation"));
		before = out->len;
		if (i > 0)
			buf_putc(out, '\n');
		render_event(render, copy, out);
		if (out->len == before + 1 && i > 0)
			out->len = before;
		json_decref(copy);
	}
	if (i == 0)
		buf_puts(out, "* nothing was said there");
	if (json_object_get(event, "next") != NULL)
		buf_puts(out, "\n* there is more");
}

static void
members(const struct render *render, const json_t *event, struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	const char *role;
	size_t i;

	buf_puts(out, "* in ");
	render_text(member(event, "conversation"), out);
	buf_puts(out, ":");
	json_array_foreach(items, i, item) {
		buf_puts(out, i > 0 ? ", " : " ");
		put_who(render, member(item, "user"), out);
		role = member(item, "role");
		if (role[0] != '\0' && strcmp(role, "member") != 0)
			buf_printf(out, " (%s)", role);
	}
	if (i == 0)
		buf_puts(out, " everyone who is here");
}

static void
conversations(const struct render *render, const json_t *event,
    struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	char room[CONVERSATION_NAME_MAX + 1];
	size_t i;

	json_array_foreach(items, i, item) {
		if (!room_name(member(item, "conversation"), render->self,
		    room))
			continue;
		buf_puts(out, i > 0 ? "\n  " : "  ");
		render_text(room, out);
		if (number(item, "members") > 0 && room[0] == '#')
			buf_printf(out, ", %lld members",
			    number(item, "members"));
		if (member(item, "last_at")[0] != '\0') {
			buf_puts(out, ", last at ");
			put_time(render, member(item, "last_at"), out);
		}
	}
	if (i == 0)
		buf_puts(out, "* you are in no group yet: /join tea");
}

static void
commands(const struct render *render, const json_t *event, struct buf *out)
{
	const json_t *items = json_object_get(event, "items"), *item;
	size_t i;

	(void)render;
	json_array_foreach(items, i, item) {
		buf_puts(out, i > 0 ? "\n  " : "  ");
		render_text(member(item, "usage"), out);
		buf_puts(out, "  ");
		render_text(member(item, "summary"), out);
	}
}

static const struct {
	const char *type;
	void (*put)(const struct render *render, const json_t *event,
	    struct buf *out);
} kinds[] = {
    {"message", message}, {"sent", sent}, {"error", error},
    {"notice", notice}, {"presence", presence}, {"joined", membership},
    {"left", membership}, {"created", membership}, {"invited", membership},
    {"kicked", membership}, {"banned", membership},
    {"unbanned", membership}, {"muted", membership},
    {"unmuted", membership}, {"blocked", block}, {"unblocked", block},
    {"hidden", hidden}, {"gap", gap}, {"held", held},
    {"expiring", expiring}, {"bye", bye}, {"history", history},
    {"members", members}, {"conversations", conversations},
    {"commands", commands}};

void
render_event(const struct render *render, const json_t *event,
    struct buf *out)
{
	const char *type = member(event, "type");
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].type, type) == 0) {
			kinds[i].put(render, event, out);
			return;
		}
	}
}
