/* SPDX-License-Identifier: MIT */
#include "chat/wire.h"

#include <string.h>

#include "base/json.h"
#include "chat/wire_put.h"
#include "chat/wire_read.h"

static void
json_welcome(struct buf *out, const struct wire_welcome *welcome)
{
	buf_puts(out, "{\"type\":\"welcome\"");
	wire_put_text(out, "user", welcome->user);
	wire_put_text(out, "device", welcome->device);
	wire_put_number(out, "session", welcome->session);
	buf_printf(out, ",\"epoch\":\"%016llx\",\"resumed\":%s",
	    (unsigned long long)welcome->epoch,
	    welcome->resumed ? "true" : "false");
	wire_put_text(out, "server", welcome->server);
	wire_put_time(out, "time", welcome->time_us);
	buf_putc(out, '}');
}

static void
put_message(struct buf *out, const struct record *record, unsigned flags)
{
	wire_put_name(out, ",\"from\":\"", record->sender_name);
	if (!(record->flags & RECORD_TOMBSTONE)) {
		buf_puts(out, ",\"text\":");
		json_put_string(out, record->text, record->text_len);
	}
	wire_put_time(out, "at", record->at_us);
	if (record->client_msg_id_len != 0 && (flags & WIRE_OWN)) {
		buf_puts(out, ",\"client_msg_id\":");
		json_put_string(out, record->client_msg_id,
		    record->client_msg_id_len);
	}
	if (record->reply_to != 0)
		wire_put_number(out, "reply_to", record->reply_to);
	if (record->edited_us != 0)
		wire_put_time(out, "edited_at", record->edited_us);
	if (record->flags & RECORD_TOMBSTONE)
		buf_puts(out, ",\"deleted\":true");
	if (record->flags & RECORD_ACTION)
		buf_puts(out, ",\"action\":true");
	if (record->reactions_n != 0)
		json_reactions(out, record);
}

/* The members of a stored object of settings. */
static void
put_settings(struct buf *out, const struct record *record)
{
	if (record->text_len <= 2)
		return;
	buf_putc(out, ',');
	buf_append(out, record->text + 1, record->text_len - 2);
}

/* What an event says beside who, whom and where. */
static void
put_details(struct buf *out, const struct record *record)
{
	switch (record->kind) {
	case RECORD_CREATED:
	case RECORD_UPDATED:
		put_settings(out, record);
		break;
	case RECORD_JOINED:
	case RECORD_ROLE:
		wire_put_text(out, "role", role_name(record->role));
		break;
	case RECORD_MUTED:
	case RECORD_BANNED:
		if (record->until_us != 0 && record->until_us != INT64_MAX)
			wire_put_time(out, "until", record->until_us);
		break;
	case RECORD_EDITED:
		/* A text is never empty: it was deleted since. */
		if (record->text_len == 0) {
			buf_puts(out, ",\"deleted\":true");
			break;
		}
		buf_puts(out, ",\"text\":");
		json_put_string(out, record->text, record->text_len);
		break;
	case RECORD_REACTED:
		buf_puts(out, ",\"emoji\":");
		json_put_string(out, record->text, record->text_len);
		buf_puts(out, record->flags & RECORD_OFF ? ",\"on\":false"
							 : ",\"on\":true");
		break;
	}
}

static void
put_event(struct buf *out, const struct record *record)
{
	const char *user = record->subject_name;

	wire_put_name(out, ",\"user\":\"",
	    user != NULL ? user : record->sender_name);
	if (user != NULL && record->subject != record->sender &&
	    !(record->flags & RECORD_FORCED))
		wire_put_name(out, ",\"by\":\"", record->sender_name);
	if (record->target != 0)
		wire_put_number(out, "target", record->target);
	put_details(out, record);
	wire_put_time(out, "at", record->at_us);
}

void
json_record(struct buf *out, const struct record *record,
    const char *conversation, unsigned flags)
{
	bool hidden = flags & WIRE_HIDDEN;

	buf_puts(out, "{\"type\":\"");
	buf_puts(out, hidden ? "hidden" : record_type(record));
	wire_put_name(out, "\",\"conversation\":\"", conversation);
	wire_put_number(out, "seq", record->seq);
	if (!hidden) {
		wire_put_number(out, "id", record->id);
		if (record->kind == RECORD_MESSAGE)
			put_message(out, record, flags);
		else
			put_event(out, record);
		if (flags & WIRE_HISTORY)
			buf_puts(out, ",\"history\":true");
	}
	buf_putc(out, '}');
}

static void
json_sent(struct buf *out, const struct wire_sent *sent)
{
	const struct record *record = sent->record;

	buf_puts(out, "{\"type\":\"sent\"");
	wire_put_ref(out, sent->ref);
	if (record->client_msg_id_len != 0) {
		buf_puts(out, ",\"client_msg_id\":");
		json_put_string(out, record->client_msg_id,
		    record->client_msg_id_len);
	}
	wire_put_name(out, ",\"conversation\":\"", sent->conversation);
	wire_put_number(out, "seq", record->seq);
	wire_put_number(out, "id", record->id);
	wire_put_time(out, "at", record->at_us);
	if ((record->flags & RECORD_REWRITTEN) && !sent->duplicate) {
		buf_puts(out, ",\"text\":");
		json_put_string(out, record->text, record->text_len);
	}
	buf_puts(out, sent->duplicate ? ",\"duplicate\":true}" : "}");
}

static void
json_ok(struct buf *out, const char *ref)
{
	buf_puts(out, "{\"type\":\"ok\"");
	wire_put_ref(out, ref);
	buf_putc(out, '}');
}

