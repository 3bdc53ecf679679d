/* SPDX-License-Identifier: MIT */
#ifndef API_CALL_STATE_H
#define API_CALL_STATE_H

#include "api/call.h"
#include "api/idempotency.h"

/*
 * What is behind an api_call, for api.c, call.c, check.c and reply.c.
 *
 * A call belongs to the api of its connection (`home`), which frees it, on
 * its own thread, when it is answered or when all threads have ended.  In
 * between one worker at a time has it: it goes from one to another as mail.
 */
struct call_state {
	struct mail mail; /* first */
	struct api_call call;
	struct api *home;
	struct call_state *next, **prev; /* of home */
	api_answered *answered; /* home's; NULL: nobody waits */
	void *arg;
	enum http_method method;
	bool replied;
	bool owned; /* on the worker of its person: the handler runs */
	bool gzip;  /* the answer may be */
	bool vary_origin;
	bool keyed; /* its key decides whether it runs; hash is set */
	unsigned char hash[IDEMPOTENCY_HASH];
	struct answered_once *once; /* its key, at call.api, while it runs */
	bool asked; /* the engine, which counts the first request alone */
	bool takes_errors; /* then.asked() does */
	char *origin; /* that may read the answer, or NULL */
	struct token_claims claims;
	char *params[HTTP_PARAMS_MAX];
	json_t *query; /* an object */
	union {
		api_asked *asked;
		api_was_read *read;
		api_was_written *written;
		api_hashed *hashed;
	} then;
	/* the answer */
	int status;
	const char *type;
	struct buf body, fields;
	struct buf packed; /* the body in gzip */
};

struct api {
	struct api_options options;
	struct api_settings settings;
	struct trust *trust;
	struct http_route *routes; /* for the router: of api_routes, in order */
	size_t routes_n;
	struct call_state *calls; /* that began here */
	struct idempotency answered_once; /* of people owned here */
	struct buf openapi, asyncapi; /* made when first asked for */
};

/* check.c: -1 and what is wrong with a body or a query. */
struct check_failure {
	const char *field; /* or NULL */
	char text[200];
};
int check_object(const json_t *object, const struct api_member *members,
    struct check_failure *failure);
/* The query as an object with values of the members' types. */
int check_query(struct http_slice query, const struct api_member *members,
    json_t **object, struct check_failure *failure);

/*
 * request.c: what is said, out of the request.  False: it is wrong, and that
 * is answered.
 */
bool call_read(struct call_state *state, const struct http_request *request,
    const struct http_match *match);

/* authenticate.c: the token, at once; false: it is answered. */
bool call_check_token(struct call_state *state,
    const struct http_request *request);
/* Then its person, and on to the handler. */
void call_authenticate(struct call_state *state);

/* call.c: goes home to be answered. */
void call_finish(struct call_state *state);
/* Frees it and takes it off home's list. */
void call_free(struct call_state *state);
/* To the worker that owns the caller, and to its handler. */
void call_run(struct call_state *state);

/* reply.c: on the way out, at home. */
void reply_complete(struct call_state *state, struct api_answer *answer);

#endif
