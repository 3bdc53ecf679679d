/* SPDX-License-Identifier: MIT */
#include "api/call_state.h"
#include "api/document.h"

/*
 * What the server says of itself: public, the same for everybody and for as
 * long as it runs, so that each worker makes it once, when first asked.
 */
static void
answer(struct api_call *call, struct buf *document,
    void (*put)(struct buf *out))
{
	if (buf_readable(document) == 0 || document->failed) {
		buf_reset(document);
		put(document);
	}
	if (document->failed)
		api_no_memory(call);
	else
		api_reply_text(call, 200, "application/json",
		    buf_start(document), buf_readable(document));
}

static void
get_openapi(struct api_call *call)
{
	answer(call, &call->api->openapi, openapi_put);
}

static void
get_asyncapi(struct api_call *call)
{
	answer(call, &call->api->asyncapi, asyncapi_put);
}

static const char *const registrations[] = {
    "open", "invitation", "closed", NULL};

/* What a client must know before anybody has signed in. */
static void
get_server(struct api_call *call)
{
	const struct api_settings *settings = call->settings;

	api_reply(call, 200, json_pack("{s:s,s:b,s:s}", "server",
	    "synctalk/" SYNCTALK_VERSION, "open",
	    settings->open && !settings->lockdown, "registration",
	    settings->lockdown ? "closed" :
	    registrations[settings->registration]));
}

static const struct api_member server_members[] = {
    {.name = "server", .type = API_STRING, .required = true,
	.doc = "its name and version", .example = "\"synctalk/0.1.0\""},
    {.name = "open", .type = API_BOOLEAN, .required = true,
	.doc = "whether a name is enough: /chat?user=alice"},
    {.name = "registration", .type = API_STRING, .required = true,
	.choices = registrations,
	.doc = "who may make an account: anybody, who has an invitation, "
	    "nobody"},
    {.name = NULL}};
static const struct api_schema server_schema = {"Server",
    "How one comes in here.", server_members};

static const struct api_member none[] = {{.name = NULL}};
static const struct api_schema document_schema = {"Document",
    "A document for programs.", none};

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/api/server", .id = "getServer",
	.tag = "documents", .summary = "How one comes in here",
	.auth = API_PUBLIC, .status = 200, .answer = &server_schema,
	.run = get_server},
    {.method = HTTP_GET, .path = "/openapi.json", .id = "getOpenapi",
	.tag = "documents", .summary = "This document",
	.auth = API_PUBLIC, .status = 200, .conditional = true,
	.answer = &document_schema, .run = get_openapi},
    {.method = HTTP_GET, .path = "/asyncapi.json", .id = "getAsyncapi",
	.tag = "documents", .summary = "What is said over the WebSocket",
	.doc = "AsyncAPI 3.0, of the WebSocket at `/chat`.",
	.auth = API_PUBLIC, .status = 200, .conditional = true,
	.answer = &document_schema, .run = get_asyncapi},
};

const struct api_routes api_document_routes = API_ROUTES(routes);
