/* SPDX-License-Identifier: MIT */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/scope.h"
#include "chat/codes.h"
#include "http/router.h"

/*
 * REST as data.  The one table routes requests, checks what they say, and is
 * what /openapi.json is made of, so the three cannot drift.
 */
struct api_call;

enum api_type {
	API_STRING,
	API_INTEGER,
	API_BOOLEAN,
	API_OBJECT, /* `of` names its schema, or NULL: any */
	API_ARRAY   /* `of` names the elements' schema, or NULL: strings */
};
#define API_ANY "*" /* `of` an array: objects of any kind */

/* A member of a body or of an answer, or a parameter of the query. */
struct api_member {
	const char *name; /* NULL: the end */
	enum api_type type;
	bool required; /* in an answer: always there */
	bool nullable;
	int64_t min, max; /* integer: value; string: bytes; array: items;
			     both 0: not limited */
	const char *format; /* "date-time", "email", "password", … or NULL */
	const char *const *choices; /* of a string; NULL-terminated, or NULL */
	const char *of;
	const char *doc; /* a phrase */
	const char *example; /* JSON, or NULL */
};

/* A named object: an answer, or the body of a request. */
struct api_schema {
	const char *name; /* "Message" */
	const char *doc;
	const struct api_member *members;
};

enum api_auth {
	API_PUBLIC,   /* nobody in particular */
	API_BEARER,   /* a token; call->caller is set */
	API_OPTIONAL, /* as API_BEARER with a token, else as API_PUBLIC */
	API_STREAM    /* a token; the server takes the connection over */
};

struct api_route {
	enum http_method method;
	const char *path; /* "/api/groups/:name/members/:user" */
	const char *id;	  /* operationId: "sendMessage" */
	const char *tag;  /* "messages" */
	const char *summary;
	const char *doc; /* more, or NULL */
	enum api_auth auth;
	enum scope scope; /* that the token must have; 0: any */
	const struct api_member *query; /* or NULL */
	const struct api_schema *body;	/* or NULL: a body is not looked at */
	bool body_optional;
	bool conditional; /* takes If-Match, answers with ETag */
	bool own_key;	  /* the handler sees to Idempotency-Key */
	bool limited;	  /* answers with RateLimit fields */
	int status;	  /* of success */
	int status_other; /* another success (200 beside 201), or 0 */
	const struct api_schema *answer; /* NULL: no body */
	const char *type; /* of the answer; NULL: application/json */
	unsigned codes; /* 1U << enum chat_code: how it may be refused,
			   beside what is the same everywhere */
	/*
	 * On the worker that owns the caller; of API_PUBLIC on the one the
	 * connection is at.  Answers with call.h, now or later, once.
	 */
	void (*run)(struct api_call *call);
};

/* Those of one subject, in a file of their own. */
struct api_routes {
	const struct api_route *routes;
	size_t n;
};
#define API_ROUTES(array) {array, sizeof(array) / sizeof(array[0])}

extern const struct api_routes api_account_routes;  /* register, login, … */
extern const struct api_routes api_me_routes;	    /* profile */
extern const struct api_routes api_people_routes;   /* users, blocks */
extern const struct api_routes api_device_routes;
extern const struct api_routes api_message_routes;
extern const struct api_routes api_conversation_routes;
extern const struct api_routes api_group_routes;
extern const struct api_routes api_event_routes;    /* the stream */
extern const struct api_routes api_document_routes; /* openapi.json, … */

/* All of them; the last is NULL. */
extern const struct api_routes *const api_routes[];

/* Schemas that several routes use: schemas.c. */
extern const struct api_schema api_problem_schema, api_message_schema,
    api_conversation_schema, api_group_schema, api_member_schema,
    api_user_schema, api_me_schema, api_tokens_schema, api_key_schema,
    api_device_schema;

/* All that are named by `of`; the last is NULL. */
extern const struct api_schema *const api_schemas[];

#endif
