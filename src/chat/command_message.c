/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

#include "base/hash.h"
#include "chat/text.h"

/* What becomes of a message: it is edited, deleted, reacted to. */

/* How far back one's last message is looked for. */
#define LAST_MAX 200

/* Texts in one answer, the oldest: together they fit into a queue. */
#define VERSIONS_MAX 20

/* A change that is known but for its target, which may be yet to be found. */
struct change {
	uint64_t conv, target;
	int64_t edited_us;
	uint32_t generation;
	bool compare;
	uint8_t kind; /* enum store_write_kind */
	uint8_t flags;
	size_t name_len, text_len, trail_len;
	const char *name, *text, *trail;
};

/* -------------------------------------------------------------- the members */

static bool
read_seq(struct session *session, struct request *request, bool or_last)
{
	if (!request_number(session, request, "seq", &request->seq) ||
	    (or_last &&
		!request_bool(session, request, "last", &request->last)))
		return false;
	if ((request->seq != 0) != request->last)
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST, "seq",
	    "`seq` must be that of the message%s", or_last ? ", or `last` "
	    "must be true: it is your last one here" : "");
	return false;
}

/* Only if the message is as it then was; null: was never edited. */
static bool
read_edited_at(struct session *session, struct request *request)
{
	const char *text = NULL;
	size_t len = 0;

	request->compare = request_has(request, "edited_at");
	if (!request_string(session, request, "edited_at", SIZE_MAX, &text,
		&len))
		return false;
	if (text == NULL || clock_parse(text, len, &request->edited_us))
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
	    "edited_at", "`edited_at` must be that of the message as you "
	    "know it, or null");
	return false;
}

bool
edit_check(struct session *session, struct request *request)
{
	if (!read_seq(session, request, true) ||
	    !read_edited_at(session, request) ||
	    !request_string(session, request, "text", SIZE_MAX,
		&request->text, &request->text_len))
		return false;
	if (request->text == NULL) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "text", "`text` is missing: what is it to say?");
		return false;
	}
	if (!send_text(session, request))
		return false;
	request->fingerprint = hash_bytes(request->text, request->text_len);
	return true;
}

bool
delete_check(struct session *session, struct request *request)
{
	return read_seq(session, request, true) &&
	    read_edited_at(session, request);
}

bool
react_check(struct session *session, struct request *request)
{
	request->on = true;
	if (!read_seq(session, request, false) ||
	    !request_bool(session, request, "on", &request->on) ||
	    !request_string(session, request, "emoji", SIZE_MAX,
		&request->text, &request->text_len))
		return false;
	if (!request->on)
		request->flags = RECORD_OFF;
	if (request->text_len != 0 && request->text_len <= EMOJI_MAX &&
	    text_is_plain(request->text, request->text_len, false))
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
	    "emoji", "`emoji` must have 1 to %d bytes and no space",
	    EMOJI_MAX);
	return false;
}

bool
versions_check(struct session *session, struct request *request)
{
	return read_seq(session, request, false);
}

/* --------------------------------------------------------------- the change */

/* Behind each other in room; the change then borrows from there. */
static void
keep(struct change *change, char *room)
{
	const char **const parts[] = {
	    &change->name, &change->text, &change->trail};
	const size_t sizes[] = {
	    change->name_len, change->text_len, change->trail_len};
	size_t i;

	for (i = 0; i < 3; i++) {
		if (sizes[i] != 0)
			memcpy(room, *parts[i], sizes[i]);
		*parts[i] = room;
		room += sizes[i];
	}
}

static size_t
size_of(const struct change *change)
{
	return change->name_len + change->text_len + change->trail_len;
}

/* NULL: no memory. */
static struct store_write *
write_change(struct session *session, const struct request *request,
    struct change change)
{
	const struct chat_limits *limits = &session->chat->limits;
	struct store_write *write;

