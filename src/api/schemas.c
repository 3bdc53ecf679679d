/* SPDX-License-Identifier: MIT */
#include "api/route.h"

/* RFC 9457. */
static const struct api_member problem[] = {
    {.name = "type", .type = API_STRING, .required = true,
	.doc = "\"about:blank\": the title is that of the status"},
    {.name = "title", .type = API_STRING, .required = true,
	.doc = "the status in words"},
    {.name = "status", .type = API_INTEGER, .required = true,
	.doc = "the HTTP status"},
    {.name = "detail", .type = API_STRING,
	.doc = "what is wrong and what to do, for people"},
    {.name = "code", .type = API_STRING, .required = true,
	.doc = "the protocol's error code"},
    {.name = "field", .type = API_STRING,
	.doc = "the member, parameter or field that is meant"},
    {.name = "retry_after_ms", .type = API_INTEGER,
	.doc = "when to try again"},
    {.name = "rule", .type = API_STRING,
	.doc = "which rule of the operator refused it"},
    {.name = "reason", .type = API_STRING, .doc = "what that rule says"},
    {.name = "until", .type = API_STRING, .format = "date-time",
	.doc = "how long somebody is muted or banned"},
    {.name = NULL}};
const struct api_schema api_problem_schema = {
    "Problem", "Why a request was refused (RFC 9457).", problem};

/* ----------------------------------------------------------------- messages */

static const char *const message_types[] = {"message", NULL};

static const struct api_member reaction[] = {
    {.name = "emoji", .type = API_STRING, .required = true,
	.doc = "1 to 64 bytes", .example = "\"👍\""},
    {.name = "n", .type = API_INTEGER, .required = true,
	.doc = "how many people"},
    {.name = "users", .type = API_ARRAY, .required = true,
	.doc = "their names, 100 at most", .example = "[\"bob\"]"},
    {.name = NULL}};
static const struct api_schema reaction_schema = {
    "Reaction", "Who answered a message with an emoji.", reaction};

static const struct api_member message[] = {
    {.name = "type", .type = API_STRING, .required = true,
	.choices = message_types, .doc = "as events on a socket have it"},
    {.name = "conversation", .type = API_STRING, .required = true,
	.doc = "where it is", .example = "\"#tea\""},
    {.name = "seq", .type = API_INTEGER, .required = true,
	.doc = "its place in the conversation", .example = "8"},
    {.name = "id", .type = API_INTEGER, .required = true,
	.doc = "its number on the server", .example = "955"},
    {.name = "from", .type = API_STRING, .required = true,
	.doc = "who wrote it", .example = "\"bob\""},
    {.name = "text", .type = API_STRING,
	.doc = "what it says; not there once it is deleted",
	.example = "\"Kettle is on\""},
    {.name = "at", .type = API_STRING, .required = true,
	.format = "date-time", .doc = "when it was stored"},
    {.name = "client_msg_id", .type = API_STRING,
	.doc = "of one's own messages: as it was given"},
    {.name = "reply_to", .type = API_INTEGER,
	.doc = "the `seq` of another message"},
    {.name = "edited_at", .type = API_STRING, .format = "date-time",
	.doc = "when it was last edited"},
    {.name = "deleted", .type = API_BOOLEAN, .doc = "true: it was"},
    {.name = "action", .type = API_BOOLEAN, .doc = "true: what `/me` says"},
    {.name = "reactions", .type = API_ARRAY, .of = "Reaction",
	.doc = "in the order of emoji"},
    {.name = NULL}};
const struct api_schema api_message_schema = {
    "Message", "A message as it now is.", message};

static const struct api_member receipt[] = {
    {.name = "user", .type = API_STRING, .required = true, .doc = "who"},
    {.name = "delivered_at", .type = API_STRING, .format = "date-time",
	.doc = "since when one of their devices has it"},
    {.name = "read_at", .type = API_STRING, .format = "date-time",
	.doc = "since when it is read, if they show that"},
    {.name = "by", .type = API_BOOLEAN,
	.doc = "true: the times are the latest possible ones"},
    {.name = NULL}};
static const struct api_schema receipt_schema = {
    "Receipt", "Whether somebody has a message.", receipt};

static const struct api_member version[] = {
    {.name = "text", .type = API_STRING, .required = true,
	.doc = "what it said"},
    {.name = "until", .type = API_STRING, .required = true,
	.format = "date-time", .doc = "until when"},
    {.name = "by", .type = API_STRING, .required = true,
	.doc = "who changed it then"},
    {.name = NULL}};
static const struct api_schema version_schema = {
    "Version", "What a message said before.", version};

/* ------------------------------------------------------------ conversations */

static const char *const kinds[] = {"public", "group", "direct", NULL};
static const char *const histories[] = {"since_join", NULL};
static const char *const own_roles[] = {
    "owner", "admin", "moderator", "member", "invited", NULL};
static const char *const roles[] = {
    "owner", "admin", "moderator", "member", NULL};
