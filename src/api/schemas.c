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
	.doc = "the member or parameter that is meant"},
    {.name = "retry_after_ms", .type = API_INTEGER,
	.doc = "when to try again"},
    {NULL}};
const struct api_schema api_problem_schema = {
    "Problem", "Why a request was refused (RFC 9457).", problem};

const struct api_schema *const api_schemas[] = {&api_problem_schema,
    &api_me_schema, &api_tokens_schema, NULL};
