/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_RENDER_PUT_H
#define CLIENT_RENDER_PUT_H

#include "client/render.h"

/* What render_*.c share: the pieces of which lines are made. */
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define RED "\033[31m"
#define CYAN "\033[36m"
#define YELLOW "\033[1;33m"
#define PLAIN "\033[0m"

/* "" when it is missing or something else. */
const char *render_member(const json_t *object, const char *key);
/* 0 when it is missing, something else or negative. */
uint64_t render_number(const json_t *object, const char *key);
bool render_is_true(const json_t *object, const char *key);

/* How many reacted so; `users` may name only some of them. */
uint64_t render_reaction_count(const json_t *reaction);

/* Colour, if there are colours. */
void render_style(const struct render *render, struct buf *out,
    const char *sequence);

/* indent is what a line within the text begins with; mentions stand out. */
void render_put_text(const struct render *render, const char *text,
    const char *indent, struct buf *out);

/* RFC 3339 in UTC as local time: "18:02", or with its date if not today's. */
void render_put_time(const struct render *render, const char *at,
    struct buf *out);

/* "18:02 #tea ", the seq behind the time if they are to be shown. */
void render_put_head(const struct render *render, const json_t *event,
    struct buf *out);

/* "#tea", "@bob"; the name as it is if it is none. */
void render_put_room(const struct render *render, const char *conversation,
    struct buf *out);

/* "bob", "you". */
void render_put_who(const struct render *render, const char *user,
    struct buf *out);

/* A member of `items` as an event of its page's conversation, or NULL. */
json_t *render_item(const json_t *page, const json_t *item);

/* The events of a group, and what happened to a message: render_group.c. */
void render_group_event(const struct render *render, const json_t *event,
    struct buf *out);
void render_change(const struct render *render, const json_t *event,
    struct buf *out);

/* Answers with items: render_list.c. */
void render_history(const struct render *render, const json_t *event,
    struct buf *out);
void render_search(const struct render *render, const json_t *event,
    struct buf *out);
void render_versions(const struct render *render, const json_t *event,
    struct buf *out);
void render_receipts(const struct render *render, const json_t *event,
    struct buf *out);
void render_members(const struct render *render, const json_t *event,
    struct buf *out);
void render_conversations(const struct render *render, const json_t *event,
    struct buf *out);
void render_commands(const struct render *render, const json_t *event,
    struct buf *out);

#endif
