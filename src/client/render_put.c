/* SPDX-License-Identifier: MIT */
#include "client/render_put.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/name.h"
#include "base/utf8.h"
#include "client/rooms.h"

const char *
render_member(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string != NULL ? string : "";
}

uint64_t
render_number(const json_t *object, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(object, key));

	return number > 0 ? (uint64_t)number : 0;
}

bool
render_is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

uint64_t
render_reaction_count(const json_t *reaction)
{
	size_t named = json_array_size(json_object_get(reaction, "users"));

	return json_object_get(reaction, "n") != NULL ?
	    render_number(reaction, "n") : named;
}

void
render_style(const struct render *render, struct buf *out,
    const char *sequence)
{
	if (render->color)
		buf_puts(out, sequence);
}

static bool
in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* "@bob" at the start of text, which may go on as "@bob." or "@bob's". */
static size_t
mention_len(const char *text, const char *user)
{
	char name[NAME_BYTES_MAX + 1];
	size_t len = 0;

	if (text[0] != '@')
		return 0;
	while (in_name(text[1 + len]))
		len++;
	while (len > 0 && strchr("._-", text[len]) != NULL)
		len--;
	if (!name_fold(text + 1, len, name) || strcmp(name, user) != 0)
		return 0;
	return 1 + len;
}

bool
render_mentions(const char *text, const char *user)
{
	const char *at = text;

	for (; (at = strchr(at, '@')) != NULL; at++) {
		if ((at == text || !in_name(at[-1])) &&
		    mention_len(at, user) > 0)
			return true;
	}
	return false;
}

static void
put_char(const char *indent, const unsigned char *at, size_t control,
    struct buf *out)
{
	if (control == 0)
		buf_putc(out, (char)*at);
	else if (*at == '\n')
		buf_printf(out, "\n%s", indent);
	else if (*at == '\t')
		buf_putc(out, ' ');
}

void
render_put_text(const struct render *render, const char *text,
    const char *indent, struct buf *out)
{
	const char *at = text;
	size_t len;

	while (*at != '\0') {
		len = 0;
		if (at == text || !in_name(at[-1]))
			len = mention_len(at, render->self);
		if (len > 0) {
			render_style(render, out, YELLOW);
			buf_append(out, at, len);
			render_style(render, out, PLAIN);
		} else {
			len = utf8_control_len(at);
			put_char(indent, (const unsigned char *)at, len, out);
			len = len > 0 ? len : 1;
		}
		at += len;
	}
}

void
render_text(const char *text, struct buf *out)
{
	const struct render nobody = {.self = ""};

	render_put_text(&nobody, text, "      ", out);
}

void
render_put_time(const struct render *render, const char *at, struct buf *out)
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

void
render_put_room(const struct render *render, const char *conversation,
    struct buf *out)
{
	char room[CONVERSATION_NAME_MAX + 1];

	if (room_name(conversation, render->self, room))
		render_text(room, out);
}

void
render_put_head(const struct render *render, const json_t *event,
    struct buf *out)
{
	uint64_t seq = render_number(event, "seq");

	render_style(render, out, DIM);
	render_put_time(render, render_member(event, "at"), out);
	if (render->ids && seq > 0)
		buf_printf(out, " [%llu]", (unsigned long long)seq);
	render_style(render, out, PLAIN);
	buf_putc(out, ' ');
	render_put_room(render, render_member(event, "conversation"), out);
}

void
render_put_who(const struct render *render, const char *user, struct buf *out)
{
	render_text(strcmp(user, render->self) == 0 ? "you" : user, out);
}

json_t *
render_item(const json_t *page, const json_t *item)
{
	json_t *copy = json_copy((json_t *)item);

	/* The page says which conversation; its items may not. */
	if (copy != NULL && json_object_get(copy, "conversation") == NULL)
		json_object_set(copy, "conversation",
		    json_object_get(page, "conversation"));
	return copy;
}
