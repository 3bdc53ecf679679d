/* SPDX-License-Identifier: MIT */
#include "client/shown.h"

#include <string.h>

#include "client/render_put.h"

static void
drop_oldest(struct shown_ring *ring)
{
	json_decref(ring->items[ring->first].event);
	ring->first = (ring->first + 1) % SHOWN_MAX;
	ring->n--;
}

void
shown_fini(struct shown_ring *ring)
{
	while (ring->n > 0)
		drop_oldest(ring);
}

struct shown *
shown_at(struct shown_ring *ring, size_t i)
{
	if (i >= ring->n)
		return NULL;
	return &ring->items[(ring->first + ring->n - 1 - i) % SHOWN_MAX];
}

static struct shown *
add(struct shown_ring *ring, uint64_t line, const char *room, json_t *event)
{
	struct shown *shown;
	size_t len = strlen(room);

	if (event == NULL || len > CONVERSATION_NAME_MAX) {
		json_decref(event);
		return NULL;
	}
	if (ring->n == SHOWN_MAX)
		drop_oldest(ring);
	shown = &ring->items[(ring->first + ring->n++) % SHOWN_MAX];
	memset(shown, 0, sizeof(*shown));
	shown->line = line;
	memcpy(shown->room, room, len + 1);
	shown->event = event;
	return shown;
}

static void
take_place(struct shown *shown, const json_t *event)
{
	shown->seq = render_number(event, "seq");
	shown->id = render_number(event, "id");
}

struct shown *
shown_add(struct shown_ring *ring, uint64_t line, const char *room,
    const json_t *event, const char *self)
{
	struct shown *shown = add(ring, line, room,
	    json_deep_copy(event));

	if (shown == NULL)
		return NULL;
	take_place(shown, event);
	shown->own = strcmp(render_member(event, "from"), self) == 0;
	return shown;
}

struct shown *
shown_add_typed(struct shown_ring *ring, uint64_t line, const char *room,
    const char *text)
{
	struct shown *shown = add(ring, line, room, json_pack("{s:s, s:s}",
	    "conversation", room, "text", text));

	if (shown != NULL)
		shown->own = true;
	return shown;
}

struct shown *
shown_typed(struct shown_ring *ring, uint64_t line)
{
	struct shown *shown;
	size_t i;

	for (i = 0; (shown = shown_at(ring, i)) != NULL; i++) {
		if (shown->line == line && shown->seq == 0)
			return shown;
	}
	return NULL;
}

/* What of a typed line is the message's text. */
static const char *
text_of(const char *line, bool *action)
{
	size_t skip = 0;

	*action = strncmp(line, "/me ", 4) == 0;
	if (strncmp(line, "//", 2) == 0)
		return line + 1;
	if (*action)
		skip = 4;
	else if (line[0] == '@' || line[0] == '#')
		skip = strcspn(line, " ");
	else if (strncmp(line, "/dm ", 4) == 0)
		skip = 4 + strspn(line + 4, " ") +
		    strcspn(line + 4 + strspn(line + 4, " "), " ");
	return line + skip + strspn(line + skip, " ");
}

int
shown_become(struct shown *shown, const char *room, const json_t *sent,
    const char *self)
{
	const char *text = render_member(sent, "text");
	bool action;
	json_t *event;

	if (strlen(room) > CONVERSATION_NAME_MAX)
		return -1;
	if (text[0] == '\0')
		text = text_of(render_member(shown->event, "text"), &action);
	else
		text_of(render_member(shown->event, "text"), &action);
	event = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:b}", "type",
	    "message", "conversation", render_member(sent, "conversation"),
	    "from", self, "text", text, "at", render_member(sent, "at"),
	    "seq", (json_int_t)render_number(sent, "seq"), "action", action);
	if (event == NULL)
		return -1;
	json_decref(shown->event);
	shown->event = event;
	strcpy(shown->room, room);
	take_place(shown, sent);
	return 0;
}

struct shown *
shown_find(struct shown_ring *ring, const char *room, uint64_t seq)
{
	struct shown *shown;
	size_t i;

	for (i = 0; (shown = shown_at(ring, i)) != NULL; i++) {
		if (shown->seq != 0 && strcmp(shown->room, room) == 0 &&
		    (seq == 0 ? shown->own : shown->seq == seq))
			return shown;
	}
	return NULL;
}

