/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "client/render_put.h"

/* Who did it; the server's operator when it does not say. */
static const char *
actor(const json_t *event)
{
	const char *by = render_member(event, "by");

	return by[0] != '\0' ? by : render_member(event, "user");
}

/* " until 18:05" */
static void
put_until(const struct render *render, const json_t *event, struct buf *out)
{
	if (render_member(event, "until")[0] == '\0')
		return;
	buf_puts(out, " until ");
	render_put_time(render, render_member(event, "until"), out);
}

static void
put_quoted(const struct render *render, const json_t *event,
    const char *key, struct buf *out)
{
	buf_puts(out, " \"");
	render_put_text(render, render_member(event, key), "      ", out);
	buf_putc(out, '"');
}

/* "carol kicked bob", "bob was kicked" */
static void
put_deed(const struct render *render, const json_t *event,
    const char *verb, struct buf *out)
{
	const char *by = render_member(event, "by");
	const char *user = render_member(event, "user");

	if (by[0] == '\0') {
		render_put_who(render, user, out);
		buf_printf(out, " %s %s", strcmp(user, render->self) == 0 ?
		    "were" : "was", verb);
	} else {
		render_put_who(render, by, out);
		buf_printf(out, " %s ", verb);
		render_put_who(render, user, out);
	}
}

static void
put_role(const struct render *render, const json_t *event, struct buf *out)
{
	const char *role = render_member(event, "role");

	put_deed(render, event, "made", out);
	buf_printf(out, " %s ", role[0] != '\0' && strchr("aeiou", role[0]) !=
	    NULL ? "an" : "a");
	render_text(role, out);
}

/* What was set, each behind its comma: created and updated. */
static void
put_settings(const struct render *render, const json_t *event,
    struct buf *out)
{
	const json_t *private = json_object_get(event, "private");
	const json_t *slow = json_object_get(event, "slow");

	if (json_object_get(event, "title") != NULL) {
		buf_puts(out, ", title");
		put_quoted(render, event, "title", out);
	}
	if (json_object_get(event, "description") != NULL) {
		buf_puts(out, ", description");
		put_quoted(render, event, "description", out);
	}
	if (json_is_boolean(private))
		buf_puts(out, json_is_true(private) ? ", by invitation" :
		    ", open to all");
	if (json_is_integer(slow) && json_integer_value(slow) > 0)
		buf_printf(out, ", one message in %llu s",
		    (unsigned long long)json_integer_value(slow));
	else if (json_is_integer(slow))
		buf_puts(out, ", no slow mode");
	if (render_member(event, "history")[0] != '\0')
		buf_puts(out, strcmp(render_member(event, "history"), "all") ==
		    0 ? ", newcomers see all of it" :
		    ", newcomers see what is said from then on");
}

static void
put_created(const struct render *render, const json_t *event,
    struct buf *out)
{
	render_put_who(render, actor(event), out);
	buf_puts(out, " created it");
	put_settings(render, event, out);
}

static void
put_updated(const struct render *render, const json_t *event,
    struct buf *out)
{
	render_put_who(render, actor(event), out);
	buf_puts(out, " changed it");
	put_settings(render, event, out);
}

static void
put_joined(const struct render *render, const json_t *event, struct buf *out)
{
	if (render_member(event, "by")[0] != '\0') {
		put_deed(render, event, "added", out);
		return;
	}
	render_put_who(render, render_member(event, "user"), out);
	buf_puts(out, " joined");
}

static void
put_left(const struct render *render, const json_t *event, struct buf *out)
{
	render_put_who(render, render_member(event, "user"), out);
	buf_puts(out, " left");
}

/* One's own invitation says what to do about it. */
static void
put_invited(const struct render *render, const json_t *event,
    struct buf *out)
{
	const char *room = render_member(event, "conversation");

	put_deed(render, event, "invited", out);
	if (strcmp(render_member(event, "user"), render->self) != 0 ||
	    room[0] != '#')
		return;
	buf_puts(out, "; /join ");
	render_text(room + 1, out);
	buf_puts(out, " accepts, /leave ");
	render_text(room + 1, out);
	buf_puts(out, " declines");
}

void
render_group_event(const struct render *render, const json_t *event,
    struct buf *out)
{
	static const struct {
		const char *type;
		void (*put)(const struct render *render, const json_t *event,
		    struct buf *out);
	} special[] = {{"joined", put_joined}, {"left", put_left},
	    {"created", put_created}, {"updated", put_updated},
	    {"invited", put_invited}, {"role", put_role}};
	const char *type = render_member(event, "type");
	size_t i;

	render_put_head(render, event, out);
	render_style(render, out, DIM);
	buf_puts(out, ": ");
	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (strcmp(special[i].type, type) == 0)
			break;
	}
	if (i < sizeof(special) / sizeof(special[0]))
		special[i].put(render, event, out);
	else
		put_deed(render, event, type, out);
	put_until(render, event, out);
	render_style(render, out, PLAIN);
}

/* "18:02 #tea: bob edited 12: Hello", of what is not on the screen. */
void
render_change(const struct render *render, const json_t *event,
    struct buf *out)
{
	const char *type = render_member(event, "type");
	unsigned long long target = render_number(event, "target");

	render_put_head(render, event, out);
	render_style(render, out, DIM);
	buf_puts(out, ": ");
	render_put_who(render, actor(event), out);
	if (strcmp(type, "reacted") == 0 && json_is_false(
	    json_object_get(event, "on")))
		buf_puts(out, " took back ");
	else
		buf_printf(out, " %s ", type);
	if (strcmp(type, "reacted") == 0) {
		render_text(render_member(event, "emoji"), out);
		buf_puts(out, " on ");
	}
	buf_printf(out, "%llu", target);
	if (strcmp(type, "deleted") == 0 && render_member(event, "by")[0] !=
	    '\0') {
		buf_puts(out, " of ");
		render_put_who(render, render_member(event, "user"), out);
	}
	render_style(render, out, PLAIN);
	if (strcmp(type, "edited") == 0) {
		buf_puts(out, ": ");
		if (render_is_true(event, "deleted"))
			buf_puts(out, "(deleted)");
		else
			render_put_text(render, render_member(event, "text"),
			    "      ", out);
	}
}
