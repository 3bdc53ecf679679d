/* SPDX-License-Identifier: MIT */
#include "store/readers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "store/query.h"
#include "store/search.h"

struct reader {
	struct readers *readers;
	pthread_t thread;
	struct query query;
};

struct readers {
	const struct store_worker *workers;
	pthread_mutex_t mutex;
	pthread_cond_t filled;
	struct mail *first, **end; /* reads, by their mail */
	unsigned asleep;
	bool stopping;
	unsigned started;
	unsigned n;
	struct reader list[];
};

/* mail is the first member of a read. */
static struct store_read *
read_of(struct mail *mail)
{
	return (struct store_read *)(void *)mail;
}

static void
deliver(struct mail *mail, void *owner)
{
	struct store_read *read = read_of(mail);

	if (owner != NULL)
		read->done(read);
	else
		store_read_free(read);
}

bool
readers_submit(struct readers *readers, struct store_read *read)
{
	bool asleep;

	read->mail.next = NULL;
	pthread_mutex_lock(&readers->mutex);
	*readers->end = &read->mail;
	readers->end = &read->mail.next;
	asleep = readers->asleep != 0;
	pthread_mutex_unlock(&readers->mutex);
	return asleep;
}

/* With the mutex held. */
static void
wake_one(struct readers *readers)
{
	if (readers->first != NULL && readers->asleep != 0)
		pthread_cond_signal(&readers->filled);
}

void
readers_wake(struct readers *readers)
{
	pthread_mutex_lock(&readers->mutex);
	wake_one(readers);
	pthread_mutex_unlock(&readers->mutex);
}

/* NULL: stopping, and nothing is left. */
static struct store_read *
take(struct readers *readers)
{
	struct mail *mail;

	pthread_mutex_lock(&readers->mutex);
	while (readers->first == NULL && !readers->stopping) {
		readers->asleep++;
		pthread_cond_wait(&readers->filled, &readers->mutex);
		readers->asleep--;
	}
	mail = readers->first;
	if (mail != NULL) {
		readers->first = mail->next;
		if (readers->first == NULL)
			readers->end = &readers->first;
		wake_one(readers); /* what is left need not wait for this */
	}
	pthread_mutex_unlock(&readers->mutex);
	return mail != NULL ? read_of(mail) : NULL;
}

static void
answer(struct reader *reader, struct store_read *read)
{
	enum kv_result result = kv_renew(reader->query.txn);

	if (result == KV_OK) {
		read->status = query_answer(&reader->query, read);
		kv_reset(reader->query.txn);
	} else {
		read->status = row_status(result);
	}
	read->mail.deliver = deliver;
	mailbox_post(reader->readers->workers[read->worker].mailbox,
	    &read->mail);
}

static void *
run(void *arg)
{
	struct reader *reader = arg;
	struct store_read *read;

	while ((read = take(reader->readers)) != NULL)
		answer(reader, read);
	return NULL;
}

static int
start_reader(struct readers *readers, struct reader *reader,
    const struct ledger *ledger, const struct log *log, struct error *err)
{
	reader->readers = readers;
	reader->query.log = log;
	reader->query.clock = ledger->clock;
	reader->query.key = &ledger->ids.key;
	reader->query.txn = kv_reader_new(ledger->kv, err);
	if (reader->query.txn == NULL)
		return -1;
	reader->query.words = kv_reader_new(search_tables(ledger->search),
	    err);
	if (reader->query.words == NULL)
		return -1;
	reader->query.names = calloc(QUERY_NAMES,
	    sizeof(*reader->query.names));
	if (reader->query.names == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a reader");
		return -1;
	}
	errno = pthread_create(&reader->thread, NULL, run, reader);
	if (errno == 0)
		return 0;
	error_set_errno(err, "cannot start a reader");
	return -1;
}

struct readers *
readers_start(const struct ledger *ledger, unsigned threads,
    const struct store_worker *workers, const struct log *log,
    struct error *err)
{
	struct readers *readers;

	readers = calloc(1, sizeof(*readers) +
	    threads * sizeof(readers->list[0]));
	if (readers == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for readers");
		return NULL;
	}
	readers->workers = workers;
	readers->end = &readers->first;
	readers->n = threads;
	/* Default attributes: these cannot fail. */
	pthread_mutex_init(&readers->mutex, NULL);
	pthread_cond_init(&readers->filled, NULL);
	while (readers->started < threads) {
		if (start_reader(readers, &readers->list[readers->started],
		    ledger, log, err) != 0) {
			readers_stop(readers);
			return NULL;
		}
		readers->started++;
	}
	return readers;
}

void
readers_stop(struct readers *readers)
{
	unsigned i;

	if (readers == NULL)
		return;
	pthread_mutex_lock(&readers->mutex);
	readers->stopping = true;
	pthread_cond_broadcast(&readers->filled);
	pthread_mutex_unlock(&readers->mutex);
	for (i = 0; i < readers->started; i++)
		pthread_join(readers->list[i].thread, NULL);
	for (i = 0; i < readers->n; i++) {
		kv_reader_free(readers->list[i].query.txn);
		kv_reader_free(readers->list[i].query.words);
		free(readers->list[i].query.names);
	}
	pthread_cond_destroy(&readers->filled);
	pthread_mutex_destroy(&readers->mutex);
	free(readers);
}
