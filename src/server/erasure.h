/* SPDX-License-Identifier: MIT */
#ifndef SERVER_ERASURE_H
#define SERVER_ERASURE_H

struct admin_client;
struct server;

/*
 * Erases a person, while others talk: nobody signs in as them from then on,
 * their sessions end, their messages become tombstones, they leave their
 * groups (whose last owner hands on to the next in rank), and what else is
 * stored of them goes.  The client is answered with a report.
 *
 * What a stop of the server interrupts goes on when it starts again.
 */
void erasure_begin(struct admin_client *client, const char *name);

/*
 * The same, from any thread, with nobody to be told but the log.  -1: no
 * memory.
 */
int erasure_ask(struct server *server, const char *name);

/* Goes on with those that were begun, once the workers run. */
void erasure_resume(struct server *server);

#endif
