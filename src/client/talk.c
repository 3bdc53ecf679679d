/* SPDX-License-Identifier: MIT */
#include "client/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "client/outbox.h"

struct talk {
	const struct talk_view *view;
	const char *name;
	struct signin *signin; /* or NULL */
	struct connection *connection;
	struct outbox *outbox;
	struct rooms rooms;
	char user[NAME_BYTES_MAX + 1];
	char epoch[40];
	bool welcome; /* signed in on this connection */
	int64_t renew_ms; /* when to take the next token; 0: not yet */
	bool renewed; /* the token, since the last welcome */
	bool over;
};

static const char *
member(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string != NULL ? string : "";
}

static uint64_t
number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

struct talk *
talk_new(const struct talk_options *options, struct error *err)
{
	char query[2 * (NAME_BYTES_MAX + DEVICE_MAX) + 64] = "ack=client";
	struct connection_options connection = {.server = options->server,
	    .token = options->token, .query = query};
	bool named = options->token == NULL && options->signin == NULL;
	struct talk *talk = calloc(1, sizeof(*talk));
	size_t used = strlen(query);

	/* The alphabets of names and devices need no encoding. */
	if (options->signin != NULL)
		connection.token = signin_token(options->signin);
	if (named)
		used += (size_t)snprintf(query + used, sizeof(query) - used,
		    "&user=%s", options->name);
	if (options->device[0] != '\0')
		snprintf(query + used, sizeof(query) - used, "&device=%s",
		    options->device);
	if (talk != NULL) {
		talk->view = options->view;
		talk->name = options->name;
		talk->signin = options->signin;
		talk->outbox = outbox_new();
	}
	if (talk == NULL || talk->outbox == NULL) {
		error_set(err, ERROR_NOMEM, "no memory");
		talk_free(talk);
		return NULL;
	}
	talk->connection = connection_new(&connection, err);
	if (talk->connection == NULL) {
		talk_free(talk);
		return NULL;
	}
	return talk;
}

void
talk_free(struct talk *talk)
{
	if (talk == NULL)
		return;
	connection_free(talk->connection);
	outbox_free(talk->outbox);
	rooms_fini(&talk->rooms);
	free(talk);
}

int
talk_add(struct talk *talk, json_t *request)
{
	return request == NULL ? -1 : outbox_add(talk->outbox, request);
}

void
talk_hint(struct talk *talk, json_t *request)
{
	char *text = NULL;

	if (request != NULL && talk->welcome)
		text = json_dumps(request, JSON_COMPACT);
	if (text != NULL)
		connection_send(talk->connection, text, strlen(text));
	free(text);
	json_decref(request);
}

size_t
talk_pending(const struct talk *talk)
{
	return outbox_count(talk->outbox);
}

const char *
talk_user(const struct talk *talk)
{
	return talk->user;
}

struct rooms *
talk_rooms(struct talk *talk)
{
	return &talk->rooms;
}

bool
talk_is_over(const struct talk *talk)
{
	return talk->over;
}

/* ------------------------------------------------------------------- events */

static void
give_up(struct talk *talk, const char *why)
{
	talk->over = true;
	talk->welcome = false;
	talk->view->status(talk->view->arg, false, why);
}

static void
welcomed(struct talk *talk, const json_t *event)
{
	const char *epoch = member(event, "epoch");
	char text[128];
	size_t i;

	snprintf(talk->user, sizeof(talk->user), "%s", member(event, "user"));
	if (talk->name != NULL && strcmp(talk->name, talk->user) != 0) {
		snprintf(text, sizeof(text), "the token is %s's, not %s's",
		    talk->user, talk->name);
		give_up(talk, text);
		return;
	}
	/* A restored backup counts anew: what was seen says nothing. */
	for (i = 0; i < talk->rooms.n && talk->epoch[0] != '\0' &&
	    strcmp(epoch, talk->epoch) != 0; i++)
		room_restart(&talk->rooms.items[i]);
	for (i = 0; i < talk->rooms.n; i++)
		talk->rooms.items[i].acked_seq = talk->rooms.items[i].seen_seq;
	snprintf(talk->epoch, sizeof(talk->epoch), "%s", epoch);
	connection_settled(talk->connection);
	talk->renewed = false;
	talk->welcome = true;
	talk->view->status(talk->view->arg, true, talk->user);
}

static bool
renew(struct talk *talk)
{
	return talk->signin != NULL && signin_renew(talk->signin, NULL) == 0 &&
	    connection_set_token(talk->connection, signin_token(talk->signin),
	    NULL) == 0;
}

/* If it cannot be done now, the next connection does it. */
static void
renew_here(struct talk *talk)
{
	talk->renew_ms = 0;
	if (renew(talk))
		talk_hint(talk, json_pack("{s:s, s:s}", "type", "auth", "token",
		    signin_token(talk->signin)));
}

/* The token was no longer good: one try with the next one. */
static bool
renew_refused(struct talk *talk)
{
	if (talk->renewed || !connection_needs_token(talk->connection))
		return false;
	talk->renewed = renew(talk);
	return talk->renewed;
}

/* Its room, if it is a durable event; *repeated: it was shown already. */
static struct room *
durable_room(struct talk *talk, const json_t *event, bool *repeated)
{
	char name[CONVERSATION_NAME_MAX + 1];
	struct room *room;

	/* `read` and its like only name the seq of an event. */
	*repeated = false;
	if (number(event, "seq") == 0 || (number(event, "id") == 0 &&
	    strcmp(member(event, "type"), "hidden") != 0) ||
	    !room_name(member(event, "conversation"), talk->user, name))
		return NULL;
	room = rooms_get(&talk->rooms, name);
	*repeated = room != NULL && number(event, "seq") <= room->seen_seq &&
	    strcmp(member(event, "type"), "sent") != 0;
	return room;
}

