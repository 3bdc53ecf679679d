/* SPDX-License-Identifier: MIT */
#include "chat/vocabulary.h"

#include <stddef.h>

#define WORDS(...) (const struct word[]){__VA_ARGS__, {.name = NULL}}
#define TEXT(n, d) {.name = n, .type = WORD_TEXT, .doc = d}
#define CHOICE(n, words, d) {.name = n, .type = WORD_TEXT, .of = words,       \
	.doc = d}
#define NUMBER(n, d) {.name = n, .type = WORD_NUMBER, .doc = d}
#define FLAG(n, d) {.name = n, .type = WORD_FLAG, .doc = d}
#define TIME(n, d) {.name = n, .type = WORD_TIME, .doc = d}
#define MAY(kind, n, d) {.name = n, .type = WORD_##kind, .optional = true,    \
	.doc = d}
#define MAY_CHOICE(n, words, d) {.name = n, .type = WORD_TEXT,                \
	.optional = true, .of = words, .doc = d}
#define MAY_OBJECT(n, shape, d) {.name = n, .type = WORD_OBJECT,              \
	.optional = true, .of = shape, .doc = d}
#define ITEMS(shape, d) {.name = "items", .type = WORD_OBJECTS, .of = shape,  \
	.doc = d}

#define ROLES "owner admin moderator member"
#define STATUSES "online idle offline"
#define CONVERSATION TEXT("conversation", "#tea, or @bob")
#define SEQ NUMBER("seq", "its number in the conversation")
#define LIMIT MAY(NUMBER, "limit", "50 unless said, 200 at most")
#define REF MAY(REF, "ref", "that of the request")
#define SETTINGS MAY(TEXT, "title", "up to 256 bytes"),                       \
	MAY(TEXT, "description", "up to 2,048 bytes"),                        \
	MAY(FLAG, "private", "only who is invited joins"),                    \
	MAY_CHOICE("history", "all since_join", "what a newcomer sees"),      \
	MAY(DURATION, "slow", "from one message of a member to the next")

/* ---------------------------------------------------- what a client asks */

#define SEND WORDS(TEXT("to", "a conversation"),                              \
	TEXT("text", "1 to 16,384 bytes"),                                    \
	MAY(TEXT, "client_msg_id", "one's own name of it, up to 64 bytes"),   \
	MAY(NUMBER, "reply_to", "seq of a message there"),                    \
	MAY(FLAG, "action", "what /me says"))
#define JOIN WORDS(CONVERSATION)
#define ON_MEMBER WORDS(CONVERSATION, TEXT("user", "whom"))
#define UNCHANGED MAY(WHEN, "edited_at", "only if it was last edited then")
#define ON_PERSON WORDS(TEXT("user", "whom"))

