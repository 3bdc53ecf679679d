/* SPDX-License-Identifier: MIT */
#ifndef NET_MAILBOX_H
#define NET_MAILBOX_H

#include "base/error.h"

/*
 * How threads meet: a first-in-first-out queue that any thread posts to and
 * one loop reads.  Mail is intrusive, posting allocates nothing and cannot
 * fail; many posts within one turn of the loop cost one wake-up.
 */
struct ev_loop;
struct mailbox;

struct mail {
	struct mail *next;
	/*
	 * Runs once on the mailbox's loop, and owns the mail from then on.
	 * owner is what mailbox_new() was given, or NULL when the mailbox
	 * closes with the mail still in it: then only free what it holds.
	 */
	void (*deliver)(struct mail *mail, void *owner);
};

/* NULL on failure.  The loop stays the caller's. */
struct mailbox *mailbox_new(struct ev_loop *loop, void *owner,
    struct error *err);

/* From any thread.  Mail of one thread arrives in its order. */
void mailbox_post(struct mailbox *mailbox, struct mail *mail);

/*
 * On the loop's thread, when nobody posts any more: hands what is left to
 * deliver() with a NULL owner.  NULL is allowed.
 */
void mailbox_free(struct mailbox *mailbox);

#endif
