/* SPDX-License-Identifier: MIT */
#ifndef BUS_BUS_H
#define BUS_BUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/mailbox.h"

/*
 * Short-lived news between workers (and, later, machines): presence and
 * typing.  Opaque bytes under a topic; they may be lost, what must not be
 * lost goes through the store.  Messages of one publisher to one worker
 * arrive in order.
 */
struct bus;

enum bus_topic {
	BUS_PERSON,	/* key: a person; to their owner (base/owner.h) */
	BUS_EVERYONE	/* key: for the receiver; to all workers */
};

/* Runs on the attached worker's loop; data is borrowed. */
typedef void bus_receive(void *arg, enum bus_topic topic, uint64_t key,
    const void *data, size_t len);

/* For `workers` workers of this process. */
struct bus *bus_open_local(size_t workers, struct error *err);

/*
 * Worker `index` listens from now on; its mailbox must outlive its part in
 * the bus.  All workers attach before the first publish.
 */
void bus_attach(struct bus *bus, size_t index, struct mailbox *mailbox,
    bus_receive *receive, void *arg);

/*
 * Copies data.  From any thread.  The publisher's own worker receives it too,
 * in a later turn of its loop.
 */
void bus_publish(struct bus *bus, enum bus_topic topic, uint64_t key,
    const void *data, size_t len);

/* When no thread publishes any more.  NULL is allowed. */
void bus_close(struct bus *bus);

#endif
