/* SPDX-License-Identifier: MIT */
#include "server/erasure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "server/admin.h"
#include "server/job.h"
#include "server/server.h"
#include "server/worker.h"

#define PAGE 4096  /* events that are looked at, at a time */
#define WINDOW 256 /* deletions under way */
#define STEP 500   /* changes of one transaction */

/*
 * One person's, on the first worker:
 *
 *	mark ── kick ── delete (page after page) ── leave (each group) ── erase
 *	── kick
 *
 * The second time: whoever was looked up before the mark and has arrived
 * since.
 */
struct erasure {
	struct job job; /* first */
	struct mail kick;
	uint64_t uid;
	char name[NAME_BYTES_MAX + 1];
	struct store_read *page; /* messages to delete */
	size_t at;		 /* in it */
	unsigned in_flight;	 /* deletions */
	uint64_t leaving;	 /* conversation, or 0 */
	bool erased;		 /* all but the report */
	/* the report */
	uint64_t messages, groups, devices, blocks, invitations, reactions,
	    versions;
};

static void look(struct erasure *erasure, uint64_t conv, uint64_t after);
static void find_groups(struct erasure *erasure);
static void kick_off(struct erasure *erasure);
static void erase(struct erasure *erasure, struct store_erase_at from);

static void
fail(struct erasure *erasure, const char *what, enum store_status status)
{
	error_set(&erasure->job.err, ERROR_STATE, "%s is not erased yet: %s "
	    "(status %d); ask again to go on", erasure->name, what,
	    (int)status);
	job_finish(&erasure->job);
}

/* In the name of the person; there is room for another's name. */
static struct store_write *
new_write(struct erasure *erasure, enum store_write_kind kind, uint64_t conv,
    store_write_done *done)
{
	size_t name_size = sizeof(erasure->name);
	struct store_write *write = store_write_new(2 * name_size);

	if (write == NULL)
		return NULL;
	write->kind = kind;
	write->worker = erasure->job.worker->index;
	write->done = done;
	write->arg = erasure;
	write->forced = true;
	write->record.conv = conv;
	write->record.sender = erasure->uid;
	write->record.transport = TRANSPORT_SERVER;
	memcpy(write->extra, erasure->name, name_size);
	write->record.sender_name = write->extra;
	return write;
}

static void
submit(struct erasure *erasure, struct store_write *write)
{
	store_submit(erasure->job.server->store, write);
}

static struct store_read *
new_read(struct erasure *erasure, enum store_read_kind kind,
    store_read_done *done)
{
	struct store_read *read = store_read_new(0);

	if (read == NULL) {
		fail(erasure, "no memory", STORE_NOMEM);
		return NULL;
	}
	read->kind = kind;
	read->worker = erasure->job.worker->index;
	read->done = done;
	read->arg = erasure;
	read->uid = erasure->uid;
	return read;
}

/* ------------------------------------------------------------ the messages */

static void delete_some(struct erasure *erasure);

static void
on_deleted(struct store_write *write)
{
	struct erasure *erasure = write->arg;

	erasure->in_flight--;
	switch (write->status) {
	case STORE_OK:
		erasure->messages++;
		break;
	case STORE_DUPLICATE:
	case STORE_NO_MESSAGE: /* retention was faster */
		break;
	default:
		error_set(&erasure->job.err, ERROR_STATE, "%s is not erased "
		    "yet: a message cannot be (status %d); ask again to go on",
		    erasure->name, (int)write->status);
	}
	delete_some(erasure);
}

/* NULL where there is no memory for it. */
static struct store_write *
new_deletion(struct erasure *erasure, const struct store_cursor *message)
{
	struct store_write *write = new_write(erasure, STORE_WRITE_DELETE,
	    message->conv, on_deleted);

	if (write != NULL)
		write->record.target = message->seq;
	else
		error_set(&erasure->job.err, ERROR_NOMEM, "no memory to erase "
		    "%s; ask again to go on", erasure->name);
	return write;
}

/* Keeps so many under way; after the last of a page, the next. */
static void
delete_some(struct erasure *erasure)
{
	const struct store_read *page = erasure->page;
	struct store_write *write;

	while (erasure->in_flight < WINDOW && erasure->at < page->cursors_n &&
	    erasure->job.err.code == ERROR_NONE) {
		write = new_deletion(erasure, &page->cursors[erasure->at++]);
		if (write == NULL)
			break;
		erasure->in_flight++;
		submit(erasure, write);
	}
	if (erasure->in_flight != 0)
		return;
	if (erasure->job.err.code != ERROR_NONE)
		job_finish(&erasure->job);
	else if (page->more)
		look(erasure, page->conv, page->next);
	else
		find_groups(erasure);
}

