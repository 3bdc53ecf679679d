/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "chat/refusals.h"

/*
 * Why the store refused a write, as a sentence for whoever asked: which
 * permission of which role is missing, until when, and what to do instead.
 */
struct refusal {
	struct session *session;
	const struct store_write *write;
	struct wire_error error;
	char text[400];
};

static void say(struct refusal *refusal, const char *field,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static void
say(struct refusal *refusal, const char *field, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(refusal->text, sizeof(refusal->text), format, ap);
	va_end(ap);
	refusal->error.message = refusal->text;
	refusal->error.field = field;
}

/* The conversation, by name. */
static const char *
place(const struct store_write *write)
{
	if (write->conversation.name[0] != '\0')
		return write->conversation.name;
	return write->name[0] != '\0' ? write->name : "this conversation";
}

/* Whom it was to be done to; NULL: nobody, or not known by name. */
static const char *
subject(const struct store_write *write)
{
	return write->peer != 0 ? write->record.subject_name : NULL;
}

static const char *
who_may(enum role role)
{
	static const char *const names[] = {
	    [ROLE_NONE] = "members", [ROLE_MEMBER] = "members",
	    [ROLE_MODERATOR] = "moderators and above",
	    [ROLE_ADMIN] = "admins and owners", [ROLE_OWNER] = "owners"};

	return names[role];
}

static void
say_missing(struct refusal *refusal, const char *conversation, uint8_t role,
    enum permission missing)
{
	say(refusal, "conversation", "your role in %s is %s, which may not "
	    "%s; %s may", conversation, role_name((enum role)role),
	    permission_text(missing), who_may(permission_role(missing)));
}

static void
say_forbidden(struct refusal *refusal)
{
	const struct store_write *write = refusal->write;
	bool group = write->conversation.kind == CONVERSATION_GROUP;

	if (write->missing != PERMISSION_NONE && group)
		say_missing(refusal, place(write), write->role,
		    (enum permission)write->missing);
	else if (write->kind == STORE_WRITE_EDIT)
		say(refusal, "seq", "only who wrote a message may edit it");
	else if (write->kind == STORE_WRITE_DELETE)
		say(refusal, "seq", "only who wrote a message may delete it "
		    "here");
}

static void
say_outranked(struct refusal *refusal)
{
	const struct store_write *write = refusal->write;
	bool admins = write->subject_role < ROLE_ADMIN;
	const char *name = subject(write), *role;

	role = role_name((enum role)write->subject_role);
	if (write->kind == STORE_WRITE_ROLE &&
	    (write->peer == write->record.sender ||
		permission_outranks((enum role)write->role,
		    (enum role)write->subject_role)))
		say(refusal, "role", "your role in %s is %s: you may only give "
		    "roles below it", place(write),
		    role_name((enum role)write->role));
	else if (name == NULL)
		say(refusal, "seq", "who wrote it is %s of %s; only an owner%s "
		    "may delete their messages", role, place(write),
		    admins ? " or an admin" : "");
	else
		say(refusal, "user", "%s is %s of %s; only an owner%s may do "
		    "this to them", name, role, place(write),
		    admins ? " or an admin" : "");
}

/* "until 2026-…" or "for good", and as a member. */
static const char *
until(struct refusal *refusal, char text[CLOCK_TEXT_SIZE + 8])
{
	int64_t until_us = refusal->write->record.until_us;

	if (until_us == 0 || until_us == INT64_MAX)
		return "for good";
	memcpy(text, "until ", 6);
	clock_format(until_us, text + 6);
	refusal->error.until_us = until_us;
	return text;
}

static void
say_banned(struct refusal *refusal)
{
	const struct store_write *write = refusal->write;
	char text[CLOCK_TEXT_SIZE + 8];

	if (subject(write) != NULL)
		say(refusal, "user", "%s is banned from %s; unban them first",
		    subject(write), place(write));
	else
		say(refusal, "conversation", "you are banned from %s %s",
		    place(write), until(refusal, text));
}

static void
say_slow(struct refusal *refusal)
{
	const struct store_write *write = refusal->write;
	int64_t wait_us = write->record.until_us -
	    chat_now_us(refusal->session->chat);
	char every[DURATION_TEXT_SIZE];

	if (wait_us < 1000)
		wait_us = 1000;
	/* Rounded up, so that who waits so long is not refused again. */
	refusal->error.retry_after_ms = (uint32_t)((wait_us + 999) / 1000);
	duration_format(write->conversation.slow_s, every);
	say(refusal, "conversation", "%s is in slow mode: one message in %s; "
	    "wait for %u s", place(write), every,
	    (refusal->error.retry_after_ms + 999) / 1000);
}

static void
say_too_late(struct refusal *refusal)
{
	const struct store_write *write = refusal->write;
	char window[DURATION_TEXT_SIZE];

	duration_format(write->window_us / 1000000, window);
	say(refusal, "seq", "messages can be %s for %s after they were sent",
	    write->kind == STORE_WRITE_EDIT ? "edited" : "deleted", window);
}

static void
say_limit(struct refusal *refusal)
{
	const struct store_write *write = refusal->write;

	if (write->kind == STORE_WRITE_REACT)
		say(refusal, "emoji", "%d reactions of yours are as many as a "
		    "message can have; take one back first", REACTIONS_MAX);
	else if (write->missing == PERMISSION_ADD && subject(write) != NULL)
		say(refusal, "user", "%s is in %u groups, and may be in no "
		    "more", subject(write), (unsigned)write->groups_max);
	else if (write->missing == PERMISSION_ADD)
		say(refusal, "conversation", "you are in %u groups, and may "
		    "be in no more; leave one first",
		    (unsigned)write->groups_max);
	else if (write->kind == STORE_WRITE_INVITE)
		say(refusal, "user", "%s has %d invitations, and can have no "
		    "more until one is answered", subject(write),
		    INVITATIONS_MAX);
	else
		say(refusal, "conversation", "%s is full", place(write));
}

static void
say_no_message(struct refusal *refusal)
{
	const struct store_write *write = refusal->write;
	bool reply = write->kind == STORE_WRITE_APPEND;

	say(refusal, reply ? "reply_to" : "seq", "there is no message %llu in "
	    "%s, or it was deleted", (unsigned long long)(reply
	    ? write->record.reply_to : write->record.target), place(write));
}

/* What concerns groups and their people; the rest has its sentence. */
static void
describe(struct refusal *refusal)
{
	const struct store_write *write = refusal->write;
	char text[CLOCK_TEXT_SIZE + 8];

	switch (write->status) {
	case STORE_NOT_FOUND:
		if (subject(write) != NULL)
			say(refusal, "user", "%s is not in %s", subject(write),
			    place(write));
		break;
	case STORE_CONFLICT:
		if (write->compare)
			say(refusal, "edited_at", "the message was edited "
			    "since; read it again");
		break;
	case STORE_EXISTS:
		say(refusal, "conversation", "the name %s is taken, or was "
		    "once; choose another", place(write));
		break;
	case STORE_NOT_MEMBER:
		say(refusal, "conversation", "you are not a member of %s; "
		    "join it first", place(write));
		break;
	case STORE_BLOCKED:
		if (subject(write) != NULL)
			say(refusal, "user", "%s has blocked you",
			    subject(write));
		break;
	case STORE_MUTED:
		say(refusal, "conversation", "you are muted in %s %s",
		    place(write), until(refusal, text));
		break;
	case STORE_UNINVITED:
		say(refusal, "conversation", "%s takes in who is invited; ask "
		    "a member to invite you", place(write));
		break;
	case STORE_LAST_OWNER:
		say(refusal, "conversation", "you are the last owner of %s: "
		    "make another owner first (/role NAME owner)",
		    place(write));
		break;
	default:
		break;
	}
}

void
write_refused(struct session *session, const struct store_write *write)
{
	static void (*const sayings[])(struct refusal *) = {
	    [STORE_FORBIDDEN] = say_forbidden,
	    [STORE_OUTRANKED] = say_outranked, [STORE_BANNED] = say_banned,
	    [STORE_SLOW] = say_slow, [STORE_TOO_LATE] = say_too_late,
	    [STORE_LIMIT] = say_limit, [STORE_NO_MESSAGE] = say_no_message};
	struct refusal refusal = {.session = session, .write = write};

	refusal.error.ref = extra_ref(write->extra);
	refusal.error.code =
	    chat_code_of_store(write->status, &refusal.error.message);
	if (write->status < sizeof(sayings) / sizeof(sayings[0]) &&
	    sayings[write->status] != NULL)
		sayings[write->status](&refusal);
	else
		describe(&refusal);
	if (write->kind == STORE_WRITE_APPEND)
		refusals_note(session, write->conversation.name,
		    write->record.client_msg_id,
		    write->record.client_msg_id_len, &refusal.error);
	session_fail(session, &refusal.error);
}

void
read_refused(struct session *session, const struct store_read *read)
{
	struct refusal refusal = {.session = session};

	refusal.error.ref = extra_ref(read->extra);
	refusal.error.code =
	    chat_code_of_store(read->status, &refusal.error.message);
	if (read->status == STORE_FORBIDDEN &&
	    read->missing != PERMISSION_NONE)
		say_missing(&refusal, read->name, read->role,
		    (enum permission)read->missing);
	else if (read->status == STORE_NO_MESSAGE)
		say(&refusal, "seq", "there is no message %llu in %s, or it "
		    "was deleted", (unsigned long long)read->after,
		    read->name);
	else if (read->status == STORE_NOT_MEMBER)
		say(&refusal, "conversation", "you are not a member of %s; "
		    "join it first", read->name);
	session_fail(session, &refusal.error);
}

void
write_answered(struct store_write *write)
{
	struct session *session = write_session(write);

	if (session == NULL)
		return;
	if (write->status == STORE_OK || write->status == STORE_DUPLICATE)
		session_ok(session, extra_ref(write->extra));
	else
		write_refused(session, write);
	session_unpark(session, PARK_ANSWER);
}
