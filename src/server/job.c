/* SPDX-License-Identifier: MIT */
#include "server/job.h"

#include "server/server.h"
#include "server/worker.h"

static void
say_stopping(struct job *job)
{
	error_set(&job->err, ERROR_STATE, "the server stops");
}

static void
deliver_back(struct mail *mail, void *owner)
{
	struct job *job = (struct job *)(void *)mail;

	if (owner == NULL && job->err.code == ERROR_NONE)
		say_stopping(job);
	job->done(job);
}

static void
send_back(struct job *job)
{
	job->mail.deliver = deliver_back;
	mailbox_post(job->server->mailbox, &job->mail);
}

static void
deliver(struct mail *mail, void *owner)
{
	struct job *job = (struct job *)(void *)mail;

	if (owner != NULL) {
		job_run(owner, job);
		return;
	}
	say_stopping(job);
	send_back(job);
}

void
job_begin(struct server *server, struct job *job)
{
	job->server = server;
	job->mail.deliver = deliver;
	mailbox_post(server->workers[0]->mailbox, &job->mail);
}

void
job_run(struct worker *worker, struct job *job)
{
	job->server = worker->server;
	job->worker = worker;
	job->next = worker->jobs;
	job->prev = &worker->jobs;
	if (job->next != NULL)
		job->next->prev = &job->next;
	worker->jobs = job;
	job->run(job);
}

static void
unlink_job(struct job *job)
{
	*job->prev = job->next;
	if (job->next != NULL)
		job->next->prev = job->prev;
}

void
job_finish(struct job *job)
{
	unlink_job(job);
	send_back(job);
}

void
jobs_abandon(struct worker *worker)
{
	struct job *job;

	while ((job = worker->jobs) != NULL) {
		unlink_job(job);
		say_stopping(job);
		job->done(job);
	}
}

struct store_read *
job_read_new(struct job *job, enum store_read_kind kind,
    store_read_done *done)
{
	struct store_read *read = store_read_new(0);

	if (read == NULL)
		return NULL;
	read->kind = kind;
	read->worker = job->worker->index;
	read->done = done;
	read->arg = job;
	return read;
}

struct store_write *
job_write_new(struct job *job, enum store_write_kind kind, size_t extra,
    store_write_done *done)
{
	struct store_write *write = store_write_new(extra);

	if (write == NULL)
		return NULL;
	write->kind = kind;
	write->worker = job->worker->index;
	write->done = done;
	write->arg = job;
	return write;
}