static void
json_error(struct buf *out, const struct wire_error *error)
{
	buf_puts(out, "{\"type\":\"error\"");
	wire_put_ref(out, error->ref);
	wire_put_text(out, "code", chat_code_name(error->code));
	wire_put_text(out, "message", error->message);
	if (error->field != NULL)
		wire_put_text(out, "field", error->field);
	if (error->rule != NULL) {
		wire_put_text(out, "rule", error->rule);
		wire_put_text(out, "reason", error->message);
	}
	if (error->retry_after_ms != 0)
		wire_put_number(out, "retry_after_ms", error->retry_after_ms);
	if (error->until_us != 0)
		wire_put_time(out, "until", error->until_us);
	buf_putc(out, '}');
}

static void
json_notice(struct buf *out, const char *text, size_t len)
{
	buf_puts(out, "{\"type\":\"notice\",\"text\":");
	json_put_string(out, text, len);
	buf_putc(out, '}');
}

static void
json_typing(struct buf *out, const char *conversation, const char *user,
    bool on)
{
	buf_puts(out, "{\"type\":\"typing\"");
	wire_put_name(out, ",\"conversation\":\"", conversation);
	wire_put_name(out, ",\"user\":\"", user);
	buf_puts(out, on ? ",\"on\":true}" : ",\"on\":false}");
}

static void
json_presence(struct buf *out, const char *user, enum presence status,
    int64_t last_seen_us)
{
	buf_puts(out, "{\"type\":\"presence\"");
	wire_put_name(out, ",\"user\":\"", user);
	wire_put_text(out, "status", presence_name(status));
	if (status == PRESENCE_OFFLINE && last_seen_us != 0)
		wire_put_time(out, "last_seen", last_seen_us);
	buf_putc(out, '}');
}

static void
json_blocked(struct buf *out, const char *user, bool on)
{
	buf_puts(out, on ? "{\"type\":\"blocked\"" : "{\"type\":\"unblocked\"");
	wire_put_name(out, ",\"user\":\"", user);
	buf_putc(out, '}');
}

static void
json_gap(struct buf *out, const char *conversation, uint64_t from, uint64_t to)
{
	buf_puts(out, "{\"type\":\"gap\"");
	wire_put_name(out, ",\"conversation\":\"", conversation);
	wire_put_number(out, "from", from);
	wire_put_number(out, "to", to);
	buf_putc(out, '}');
}

static void
json_pong(struct buf *out, const char *ref, int64_t at_us)
{
	buf_puts(out, "{\"type\":\"pong\"");
	wire_put_ref(out, ref);
	wire_put_time(out, "time", at_us);
	buf_putc(out, '}');
}

static void
json_bye(struct buf *out, const char *reason, uint32_t after_ms)
{
	buf_puts(out, "{\"type\":\"bye\"");
	wire_put_text(out, "reason", reason);
	wire_put_number(out, "reconnect_after_ms", after_ms);
	buf_putc(out, '}');
}

static void
json_versions(struct buf *out, const char *ref, const char *conversation,
    uint64_t seq, const struct store_read *read)
{
	const struct record *record;
	size_t i;

	buf_puts(out, "{\"type\":\"versions\"");
	wire_put_ref(out, ref);
	wire_put_name(out, ",\"conversation\":\"", conversation);
	wire_put_number(out, "seq", seq);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < read->records_n; i++) {
		record = &read->records[i];
		buf_puts(out, i == 0 ? "{\"text\":" : ",{\"text\":");
		json_put_string(out, record->text, record->text_len);
		wire_put_time(out, "until", record->at_us);
		wire_put_name(out, ",\"by\":\"", record->sender_name);
		buf_putc(out, '}');
	}
	buf_puts(out, read->more ? "],\"has_more\":true}" : "]}");
}

static void
json_members(struct buf *out, const char *ref, const char *conversation,
    const struct store_member *members, size_t n)
{
	const struct store_member *member;
	size_t i;

	buf_puts(out, "{\"type\":\"members\"");
	wire_put_ref(out, ref);
	wire_put_name(out, ",\"conversation\":\"", conversation);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < n; i++) {
		member = &members[i];
		wire_put_name(out, i == 0 ? "{\"user\":\"" : ",{\"user\":\"",
		    member->name);
		wire_put_text(out, "role", role_name(member->role));
		if (member->last_seen_us != 0)
			wire_put_time(out, "last_seen", member->last_seen_us);
		buf_putc(out, '}');
	}
	buf_puts(out, "]}");
}

static void
json_commands(struct buf *out, const char *ref, const struct buf *items)
{
	buf_puts(out, "{\"type\":\"commands\"");
	wire_put_ref(out, ref);
	buf_puts(out, ",\"items\":");
	buf_append(out, items->data, items->len);
	buf_putc(out, '}');
}

const struct wire wire_json = {
    .welcome = json_welcome,
    .record = json_record,
    .sent = json_sent,
    .ok = json_ok,
    .error = json_error,
    .notice = json_notice,
    .typing = json_typing,
    .presence = json_presence,
    .blocked = json_blocked,
    .gap = json_gap,
    .pong = json_pong,
    .bye = json_bye,
    .history = json_history,
    .versions = json_versions,
    .members = json_members,
    .conversations = json_conversations,
    .commands = json_commands,
    .receipt = json_receipt,
    .receipts = json_receipts,
    .unread = json_unread,
    .settings = json_settings,
    .search = json_search,
    .invited = json_invited,
};