	write = request_write(session, request,
	    (enum store_write_kind)change.kind, write_answered,
	    size_of(&change));
	if (write == NULL)
		return NULL;
	keep(&change, write->extra + EXTRA_REST);
	memcpy(write->name, change.name, change.name_len);
	write->record.conv = change.conv;
	write->record.target = change.target;
	write->record.generation = change.generation;
	write->record.flags = change.flags;
	write->record.text = change.text;
	write->record.text_len = (uint32_t)change.text_len;
	if (change.trail_len != 0) {
		write->trail = change.trail;
		write->trail_len = (uint32_t)change.trail_len;
	}
	write->keep_versions = limits->keep_versions;
	write->compare = change.compare;
	write->edited_us = change.edited_us;
	if (change.kind == STORE_WRITE_EDIT)
		write->window_us = limits->edit_window_s * 1000000;
	else if (change.kind == STORE_WRITE_DELETE)
		write->window_us = limits->delete_window_s * 1000000;
	return write;
}

/* The newest message of uid, or NULL. */
static const struct record *
newest_of(const struct store_read *read, uint64_t uid)
{
	const struct record *record;
	size_t i;

	for (i = read->records_n; i-- > 0;) {
		record = &read->records[i];
		if (record->kind == RECORD_MESSAGE && record->sender == uid &&
		    !(record->flags & RECORD_TOMBSTONE))
			return record;
	}
	return NULL;
}

static void
submit_last(struct session *session, const struct store_read *read)
{
	struct request request = {0};
	const struct record *record = newest_of(read, session->uid);
	struct store_write *write;
	struct change change;

	memcpy(request.ref, read->extra, REF_MAX);
	if (record == NULL) {
		session_refuse(session, request_ref(&request), CODE_NOT_FOUND,
		    "last", "none of the last %d events in %s is a message of "
		    "yours: name it by its `seq`", LAST_MAX, read->name);
		session_unpark(session, PARK_ANSWER);
		return;
	}
	memcpy(&change, read->extra + EXTRA_REST, sizeof(change));
	change.target = record->seq;
	write = write_change(session, &request, change);
	if (write != NULL) {
		store_submit(session->chat->store, write);
		return;
	}
	session_refuse_store(session, request_ref(&request), STORE_NOMEM);
	session_unpark(session, PARK_ANSWER);
}

static void
last_read(struct store_read *read)
{
	struct session *session = read_session(read);

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		submit_last(session, read);
		goto out;
	}
	session_refuse_store(session, extra_ref(read->extra), read->status);
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

static void
find_last(struct session *session, const struct request *request,
    struct change change)
{
	struct store_read *read;

	read = request_read(session, request, STORE_READ_HISTORY, last_read,
	    sizeof(change) + size_of(&change));
	if (read != NULL) {
		keep(&change, read->extra + EXTRA_REST + sizeof(change));
		memcpy(read->extra + EXTRA_REST, &change, sizeof(change));
		read->newest = true;
		read->before = UINT64_MAX;
		read->limit = LAST_MAX;
	}
	request_query(session, request, read);
}

void
change_proceed(struct session *session, struct request *request)
{
	const struct policy *policy = session->chat->policy;
	const struct conversation *conversation = request->conversation;
	struct change change = {.conv = conversation->id,
	    .target = request->seq, .kind = request->command->write,
	    .compare = request->compare, .edited_us = request->edited_us,
	    .flags = request->flags, .name = conversation->name,
	    .name_len = strlen(conversation->name), .text = request->text,
	    .text_len = request->text_len, .trail = request->trail,
	    .trail_len = request->trail_len};

	if (policy != NULL && change.kind == STORE_WRITE_EDIT)
		change.generation = policy->generation;
	if (request->last)
		find_last(session, request, change);
	else
		request_submit(session, request,
		    write_change(session, request, change));
}

/* ----------------------------------------------------------------- versions */

static void
versions_read(struct store_read *read)
{
	struct session *session = read_session(read);
	const char *ref = extra_ref(read->extra);

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		session_wire(session)->versions(session_scratch(session), ref,
		    read->name, read->after, read);
		session_answer(session);
	} else {
		read_refused(session, read);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
versions_proceed(struct session *session, struct request *request)
{
	struct store_read *read;

	read = request_read(session, request, STORE_READ_VERSIONS,
	    versions_read, 0);
	if (read != NULL) {
		read->after = request->seq;
		read->limit = VERSIONS_MAX;
	}
	request_query(session, request, read);
}
