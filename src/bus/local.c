/* SPDX-License-Identifier: MIT */
#include "bus/bus.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"

struct subscriber {
	struct mailbox *mailbox;
	bus_receive *receive;
	void *arg;
};

struct bus {
	size_t workers;
	struct subscriber subscribers[];
};

/* Shared by the letters to all who get it. */
struct news {
	atomic_size_t refs;
	enum bus_topic topic;
	uint64_t key;
	size_t len;
	char data[];
};

struct letter {
	struct mail mail; /* first */
	struct news *news;
	const struct subscriber *to;
};

struct bus *
bus_open_local(size_t workers, struct error *err)
{
	struct bus *bus;

	bus = calloc(1, sizeof(*bus) + workers * sizeof(bus->subscribers[0]));
	if (bus == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the bus");
		return NULL;
	}
	bus->workers = workers;
	return bus;
}

void
bus_attach(struct bus *bus, size_t index, struct mailbox *mailbox,
    bus_receive *receive, void *arg)
{
	assert(index < bus->workers);
	bus->subscribers[index].mailbox = mailbox;
	bus->subscribers[index].receive = receive;
	bus->subscribers[index].arg = arg;
}

static void
news_unref(struct news *news)
{
	if (atomic_fetch_sub_explicit(&news->refs, 1,
	    memory_order_acq_rel) == 1)
		free(news);
}

static void
deliver(struct mail *mail, void *owner)
{
	struct letter *letter = (struct letter *)(void *)mail;
	struct news *news = letter->news;

	if (owner != NULL)
		letter->to->receive(letter->to->arg, news->topic, news->key,
		    news->data, news->len);
	news_unref(news);
	free(letter);
}

/* Without memory the news is lost, as it may be. */
static void
post(struct news *news, const struct subscriber *to)
{
	struct letter *letter;

	letter = malloc(sizeof(*letter));
	if (letter == NULL)
		return;
	letter->mail.deliver = deliver;
	letter->news = news;
	letter->to = to;
	atomic_fetch_add_explicit(&news->refs, 1, memory_order_relaxed);
	mailbox_post(to->mailbox, &letter->mail);
}

void
bus_publish(struct bus *bus, enum bus_topic topic, uint64_t key,
    const void *data, size_t len)
{
	struct news *news;
	size_t i;

	news = malloc(sizeof(*news) + len);
	if (news == NULL)
		return;
	atomic_init(&news->refs, 1);
	news->topic = topic;
	news->key = key;
	news->len = len;
	if (len != 0)
		memcpy(news->data, data, len);
	if (topic == BUS_PERSON) {
		i = owner_of(key, bus->workers);
		post(news, &bus->subscribers[i]);
	} else {
		for (i = 0; i < bus->workers; i++)
			post(news, &bus->subscribers[i]);
	}
	news_unref(news);
}

void
bus_close(struct bus *bus)
{
	free(bus);
}