const struct vocabulary vocabulary_requests[] = {
    {"add", "Makes somebody a member of a group.", ON_MEMBER, "ok", false},
    {"auth", "Renews the token of the connection, or signs in as its first "
	"message.", WORDS(TEXT("token", "an access token"),
	MAY(TEXT, "device", "when signing in"),
	MAY_CHOICE("ack", "client server", "when signing in")), "ok", false},
    {"ban", "Keeps somebody out of a group.", WORDS(CONVERSATION,
	TEXT("user", "whom"),
	MAY(DURATION, "duration", "for good unless said")), "ok", false},
    {"block", "Keeps a person's direct messages, presence and typing away.",
	ON_PERSON, "ok", false},
    {"commands", "Lists the operator's commands.", WORDS({.name = NULL}),
	"commands", false},
    {"conversations", "Lists one's conversations, the latest activity first.",
	WORDS(MAY(TEXT, "conversation", "this one alone"), LIMIT,
	MAY(NUMBER, "before", "next of the page before"),
	MAY(FLAG, "unread", "only where something is unread")),
	"conversations", false},
    {"create", "Makes a group.", WORDS(CONVERSATION, SETTINGS), "ok", false},
    {"delete", "Takes the text of a message away, for good.",
	WORDS(CONVERSATION, MAY(NUMBER, "seq", "of the message"),
	MAY(FLAG, "last", "instead: one's newest message"), UNCHANGED), "ok",
	false},
    {"edit", "Gives one's own message another text.", WORDS(CONVERSATION,
	MAY(NUMBER, "seq", "of the message"),
	MAY(FLAG, "last", "instead: one's newest message"),
	TEXT("text", "1 to 16,384 bytes"), UNCHANGED), "ok", false},
    {"group_join", "The same as join.", JOIN, "ok", false},
    {"history", "Reads a conversation's events, or by offset its messages.",
	WORDS(CONVERSATION, MAY(NUMBER, "before", "a seq, exclusive"),
	MAY(NUMBER, "after", "a seq, exclusive"),
	MAY(NUMBER, "around", "a seq"),
	MAY(NUMBER, "offset", "messages before the newest"), LIMIT,
	MAY(FLAG, "messages", "and nothing else")),
	"history", false},
    {"invite", "Lets somebody join a group.", ON_MEMBER, "ok", false},
    {"join", "Joins a group, makes it, or accepts an invitation.", JOIN, "ok",
	false},
    {"kick", "Puts somebody out of a group.", ON_MEMBER, "ok", false},
    {"leave", "Leaves a group, or declines an invitation.", JOIN, "ok",
	false},
    {"line", "A line as a person types it, with commands.",
	WORDS(TEXT("text", "the line"),
	MAY(TEXT, "conversation", "where it was typed; #lobby"),
	MAY(TEXT, "client_msg_id", "of the first message that it sends")),
	NULL, false},
    {"members", "Lists the members of a group.", JOIN, "members", false},
    {"message", "The same as send.", SEND, "sent", false},
    {"mute", "Keeps somebody from writing in a group.", WORDS(CONVERSATION,
	TEXT("user", "whom"), {.name = "duration", .type = WORD_DURATION}),
	"ok", false},
    {"ping", "Asks whether the server is there.", WORDS({.name = NULL}),
	"pong", false},
    {"presence", "Asks for people's presence and follows it.",
	WORDS({.name = "users", .type = WORD_TEXTS, .doc = "up to 100"}), "ok",
	false},
    {"react", "Answers a message with an emoji, or takes that back.",
	WORDS(CONVERSATION, SEQ, TEXT("emoji", "1 to 64 bytes"),
	MAY(FLAG, "on", "true unless said")), "ok", false},
    {"read", "Up to there one has read.", WORDS(CONVERSATION, SEQ), "ok",
	false},
    {"receipts", "Who has a message, and who has read it.",
	WORDS(CONVERSATION, SEQ, LIMIT,
	MAY(NUMBER, "after", "next of the page before")), "receipts", false},
    {"received", "Up to there this device has everything.",
	WORDS(CONVERSATION, SEQ), "ok", false},
    {"role", "Gives somebody a role.", WORDS(CONVERSATION,
	TEXT("user", "whom"), CHOICE("role", ROLES, NULL)), "ok", false},
    {"search", "Finds messages, the newest first.",
	WORDS(TEXT("query", "words, from:bob, in:#tea, after:2026-11-22"),
	MAY(TEXT, "conversation", "there alone"), LIMIT,
	MAY(NUMBER, "before", "next of the page before")), "search", false},
    {"send", "Sends a message.", SEND, "sent", false},
    {"settings", "Sets, or asks for, one's own settings.",
	WORDS(MAY(FLAG, "read_receipts", "whether others see what one reads")),
	"settings", false},
    {"status", "Whether a person is at the device.",
	WORDS(CHOICE("status", "online idle", NULL)), "ok", false},
    {"typing", "One is writing.", WORDS(TEXT("to", "a conversation"),
	MAY(FLAG, "on", "true unless said")), "ok", false},
    {"unban", "Ends a ban.", ON_MEMBER, "ok", false},
    {"unblock", "Ends a block.", ON_PERSON, "ok", false},
    {"unmute", "Ends a mute.", ON_MEMBER, "ok", false},
    {"unread", "Flags a conversation as unread, for oneself.",
	WORDS(CONVERSATION, FLAG("on", NULL)), "ok", false},
    {"update", "Changes a group's settings.", WORDS(CONVERSATION, SETTINGS),
	"ok", false},
    {"versions", "What a message said before, for moderators.",
	WORDS(CONVERSATION, SEQ), "versions", false},
    {NULL, NULL, NULL, NULL, false}};

