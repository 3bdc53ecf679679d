/* SPDX-License-Identifier: MIT */
#include "net/poller.h"

#include <ev.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Taken from the kernel at a time. */
#define BATCH 256

struct poller {
	struct ev_loop *loop;
	poller_ready *ready;
	int fd;
	int n;	/* of batch; 0 when none is being handled */
	int at; /* the next one */
	ev_io watcher;
	struct epoll_event batch[BATCH];
};

static unsigned
events_of(const struct epoll_event *event, const struct polled *polled)
{
	unsigned events = 0;

	if (event->events & (EPOLLERR | EPOLLHUP))
		return polled->events;
	if (event->events & EPOLLIN)
		events |= POLLER_READ;
	if (event->events & EPOLLOUT)
		events |= POLLER_WRITE;
	return events & polled->events;
}

static void
on_ready(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct poller *poller = watcher->data;
	struct polled *polled;
	unsigned events;

	(void)loop;
	(void)revents;
	poller->n = epoll_wait(poller->fd, poller->batch, BATCH, 0);
	for (poller->at = 0; poller->at < poller->n;) {
		const struct epoll_event *event = &poller->batch[poller->at++];

		polled = event->data.ptr;
		if (polled == NULL)
			continue;
		events = events_of(event, polled);
		if (events != 0)
			poller->ready(polled, events);
	}
	poller->n = 0;
}

struct poller *
poller_new(struct ev_loop *loop, poller_ready *ready, struct error *err)
{
	struct poller *poller;

	poller = calloc(1, sizeof(*poller));
	if (poller == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a poller");
		return NULL;
	}
	poller->loop = loop;
	poller->ready = ready;
	poller->fd = epoll_create1(EPOLL_CLOEXEC);
	if (poller->fd == -1) {
		error_set_errno(err, "epoll_create1");
		free(poller);
		return NULL;
	}
	ev_io_init(&poller->watcher, on_ready, poller->fd, EV_READ);
	poller->watcher.data = poller;
	ev_io_start(loop, &poller->watcher);
	return poller;
}

void
poller_free(struct poller *poller)
{
	if (poller == NULL)
		return;
	ev_io_stop(poller->loop, &poller->watcher);
	close(poller->fd);
	free(poller);
}

/* Events of it that are still to be handled are of no interest any more. */
static void
forget(struct poller *poller, const struct polled *polled)
{
	int i;

	for (i = poller->at; i < poller->n; i++) {
		if (poller->batch[i].data.ptr == polled)
			poller->batch[i].data.ptr = NULL;
	}
}

int
poller_watch(struct poller *poller, struct polled *polled, unsigned events)
{
	struct epoll_event event = { .data = { .ptr = polled } };
	int op = EPOLL_CTL_MOD;

	if (polled->events == events)
		return 0;
	if (events & POLLER_READ)
		event.events |= EPOLLIN;
	if (events & POLLER_WRITE)
		event.events |= EPOLLOUT;
	if (polled->events == 0)
		op = EPOLL_CTL_ADD;
	if (events == 0) {
		op = EPOLL_CTL_DEL;
		forget(poller, polled);
	}
	if (epoll_ctl(poller->fd, op, polled->fd, &event) == -1)
		return -1;
	polled->events = events;
	return 0;
}
