/* SPDX-License-Identifier: MIT */
#include "chat/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "chat/wire_read.h"

/* "18:02 ", in UTC. */
static void
put_clock(struct buf *out, int64_t us)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(us, text);
	buf_append(out, text + 11, 5);
	buf_putc(out, ' ');
}

void
text_put_line(struct buf *out, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\n')
			buf_puts(out, "\n    ");
		else if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
			buf_putc(out, text[i]);
	}
}

static void
text_welcome(struct buf *out, const struct wire_welcome *welcome)
{
	buf_printf(out, "* Welcome, %s, to %s. /help lists the commands.",
	    welcome->user, welcome->server);
}

static void
put_message(struct buf *out, const struct record *record)
{
	/* By its number it can be edited, deleted and reacted to. */
	buf_printf(out, " [%llu]", (unsigned long long)record->seq);
	if (record->flags & RECORD_ACTION)
		buf_printf(out, " * %s ", record->sender_name);
	else
		buf_printf(out, " %s: ", record->sender_name);
	if (record->flags & RECORD_TOMBSTONE)
		buf_puts(out, "(deleted)");
	else
		text_put_line(out, record->text, record->text_len);
	if (record->edited_us != 0)
		buf_puts(out, " (edited)");
}

/* ": title Tea, slow 30" */
static void
put_settings(struct buf *out, const struct record *record)
{
	json_t *settings = record->text_len == 0 ? NULL
	    : json_loadb(record->text, record->text_len, 0, NULL), *value;
	const char *key, *next = ": ";
	char *dump;

	json_object_foreach(settings, key, value) {
		buf_printf(out, "%s%s ", next, key);
		next = ", ";
		dump = json_is_string(value) ? NULL
		    : json_dumps(value, JSON_ENCODE_ANY);
		if (dump != NULL)
			buf_puts(out, dump);
		else if (json_is_string(value))
			text_put_line(out, json_string_value(value),
			    json_string_length(value));
		free(dump);
	}
	json_decref(settings);
}

/* What one did to a message. */
static void
put_change(struct buf *out, const struct record *record)
{
	unsigned long long target = record->target;

	switch (record->kind) {
	case RECORD_EDITED:
		buf_printf(out, " edited [%llu]: ", target);
		if (record->text_len == 0)
			buf_puts(out, "(deleted)");
		text_put_line(out, record->text, record->text_len);
		break;
	case RECORD_DELETED:
		buf_printf(out, " deleted [%llu]", target);
		break;
	default:
		buf_puts(out, record->flags & RECORD_OFF ? " took back "
							 : " reacted ");
		text_put_line(out, record->text, record->text_len);
		buf_printf(out, " to [%llu]", target);
	}
}

/* What was done to a member, or by one. */
static void
put_event(struct buf *out, const struct record *record)
{
	bool other = record->subject_name != NULL &&
	    record->subject != record->sender;
	char text[CLOCK_TEXT_SIZE];

	buf_printf(out, " * %s", record->subject_name != NULL
	    ? record->subject_name : record->sender_name);
	if (record->kind == RECORD_ROLE)
		buf_printf(out, " is %s now", role_name(record->role));
	else
		buf_printf(out, " %s%s", other ? "was " : "",
		    record_type(record));
	if (record->until_us != 0 && record->until_us != INT64_MAX) {
		clock_format(record->until_us, text);
		buf_printf(out, " until %s", text);
	}
	if (other && !(record->flags & RECORD_FORCED))
		buf_printf(out, " by %s", record->sender_name);
	if (record->kind == RECORD_CREATED || record->kind == RECORD_UPDATED)
		put_settings(out, record);
}

void
text_record(struct buf *out, const struct record *record,
    const char *conversation, unsigned flags)
{
	put_clock(out, record->at_us);
	buf_puts(out, conversation);
	if (flags & WIRE_HIDDEN) {
		buf_puts(out, " (hidden: you blocked its sender)");
	} else if (record->kind == RECORD_MESSAGE) {
		put_message(out, record);
	} else if (record->target != 0) {
		buf_printf(out, " * %s", record->sender_name);
		put_change(out, record);
	} else {
		put_event(out, record);
	}
}

