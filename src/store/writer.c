/* SPDX-License-Identifier: MIT */
#include "store/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define BATCH_WRITES 2048 /* each page is then shared by more of them */
#define BATCH_BYTES (2 << 20)
#define LAZY_S 5	/* how long writes that are not urgent may wait */
#define NO_MEMORY_MS 50 /* until the next attempt */
#define EXIT_COMMIT_FAILED 70

struct writer {
	struct ledger *ledger;
	const struct store_worker *workers;
	unsigned workers_n;
	const struct log *log;
	pthread_t thread;

	/*
	 * Submitted writes, newest first: a stack that the thread takes whole
	 * and turns round.  Who pushes something urgent while it sleeps wakes
	 * it; `sleeping` is set before the stack is looked at a last time.
	 */
	_Atomic(struct store_write *) submitted;
	atomic_bool sleeping, stopping;
	pthread_mutex_t mutex;
	pthread_cond_t wake;

	/* The thread's own: writes in the order of submission. */
	struct store_write *first, **end;
	size_t urgent_n; /* among them */
	bool disk_was_full;
};

static bool
is_lazy(const struct store_write *write)
{
	return (write->kind == STORE_WRITE_CURSORS ||
	    write->kind == STORE_WRITE_SEEN) && !write->urgent;
}

void
writer_wake(struct writer *writer)
{
	if (!atomic_load(&writer->sleeping))
		return;
	pthread_mutex_lock(&writer->mutex);
	atomic_store(&writer->sleeping, false);
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->mutex);
}

bool
writer_submit(struct writer *writer, struct store_write *write)
{
	bool lazy = is_lazy(write);

	write->next = atomic_load_explicit(&writer->submitted,
	    memory_order_relaxed);
	while (!atomic_compare_exchange_weak(&writer->submitted, &write->next,
	    write))
		continue;
	return !lazy && atomic_load(&writer->sleeping);
}

/* Moves what was submitted to the end of the thread's own queue. */
static void
collect(struct writer *writer)
{
	struct store_write *write, *next, *first = NULL, **end;

	write = atomic_exchange(&writer->submitted, NULL);
	if (write == NULL)
		return;
	end = &write->next; /* the newest, which will be the last */
	for (; write != NULL; write = next) {
		next = write->next;
		write->next = first;
		first = write;
		if (!is_lazy(write))
			writer->urgent_n++;
	}
	*writer->end = first;
	writer->end = end;
}