/* The public room has no cursors to move. */
static void
acknowledge(struct talk *talk)
{
	struct room *room;
	size_t i;

	for (i = 0; i < talk->rooms.n; i++) {
		room = &talk->rooms.items[i];
		if (room->acked_seq >= room->seen_seq)
			continue;
		room->acked_seq = room->seen_seq;
		if (strcmp(room->name, "#lobby") != 0)
			talk_hint(talk, json_pack("{s:s, s:s, s:I}", "type",
			    "received", "conversation", room->name, "seq",
			    (json_int_t)room->seen_seq));
	}
}

static void
show(struct talk *talk, json_t *event, int64_t now_ms)
{
	const json_t *request;
	struct room *room;
	bool repeated, fresh, shown;

	if (outbox_take(talk->outbox, event, now_ms, &request) ==
	    OUTBOX_REPEAT)
		return;
	room = durable_room(talk, event, &repeated);
	if (repeated)
		return;
	fresh = room != NULL && request == NULL &&
	    !json_is_true(json_object_get(event, "history"));
	shown = talk->view->event(talk->view->arg, event, request, fresh);
	/* The view may have made rooms: ours may have moved. */
	room = durable_room(talk, event, &repeated);
	if (shown && room != NULL && number(event, "seq") > room->seen_seq)
		room->seen_seq = number(event, "seq");
}

static void
receive(struct talk *talk, const char *text, size_t len, int64_t now_ms)
{
	json_t *event = json_parse_object(text, len, NULL);
	const char *type = member(event, "type");

	if (event == NULL) {
		connection_drop(talk->connection,
		    "the server says what is no JSON");
		return;
	}
	/* Half of the rest later, so that a short life is no flood. */
	if (talk->signin != NULL && strcmp(type, "expiring") == 0) {
		talk->renew_ms = now_ms + (int64_t)number(event, "in_ms") / 2;
		json_decref(event);
		return;
	}
	if (strcmp(type, "welcome") == 0)
		welcomed(talk, event);
	else if (strcmp(type, "bye") == 0)
		connection_hold_off(talk->connection,
		    (int64_t)number(event, "reconnect_after_ms"));
	if (!talk->over)
		show(talk, event, now_ms);
	json_decref(event);
}

static void
lost(struct talk *talk, const struct connection_news *news)
{
	char text[320];

	talk->welcome = false;
	talk->renew_ms = 0;
	outbox_reset(talk->outbox);
	snprintf(text, sizeof(text), "%s; next try in %.1f s", news->text,
	    (double)news->retry_ms / 1000);
	talk->view->status(talk->view->arg, false, text);
}

static bool
take_news(struct talk *talk, int64_t now_ms)
{
	struct connection_news news;

	connection_next(talk->connection, &news);
	switch (news.type) {
	case CONNECTION_NOTHING:
		return false;
	case CONNECTION_UP:
		break;
	case CONNECTION_TEXT:
		receive(talk, news.text, news.len, now_ms);
		break;
	case CONNECTION_DOWN:
		lost(talk, &news);
		break;
	case CONNECTION_OVER:
		if (renew_refused(talk))
			break;
		give_up(talk, news.text);
		return false;
	}
	return !talk->over;
}

/* --------------------------------------------------------------------- time */

void
talk_poll(const struct talk *talk, struct pollfd *pollfd)
{
	pollfd->fd = connection_fd(talk->connection);
	pollfd->events = connection_events(talk->connection);
	pollfd->revents = 0;
}

int64_t
talk_deadline(const struct talk *talk)
{
	int64_t own = connection_deadline(talk->connection);
	int64_t outbox = outbox_deadline(talk->outbox);

	if (talk->renew_ms != 0 && talk->renew_ms < own)
		own = talk->renew_ms;
	return talk->welcome && outbox < own ? outbox : own;
}

static void
unanswered(struct talk *talk, const json_t *request)
{
	json_t *event;

	event = json_pack("{s:s, s:s, s:s}", "type", "error", "code",
	    "unavailable", "message", "the server did not answer");
	if (event != NULL)
		talk->view->event(talk->view->arg, event, request, false);
	json_decref(event);
}

void
talk_run(struct talk *talk, short revents, int64_t now_ms)
{
	const char *text;
	json_t *request;
	size_t len;

	if (talk->over)
		return;
	connection_run(talk->connection, revents, now_ms);
	while (take_news(talk, now_ms))
		continue;
	if (outbox_overdue(talk->outbox, now_ms)) {
		request = outbox_give_up(talk->outbox);
		if (request != NULL)
			unanswered(talk, request);
		json_decref(request);
		connection_drop(talk->connection, "the server did not answer");
		while (take_news(talk, now_ms))
			continue;
	}
	if (!talk->welcome)
		return;
	if (talk->renew_ms != 0 && now_ms >= talk->renew_ms)
		renew_here(talk);
	acknowledge(talk);
	text = outbox_next(talk->outbox, now_ms, &len);
	if (text != NULL)
		connection_send(talk->connection, text, len);
	/* What was queued just now should not wait for the next poll. */
	connection_run(talk->connection, 0, now_ms);
}

bool
talk_finish(struct talk *talk, short revents, int64_t now_ms)
{
	struct connection_news news;

	if (!connection_finish(talk->connection, now_ms)) {
		connection_run(talk->connection, revents, now_ms);
		do
			connection_next(talk->connection, &news);
		while (news.type == CONNECTION_TEXT);
	}
	return connection_finish(talk->connection, now_ms);
}
