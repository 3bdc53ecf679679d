/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "api/document.h"
#include "chat/vocabulary.h"

/*
 * The vocabulary of the protocol as an AsyncAPI 3.0 document
 * (https://www.asyncapi.com/docs/reference/specification/v3.0.0).  It speaks
 * for the server, which receives requests and sends events.
 */
#define NAME_SIZE 64

static const char *const about =
    "A message is a JSON object with a `type`. A request may have a `ref`, "
    "which comes back in its answer; one that is refused is answered with "
    "`error`. Members and types that are not known should be ignored. See "
    "`/openapi.json` for signing in and for REST.";

/* Parameters of the URL: docs/protocol.md, Connecting. */
static const char *const bindings =
    "{\"ws\":{\"method\":\"GET\",\"query\":{\"type\":\"object\","
    "\"properties\":{"
    "\"device\":{\"type\":\"string\",\"maxLength\":64},"
    "\"ack\":{\"type\":\"string\",\"enum\":[\"client\",\"server\"]},"
    "\"format\":{\"type\":\"string\",\"enum\":[\"json\",\"text\"]},"
    "\"user\":{\"type\":\"string\"}}},\"bindingVersion\":\"0.1.0\"}}";

/* ------------------------------------------------------------------ schemas */

static void
put_choices(struct buf *out, const char *words)
{
	size_t len;

	document_open(out, "enum", '[');
	for (; *words != '\0'; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		document_format(out, NULL, "%.*s", (int)len, words);
	}
	document_close(out, ']');
}

static void
put_items(struct buf *out, const char *shape)
{
	document_text(out, "type", "array");
	document_ref(out, "items", "schemas", shape);
}

/* The members of the word's schema. */
static void
put_type(struct buf *out, const struct word *word)
{
	switch (word->type) {
	case WORD_TEXT:
		document_text(out, "type", "string");
		if (word->of != NULL)
			put_choices(out, word->of);
		break;
	case WORD_NUMBER:
		document_text(out, "type", "integer");
		document_number(out, "minimum", 0);
		break;
	case WORD_FLAG:
		document_text(out, "type", "boolean");
		break;
	case WORD_TIME:
		document_text(out, "type", "string");
		document_text(out, "format", "date-time");
		break;
	case WORD_WHEN:
		document_json(out, "type", "[\"string\",\"null\"]");
		document_text(out, "format", "date-time");
		break;
	case WORD_DURATION:
	case WORD_REF:
		document_json(out, "type", "[\"integer\",\"string\"]");
		break;
	case WORD_COUNT:
		document_json(out, "anyOf", "[{\"type\":\"integer\"},"
		    "{\"const\":\"1000+\"}]");
		break;
	case WORD_TEXTS:
		document_text(out, "type", "array");
		document_json(out, "items", "{\"type\":\"string\"}");
		break;
	case WORD_OBJECT:
		document_format(out, "$ref", "#/components/schemas/%s",
		    word->of);
		break;
	case WORD_OBJECTS:
		put_items(out, word->of);
		break;
	case WORD_EVENT:
		document_text(out, "$ref", "#/components/schemas/Event");
		break;
	case WORD_EVENTS:
		put_items(out, "Event");
		break;
	}
}

static void
put_words(struct buf *out, const struct word *words)
{
	const struct word *word;

	for (word = words; word->name != NULL; word++) {
		document_open(out, word->name, '{');
		put_type(out, word);
		if (word->doc != NULL)
			document_text(out, "description", word->doc);
		document_close(out, '}');
	}
}

/* type: the value of the member `type`, or NULL for a part. */
static void
put_object(struct buf *out, const struct vocabulary *entry, const char *type,
    bool request)
{
	static const struct word ref[] = {{.name = "ref", .type = WORD_REF,
	    .doc = "comes back in the answer"}, {.name = NULL}};
	const struct word *word;

	document_text(out, "type", "object");
	document_text(out, "description", entry->doc);
	document_open(out, "properties", '{');
	if (type != NULL) {
		document_open(out, "type", '{');
		document_text(out, "const", type);
		document_close(out, '}');
	}
	put_words(out, entry->words);
	if (request)
		put_words(out, ref);
	document_close(out, '}');
	document_open(out, "required", '[');
	if (type != NULL)
		document_text(out, NULL, "type");
	for (word = entry->words; word->name != NULL; word++) {
		if (!word->optional)
			document_text(out, NULL, word->name);
	}
	document_close(out, ']');
}

/* What a conversation's log may hold. */
static void
put_event_schema(struct buf *out)
{
	const struct vocabulary *entry;

	document_open(out, "Event", '{');
	document_open(out, "oneOf", '[');
	for (entry = vocabulary_events; entry->type != NULL; entry++) {
		if (!entry->logged)
			continue;
		document_open(out, NULL, '{');
		document_format(out, "$ref",
		    "#/components/messages/said.%s/payload", entry->type);
		document_close(out, '}');
	}
	document_close(out, ']');
	document_close(out, '}');
}