static void
text_sent(struct buf *out, const struct wire_sent *sent)
{
	put_clock(out, sent->record->at_us);
	buf_printf(out, "%s * sent%s", sent->conversation,
	    sent->duplicate ? " before" : "");
	if (sent->record->seq != 0)
		buf_printf(out, ", [%llu]",
		    (unsigned long long)sent->record->seq);
	if ((sent->record->flags & RECORD_REWRITTEN) && !sent->duplicate) {
		buf_puts(out, " as: ");
		text_put_line(out, sent->record->text, sent->record->text_len);
	}
}

static void
text_ok(struct buf *out, const char *ref)
{
	(void)ref;
	buf_puts(out, "* Done.");
}

static void
text_error(struct buf *out, const struct wire_error *error)
{
	buf_puts(out, "! ");
	text_put_line(out, error->message, strlen(error->message));
	buf_printf(out, " (%s)", chat_code_name(error->code));
}

static void
text_notice(struct buf *out, const char *text, size_t len)
{
	buf_puts(out, "* ");
	text_put_line(out, text, len);
}

static void
text_typing(struct buf *out, const char *conversation, const char *user,
    bool on)
{
	buf_printf(out, "%s * %s %s", conversation, user,
	    on ? "is typing" : "stopped typing");
}

static void
text_presence(struct buf *out, const char *user, enum presence status,
    int64_t last_seen_us)
{
	char text[CLOCK_TEXT_SIZE];

	buf_printf(out, "* %s is %s", user, presence_name(status));
	if (status == PRESENCE_OFFLINE && last_seen_us != 0) {
		clock_format(last_seen_us, text);
		buf_printf(out, ", last seen %s", text);
	}
}

static void
text_blocked(struct buf *out, const char *user, bool on)
{
	buf_printf(out, "* %s is %s", user, on ? "blocked" : "unblocked");
}

static void
text_gap(struct buf *out, const char *conversation, uint64_t from, uint64_t to)
{
	buf_printf(out, "%s * %llu earlier messages are left out; /history "
	    "shows them", conversation, (unsigned long long)(to - from + 1));
}

static void
text_pong(struct buf *out, const char *ref, int64_t at_us)
{
	(void)ref;
	put_clock(out, at_us);
	buf_puts(out, "* pong");
}

static void
text_bye(struct buf *out, const char *reason, uint32_t after_ms)
{
	(void)after_ms;
	buf_printf(out, "* Goodbye: %s. Please connect again.", reason);
}

static void
text_versions(struct buf *out, const char *ref, const char *conversation,
    uint64_t seq, const struct store_read *read)
{
	const struct record *record;
	size_t i;

	(void)ref;
	buf_printf(out, "* %s [%llu] said before:", conversation,
	    (unsigned long long)seq);
	for (i = 0; i < read->records_n; i++) {
		record = &read->records[i];
		buf_puts(out, "\n    until ");
		put_clock(out, record->at_us);
		text_put_line(out, record->text, record->text_len);
	}
}

static void
text_members(struct buf *out, const char *ref, const char *conversation,
    const struct store_member *members, size_t n)
{
	size_t i;

	(void)ref;
	buf_printf(out, "* In %s:", conversation);
	for (i = 0; i < n; i++) {
		buf_printf(out, "%s %s", i == 0 ? "" : ",", members[i].name);
		if (members[i].role > ROLE_MEMBER)
			buf_printf(out, " (%s)", role_name(members[i].role));
	}
}

static void
text_commands(struct buf *out, const char *ref, const struct buf *items)
{
	json_t *list = json_loadb(items->data, items->len, 0, NULL), *item;
	size_t i;

	(void)ref;
	buf_puts(out, "* Commands:");
	json_array_foreach(list, i, item) {
		const char *usage =
		    json_string_value(json_object_get(item, "usage"));
		const char *summary =
		    json_string_value(json_object_get(item, "summary"));

		buf_printf(out, "\n  %s  %s", usage != NULL ? usage : "",
		    summary != NULL ? summary : "");
	}
	json_decref(list);
}

const struct wire wire_text = {
    .welcome = text_welcome,
    .record = text_record,
    .sent = text_sent,
    .ok = text_ok,
    .error = text_error,
    .notice = text_notice,
    .typing = text_typing,
    .presence = text_presence,
    .blocked = text_blocked,
    .gap = text_gap,
    .pong = text_pong,
    .bye = text_bye,
    .history = text_history,
    .versions = text_versions,
    .members = text_members,
    .conversations = text_conversations,
    .commands = text_commands,
    .receipt = text_receipt,
    .receipts = text_receipts,
    .unread = text_unread,
    .settings = text_settings,
    .search = text_search,
    .invited = text_invited,
};
