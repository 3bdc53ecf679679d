/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <string.h>

void
news_to_person(struct chat *chat, uint64_t uid, const struct news *news)
{
	bus_publish(chat->bus, BUS_PERSON, uid, news, sizeof(*news));
}

void
news_to_all(struct chat *chat, uint64_t key, const struct news *news,
    const uint64_t *ids)
{
	size_t ids_size = ((size_t)news->peers_n + news->convs_n) *
	    sizeof(*ids);
	struct buf data = {0};

	buf_append(&data, news, sizeof(*news));
	buf_append(&data, ids, ids_size);
	if (!data.failed)
		bus_publish(chat->bus, BUS_EVERYONE, key, data.data, data.len);
	buf_fini(&data);
}

void
news_receive(void *arg, enum bus_topic topic, uint64_t key, const void *data,
    size_t len)
{
	struct chat *chat = arg;
	struct news news;
	uint64_t ids[512];
	const char *rest = (const char *)data + sizeof(news);
	size_t size;

	if (len < sizeof(news))
		return;
	memcpy(&news, data, sizeof(news));
	if (news.kind == NEWS_WHO || news.kind == NEWS_HERE) {
		if (len == sizeof(news) +
			(size_t)news.names_n * (NAME_BYTES_MAX + 1))
			roster_news(chat, &news, rest);
		return;
	}
	size = ((size_t)news.peers_n + news.convs_n) * sizeof(ids[0]);
	if (size > sizeof(ids) || len != sizeof(news) + size)
		return;
	if (size != 0)
		memcpy(ids, rest, size);
	if (news.kind == NEWS_TYPING)
		typing_news(chat, topic, key, &news);
	else if (news.kind == NEWS_ASK || news.kind == NEWS_TOLD)
		listing_news(chat, &news, ids);
	else
		presence_news(chat, topic, key, &news, ids);
}