/* -------------------------------------------------- what the server says */

#define EVENT TEXT("conversation", "where"), SEQ,                             \
	NUMBER("id", "its number over the whole server"),                     \
	TIME("at", "when the server stored it")
#define LATE MAY(FLAG, "history", "of before one connected")
#define BY MAY(TEXT, "by", "who did it, if that is another")
#define ABOUT EVENT, TEXT("user", "whom it is about"), BY
#define ON_MESSAGE EVENT, TEXT("user", "who"),                                \
	NUMBER("target", "seq of the message"), LATE

const struct vocabulary vocabulary_events[] = {
    {"banned", "Somebody is kept out.", WORDS(ABOUT,
	MAY(TIME, "until", "for good if it is not there")), NULL, true},
    {"blocked", "To one's own devices.", WORDS(TEXT("user", "whom")), NULL,
	false},
    {"bye", "The server closes.", WORDS(TEXT("reason", NULL),
	MAY(NUMBER, "reconnect_after_ms", "not before")), NULL, false},
    {"commands", "The operator's commands.", WORDS(REF,
	ITEMS("Command", NULL)), NULL, false},
    {"conversations", "One's conversations, as one snapshot has them.",
	WORDS(REF, ITEMS("Conversation", NULL),
	MAY(NUMBER, "next", "before of the next page"),
	NUMBER("upto", "id of the newest event that is counted")), NULL,
	false},
    {"created", "A group was made.", WORDS(ABOUT, SETTINGS), NULL, true},
    {"deleted", "A message has lost its text.", WORDS(ON_MESSAGE, BY), NULL,
	true},
    {"delivered", "Up to there somebody has everything.",
	WORDS(TEXT("conversation", "where"), SEQ, TIME("at", NULL),
	MAY(TEXT, "user", "who; not in groups"),
	MAY(NUMBER, "delivered_n", "in groups: how many have it"),
	MAY(NUMBER, "read_n", "in groups: how many have read it"),
	MAY(NUMBER, "of_n", "in groups: of how many")), NULL, false},
    {"edited", "A message has another text.", WORDS(ON_MESSAGE,
	MAY(TEXT, "text", "which it has now"),
	MAY(FLAG, "deleted", "since then")), NULL, true},
    {"error", "A request was refused.", WORDS(REF, TEXT("code", NULL),
	TEXT("message", "for people"), MAY(TEXT, "field", "that is wrong"),
	MAY(TEXT, "rule", "of the operator"), MAY(TEXT, "reason", "its own"),
	MAY(NUMBER, "retry_after_ms", "not before"),
	MAY(TIME, "until", "muted, banned")), NULL, false},
    {"expiring", "The token's end is near: send auth.",
	WORDS(NUMBER("in_ms", NULL)), NULL, false},
    {"gap", "Events that were left out of the catch-up.",
	WORDS(TEXT("conversation", "where"), NUMBER("from", "a seq"),
	NUMBER("to", "a seq")), NULL, false},
    {"hidden", "A message, an edit or a reaction of somebody one blocks.",
	WORDS(TEXT("conversation", "where"), SEQ), NULL, true},
    {"history", "A page of a conversation, the oldest first.", WORDS(REF,
	TEXT("conversation", "where"),
	{.name = "items", .type = WORD_EVENTS},
	MAY(NUMBER, "next", "before or after of the next page"),
	MAY(FLAG, "has_more", "by offset: there are older ones"),
	NUMBER("total", "messages of the conversation"),
	MAY(TIME, "first_at", "of the first message"),
	MAY(TIME, "last_at", "of the last one")), NULL, false},
    {"invited", "Somebody may join.", WORDS(TEXT("conversation", "where"),
	MAY(NUMBER, "seq", "not of one's own when connecting"),
	MAY(NUMBER, "id", "not of one's own when connecting"),
	TEXT("user", "whom it is about"), BY, TIME("at", NULL)), NULL, true},
    {"joined", "Somebody is a member now.", WORDS(ABOUT,
	CHOICE("role", ROLES, NULL)), NULL, true},
    {"kicked", "Somebody was put out.", WORDS(ABOUT), NULL, true},
    {"left", "Somebody is no member any more.", WORDS(ABOUT), NULL, true},
    {"members", "The members of a group.", WORDS(REF,
	TEXT("conversation", "where"), ITEMS("Member", NULL)), NULL, false},
    {"message", "A message.", WORDS(EVENT, TEXT("from", "who wrote it"),
	MAY(TEXT, "text", "not of a deleted one"),
	MAY(TEXT, "client_msg_id", "to the sender's devices"),
	MAY(NUMBER, "reply_to", "seq of a message"),
	MAY(TIME, "edited_at", NULL), MAY(FLAG, "deleted", NULL),
	MAY(FLAG, "action", "what /me says"), LATE,
	{.name = "reactions", .type = WORD_OBJECTS, .optional = true,
	    .of = "Reaction", .doc = "in history"}), NULL, true},
    {"muted", "Somebody may not write.", WORDS(ABOUT,
	MAY(TIME, "until", "for good if it is not there")), NULL, true},
    {"notice", "A command's answer, to this connection alone.",
	WORDS(TEXT("text", NULL)), NULL, false},
    {"ok", "A request is done.", WORDS(REF), NULL, false},
    {"pong", "The answer to ping.", WORDS(REF, TIME("time", NULL)), NULL,
	false},
    {"presence", "How somebody is.", WORDS(TEXT("user", "who"),
	CHOICE("status", STATUSES, NULL),
	MAY(TIME, "last_seen", "of who is offline")), NULL, false},
    {"reacted", "A message was answered with an emoji.", WORDS(ON_MESSAGE,
	TEXT("emoji", NULL), FLAG("on", "or taken back")), NULL, true},
    {"read", "Up to there somebody has read.",
	WORDS(TEXT("conversation", "where"), SEQ, TIME("at", NULL),
	MAY(TEXT, "user", "who; not in groups"),
	MAY(NUMBER, "delivered_n", "in groups: how many have it"),
	MAY(NUMBER, "read_n", "in groups: how many have read it"),
	MAY(NUMBER, "of_n", "in groups: of how many")), NULL, false},
    {"receipts", "Who has a message, and who has read it.", WORDS(REF,
	TEXT("conversation", "where"), SEQ, ITEMS("Receipt", NULL),
	NUMBER("delivered_n", NULL), NUMBER("read_n", NULL),
	NUMBER("of_n", NULL),
	MAY(NUMBER, "next", "after of the next page")), NULL, false},
    {"role", "Somebody has another role.", WORDS(ABOUT,
	CHOICE("role", ROLES, NULL)), NULL, true},
    {"search", "Messages that were found, the newest first.", WORDS(REF,
	{.name = "items", .type = WORD_EVENTS},
	MAY(NUMBER, "next", "before of the next page")), NULL, false},
    {"sent", "One's message is stored.", WORDS(REF,
	MAY(TEXT, "client_msg_id", NULL), EVENT,
	MAY(TEXT, "text", "if a rule changed it"),
	MAY(FLAG, "duplicate", "it was sent before")), NULL, false},
    {"settings", "One's own settings.", WORDS(REF,
	FLAG("read_receipts", NULL)), NULL, false},
    {"typing", "Somebody is writing.", WORDS(TEXT("conversation", "where"),
	TEXT("user", "who"), FLAG("on", "or not any more")), NULL, false},
    {"unbanned", "A ban has ended.", WORDS(ABOUT), NULL, true},
    {"unblocked", "To one's own devices.", WORDS(TEXT("user", "whom")), NULL,
	false},
    {"unmuted", "A mute has ended.", WORDS(ABOUT), NULL, true},
    {"unread", "One's own flag of a conversation, to one's own devices.",
	WORDS(TEXT("conversation", "where"), FLAG("on", NULL)), NULL, false},
    {"updated", "A group has other settings.", WORDS(EVENT,
	TEXT("user", "who changed them"), SETTINGS), NULL, true},
    {"versions", "What a message said before, the oldest first.", WORDS(REF,
	TEXT("conversation", "where"), SEQ, ITEMS("Version", NULL),
	MAY(FLAG, "has_more", NULL)), NULL, false},
    {"welcome", "One is signed in.", WORDS(TEXT("user", "who one is"),
	TEXT("device", "or \"\""), NUMBER("session", NULL),
	TEXT("epoch", "another one: the data is another's"),
	FLAG("resumed", "nothing is left out of what follows"),
	TEXT("server", "its name and version"), TIME("time", NULL)), NULL,
	false},
    {NULL, NULL, NULL, NULL, false}};

