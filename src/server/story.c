/* SPDX-License-Identifier: MIT */
#include "server/story.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/name.h"
#include "base/utf8.h"
#include "chat/refusals.h"
#include "chat/wire.h"
#include "server/admin.h"
#include "server/job.h"
#include "server/round.h"
#include "server/server.h"
#include "server/worker.h"

/* Members that are shown of a large group. */
#define MEMBERS_MAX 1000

/*
 * One question: the first worker has the store read it, then the main thread
 * gathers what the workers refused, and answers.
 */
struct story {
	struct job job; /* first */
	char conversation[CONVERSATION_NAME_MAX + 1]; /* "": by id */
	uint64_t id, seq;
	struct store_read *read; /* the answer; NULL: refusals alone */
	char user[NAME_BYTES_MAX + 1]; /* of the refusals */
	char client_msg_id[CLIENT_MSG_ID_MAX + 1]; /* "": any */
};

/* ---------------------------------------------------------------- the times */

static json_t *
json_time(int64_t us)
{
	char text[CLOCK_TEXT_SIZE];

	if (us == 0)
		return json_null();
	clock_format(us, text);
	return json_string(text);
}

static void
put_time(struct buf *out, const char *before, int64_t us)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(us, text);
	buf_printf(out, "%s%s", before, text);
}

static const char *
transport_name(uint8_t transport)
{
	static const char *const names[] = {
	    [TRANSPORT_WEBSOCKET] = "websocket", [TRANSPORT_TEXT] = "text",
	    [TRANSPORT_REST] = "rest", [TRANSPORT_SOCKETIO] = "socketio",
	    [TRANSPORT_SSE] = "sse", [TRANSPORT_SERVER] = "server"};

	return transport < sizeof(names) / sizeof(names[0]) &&
	    names[transport] != NULL ? names[transport] : "?";
}

/* What people or scripts wrote: nothing in it moves the terminal. */
static void
put_plain(struct buf *out, const char *text)
{
	size_t len;

	while (*text != '\0') {
		len = utf8_control_len(text);
		if (len == 0)
			buf_putc(out, *text++);
		for (; len > 0; len--)
			buf_printf(out, "\\x%02x", (unsigned char)*text++);
	}
}

/* ---------------------------------------------------------------- the event */

/* A line of each rule. */
static void
put_rules(struct buf *out, const char *trail)
{
	char line[TRAIL_MAX + 1];
	size_t len;

	if (*trail == '\0')
		buf_puts(out, "           none saw it\n");
	for (; *trail != '\0'; trail += len + (trail[len] == '\n')) {
		len = strcspn(trail, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)len, trail);
		put_plain(out, line);
		buf_putc(out, '\n');
	}
}

static void
put_event(struct buf *out, const struct store_read *read)
{
	const struct record *record = &read->records[0];
	char client_msg_id[CLIENT_MSG_ID_MAX + 1];

	buf_printf(out, "%s %llu of %s, seq %llu\n", record_type(record),
	    (unsigned long long)record->id, read->conversation.name,
	    (unsigned long long)record->seq);
	buf_printf(out, "by         %s, through %s\n", record->sender_name,
	    transport_name(record->transport));
	if (record->client_msg_id_len != 0) {
		snprintf(client_msg_id, sizeof(client_msg_id), "%.*s",
		    (int)record->client_msg_id_len, record->client_msg_id);
		buf_puts(out, "client id  ");
		put_plain(out, client_msg_id);
		buf_putc(out, '\n');
	}
	put_time(out, "committed  ", record->at_us);
	buf_printf(out, "\nrules      of generation %u\n", record->generation);
	put_rules(out, read->trail);
	if (record->edited_us != 0)
		put_time(out, "edited     ", record->edited_us);
	if (record->edited_us != 0)
		buf_putc(out, '\n');
	if (record->flags & RECORD_TOMBSTONE)
		buf_puts(out, "deleted    the text is gone\n");
}

static json_t *
event_data(const struct store_read *read)
{
	const struct record *record = &read->records[0];

	return json_pack("{s:s,s:s,s:I,s:I,s:s,s:s,s:s%,s:o,s:I,s:s,s:o,s:b}",
	    "type", record_type(record),
	    "conversation", read->conversation.name,
	    "seq", (json_int_t)record->seq, "id", (json_int_t)record->id,
	    "from", record->sender_name,
	    "transport", transport_name(record->transport),
	    "client_msg_id", record->client_msg_id,
	    (size_t)record->client_msg_id_len,
	    "at", json_time(record->at_us),
	    "generation", (json_int_t)record->generation,
	    "rules", read->trail,
	    "edited_at", json_time(record->edited_us),
	    "deleted", (record->flags & RECORD_TOMBSTONE) != 0);
}

/* ---------------------------------------------------------- whom it reached */

static bool
blocks(const struct store_read *read, uint64_t uid)
{
	size_t i;

	for (i = 0; i < read->blocks_n; i++) {
		if (read->blocks[i] == uid)
			return true;
	}
	return false;
}

