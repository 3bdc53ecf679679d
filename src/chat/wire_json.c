/* SPDX-License-Identifier: MIT */
#include "chat/wire.h"

#include <string.h>

#include "base/json.h"

static void
put_text(struct buf *out, const char *key, const char *value)
{
	buf_putc(out, ',');
	buf_putc(out, '"');
	buf_puts(out, key);
	buf_append(out, "\":", 2);
	json_put_string(out, value, strlen(value));
}

static void
put_number(struct buf *out, const char *key, uint64_t value)
{
	buf_putc(out, ',');
	buf_putc(out, '"');
	buf_puts(out, key);
	buf_append(out, "\":", 2);
	buf_put_u64(out, value);
}

static void
put_time(struct buf *out, const char *key, int64_t us)
{
	buf_putc(out, ',');
	buf_putc(out, '"');
	buf_puts(out, key);
	buf_append(out, "\":", 2);
	json_put_time(out, us);
}

static void
put_ref(struct buf *out, const char *ref)
{
	if (ref != NULL) {
		buf_puts(out, ",\"ref\":");
		buf_puts(out, ref);
	}
}

/* Names and conversation names need no escapes: their alphabet has none. */
static void
put_name(struct buf *out, const char *prefix, const char *name)
{
	buf_puts(out, prefix);
	buf_puts(out, name);
	buf_putc(out, '"');
}

static void
json_welcome(struct buf *out, const struct wire_welcome *welcome)
{
	buf_puts(out, "{\"type\":\"welcome\"");
	put_text(out, "user", welcome->user);
	put_text(out, "device", welcome->device);
	put_number(out, "session", welcome->session);
	buf_printf(out, ",\"epoch\":\"%016llx\",\"resumed\":%s",
	    (unsigned long long)welcome->epoch,
	    welcome->resumed ? "true" : "false");
	put_text(out, "server", welcome->server);
	put_time(out, "time", welcome->time_us);
	buf_putc(out, '}');
}

static void
put_message(struct buf *out, const struct record *record, unsigned flags)
{
	put_name(out, ",\"from\":\"", record->sender_name);
	buf_puts(out, ",\"text\":");
	json_put_string(out, record->text, record->text_len);
	put_time(out, "at", record->at_us);
	if (record->client_msg_id_len != 0 && (flags & WIRE_OWN)) {
		buf_puts(out, ",\"client_msg_id\":");
		json_put_string(out, record->client_msg_id,
		    record->client_msg_id_len);
	}
	if (record->reply_to != 0)
		put_number(out, "reply_to", record->reply_to);
	if (record->edited_us != 0)
		put_time(out, "edited_at", record->edited_us);
	if (record->flags & RECORD_TOMBSTONE)
		buf_puts(out, ",\"deleted\":true");
	if (record->flags & RECORD_ACTION)
		buf_puts(out, ",\"action\":true");
	if (flags & WIRE_HISTORY)
		buf_puts(out, ",\"history\":true");
}

static void
put_event(struct buf *out, const struct record *record)
{
	const char *user = record->subject_name;

	put_name(out, ",\"user\":\"",
	    user != NULL ? user : record->sender_name);
	if (user != NULL && record->subject != record->sender)
		put_name(out, ",\"by\":\"", record->sender_name);
	if (record->target != 0)
		put_number(out, "target", record->target);
	if (record->role != ROLE_NONE)
		put_text(out, "role", role_name(record->role));
	if (record->text_len != 0) {
		buf_puts(out, ",\"text\":");
		json_put_string(out, record->text, record->text_len);
	}
	put_time(out, "at", record->at_us);
}

static void
json_record(struct buf *out, const struct record *record,
    const char *conversation, unsigned flags)
{
	bool hidden = flags & WIRE_HIDDEN;

	buf_puts(out, "{\"type\":\"");
	buf_puts(out, hidden ? "hidden" : record_type(record));
	put_name(out, "\",\"conversation\":\"", conversation);
	put_number(out, "seq", record->seq);
	if (!hidden) {
		put_number(out, "id", record->id);
		if (record->kind == RECORD_MESSAGE)
			put_message(out, record, flags);
		else
			put_event(out, record);
	}
	buf_putc(out, '}');
}

static void
json_sent(struct buf *out, const struct wire_sent *sent)
{
	const struct record *record = sent->record;

	buf_puts(out, "{\"type\":\"sent\"");
	put_ref(out, sent->ref);
	if (record->client_msg_id_len != 0) {
		buf_puts(out, ",\"client_msg_id\":");
		json_put_string(out, record->client_msg_id,
		    record->client_msg_id_len);
	}
	put_name(out, ",\"conversation\":\"", sent->conversation);
	put_number(out, "seq", record->seq);
	put_number(out, "id", record->id);
	put_time(out, "at", record->at_us);
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
	put_ref(out, ref);
	buf_putc(out, '}');
}