static void
on_page(struct store_read *read)
{
	struct erasure *erasure = read->arg;

	store_read_free(erasure->page);
	erasure->page = read;
	erasure->at = 0;
	if (read->status != STORE_OK)
		fail(erasure, "the messages cannot be found", read->status);
	else
		delete_some(erasure);
}

static void
look(struct erasure *erasure, uint64_t conv, uint64_t after)
{
	struct store_read *read = new_read(erasure, STORE_READ_SENT_BY,
	    on_page);

	if (read == NULL)
		return;
	read->conv = conv;
	read->after = after;
	read->limit = PAGE;
	store_query(erasure->job.server->store, read);
}

/* -------------------------------------------------------------- the groups */

static void
on_left(struct store_write *write)
{
	struct erasure *erasure = write->arg;

	if (write->status == STORE_OK)
		erasure->groups++;
	/* Between the look and this, the others may have changed. */
	if (write->status == STORE_OK || write->status == STORE_NOT_MEMBER ||
	    write->status == STORE_LAST_OWNER)
		find_groups(erasure);
	else
		fail(erasure, "a group cannot be left", write->status);
}

static void
leave(struct erasure *erasure)
{
	struct store_write *write = new_write(erasure, STORE_WRITE_LEAVE,
	    erasure->leaving, on_left);

	if (write == NULL) {
		fail(erasure, "no memory", STORE_NOMEM);
		return;
	}
	write->record.flags = RECORD_FORCED;
	submit(erasure, write);
}

static void
on_handed_on(struct store_write *write)
{
	struct erasure *erasure = write->arg;

	if (write->status == STORE_OK || write->status == STORE_DUPLICATE)
		leave(erasure);
	else if (write->status == STORE_NOT_FOUND)
		find_groups(erasure); /* who was to own it has left */
	else
		fail(erasure, "a group cannot be handed on", write->status);
}

/* The highest in rank, of those the longest in the group. */
static const struct store_member *
find_heir(const struct erasure *erasure, const struct store_read *read)
{
	const struct store_member *heir = NULL, *member;
	size_t i;

	for (i = 0; i < read->members_n; i++) {
		member = &read->members[i];
		if (member->uid == erasure->uid)
			continue;
		if (heir == NULL || member->role > heir->role ||
		    (member->role == heir->role &&
			member->joined_seq < heir->joined_seq))
			heir = member;
	}
	return heir;
}

static void
hand_on(struct erasure *erasure, const struct store_member *heir)
{
	struct store_write *write = new_write(erasure, STORE_WRITE_ROLE,
	    erasure->leaving, on_handed_on);
	char *name;

	if (write == NULL) {
		fail(erasure, "no memory", STORE_NOMEM);
		return;
	}
	name = write->extra + sizeof(erasure->name);
	memcpy(name, heir->name, sizeof(heir->name));
	write->record.subject_name = name;
	write->record.role = ROLE_OWNER;
	write->record.flags = RECORD_FORCED;
	write->peer = heir->uid;
	submit(erasure, write);
}

static void
on_members(struct store_read *read)
{
	struct erasure *erasure = read->arg;
	const struct store_member *heir;

	heir = read->status == STORE_OK ? find_heir(erasure, read) : NULL;
	if (read->status != STORE_OK)
		fail(erasure, "the members cannot be found", read->status);
	else if (heir == NULL)
		leave(erasure);
	else
		hand_on(erasure, heir);
	store_read_free(read);
}

static void
find_members(struct erasure *erasure)
{
	struct store_read *read = new_read(erasure, STORE_READ_MEMBERS,
	    on_members);

	if (read == NULL)
		return;
	read->uid = 0;
	read->conv = erasure->leaving;
	store_query(erasure->job.server->store, read);
}