/* Its text; the data goes to devices. */
static void
tell_devices(struct buf *out, const struct store_read *read, uint64_t uid,
    json_t *devices)
{
	const struct store_device *device;
	bool confirmed;
	size_t i;

	for (i = 0; i < read->devices_n; i++) {
		device = &read->devices[i];
		if (device->uid != uid)
			continue;
		confirmed = device->seq >= read->records[0].seq;
		buf_printf(out, "             %-20s %s", device->device,
		    confirmed ? "has it" : "has not confirmed it");
		put_time(out, ", last used about ", device->used_us);
		buf_putc(out, '\n');
		json_array_append_new(devices, json_pack("{s:s,s:b,s:I,s:o}",
		    "device", device->device, "confirmed", confirmed,
		    "seq", (json_int_t)device->seq,
		    "used_at", json_time(device->used_us)));
	}
}

static void
put_mark(struct buf *out, const char *what, int64_t at_us, bool imprecise)
{
	if (at_us == 0) {
		buf_printf(out, ", not %s", what);
		return;
	}
	buf_printf(out, ", %s %s", what, imprecise ? "by" : "at");
	put_time(out, " ", at_us);
}

static json_t *
tell_member(struct buf *out, const struct store_read *read,
    const struct store_member *member)
{
	json_t *devices = json_array();
	bool hidden = blocks(read, member->uid);

	buf_printf(out, "           %s", member->name);
	put_mark(out, "delivered", member->delivered_us, member->imprecise);
	if (member->hides_read)
		buf_puts(out, ", does not say what was read");
	else
		put_mark(out, "read", member->read_us, member->imprecise);
	buf_puts(out, hidden ? ", has blocked the sender: hidden\n" : "\n");
	tell_devices(out, read, member->uid, devices);
	return json_pack("{s:s,s:o,s:o,s:b,s:b,s:o}", "user", member->name,
	    "delivered_at", json_time(member->delivered_us),
	    "read_at", json_time(member->read_us),
	    "imprecise", member->imprecise, "hidden", hidden,
	    "devices", devices);
}

static json_t *
tell_members(struct buf *out, const struct store_read *read)
{
	json_t *members = json_array();
	size_t i;

	if (read->conversation.kind == CONVERSATION_PUBLIC)
		return members;
	buf_printf(out, "members    %u beside the sender: %u have it, %u have "
	    "read it\n", read->of_n, read->delivered_n, read->read_n);
	for (i = 0; i < read->members_n; i++)
		json_array_append_new(members,
		    tell_member(out, read, &read->members[i]));
	if (read->more)
		buf_puts(out, "           and others\n");
	return members;
}

/* ---------------------------------------------------------------- refusals */

/* On a worker: those of one person, of one client id if that is asked. */
struct gathering {
	const struct story *story;
	json_t *found;
};

static void
see_refused(void *arg, const struct refused *refused)
{
	const struct gathering *gathering = arg;
	const struct story *story = gathering->story;

	if (strcmp(refused->user, story->user) != 0 ||
	    (story->client_msg_id[0] != '\0' &&
		strcmp(refused->client_msg_id, story->client_msg_id) != 0))
		return;
	json_array_append_new(gathering->found,
	    json_pack("{s:o,s:s,s:s,s:s,s:s,s:s}",
	    "at", json_time(refused->at_us),
	    "conversation", refused->conversation,
	    "client_msg_id", refused->client_msg_id,
	    "code", chat_code_name(refused->code), "rule", refused->rule,
	    "reason", refused->reason));
}

static void
ask_refused(struct worker *worker, struct round_part *part)
{
	struct gathering gathering = {part->round->arg, json_array()};

	if (gathering.found != NULL)
		chat_each_refused(worker->chat, see_refused, &gathering);
	part->result = gathering.found;
	round_answer(part);
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static void
put_refused(struct buf *out, const json_t *all)
{
	const char *rule;
	json_t *one;
	size_t at;

	json_array_foreach(all, at, one) {
		rule = text_of(one, "rule");
		buf_printf(out, "refused    %s %s %s%s%s%s: ",
		    text_of(one, "at"), text_of(one, "conversation"),
		    text_of(one, "code"), rule[0] != '\0' ? " (" : "", rule,
		    rule[0] != '\0' ? ")" : "");
		put_plain(out, text_of(one, "reason"));
		buf_putc(out, '\n');
	}
}

/* --------------------------------------------------------------- the answer */

static void
free_story(struct story *story)
{
	store_read_free(story->read);
	free(story);
}

static void
answer(struct story *story, json_t *refused)
{
	struct admin_client *client = story->job.client;
	struct buf text = { 0 };
	json_t *data, *members;

	if (story->read != NULL) {
		put_event(&text, story->read);
		data = event_data(story->read);
		members = tell_members(&text, story->read);
		json_object_set_new(data, "members", members);
	} else {
		data = json_pack("{s:s}", "user", story->user);
		buf_printf(&text, "%zu refused messages of %s are remembered\n",
		    json_array_size(refused), story->user);
	}
	put_refused(&text, refused);
	json_object_set_new(data, "refused", refused);
	buf_putc(&text, '\0');
	if (text.failed) {
		json_decref(data);
		admin_fail(client, "no memory for the answer");
	} else {
		admin_answer(client, text.data, data);
	}
	buf_fini(&text);
	free_story(story);
}

static void
on_refused(struct round *round)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < round->n; i++) {
		json_array_extend(all, round->parts[i].result);
		json_decref(round->parts[i].result);
	}
	answer(round->arg, all);
}