static void
put_schemas(struct buf *out)
{
	const struct vocabulary *entry;

	document_open(out, "schemas", '{');
	for (entry = vocabulary_shapes; entry->type != NULL; entry++) {
		document_open(out, entry->type, '{');
		put_object(out, entry, NULL, false);
		document_close(out, '}');
	}
	put_event_schema(out);
	document_close(out, '}');
}

/* ----------------------------------------------------------------- messages */

/*
 * Some words are both asked and said, so messages are "asked.read" and
 * "said.read".
 */
static void
put_messages(struct buf *out, const struct vocabulary *entry,
    const char *prefix, bool request)
{
	char key[NAME_SIZE];

	for (; entry->type != NULL; entry++) {
		snprintf(key, sizeof(key), "%s.%s", prefix, entry->type);
		document_open(out, key, '{');
		document_text(out, "name", entry->type);
		document_text(out, "title", entry->type);
		document_text(out, "summary", entry->doc);
		document_text(out, "contentType", "application/json");
		document_open(out, "payload", '{');
		put_object(out, entry, entry->type, request);
		document_close(out, '}');
		document_close(out, '}');
	}
}

static void
put_message_refs(struct buf *out, const struct vocabulary *entry,
    const char *prefix)
{
	char key[NAME_SIZE];

	for (; entry->type != NULL; entry++) {
		snprintf(key, sizeof(key), "%s.%s", prefix, entry->type);
		document_ref(out, key, "messages", key);
	}
}

static void
put_channel(struct buf *out)
{
	document_open(out, "channels", '{');
	document_open(out, "chat", '{');
	document_text(out, "address", "/chat");
	document_text(out, "description", "The WebSocket, one of a device.");
	document_open(out, "messages", '{');
	put_message_refs(out, vocabulary_requests, "asked");
	put_message_refs(out, vocabulary_events, "said");
	document_close(out, '}');
	document_json(out, "bindings", bindings);
	document_close(out, '}');
	document_close(out, '}');
}

/* --------------------------------------------------------------- operations */

/* One message of the channel, which is what operations refer to. */
static void
put_message_list(struct buf *out, const char *prefix, const char *first,
    const char *second)
{
	document_open(out, "messages", '[');
	document_open(out, NULL, '{');
	document_format(out, "$ref", "#/channels/chat/messages/%s.%s", prefix,
	    first);
	document_close(out, '}');
	if (second != NULL) {
		document_open(out, NULL, '{');
		document_format(out, "$ref", "#/channels/chat/messages/%s.%s",
		    prefix, second);
		document_close(out, '}');
	}
	document_close(out, ']');
}

static void
put_operation(struct buf *out, const struct vocabulary *entry, bool request)
{
	char key[NAME_SIZE];

	snprintf(key, sizeof(key), "%s.%s", request ? "asked" : "said",
	    entry->type);
	document_open(out, key, '{');
	document_text(out, "action", request ? "receive" : "send");
	document_json(out, "channel", "{\"$ref\":\"#/channels/chat\"}");
	document_text(out, "summary", entry->doc);
	put_message_list(out, request ? "asked" : "said", entry->type, NULL);
	if (entry->answer != NULL) {
		document_open(out, "reply", '{');
		document_json(out, "channel",
		    "{\"$ref\":\"#/channels/chat\"}");
		put_message_list(out, "said", entry->answer, "error");
		document_close(out, '}');
	}
	document_close(out, '}');
}

static void
put_operations(struct buf *out)
{
	const struct vocabulary *entry;

	document_open(out, "operations", '{');
	for (entry = vocabulary_requests; entry->type != NULL; entry++)
		put_operation(out, entry, true);
	for (entry = vocabulary_events; entry->type != NULL; entry++)
		put_operation(out, entry, false);
	document_close(out, '}');
}

void
asyncapi_put(struct buf *out)
{
	document_open(out, NULL, '{');
	document_text(out, "asyncapi", "3.0.0");
	document_open(out, "info", '{');
	document_text(out, "title", "SyncTalk");
	document_text(out, "version", SYNCTALK_VERSION);
	document_text(out, "description", about);
	document_json(out, "license", "{\"name\":\"MIT\"}");
	document_close(out, '}');
	document_text(out, "defaultContentType", "application/json");
	put_channel(out);
	put_operations(out);
	document_open(out, "components", '{');
	document_open(out, "messages", '{');
	put_messages(out, vocabulary_requests, "asked", true);
	put_messages(out, vocabulary_events, "said", false);
	document_close(out, '}');
	put_schemas(out);
	document_close(out, '}');
	document_close(out, '}');
}
