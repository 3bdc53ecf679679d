/* SPDX-License-Identifier: MIT */
#include "store/search.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "store/lmdb.h"
#include "store/memory.h"
#include "store/search_index.h"

#define DELAY_MS 200  /* from a commit: what follows is indexed with it */
#define LATER_MS 1000 /* until the next attempt */
#define NICE 19	      /* of its thread */
#define PATH_SIZE 4096

struct search {
	struct search_index index;
	const struct log *log;
	pthread_t thread;
	atomic_bool news, idle, stopping;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	uint64_t asked, answered; /* calls of search_settle(); the mutex's */
	bool started, failed;
};

/* --------------------------------------------------------------- its thread */

static struct timespec
after_ms(long ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

/* With the mutex held. */
static bool
is_hurried(const struct search *search)
{
	return search->asked != search->answered ||
	    atomic_load(&search->stopping);
}

static void
pause_for(struct search *search, long ms)
{
	const struct timespec until = after_ms(ms);
	int code = 0;

	while (!is_hurried(search) && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&search->changed,
		    &search->mutex, &until);
}

/* False: stopping.  asked: what the work that follows answers. */
static bool
wait_for_news(struct search *search, uint64_t *asked)
{
	pthread_mutex_lock(&search->mutex);
	atomic_store(&search->idle, true);
	while (!is_hurried(search) &&
	    (!atomic_load(&search->news) || search->failed))
		pthread_cond_wait(&search->changed, &search->mutex);
	atomic_store(&search->idle, false);
	pause_for(search, DELAY_MS);
	*asked = search->asked;
	pthread_mutex_unlock(&search->mutex);
	return !atomic_load(&search->stopping);
}

static void
finish(struct search *search, uint64_t asked, enum search_step step)
{
	pthread_mutex_lock(&search->mutex);
	search->answered = asked;
	pthread_cond_broadcast(&search->changed);
	if (step == SEARCH_LATER) {
		atomic_store(&search->news, true);
		pause_for(search, LATER_MS);
	}
	pthread_mutex_unlock(&search->mutex);
}

/* Search goes on with what is indexed; a restart tries anew. */
static void
give_up(struct search *search, const struct error *err)
{
	log_write(search->log, LOG_LEVEL_ERROR, "search.failed",
	    "error=\"%s\": nothing more is indexed until a restart",
	    err->text);
	search->failed = true;
}

/* Messages go first: where there is no time for both, it lags behind. */
static void
step_back(void)
{
#ifdef __linux__ /* elsewhere it would be the whole process */
	if (setpriority(PRIO_PROCESS, 0, NICE) != 0)
		return; /* then it competes */
#endif
}

static void *
run(void *arg)
{
	struct search *search = arg;
	enum search_step step;
	struct error err = {0};
	uint64_t asked;

	step_back();
	while (wait_for_news(search, &asked)) {
		atomic_store(&search->news, false);
		step = search->failed ? SEARCH_DONE : SEARCH_MORE;
		while (step == SEARCH_MORE && !atomic_load(&search->stopping))
			step = search_index_step(&search->index, &err);
		if (step == SEARCH_FAILED)
			give_up(search, &err);
		finish(search, asked, step);
	}
	return NULL;
}

/* ---------------------------------------------------------------- its files */

static struct kv *
open_tables(const struct search_options *options, struct error *err)
{
	const struct kv_lmdb_options lmdb = {.folder = options->folder,
	    .map_size = options->map_size, .readers = options->readers};

	return options->folder != NULL ? kv_lmdb_open(&lmdb, err)
				       : kv_memory_open(err);
}

static int
remove_file(const char *folder, const char *name, struct error *err)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	error_set_errno(err, "cannot remove %s", path);
	return -1;
}

/* The old one, unless NULL, is no index of this store. */
static int
make_anew(struct search *search, const struct search_options *options,
    struct error *err)
{
	kv_close(search->index.tables);
	search->index.tables = NULL;
	if (options->folder != NULL &&
	    (remove_file(options->folder, "data.mdb", err) != 0 ||
		remove_file(options->folder, "lock.mdb", err) != 0))
		return -1;
	search->index.tables = open_tables(options, err);
	if (search->index.tables == NULL)
		return -1;
	return search_index_make(&search->index, options->epoch, err);
}

static int
open_index(struct search *search, const struct search_options *options,
    struct error *err)
{
	struct search_index *index = &search->index;

	index->store = kv_reader_new(options->store, err);
	if (index->store == NULL)
		return -1;
	index->tables = open_tables(options, err);
	if (index->tables == NULL && err->code != ERROR_CORRUPT)
		return -1;
	if (index->tables != NULL &&
	    search_index_load(index, options->epoch, options->last_id))
		return 0;
	return make_anew(search, options, err);
}

/* -------------------------------------------------------- beginning and end */

static int
start_thread(struct search *search, struct error *err)
{
	errno = pthread_create(&search->thread, NULL, run, search);
	if (errno != 0) {
		error_set_errno(err, "cannot start the search index");
		return -1;
	}
	search->started = true;
	return 0;
}

struct search *
search_start(const struct search_options *options, struct error *err)
{
	struct search *search = calloc(1, sizeof(*search));
	pthread_condattr_t monotonic;

	if (search == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the search index");
		return NULL;
	}
	search->log = options->log;
	search->index.min_free = options->min_free;
	search->index.stopping = &search->stopping;
	atomic_init(&search->news, true); /* there may be some */
	atomic_init(&search->idle, false);
	atomic_init(&search->stopping, false);
	/* None of these can fail as they are used here. */
	pthread_mutex_init(&search->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&search->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (open_index(search, options, err) != 0 ||
	    start_thread(search, err) != 0) {
		search_stop(search);
		return NULL;
	}
	return search;
}

void
search_stop(struct search *search)
{
	if (search == NULL)
		return;
	pthread_mutex_lock(&search->mutex);
	atomic_store(&search->stopping, true);
	pthread_cond_broadcast(&search->changed);
	pthread_mutex_unlock(&search->mutex);
	if (search->started)
		pthread_join(search->thread, NULL);
	search_index_fini(&search->index);
	pthread_cond_destroy(&search->changed);
	pthread_mutex_destroy(&search->mutex);
	free(search);
}

/* --------------------------------------------------------------------- use */

void
search_wake(struct search *search)
{
	atomic_store(&search->news, true);
	if (!atomic_load(&search->idle))
		return;
	pthread_mutex_lock(&search->mutex);
	pthread_cond_broadcast(&search->changed);
	pthread_mutex_unlock(&search->mutex);
}

void
search_settle(struct search *search)
{
	uint64_t mine;

	pthread_mutex_lock(&search->mutex);
	mine = ++search->asked;
	pthread_cond_broadcast(&search->changed);
	while (search->answered < mine)
		pthread_cond_wait(&search->changed, &search->mutex);
	pthread_mutex_unlock(&search->mutex);
}

struct kv *
search_tables(const struct search *search)
{
	return search->index.tables;
}
