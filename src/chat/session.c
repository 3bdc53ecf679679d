/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "chat/request.h"

#define MESSAGE_MAX 511 /* of an error: bytes */

static char no_device[] = "";

const char *
session_user(const struct session *session)
{
	return session->person != NULL ? session->person->name : "";
}

struct buf *
session_scratch(struct session *session)
{
	buf_reset(&session->chat->scratch);
	return &session->chat->scratch;
}

void
session_tell(struct session *session, uint64_t id)
{
	struct blob *frame;

	if (session->state == SESSION_CLOSED)
		return;
	frame = chat_frame(session->chat);
	if (frame == NULL) {
		session_end(session, SESSION_END_ERROR);
		return;
	}
	session->ops->send(session, frame, id);
	blob_unref(frame);
}

void
session_answer(struct session *session)
{
	session_tell(session, 0);
}

void
session_ok(struct session *session, const char *ref)
{
	session_wire(session)->ok(session_scratch(session), ref);
	session_answer(session);
}

void
session_fail(struct session *session, const struct wire_error *error)
{
	session->chat->stats.refused[error->code]++;
	session_wire(session)->error(session_scratch(session), error);
	session_answer(session);
}

void
session_refuse(struct session *session, const char *ref, enum chat_code code,
    const char *field, const char *format, ...)
{
	char message[MESSAGE_MAX + 2];
	struct wire_error error = {
	    .ref = ref, .code = code, .field = field, .message = message};
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	/* That of a script may be too long. */
	message[utf8_cut(message, strlen(message), MESSAGE_MAX)] = '\0';
	session_fail(session, &error);
}

void
session_refuse_store(struct session *session, const char *ref,
    enum store_status status)
{
	struct wire_error error = {.ref = ref};

	error.code = chat_code_of_store(status, &error.message);
	session_fail(session, &error);
}

struct store_read *
session_read(const struct session *session, enum store_read_kind kind,
    store_read_done *done, size_t extra)
{
	struct store_read *read = store_read_new(extra);

	if (read == NULL)
		return NULL;
	read->kind = kind;
	read->worker = session->chat->worker;
	read->done = done;
	read->arg = session->chat;
	read->session = session->id;
	read->uid = session->uid;
	read->asker = session->uid;
	return read;
}

void
session_park(struct session *session, enum park why)
{
	bool parked = session->parked != 0;

	session->parked |= (uint8_t)why;
	if (!parked)
		session->ops->park(session, true);
}

void
session_unpark(struct session *session, enum park why)
{
	if (session->state != SESSION_LIVE || !(session->parked & why))
		return;
	session->parked &= (uint8_t)~why;
	requests_run(session);
	if (session->state != SESSION_LIVE)
		return;
	if (session->parked == 0)
		session->ops->park(session, false);
	else
		session_settle(session);
}

static void
link_person(struct session *session, struct person *person)
{
	session->person = person;
	session->next = person->sessions;
	session->prev = &person->sessions;
	if (session->next != NULL)
		session->next->prev = &session->next;
	person->sessions = session;
}

static void
unlink_person(struct session *session)
{
	*session->prev = session->next;
	if (session->next != NULL)
		session->next->prev = session->prev;
	session->next = NULL;
	session->prev = NULL;
}

/* Out of the domain: what it has acknowledged is saved first. */
static void
detach(struct session *session)
{
	struct chat *chat = session->chat;
	struct person *person = session->person;
	bool was_here = session_is_here(session);

	if (session->state == SESSION_CLOSED)
		return;
	cursors_save(session);
	cursors_free(session);
	session->state = SESSION_CLOSED;
	requests_free(session);
	catch_up_free(chat, session->catch_up);
	session->catch_up = NULL;
	listing_drop(session);
	roster_free(session->roster);
	session->roster = NULL;
	late_free(session->late);
	session->late = NULL;
	if (!session->quiet)
		chat->stats.sessions--;
	unlink_person(session);
	if (session->device != no_device)
		free(session->device);
	session->device = no_device;
	if (was_here && !person_is_here(person) &&
	    person->presence != PRESENCE_OFFLINE)
		presence_left(person);
	if (session->quiet)
		person_linger(person);
	session->person = NULL;
	person_release(person);
}

void
session_close(struct session *session)
{
	if (session->chat != NULL)
		detach(session);
}

void
session_end(struct session *session, enum session_end why)
{
	if (session->state == SESSION_CLOSED)
		return;
	detach(session);
	session->ops->end(session, why);
}

void
session_settle(struct session *session)
{
	uint32_t spread_ms = session->chat->drain_spread_ms;

	if (!(session->parked & PARK_DRAIN) || (session->state == SESSION_LIVE &&
		(session->in_flight != 0 || session->requests != NULL ||
		    session->parked & PARK_ANSWER)))
		return;
	if (!session->quiet) {
		session_wire(session)->bye(session_scratch(session),
		    "the server restarts", 500 +
		    (uint32_t)(session->id * 2654435761u % (spread_ms + 1)));
		session_answer(session);
	}
	session_end(session, SESSION_END_DRAINING);
}

static void
replace_same_device(struct session *session)
{
	struct session *other, *next;

	for (other = session->person->sessions; other != NULL; other = next) {
		next = other->next;
		if (other != session &&
		    strcmp(other->device, session->device) == 0) {
			session_end(other, SESSION_END_REPLACED);
			return;
		}
	}
}

static int
open_state(struct session *session, struct chat *chat,
    const struct session_options *options)
{
	session->chat = chat;
	session->state = SESSION_CLOSED;
	session->uid = options->uid;
	session->transport = (uint8_t)options->transport;
	session->ack_client = options->ack_client;
	session->readable = options->readable;
	session->pings = options->pings;
	session->scopes = (uint8_t)options->token.scopes;
	session->family = options->token.family;
	session->device = no_device;
	if (options->device[0] != '\0') {
		session->device = strdup(options->device);
		if (session->device == NULL)
			return -1;
	}
	session->id = chat->next_session;
	chat->next_session += chat->workers;
	if (!session->quiet)
		chat->stats.sessions++;
	return 0;
}

int
session_enter(struct session *session, struct chat *chat,
    const struct session_options *options)
{
	struct person *person = person_obtain(chat, options->uid);

	if (person == NULL)
		return -1;
	if (open_state(session, chat, options) != 0) {
		if (session->device != no_device)
			free(session->device);
		session->device = no_device;
		person_release(person);
		return -1;
	}
	link_person(session, person);
	session->state = SESSION_WAITING;
	return 0;
}

int
session_open(struct session *session, struct chat *chat,
    const struct session_options *options)
{
	if (session_enter(session, chat, options) != 0)
		return -1;
	session->catch_up = calloc(1, sizeof(*session->catch_up));
	if (session->catch_up == NULL) {
		detach(session);
		return -1;
	}
	session->catch_up->resumes = options->resumes;
	session->catch_up->since = options->since;
	session->catch_up->token = options->token;
	session_park(session, PARK_ANSWER);
	if (session->device[0] != '\0')
		replace_same_device(session);
	if (session->person->saving == 0 && catch_up_begin(session) != 0) {
		detach(session);
		return -1;
	}
	return 0;
}

void
session_pong(struct session *session, uint32_t mark)
{
	if (session->state != SESSION_CLOSED)
		cursors_pong(session, mark);
}

void
session_drained(struct session *session)
{
	if (session->catch_up != NULL && session->catch_up->waits)
		catch_up_continue(session);
	if (session->late != NULL)
		late_send(session);
}