/* ------------------------------------------------------------ their parts */

const struct vocabulary vocabulary_shapes[] = {
    {"Argument", "An argument of a command.", WORDS(TEXT("name", NULL),
	TEXT("type", NULL), FLAG("required", NULL),
	MAY(FLAG, "leading", "may stand before the others"),
	MAY(TEXTS, "choices", NULL)), NULL, false},
    {"Command", "A command of the operator.", WORDS(TEXT("name", NULL),
	TEXT("usage", NULL), TEXT("summary", NULL),
	MAY(TEXT, "prefix", "a line that begins with it is this command"),
	{.name = "aliases", .type = WORD_TEXTS},
	{.name = "args", .type = WORD_OBJECTS, .of = "Argument"}), NULL,
	false},
    {"Conversation", "One of one's conversations.",
	WORDS(TEXT("conversation", "its id"),
	CHOICE("kind", "public group direct", NULL),
	CHOICE("role", ROLES " invited", "one's own"),
	MAY(TEXT, "by", "who invited"), MAY(TIME, "at", "of the invitation"),
	SETTINGS, NUMBER("members", "how many"),
	MAY(COUNT, "unread", NULL), MAY(NUMBER, "mentions", NULL),
	MAY(FLAG, "marked_unread", NULL),
	MAY(NUMBER, "delivered_seq", "one's own mark"),
	MAY(NUMBER, "read_seq", "one's own mark"),
	MAY(FLAG, "muted", NULL), MAY(TIME, "muted_until", NULL),
	MAY_OBJECT("other", "Other", "of a direct one"),
	MAY(EVENT, "last_message", NULL), MAY(TIME, "last_at", NULL)), NULL,
	false},
    {"Member", "A member of a group.", WORDS(TEXT("user", NULL),
	CHOICE("role", ROLES, NULL), MAY(TIME, "last_seen", NULL)), NULL,
	false},
    {"Other", "The other one of a direct conversation.",
	WORDS(TEXT("user", NULL), MAY_CHOICE("status", STATUSES, NULL),
	MAY(TIME, "last_seen", NULL), NUMBER("delivered_seq", NULL),
	NUMBER("read_seq", NULL)), NULL, false},
    {"Reaction", "One emoji under a message.", WORDS(TEXT("emoji", NULL),
	NUMBER("n", "how many people"),
	{.name = "users", .type = WORD_TEXTS, .doc = "the first of them"}),
	NULL, false},
    {"Receipt", "What somebody has of a message.", WORDS(TEXT("user", NULL),
	MAY(TIME, "delivered_at", NULL), MAY(TIME, "read_at", NULL),
	MAY(FLAG, "by", "the times are the latest possible")), NULL, false},
    {"Version", "What a message said before.", WORDS(TEXT("text", NULL),
	TIME("until", NULL), TEXT("by", "who changed it")), NULL, false},
    {NULL, NULL, NULL, NULL, false}};