static void
on_groups(struct store_read *read)
{
	struct erasure *erasure = read->arg;
	const struct store_membership *group = NULL;
	bool alone = true;
	size_t i;

	for (i = 0; i < read->memberships_n; i++) {
		if (read->memberships[i].conversation.kind ==
		    CONVERSATION_GROUP)
			group = &read->memberships[i];
	}
	if (group != NULL) {
		erasure->leaving = group->conversation.id;
		alone = group->role != ROLE_OWNER ||
		    group->conversation.owners > 1 ||
		    group->conversation.members == 1;
	}
	if (read->status != STORE_OK)
		fail(erasure, "the groups cannot be found", read->status);
	else if (group == NULL)
		erase(erasure, (struct store_erase_at){0});
	else if (alone)
		leave(erasure);
	else
		find_members(erasure);
	store_read_free(read);
}

static void
find_groups(struct erasure *erasure)
{
	struct store_read *read = new_read(erasure, STORE_READ_ERASING,
	    on_groups);

	if (read != NULL)
		store_query(erasure->job.server->store, read);
}

/* ---------------------------------------------------------------- the rest */

static void
on_erased(struct store_write *write)
{
	struct erasure *erasure = write->arg;
	const struct store_erase *step = &write->erase;

	if (write->status == STORE_CONFLICT) {
		find_groups(erasure); /* someone has added them */
		return;
	}
	if (write->status != STORE_OK && write->status != STORE_DUPLICATE) {
		fail(erasure, "what is kept of them stays", write->status);
		return;
	}
	erasure->devices += step->devices;
	erasure->blocks += step->blocks;
	erasure->invitations += step->invitations;
	erasure->reactions += step->reactions;
	erasure->versions += step->versions;
	erasure->erased = step->next.phase == 0;
	if (erasure->erased)
		kick_off(erasure);
	else
		erase(erasure, step->next);
}

static void
erase(struct erasure *erasure, struct store_erase_at from)
{
	struct store_write *write = new_write(erasure, STORE_WRITE_ERASE, 0,
	    on_erased);

	if (write == NULL) {
		fail(erasure, "no memory", STORE_NOMEM);
		return;
	}
	write->limit = STEP;
	write->erase.from = from;
	submit(erasure, write);
}

/* ------------------------------------------------------------ the beginning */

/* Back on the first worker: what they had under way is committed. */
static void
on_kicked(struct mail *mail, void *owner)
{
	struct erasure *erasure = (struct erasure *)(void *)((char *)mail -
	    offsetof(struct erasure, kick));

	if (owner == NULL)
		return;
	if (erasure->erased)
		job_finish(&erasure->job);
	else
		look(erasure, 0, 0);
}

static void
kick(struct mail *mail, void *owner)
{
	struct erasure *erasure = (struct erasure *)(void *)((char *)mail -
	    offsetof(struct erasure, kick));
	struct worker *worker = owner;

	if (worker == NULL)
		return;
	chat_kick(worker->chat, erasure->uid, NULL);
	mail->deliver = on_kicked;
	mailbox_post(worker->server->workers[0]->mailbox, mail);
}

/* From the worker that they are signed in at. */
static void
kick_off(struct erasure *erasure)
{
	const struct server *server = erasure->job.server;
	size_t owner = owner_of(erasure->uid, server->workers_n);

	erasure->kick.deliver = kick;
	mailbox_post(server->workers[owner]->mailbox, &erasure->kick);
}

static bool
is_under_way(const struct erasure *erasure)
{
	const struct job *job;

	for (job = erasure->job.worker->jobs; job != NULL; job = job->next) {
		if (job != &erasure->job && job->run == erasure->job.run &&
		    ((const struct erasure *)(const void *)job)->uid ==
		    erasure->uid)
			return true;
	}
	return false;
}

static void
on_begun(struct store_write *write)
{
	struct erasure *erasure = write->arg;
	struct error *err = &erasure->job.err;
	uint64_t uid = write->record.sender;

	if (write->status == STORE_OK) {
		erasure->uid = uid;
		if (!is_under_way(erasure)) {
			kick_off(erasure);
			return;
		}
		erasure->uid = 0;
		error_set(err, ERROR_STATE, "%s is being erased already: the "
		    "log will say when it is done", erasure->name);
	} else if (write->status == STORE_NOT_FOUND) {
		error_set(err, ERROR_STATE, "there is nobody called %s",
		    erasure->name);
	} else if (write->status == STORE_DUPLICATE) {
		error_set(err, ERROR_STATE, "%s was erased before",
		    erasure->name);
	} else {
		error_set(err, ERROR_STATE, "the store cannot do it now "
		    "(status %d): try again", (int)write->status);
	}
	job_finish(&erasure->job);
}