static const char *const statuses[] = {"online", "idle", "offline", NULL};

static const struct api_member other[] = {
    {.name = "user", .type = API_STRING, .required = true, .doc = "who"},
    {.name = "status", .type = API_STRING, .choices = statuses,
	.doc = "where one may see it"},
    {.name = "last_seen", .type = API_STRING, .format = "date-time",
	.doc = "while they are offline"},
    {.name = "delivered_seq", .type = API_INTEGER, .required = true,
	.doc = "up to where they have it"},
    {.name = "read_seq", .type = API_INTEGER, .required = true,
	.doc = "up to where they have read it; 0 if they hide that"},
    {.name = NULL}};
static const struct api_schema other_schema = {
    "Other", "The other side of a direct conversation.", other};

#define CONVERSATION                                                          \
	{.name = "conversation", .type = API_STRING, .required = true,        \
	    .doc = "its name, for `conversation_id` and `to`",                \
	    .example = "\"#tea\""},                                           \
	{.name = "kind", .type = API_STRING, .required = true,                \
	    .choices = kinds, .doc = "which kind"}
#define ABOUT                                                                 \
	{.name = "title", .type = API_STRING, .doc = "of a group"},           \
	{.name = "description", .type = API_STRING, .doc = "of a group"},     \
	{.name = "private", .type = API_BOOLEAN,                              \
	    .doc = "true: only who is invited joins"},                        \
	{.name = "history", .type = API_STRING, .choices = histories,         \
	    .doc = "a newcomer sees what comes from then on; else all"},      \
	{.name = "slow", .type = API_INTEGER,                                 \
	    .doc = "seconds from one message of a member to the next"},       \
	{.name = "by", .type = API_STRING, .doc = "who invited one"},         \
	{.name = "at", .type = API_STRING, .format = "date-time",             \
	    .doc = "when one was invited"},                                   \
	{.name = "unread", .type = API_INTEGER,                               \
	    .doc = "unread messages, 1000 at most; not of an invitation"},    \
	{.name = "unread_more", .type = API_BOOLEAN,                          \
	    .doc = "true: there are more than that"},                         \
	{.name = "mentions", .type = API_INTEGER,                             \
	    .doc = "how many of them name one"},                              \
	{.name = "marked_unread", .type = API_BOOLEAN,                        \
	    .doc = "true: one's own flag"},                                   \
	{.name = "delivered_seq", .type = API_INTEGER,                        \
	    .doc = "up to where one has it"},                                 \
	{.name = "read_seq", .type = API_INTEGER,                             \
	    .doc = "up to where one has read it"},                            \
	{.name = "muted", .type = API_BOOLEAN, .doc = "true: one is muted"},  \
	{.name = "muted_until", .type = API_STRING, .format = "date-time",    \
	    .doc = "until then; without it for good"},                        \
	{.name = "other", .type = API_OBJECT, .of = "Other",                  \
	    .doc = "of a direct one with somebody else"},                     \
	{.name = "last_message", .type = API_OBJECT, .of = "Message",         \
	    .doc = "the newest, if there is any"},                            \
	{.name = "last_at", .type = API_STRING, .format = "date-time",        \
	    .doc = "when that came"},                                         \
	{.name = NULL}

static const struct api_member conversation[] = {
    CONVERSATION,
    {.name = "role", .type = API_STRING, .required = true,
	.choices = own_roles, .doc = "one's own"},
    {.name = "members", .type = API_INTEGER, .required = true,
	.doc = "how many are in it"},
    ABOUT};
const struct api_schema api_conversation_schema = {
    "Conversation", "A conversation that one is in, or invited to.",
    conversation};

static const struct api_member group[] = {
    CONVERSATION,
    {.name = "role", .type = API_STRING, .choices = own_roles,
	.doc = "one's own"},
    {.name = "members", .type = API_INTEGER, .doc = "how many are in it"},
    ABOUT};
const struct api_schema api_group_schema = {
    "Group", "A group, as after a change; a token that may not read gets its "
    "name alone.", group};

static const struct api_member member[] = {
    {.name = "user", .type = API_STRING, .required = true, .doc = "who"},
    {.name = "role", .type = API_STRING, .required = true, .choices = roles,
	.doc = "what they may do"},
    {.name = "last_seen", .type = API_STRING, .format = "date-time",
	.doc = "about when they were here"},
    {.name = NULL}};
const struct api_schema api_member_schema = {
    "Member", "Somebody in a group.", member};

static const struct api_member any[] = {{.name = NULL}};
static const struct api_schema event_schema = {"Event",
    "An object with a `type`: /asyncapi.json has them all.", any};

const struct api_schema *const api_schemas[] = {&api_problem_schema,
    &api_me_schema, &api_tokens_schema, &api_key_schema, &api_user_schema,
    &api_device_schema, &api_conversation_schema, &other_schema,
    &api_group_schema, &api_member_schema, &api_message_schema,
    &reaction_schema, &receipt_schema, &version_schema, &event_schema,
    NULL};