static void
gather(struct story *story)
{
	struct error err;

	if (round_begin(story->job.server, ask_refused, on_refused, story,
	    &err) == 0)
		return;
	admin_fail(story->job.client, err.text);
	free_story(story);
}

static void
on_told(struct job *job)
{
	struct story *story = (struct story *)(void *)job;
	const struct record *record;

	if (job->err.code != ERROR_NONE) {
		admin_fail(job->client, job->err.text);
		free_story(story);
		return;
	}
	record = &story->read->records[0];
	snprintf(story->user, sizeof(story->user), "%s", record->sender_name);
	if (record->client_msg_id_len == 0) {
		answer(story, json_array());
		return;
	}
	memcpy(story->client_msg_id, record->client_msg_id,
	    record->client_msg_id_len);
	gather(story);
}

/* ------------------------------------------------------------ on the worker */

static void
on_read(struct store_read *read)
{
	struct story *story = read->arg;
	struct error *err = &story->job.err;

	story->read = read;
	if (read->status == STORE_NO_MESSAGE)
		error_set(err, ERROR_STATE, "there is no such message: it "
		    "never was, or retention has erased it");
	else if (read->status != STORE_OK)
		error_set(err, ERROR_STATE, "the store cannot tell (status "
		    "%d); its log may say why", (int)read->status);
	job_finish(&story->job);
}

static struct store_read *
new_read(struct story *story, enum store_read_kind kind,
    store_read_done *done)
{
	struct store_read *read = store_read_new(0);

	if (read == NULL) {
		error_set(&story->job.err, ERROR_NOMEM, "no memory to ask");
		job_finish(&story->job);
		return NULL;
	}
	read->kind = kind;
	read->worker = story->job.worker->index;
	read->done = done;
	read->arg = story;
	return read;
}

static void
read_story(struct story *story, uint64_t conv)
{
	struct store_read *read = new_read(story, STORE_READ_STORY, on_read);

	if (read == NULL)
		return;
	read->before = story->id;
	read->conv = conv;
	read->after = story->seq;
	read->limit = MEMBERS_MAX;
	store_query(story->job.server->store, read);
}

static void
on_conversation(struct store_read *read)
{
	struct story *story = read->arg;

	if (read->status == STORE_OK) {
		read_story(story, read->conversation.id);
	} else {
		error_set(&story->job.err, ERROR_STATE, "there is no "
		    "conversation %s (a group is \"#tea\", a direct one "
		    "\"@alice:bob\")", story->conversation);
		job_finish(&story->job);
	}
	store_read_free(read);
}

static void
run(struct job *job)
{
	struct story *story = (struct story *)(void *)job;
	struct store_read *read;

	if (story->conversation[0] == '\0') {
		read_story(story, 0);
		return;
	}
	read = new_read(story, STORE_READ_CONVERSATION, on_conversation);
	if (read == NULL)
		return;
	memcpy(read->name, story->conversation, sizeof(read->name));
	store_query(job->server->store, read);
}

/* ------------------------------------------------------------- the question */

/* False: it cannot be asked so. */
static bool
understand(struct story *story, const struct story_question *question)
{
	const char *message = question->message;
	size_t i, len;

	if (question->refused != NULL)
		return message == NULL && name_fold(question->refused,
		    strlen(question->refused), story->user);
	if (message == NULL)
		return false;
	len = strlen(message);
	story->seq = question->seq;
	if (question->seq == 0) {
		if (len == 0 || len > 15 ||
		    strspn(message, "0123456789") != len)
			return false;
		story->id = strtoull(message, NULL, 10);
		return story->id != 0;
	}
	if (len > CONVERSATION_NAME_MAX)
		return false;
	for (i = 0; i <= len; i++)
		story->conversation[i] =
		    (char)tolower((unsigned char)message[i]);
	return true;
}

void
story_begin(struct admin_client *client,
    const struct story_question *question)
{
	struct story *story = calloc(1, sizeof(*story));

	if (story == NULL) {
		admin_fail(client, "no memory to ask");
		return;
	}
	story->job.client = client;
	story->job.server = client->server;
	story->job.run = run;
	story->job.done = on_told;
	if (!understand(story, question)) {
		admin_fail(client, "why: name a message by its id, or by its "
		    "conversation and seq; or --refused and a person");
		free(story);
	} else if (question->refused != NULL) {
		gather(story);
	} else {
		job_begin(client->server, &story->job);
	}
}
