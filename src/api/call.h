/* SPDX-License-Identifier: MIT */
#ifndef API_CALL_H
#define API_CALL_H

#include <jansson.h>

#include "api/api.h"
#include "api/route.h"
#include "store/account.h"
#include "store/read.h"
#include "store/write.h"

/*
 * One request, in the hands of its handler (route.h, `run`).  Each is answered
 * once, by api_reply(), api_problem() or a function that says so; call is gone
 * after that.  Whether anybody still waits for it makes no difference.
 */
struct api_caller {
	uint64_t uid;
	uint64_t family; /* of the token; 0: none */
	uint32_t scopes;
	char name[NAME_BYTES_MAX + 1];
};

#define API_ADDRESS_SIZE 46

/* For handlers; the rest is call.c's (call_state.h). */
struct api_call {
	struct api *api; /* of the worker it is on */
	const struct api_route *route;
	struct api_caller caller; /* API_BEARER */
	json_t *body; /* checked against route->body; NULL: there was none */
	const struct api_settings *settings;
	char address[API_ADDRESS_SIZE];
	char *if_match, *if_none_match, *idempotency_key; /* or NULL */
	bool secure;
	void *state; /* the handler's own; freed with free() */
	size_t state_size; /* wiped before; api_state_new() */
	struct call_state *more;
};

/* The n-th ":name" of the path, decoded. */
const char *api_param(const struct api_call *call, size_t n);

/* Of the query, checked against route->query. */
const char *api_query(const struct api_call *call, const char *name);
int64_t api_query_number(const struct api_call *call, const char *name,
    int64_t fallback);

/* A member of the body; NULL: not there, or null. */
const char *api_text(const struct api_call *call, const char *member);

/* Sets call->state, all zero, which is wiped with the call.  NULL: no memory */
void *api_state_new(struct api_call *call, size_t size);

/* Adds a field to the answer; without control characters. */
void api_field(struct api_call *call, const char *name, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* The reference is taken over; NULL with a status that has no body. */
void api_reply(struct api_call *call, int status, json_t *body);
/* What api_reply() makes of it. */
void api_put_json(struct buf *out, const json_t *body);
void api_reply_text(struct api_call *call, int status, const char *type,
    const char *text, size_t len);

/* application/problem+json; field: of the request, or NULL. */
void api_problem(struct api_call *call, enum chat_code code,
    const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with another status than the code's. */
void api_problem_status(struct api_call *call, int status,
    enum chat_code code, const char *field, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same with Retry-After and retry_after_ms. */
void api_wait(struct api_call *call, uint32_t retry_after_ms,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
void api_problem_store(struct api_call *call, enum store_status status);
void api_no_memory(struct api_call *call);

/* The HTTP status of a code. */
int api_status(enum chat_code code);

/*
 * Asks the chat engine as the caller: a request of the protocol, whose
 * reference is taken over.  An `error` is turned into a problem, and then()
 * is not called; else it is, with the answer, borrowed.
 */
typedef void api_asked(struct api_call *call, const json_t *answer);
void api_ask(struct api_call *call, json_t *request, api_asked *then);

/* The same, but then() is given an `error` too. */
void api_try(struct api_call *call, json_t *request, api_asked *then);
/* Whether it is one, and of what code. */
bool api_is_refused(const json_t *answer, enum chat_code *code);
/* Answers with it, as a problem. */
void api_refuse(struct api_call *call, const json_t *error);

/*
 * Counts a request that begins with something else than the engine; what the
 * engine is asked for it then costs nothing.  False: it is one too many, and
 * that is answered.
 */
bool api_charge(struct api_call *call);

/*
 * The store, for what no request of the protocol does.  then() gets what came
 * back, borrowed, whatever its status.  extra is for what it points to.
 */
typedef void api_was_read(struct api_call *call, struct store_read *read);
struct store_read *api_read_new(struct api_call *call,
    enum store_read_kind kind, size_t extra);
void api_read(struct api_call *call, struct store_read *read,
    api_was_read *then);
typedef void api_was_written(struct api_call *call,
    struct store_write *write);
struct store_write *api_write_new(struct api_call *call,
    enum store_write_kind kind, size_t extra);
void api_write(struct api_call *call, struct store_write *write,
    api_was_written *then);

/*
 * A password, off the loop: made into a hash, or (hash not NULL, "" for
 * nobody's) verified.  A full queue is answered with 503 and Retry-After, and
 * then() is not called.
 */
typedef void api_hashed(struct api_call *call, const struct hash_job *job);
void api_hash(struct api_call *call, const char *password, size_t len,
    const char *hash, api_hashed *then);

/* Opaque cursors of lists: text for `next`, and back (-1: not one of ours). */
#define API_CURSOR_SIZE 48
void api_cursor_put(uint64_t value, char which, char out[API_CURSOR_SIZE]);
int api_cursor_get(const char *text, char which, uint64_t *value);

#endif