static struct timespec
after_s(time_t seconds, long ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += seconds;
	at.tv_nsec += ms * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

/* False when the time came before anything urgent did. */
static bool
sleep_until(struct writer *writer, const struct timespec *deadline)
{
	int code = 0;

	pthread_mutex_lock(&writer->mutex);
	atomic_store(&writer->sleeping, true);
	if (atomic_load(&writer->submitted) != NULL ||
	    atomic_load(&writer->stopping))
		atomic_store(&writer->sleeping, false);
	while (atomic_load(&writer->sleeping) && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&writer->wake, &writer->mutex,
		    deadline);
	atomic_store(&writer->sleeping, false);
	pthread_mutex_unlock(&writer->mutex);
	return code != ETIMEDOUT;
}

/*
 * Waits for something urgent, or until what is lazy has waited long enough.
 * False: stopping, and nothing is left.
 */
static bool
wait_for_work(struct writer *writer)
{
	const struct timespec deadline = after_s(LAZY_S, 0);

	collect(writer);
	while (writer->urgent_n == 0) {
		if (atomic_load(&writer->stopping)) {
			collect(writer);
			return writer->first != NULL;
		}
		if (!sleep_until(writer, &deadline)) {
			collect(writer);
			return true;
		}
		collect(writer);
	}
	return true;
}

/* ------------------------------------------------------------------ a batch */

static size_t
size_of(const struct store_write *write)
{
	return sizeof(*write) + write->extra_size;
}

static size_t
count_batch(const struct writer *writer)
{
	const struct store_write *write = writer->first;
	size_t n = 0, bytes = 0;

	for (; write != NULL && n < BATCH_WRITES && bytes < BATCH_BYTES; n++) {
		bytes += size_of(write);
		write = write->next;
	}
	return n;
}

static struct batch *
take_batch(struct writer *writer)
{
	size_t n = count_batch(writer);
	struct batch *batch;
	struct store_write *write;

	batch = batch_new(n, writer->workers, writer->workers_n);
	if (batch == NULL)
		return NULL;
	for (; n > 0; n--) {
		write = writer->first;
		writer->first = write->next;
		if (!is_lazy(write))
			writer->urgent_n--;
		batch_add(batch, write);
	}
	if (writer->first == NULL)
		writer->end = &writer->first;
	return batch;
}

static void
fail_all(struct batch *batch, enum store_status status)
{
	size_t i;

	for (i = 0; i < batch->n; i++) {
		batch_rewind(&batch->entries[i]);
		batch->entries[i].write->status = status;
	}
}

static int
begin(struct writer *writer, struct error *err)
{
	if (ledger_begin(writer->ledger, err) != 0)
		return -1;
	if (writer->ledger->disk_is_full == writer->disk_was_full)
		return 0;
	writer->disk_was_full = writer->ledger->disk_is_full;
	log_write(writer->log, LOG_LEVEL_WARN, "store.space", "%s",
	    writer->disk_was_full ? "the disk is nearly full: what grows is "
	    "refused" : "the disk has room again");
	return 0;
}

/*
 * All entries but those that spoiled an earlier attempt, whose status stays.
 * The index of one more that did, or batch->n.
 */
static size_t
apply(struct writer *writer, struct batch *batch, const bool *skip)
{
	struct ledger *ledger = writer->ledger;
	struct store_write *write;
	uint64_t changes;
	size_t i;

	for (i = 0; i < batch->n; i++) {
		if (skip[i])
			continue;
		write = batch->entries[i].write;
		batch_rewind(&batch->entries[i]);
		changes = ledger->changes;
		write->status = ledger_apply(ledger, write);
		if (write->status == STORE_CORRUPT)
			log_write(writer->log, LOG_LEVEL_ERROR,
			    "store.corrupt", "write=%d conv=%llu person=%llu",
			    (int)write->kind,
			    (unsigned long long)write->record.conv,
			    (unsigned long long)write->record.sender);
		if (write->status != STORE_OK &&
		    write->status != STORE_DUPLICATE &&
		    !ledger_refusal_stays(write, write->status) &&
		    changes != ledger->changes)
			return i;
	}
	return batch->n;
}

static _Noreturn void
give_up(struct writer *writer, const struct error *err)
{
	log_write(writer->log, LOG_LEVEL_ERROR, "store.commit",
	    "error=\"%s\": the process ends, nothing acknowledged is lost",
	    err->text);
	_exit(EXIT_COMMIT_FAILED);
}

static void
commit(struct writer *writer, struct batch *batch)
{
	struct error err = {0};

	switch (ledger_commit(writer->ledger, &err)) {
	case KV_OK:
		break;
	case KV_FULL:
		log_write(writer->log, LOG_LEVEL_ERROR, "store.full",
		    "error=\"%s\"", err.text);
		fail_all(batch, STORE_NO_SPACE);
		break;
	default:
		give_up(writer, &err);
	}
}

/* Those that appended to conv are left out.  False: there are none. */
static bool
skip_conversation(struct batch *batch, bool *skip, uint64_t conv)
{
	bool any = false;
	size_t i;

	for (i = 0; i < batch->n; i++) {
		if (skip[i] || batch->entries[i].write->record.conv != conv)
			continue;
		batch->entries[i].write->status = STORE_CORRUPT;
		skip[i] = any = true;
	}
	return any;
}

/*
 * One write that fails half-way spoils the transaction, not the others; where
 * it only made room for what others had left to put, these do.  STORE_OK: it
 * can be tried again without what was at fault.
 */
static enum store_status
abort_and_skip(struct writer *writer, struct batch *batch, bool *skip,
    enum store_status status, size_t spoiler)
{
	uint64_t conv = writer->ledger->spoiled_conv;

	ledger_abort(writer->ledger);
	if (status == STORE_NO_SPACE)
		return status;
	if (status == STORE_NOMEM)
		return STORE_RETRY;
	if (conv == 0) {
		skip[spoiler] = true;
		return STORE_OK;
	}
	log_write(writer->log, LOG_LEVEL_ERROR, "store.corrupt",
	    "conv=%llu: it cannot be written", (unsigned long long)conv);
	return skip_conversation(batch, skip, conv) ? STORE_OK : STORE_RETRY;
}

static void
carry_out(struct writer *writer, struct batch *batch)
{
	bool skip[BATCH_WRITES] = {false};
	struct error err = {0};
	enum store_status status;
	size_t spoiler;

	do {
		if (begin(writer, &err) != 0) {
			if (err.code != ERROR_NOMEM)
				give_up(writer, &err);
			fail_all(batch, STORE_RETRY);
			return;
		}
		spoiler = apply(writer, batch, skip);
		status = spoiler < batch->n
		    ? batch->entries[spoiler].write->status
		    : ledger_flush(writer->ledger);
		if (spoiler == batch->n && status == STORE_OK) {
			commit(writer, batch);
			return;
		}
		status = abort_and_skip(writer, batch, skip, status, spoiler);
	} while (status == STORE_OK);
	fail_all(batch, status);
}

static void *
run(void *arg)
{
	struct writer *writer = arg;
	struct timespec later;
	struct batch *batch;

	while (wait_for_work(writer)) {
		if (writer->first == NULL)
			continue;
		batch = take_batch(writer);
		if (batch == NULL) {
			later = after_s(0, NO_MEMORY_MS);
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME,
			    &later, NULL);
			continue;
		}
		carry_out(writer, batch);
		batch_publish(batch);
	}
	return NULL;
}

/* -------------------------------------------------------- beginning and end */

static int
start_thread(struct writer *writer)
{
	pthread_condattr_t monotonic;
	int code;

	code = pthread_mutex_init(&writer->mutex, NULL);
	if (code != 0)
		return code;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	code = pthread_cond_init(&writer->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (code == 0) {
		code = pthread_create(&writer->thread, NULL, run, writer);
		if (code == 0)
			return 0;
		pthread_cond_destroy(&writer->wake);
	}
	pthread_mutex_destroy(&writer->mutex);
	return code;
}

struct writer *
writer_start(struct ledger *ledger, const struct store_worker *workers,
    unsigned workers_n, const struct log *log, struct error *err)
{
	struct writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the store's writer");
		return NULL;
	}
	writer->ledger = ledger;
	writer->workers = workers;
	writer->workers_n = workers_n;
	writer->log = log;
	atomic_init(&writer->submitted, NULL);
	atomic_init(&writer->sleeping, false);
	atomic_init(&writer->stopping, false);
	writer->end = &writer->first;
	errno = start_thread(writer);
	if (errno != 0) {
		error_set_errno(err, "cannot start the store's writer");
		free(writer);
		return NULL;
	}
	return writer;
}

void
writer_stop(struct writer *writer)
{
	if (writer == NULL)
		return;
	atomic_store(&writer->stopping, true);
	writer_wake(writer);
	pthread_join(writer->thread, NULL);
	pthread_cond_destroy(&writer->wake);
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
}