bool
shown_has(struct shown_ring *ring, const char *room)
{
	struct shown *shown;
	size_t i;

	for (i = 0; (shown = shown_at(ring, i)) != NULL; i++) {
		if (shown->seq != 0 && strcmp(shown->room, room) == 0)
			return true;
	}
	return false;
}

uint32_t
shown_count(struct shown_ring *ring, const char *room, uint64_t id,
    const char *self, uint32_t *mentions)
{
	struct shown *shown;
	uint32_t n = 0;
	size_t i;

	*mentions = 0;
	for (i = 0; (shown = shown_at(ring, i)) != NULL; i++) {
		if (shown->own || shown->id <= id ||
		    strcmp(shown->room, room) != 0)
			continue;
		n++;
		if (render_mentions(render_member(shown->event, "text"), self))
			++*mentions;
	}
	return n;
}

/* ------------------------------------------------------------------ changes */

/* Those who reacted so, of whom `users` names some. */
static bool
change_users(json_t *reaction, const char *user, bool on)
{
	json_t *users = json_object_get(reaction, "users");
	uint64_t n = render_reaction_count(reaction);
	const char *name;
	bool known;
	size_t i;

	for (i = 0; i < json_array_size(users); i++) {
		name = json_string_value(json_array_get(users, i));
		if (name != NULL && strcmp(name, user) == 0)
			break;
	}
	known = i < json_array_size(users);
	if (known ? on : !on && n <= json_array_size(users))
		return true; /* as it was */
	if (on && json_array_append_new(users, json_string(user)) != 0)
		return false;
	if (known)
		json_array_remove(users, i);
	return json_object_set_new(reaction, "n",
	    json_integer((json_int_t)(on ? n + 1 : n - (n > 0)))) == 0;
}

static bool
react(json_t *message, const char *emoji, const char *user, bool on)
{
	json_t *all = json_object_get(message, "reactions"), *reaction;
	size_t i;

	json_array_foreach(all, i, reaction) {
		if (strcmp(render_member(reaction, "emoji"), emoji) == 0)
			return change_users(reaction, user, on);
	}
	if (!on)
		return true;
	if (all == NULL && (json_object_set_new(message, "reactions",
	    json_array()) != 0))
		return false;
	reaction = json_pack("{s:s, s:i, s:[s]}", "emoji", emoji, "n", 1,
	    "users", user);
	return reaction != NULL && json_array_append_new(json_object_get(
	    message, "reactions"), reaction) == 0;
}

bool
shown_change(struct shown *shown, const json_t *event)
{
	const char *type = render_member(event, "type");

	if (strcmp(type, "reacted") == 0)
		return react(shown->event, render_member(event, "emoji"),
		    render_member(event, "user"),
		    !json_is_false(json_object_get(event, "on")));
	if (strcmp(type, "deleted") == 0 || render_is_true(event, "deleted"))
		return json_object_set_new(shown->event, "deleted",
		    json_true()) == 0;
	return json_object_set(shown->event, "text",
	    json_object_get(event, "text")) == 0 &&
	    json_object_set(shown->event, "edited_at",
	    json_object_get(event, "at")) == 0;
}

/* -------------------------------------------------------------------- ticks */

static enum tick
tick_in_group(const struct shown *shown)
{
	if (shown->of_n == 0 || shown->delivered_n < shown->of_n)
		return TICK_SENT;
	return shown->read_n < shown->of_n ? TICK_DELIVERED : TICK_READ;
}

struct ticks
shown_ticks(const struct shown *shown, const struct room *room,
    const char *self)
{
	struct ticks ticks = {.tick = TICK_SENT};

	if (shown->refused) {
		ticks.tick = TICK_REFUSED;
	} else if (!shown->own || shown->seq == 0 ||
	    render_is_true(shown->event, "deleted")) {
		ticks.tick = TICK_NONE;
	} else if (shown->room[0] == '#') {
		ticks = (struct ticks){.tick = tick_in_group(shown),
		    .delivered_n = shown->delivered_n,
		    .read_n = shown->read_n, .of_n = shown->of_n};
	} else if (room != NULL && strcmp(shown->room + 1, self) != 0) {
		if (shown->seq <= room->other_read_seq)
			ticks.tick = TICK_READ;
		else if (shown->seq <= room->other_delivered_seq)
			ticks.tick = TICK_DELIVERED;
	}
	return ticks;
}
