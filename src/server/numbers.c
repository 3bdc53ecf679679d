/* SPDX-License-Identifier: MIT */
#include "server/numbers.h"

#include <string.h>

#include "server/worker.h"

void
numbers_take(const struct worker *worker, struct numbers *numbers)
{
	numbers->accepted = worker->accepted;
	numbers->requests = worker->requests;
	numbers->connections = worker->clients_n;
	numbers->queued = conn_pool_queued(worker->conns);
	memcpy(numbers->closed, worker->closed, sizeof(numbers->closed));
	chat_stats(worker->chat, &numbers->chat);
}

void
numbers_add(struct numbers *sum, const struct numbers *part)
{
	size_t i;

	sum->accepted += part->accepted;
	sum->requests += part->requests;
	sum->connections += part->connections;
	sum->queued += part->queued;
	sum->chat.appended += part->chat.appended;
	sum->chat.delivered += part->chat.delivered;
	sum->chat.sessions += part->chat.sessions;
	sum->chat.people += part->chat.people;
	for (i = 0; i < CODES_COUNT; i++)
		sum->chat.refused[i] += part->chat.refused[i];
	for (i = 0; i < CLOSE_REASONS_COUNT; i++)
		sum->closed[i] += part->closed[i];
}

uint64_t
numbers_refused(const struct numbers *numbers)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < CODES_COUNT; i++)
		n += numbers->chat.refused[i];
	return n;
}

void
numbers_publish(struct worker *worker)
{
	pthread_mutex_lock(&worker->published_lock);
	numbers_take(worker, &worker->published);
	pthread_mutex_unlock(&worker->published_lock);
}

void
numbers_read(struct worker *worker, struct numbers *numbers)
{
	pthread_mutex_lock(&worker->published_lock);
	*numbers = worker->published;
	pthread_mutex_unlock(&worker->published_lock);
}
