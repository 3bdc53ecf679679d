/* SPDX-License-Identifier: MIT */
#ifndef API_SHAPE_H
#define API_SHAPE_H

#include "api/call.h"

/*
 * Between REST and the protocol: requests as the engine takes them, and its
 * answers as REST gives them.  NULL is no memory, which api_ask() and
 * api_reply() answer by themselves.
 */

/* A request about a conversation: "tea" is "#tea". */
json_t *shape_ask(const char *type, const char *conversation);

/* Adds a member unless value is NULL, whose reference is taken over.  Of a
 * request that is NULL already it stays so. */
void shape_add(json_t **request, const char *name, json_t *value);
/* Those members of the body that are there and not null, borrowed. */
void shape_add_body(json_t **request, const struct api_call *call,
    const char *const *names);

/*
 * The page of a list: `limit` of the query, and its `cursor` as the member
 * `from`.  False: the cursor is none of ours, and that is answered.
 */
bool shape_add_page(json_t **request, struct api_call *call,
    const char *from, char which);

/* The cursor for `next` of the answer, or null. */
json_t *shape_next(const json_t *answer, char which);

/* Without `type`. */
json_t *shape_answer(const json_t *answer);

/* Of `items`, those that are messages, borrowed. */
json_t *shape_messages(const json_t *answer);

/* An item of `conversations`: `unread` is a number. */
json_t *shape_conversation(const json_t *item);
/* The first of them, or null. */
json_t *shape_first(const json_t *answer);

/* then() of what is answered by a status alone. */
void shape_done(struct api_call *call, const json_t *answer);

#endif