static void
run(struct job *job)
{
	struct erasure *erasure = (struct erasure *)(void *)job;
	struct store_write *write = new_write(erasure, STORE_WRITE_ERASE, 0,
	    on_begun);

	if (write == NULL) {
		error_set(&job->err, ERROR_NOMEM, "no memory to erase %s",
		    erasure->name);
		job_finish(job);
		return;
	}
	memcpy(write->name, erasure->name, sizeof(erasure->name));
	submit(erasure, write);
}

/* -------------------------------------------------------------- the report */

static void
answer(const struct erasure *erasure)
{
	char text[512];

	snprintf(text, sizeof(text), "%s is erased, and the name will not be "
	    "given again\nmessages     %llu\ngroups       %llu\n"
	    "devices      %llu\nreactions    %llu\nversions     %llu\n"
	    "blocks       %llu\ninvitations  %llu", erasure->name,
	    (unsigned long long)erasure->messages,
	    (unsigned long long)erasure->groups,
	    (unsigned long long)erasure->devices,
	    (unsigned long long)erasure->reactions,
	    (unsigned long long)erasure->versions,
	    (unsigned long long)erasure->blocks,
	    (unsigned long long)erasure->invitations);
	admin_answer(erasure->job.client, text,
	    json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
	    "name", erasure->name,
	    "messages", (json_int_t)erasure->messages,
	    "groups", (json_int_t)erasure->groups,
	    "devices", (json_int_t)erasure->devices,
	    "reactions", (json_int_t)erasure->reactions,
	    "versions", (json_int_t)erasure->versions,
	    "blocks", (json_int_t)erasure->blocks,
	    "invitations", (json_int_t)erasure->invitations));
}

static void
done(struct job *job)
{
	struct erasure *erasure = (struct erasure *)(void *)job;
	bool well = job->err.code == ERROR_NONE;

	log_write(&job->server->log, well ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
	    well ? "erase.done" : "erase.failed", "user=%s messages=%llu%s%s",
	    erasure->name, (unsigned long long)erasure->messages,
	    well ? "" : ": ", well ? "" : job->err.text);
	if (job->client != NULL && well)
		answer(erasure);
	else if (job->client != NULL)
		admin_fail(job->client, job->err.text);
	store_read_free(erasure->page);
	free(erasure);
}

static struct erasure *
new_erasure(const char *name)
{
	struct erasure *erasure = calloc(1, sizeof(*erasure));

	if (erasure == NULL)
		return NULL;
	erasure->job.run = run;
	erasure->job.done = done;
	snprintf(erasure->name, sizeof(erasure->name), "%s", name);
	return erasure;
}

void
erasure_begin(struct admin_client *client, const char *name)
{
	struct erasure *erasure = new_erasure(name);

	if (erasure == NULL) {
		admin_fail(client, "no memory to erase");
		return;
	}
	erasure->job.client = client;
	job_begin(client->server, &erasure->job);
}

/* On the main thread, where jobs begin. */
static void
deliver_asked(struct mail *mail, void *owner)
{
	struct erasure *erasure = (struct erasure *)(void *)mail;

	if (owner != NULL)
		job_begin(owner, &erasure->job);
	else
		free(erasure);
}

int
erasure_ask(struct server *server, const char *name)
{
	struct erasure *erasure = new_erasure(name);

	if (erasure == NULL)
		return -1;
	erasure->job.mail.deliver = deliver_asked;
	mailbox_post(server->mailbox, &erasure->job.mail);
	return 0;
}

/* ---------------------------------------------------- after an interruption */

static void
on_unfinished(struct store_read *read)
{
	struct job *job = read->arg;
	struct erasure *erasure;
	size_t i;

	for (i = 0; i < read->people_n; i++) {
		erasure = new_erasure(read->people[i].name);
		if (erasure != NULL)
			job_run(job->worker, &erasure->job);
	}
	store_read_free(read);
	job_finish(job);
}

static void
find_unfinished(struct job *job)
{
	struct store_read *read = store_read_new(0);

	if (read == NULL) {
		job_finish(job);
		return;
	}
	read->kind = STORE_READ_ERASING;
	read->worker = job->worker->index;
	read->done = on_unfinished;
	read->arg = job;
	store_query(job->server->store, read);
}

static void
forget(struct job *job)
{
	free(job);
}

void
erasure_resume(struct server *server)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return; /* the next start will */
	job->run = find_unfinished;
	job->done = forget;
	job_begin(server, job);
}