static void
json_error(struct buf *out, const struct wire_error *error)
{
	buf_puts(out, "{\"type\":\"error\"");
	put_ref(out, error->ref);
	put_text(out, "code", chat_code_name(error->code));
	put_text(out, "message", error->message);
	if (error->field != NULL)
		put_text(out, "field", error->field);
	if (error->rule != NULL) {
		put_text(out, "rule", error->rule);
		put_text(out, "reason", error->message);
	}
	if (error->retry_after_ms != 0)
		put_number(out, "retry_after_ms", error->retry_after_ms);
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
	put_name(out, ",\"conversation\":\"", conversation);
	put_name(out, ",\"user\":\"", user);
	buf_puts(out, on ? ",\"on\":true}" : ",\"on\":false}");
}

static void
json_presence(struct buf *out, const char *user, enum presence status,
    int64_t last_seen_us)
{
	buf_puts(out, "{\"type\":\"presence\"");
	put_name(out, ",\"user\":\"", user);
	put_text(out, "status", presence_name(status));
	if (status == PRESENCE_OFFLINE && last_seen_us != 0)
		put_time(out, "last_seen", last_seen_us);
	buf_putc(out, '}');
}

static void
json_blocked(struct buf *out, const char *user, bool on)
{
	buf_puts(out, on ? "{\"type\":\"blocked\"" : "{\"type\":\"unblocked\"");
	put_name(out, ",\"user\":\"", user);
	buf_putc(out, '}');
}

static void
json_gap(struct buf *out, const char *conversation, uint64_t from, uint64_t to)
{
	buf_puts(out, "{\"type\":\"gap\"");
	put_name(out, ",\"conversation\":\"", conversation);
	put_number(out, "from", from);
	put_number(out, "to", to);
	buf_putc(out, '}');
}

static void
json_pong(struct buf *out, const char *ref, int64_t at_us)
{
	buf_puts(out, "{\"type\":\"pong\"");
	put_ref(out, ref);
	put_time(out, "time", at_us);
	buf_putc(out, '}');
}

static void
json_bye(struct buf *out, const char *reason, uint32_t after_ms)
{
	buf_puts(out, "{\"type\":\"bye\"");
	put_text(out, "reason", reason);
	put_number(out, "reconnect_after_ms", after_ms);
	buf_putc(out, '}');
}

static void
json_history(struct buf *out, const struct wire_page *page)
{
	const struct record *record;
	unsigned flags;
	size_t i;

	buf_puts(out, "{\"type\":\"history\"");
	put_ref(out, page->ref);
	put_name(out, ",\"conversation\":\"", page->conversation);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < page->records_n; i++) {
		record = &page->records[i];
		flags = record->sender == page->uid ? WIRE_OWN : 0;
		if (record->kind == RECORD_MESSAGE &&
		    page->blocked(page->arg, record->sender))
			flags |= WIRE_HIDDEN;
		if (i != 0)
			buf_putc(out, ',');
		json_record(out, record, page->conversation, flags);
	}
	buf_putc(out, ']');
	if (page->next != 0)
		put_number(out, "next", page->next);
	buf_putc(out, '}');
}

static void
json_members(struct buf *out, const char *ref, const char *conversation,
    const struct store_member *members, size_t n)
{
	const struct store_member *member;
	size_t i;

	buf_puts(out, "{\"type\":\"members\"");
	put_ref(out, ref);
	put_name(out, ",\"conversation\":\"", conversation);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < n; i++) {
		member = &members[i];
		put_name(out, i == 0 ? "{\"user\":\"" : ",{\"user\":\"",
		    member->name);
		put_text(out, "role", role_name(member->role));
		if (member->last_seen_us != 0)
			put_time(out, "last_seen", member->last_seen_us);
		buf_putc(out, '}');
	}
	buf_puts(out, "]}");
}

static void
json_conversations(struct buf *out, const char *ref,
    const struct store_read *read)
{
	static const char *const kinds[] = {
	    [CONVERSATION_PUBLIC] = "public", [CONVERSATION_GROUP] = "group",
	    [CONVERSATION_DIRECT] = "direct"};
	const struct store_membership *membership;
	const struct record *last;
	size_t i;

	buf_puts(out, "{\"type\":\"conversations\"");
	put_ref(out, ref);
	buf_puts(out, ",\"items\":[");
	for (i = 0; i < read->memberships_n; i++) {
		membership = &read->memberships[i];
		last = &read->records[i];
		put_name(out, i == 0 ? "{\"conversation\":\"" :
		    ",{\"conversation\":\"", membership->conversation.name);
		put_text(out, "kind", kinds[membership->conversation.kind]);
		put_text(out, "role", role_name(membership->role));
		put_number(out, "members", membership->conversation.members);
		put_number(out, "delivered_seq", membership->delivered_seq);
		put_number(out, "read_seq", membership->read_seq);
		if (last->kind != 0) {
			buf_puts(out, ",\"last_message\":");
			json_record(out, last, membership->conversation.name,
			    0);
			put_time(out, "last_at", last->at_us);
		}
		buf_putc(out, '}');
	}
	buf_puts(out, "]}");
}

static void
json_commands(struct buf *out, const char *ref, const struct buf *items)
{
	buf_puts(out, "{\"type\":\"commands\"");
	put_ref(out, ref);
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
    .members = json_members,
    .conversations = json_conversations,
    .commands = json_commands,
};
