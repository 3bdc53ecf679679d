/* SPDX-License-Identifier: MIT */
#include "net/mailbox.h"

#include <ev.h>
#include <stdatomic.h>
#include <stdlib.h>

/*
 * A stack that the loop takes whole and turns round: the one who posts to an
 * empty box wakes the loop, all others only link.
 */
struct mailbox {
	struct ev_loop *loop;
	void *owner;
	_Atomic(struct mail *) newest;
	ev_async wake;
};

/* All mail so far, oldest first. */
static struct mail *
take_all(struct mailbox *mailbox)
{
	struct mail *mail, *next, *oldest = NULL;

	mail = atomic_exchange_explicit(&mailbox->newest, NULL,
	    memory_order_acquire);
	for (; mail != NULL; mail = next) {
		next = mail->next;
		mail->next = oldest;
		oldest = mail;
	}
	return oldest;
}

static void
deliver_all(struct mail *mail, void *owner)
{
	struct mail *next;

	for (; mail != NULL; mail = next) {
		next = mail->next;
		mail->deliver(mail, owner);
	}
}

static void
on_wake(struct ev_loop *loop, ev_async *wake, int revents)
{
	struct mailbox *mailbox = wake->data;

	(void)loop;
	(void)revents;
	deliver_all(take_all(mailbox), mailbox->owner);
}

struct mailbox *
mailbox_new(struct ev_loop *loop, void *owner, struct error *err)
{
	struct mailbox *mailbox;

	mailbox = calloc(1, sizeof(*mailbox));
	if (mailbox == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a mailbox");
		return NULL;
	}
	mailbox->loop = loop;
	mailbox->owner = owner;
	atomic_init(&mailbox->newest, NULL);
	ev_async_init(&mailbox->wake, on_wake);
	mailbox->wake.data = mailbox;
	ev_async_start(loop, &mailbox->wake);
	return mailbox;
}

void
mailbox_post(struct mailbox *mailbox, struct mail *mail)
{
	struct mail *newest;

	newest = atomic_load_explicit(&mailbox->newest, memory_order_relaxed);
	do {
		mail->next = newest;
	} while (!atomic_compare_exchange_weak_explicit(&mailbox->newest,
	    &newest, mail, memory_order_release, memory_order_relaxed));
	if (newest == NULL)
		ev_async_send(mailbox->loop, &mailbox->wake);
}

void
mailbox_free(struct mailbox *mailbox)
{
	struct mail *mail;

	if (mailbox == NULL)
		return;
	ev_async_stop(mailbox->loop, &mailbox->wake);
	while ((mail = take_all(mailbox)) != NULL)
		deliver_all(mail, NULL);
	free(mailbox);
}
