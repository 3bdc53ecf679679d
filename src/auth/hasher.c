/* SPDX-License-Identifier: MIT */
#include "auth/hasher.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Talk goes before sign-in when there are fewer cores than threads. */
#define NICE 5

struct hasher {
	unsigned cost;
	size_t queue_max;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work;
	struct hash_job *first, **last; /* waiting, oldest first */
	size_t waiting;
	bool stopping;
	unsigned threads_n;
	pthread_t threads[HASHER_THREADS_MAX];
};

/* NULL: the hasher stops. */
static struct hash_job *
take(struct hasher *hasher)
{
	struct hash_job *job = NULL;

	pthread_mutex_lock(&hasher->lock);
	while (hasher->first == NULL && !hasher->stopping)
		pthread_cond_wait(&hasher->work, &hasher->lock);
	if (!hasher->stopping) {
		job = hasher->first;
		hasher->first = job->next;
		if (hasher->first == NULL)
			hasher->last = &hasher->first;
		hasher->waiting--;
	}
	pthread_mutex_unlock(&hasher->lock);
	return job;
}

static void
deliver(struct mail *mail, void *owner)
{
	struct hash_job *job = (struct hash_job *)mail;

	job->closed = owner == NULL;
	job->done(job);
}

static void
wipe(struct hash_job *job)
{
	OPENSSL_cleanse(job->password, sizeof(job->password));
	job->len = 0;
}

static void
answer(struct hash_job *job)
{
	wipe(job);
	job->mail.deliver = deliver;
	mailbox_post(job->mailbox, &job->mail);
}

/* A new string that cannot be made is no reason to refuse a right password. */
static void
verify(const struct hasher *hasher, struct hash_job *job)
{
	job->result = password_verify(job->password, job->len, job->hash,
	    hasher->cost, &job->err);
	if (job->result == PASSWORD_WEAK)
		(void)password_hash(job->password, job->len, hasher->cost,
		    job->better, NULL);
}

static void *
run(void *arg)
{
	struct hasher *hasher = arg;
	struct hash_job *job;

	/* Linux: of this thread alone.  Without it all works as well. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	while ((job = take(hasher)) != NULL) {
		if (job->verify)
			verify(hasher, job);
		else if (password_hash(job->password, job->len, hasher->cost,
		    job->hash, &job->err) == 0)
			job->result = PASSWORD_RIGHT;
		else
			job->result = PASSWORD_FAILED;
		answer(job);
	}
	return NULL;
}

static int
start(struct hasher *hasher, unsigned threads, struct error *err)
{
	for (; hasher->threads_n < threads; hasher->threads_n++) {
		if (pthread_create(&hasher->threads[hasher->threads_n], NULL,
		    run, hasher) != 0) {
			error_set(err, ERROR_SYSTEM,
			    "cannot start a thread that hashes passwords");
			return -1;
		}
	}
	return 0;
}

struct hasher *
hasher_new(unsigned threads, size_t queue_max, unsigned cost,
    struct error *err)
{
	struct hasher *hasher = calloc(1, sizeof(*hasher));

	assert(threads > 0 && threads <= HASHER_THREADS_MAX);
	if (hasher == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a hasher");
		return NULL;
	}
	hasher->cost = cost;
	hasher->queue_max = queue_max;
	hasher->last = &hasher->first;
	pthread_mutex_init(&hasher->lock, NULL);
	pthread_cond_init(&hasher->work, NULL);
	if (start(hasher, threads, err) != 0) {
		hasher_free(hasher);
		return NULL;
	}
	return hasher;
}

void
hasher_free(struct hasher *hasher)
{
	struct hash_job *job, *next;
	unsigned i;

	if (hasher == NULL)
		return;
	pthread_mutex_lock(&hasher->lock);
	hasher->stopping = true;
	pthread_cond_broadcast(&hasher->work);
	pthread_mutex_unlock(&hasher->lock);
	for (i = 0; i < hasher->threads_n; i++)
		pthread_join(hasher->threads[i], NULL);
	for (job = hasher->first; job != NULL; job = next) {
		next = job->next;
		job->result = PASSWORD_FAILED;
		error_set(&job->err, ERROR_STATE, "the server stops");
		answer(job);
	}
	pthread_cond_destroy(&hasher->work);
	pthread_mutex_destroy(&hasher->lock);
	free(hasher);
}

int
hasher_submit(struct hasher *hasher, struct hash_job *job)
{
	bool full;

	assert(job->len <= PASSWORD_MAX);
	job->next = NULL;
	job->closed = false;
	job->better[0] = '\0';
	job->err = (struct error){0};
	pthread_mutex_lock(&hasher->lock);
	full = hasher->waiting >= hasher->queue_max;
	if (!full) {
		*hasher->last = job;
		hasher->last = &job->next;
		hasher->waiting++;
		pthread_cond_signal(&hasher->work);
	}
	pthread_mutex_unlock(&hasher->lock);
	if (full)
		wipe(job);
	return full ? -1 : 0;
}
