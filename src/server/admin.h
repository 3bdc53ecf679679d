/* SPDX-License-Identifier: MIT */
#ifndef SERVER_ADMIN_H
#define SERVER_ADMIN_H

#include <jansson.h>
#include <sys/types.h>

#include "base/error.h"
#include "net/conn.h"

/*
 * The operator's socket (synctalkctl): a line with a JSON object comes in,
 *
 *	{"command":"kick","arguments":{"name":"bob"}}
 *
 * and one goes out: {"ok":true,"text":"...","data":{...}}, or
 * {"ok":false,"error":"..."}.  Main thread only.
 */
struct admin;
struct server;

/* Listens at the path of the configuration. */
struct admin *admin_new(struct server *server, struct error *err);

/* No more comes in.  What is under way keeps its memory. */
void admin_close(struct admin *admin);

/* After admin_close(), when nothing is under way.  NULL is allowed. */
void admin_free(struct admin *admin);

/* One who asks. */
struct admin_client {
	struct conn conn; /* first */
	struct admin *admin;
	struct server *server;
	struct admin_client *next, **prev;
	uid_t uid;
	bool busy; /* has not got its answer */
	bool gone; /* nobody waits for it any more */
};

/*
 * Each command is answered once.  text is for people, data (or NULL) for
 * programs; the reference is taken over.
 */
void admin_answer(struct admin_client *client, const char *text,
    json_t *data);
void admin_fail(struct admin_client *client, const char *error);

/* What a command does; arguments is an object, or NULL. */
typedef void admin_run(struct admin_client *client, const json_t *arguments);

/* NULL: there is no such command. */
admin_run *admin_find_command(const char *name);

#endif
