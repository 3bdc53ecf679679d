/* SPDX-License-Identifier: MIT */
#ifndef AUTH_HASHER_H
#define AUTH_HASHER_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/password.h"
#include "net/mailbox.h"

/*
 * Threads that hash passwords, so that no loop does, behind a queue of
 * bounded length.
 */
struct hasher;

#define HASHER_THREADS_MAX 64

/* One thread or more; cost is that of new strings (password.h). */
struct hasher *hasher_new(unsigned threads, size_t queue_max, unsigned cost,
    struct error *err);

/*
 * What is queued is answered as PASSWORD_FAILED; the mailboxes of all jobs
 * must still be there.  NULL is allowed.
 */
void hasher_free(struct hasher *hasher);

struct hash_job;
typedef void hash_done(struct hash_job *job);

/*
 * One password.  The submitter owns the block, which begins a larger struct;
 * password is wiped before done(), which runs on the mailbox's thread, once;
 * when that closes first, too, with `closed`.
 */
struct hash_job {
	struct mail mail; /* first */
	struct hash_job *next;
	struct mailbox *mailbox;
	hash_done *done;
	bool verify;	  /* against hash; else hash is made */
	bool closed;	  /* out */
	char hash[PASSWORD_TEXT]; /* in, or out; "" to verify: nobody has it */
	char better[PASSWORD_TEXT]; /* out, of PASSWORD_WEAK: the new one; ""
				       when it could not be made */
	enum password_result result; /* out; PASSWORD_RIGHT: it was made */
	struct error err; /* out, of PASSWORD_FAILED: for the log */
	size_t len;
	char password[PASSWORD_MAX];
};

/*
 * From any thread.  -1: the queue is full; job->done is not called, and the
 * password is wiped all the same.
 */
int hasher_submit(struct hasher *hasher, struct hash_job *job);

#endif
