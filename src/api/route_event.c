/* SPDX-License-Identifier: MIT */
#include "api/route.h"

/* Checked by the server, which takes the connection over (stream.h). */
static const struct api_member query[] = {
    {.name = "device", .type = API_STRING, .min = 1, .max = 64,
	.doc = "which device this is: the server remembers what it has",
	.example = "\"phone\""},
    {.name = "last_event_id", .type = API_INTEGER, .max = (1LL << 53) - 1,
	.doc = "goes on behind this event, and acknowledges all up to it, as "
	       "the field Last-Event-ID does"},
    {.name = "poll", .type = API_INTEGER, .max = 60,
	.doc = "waits at most so many seconds, and answers once, with JSON"},
    {.name = NULL}};

/* To who polls. */
static const struct api_member poll_members[] = {
    {.name = "events", .type = API_ARRAY, .required = true, .of = "Event",
	.doc = "what happened, the oldest first"},
    {.name = "last_event_id", .type = API_INTEGER, .required = true,
	.doc = "goes into the next request"},
    {.name = "epoch", .type = API_STRING, .required = true,
	.doc = "another one: the data is another's"},
    {.name = NULL}};
static const struct api_schema poll_schema = {
    "Events", "What happened since the last request.", poll_members};

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/api/events", .id = "listEvents",
	.tag = "events", .summary = "What happens, as it happens",
	.doc = "Server-sent events: each is an object of the protocol, its "
	       "`type` the event's. With `poll`, or when application/json "
	       "is accepted, one answer `{events, last_event_id, epoch}` as "
	       "soon as there is an event.",
	.auth = API_STREAM, .scope = SCOPE_READ, .query = query,
	.status = 200, .answer = &poll_schema, .type = "text/event-stream",
	.codes = 1U << CODE_BAD_REQUEST | 1U << CODE_CONFLICT}};

const struct api_routes api_event_routes = API_ROUTES(routes);
