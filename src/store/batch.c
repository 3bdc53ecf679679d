/* SPDX-License-Identifier: MIT */
#include "store/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"

/* Values of feed_to[0] beside a worker's index. */
#define FEED_NOBODY UINT32_MAX
#define FEED_ALL (UINT32_MAX - 1)

struct batch *
batch_new(size_t size, const struct store_worker *workers, unsigned workers_n)
{
	struct batch *batch;
	unsigned i;

	batch = malloc(sizeof(*batch) + workers_n * sizeof(batch->mails[0]));
	if (batch == NULL)
		return NULL;
	batch->entries = malloc(size * sizeof(batch->entries[0]));
	if (batch->entries == NULL) {
		free(batch);
		return NULL;
	}
	atomic_init(&batch->refs, 1);
	batch->workers = workers_n;
	batch->n = 0;
	batch->size = size;
	for (i = 0; i < workers_n; i++) {
		batch->mails[i].batch = batch;
		batch->mails[i].to = workers[i];
		batch->mails[i].index = i;
		batch->mails[i].wanted = false;
	}
	return batch;
}

void
batch_add(struct batch *batch, struct store_write *write)
{
	struct batch_entry *entry = &batch->entries[batch->n++];

	assert(batch->n <= batch->size);
	entry->write = write;
	entry->conv = write->record.conv;
}

void
batch_rewind(struct batch_entry *entry)
{
	struct store_write *write = entry->write;

	write->record.conv = entry->conv;
	write->record.subject = 0;
	write->record.until_us = 0;
	write->status = STORE_OK;
	write->created = false;
	write->missing = PERMISSION_NONE;
	write->role = write->subject_role = ROLE_NONE;
	memset(&write->conversation, 0, sizeof(write->conversation));
	memset(&write->before, 0, sizeof(write->before));
	memset(&write->now, 0, sizeof(write->now));
	write->joined_seq = 0;
	if (write->kind == STORE_WRITE_MARK)
		write->unread = false;
	if (write->kind != STORE_WRITE_HIDE_READ)
		write->hides_read = false;
}

void
batch_free(struct batch *batch)
{
	size_t i;

	if (batch == NULL)
		return;
	for (i = 0; i < batch->n; i++)
		store_write_unref(batch->entries[i].write);
	free(batch->entries);
	free(batch);
}

static void
batch_unref(struct batch *batch)
{
	if (atomic_fetch_sub_explicit(&batch->refs, 1,
	    memory_order_acq_rel) == 1)
		batch_free(batch);
}

/* Whom a write concerns. */
enum feed { TO_NOBODY, TO_CONVERSATION, TO_SENDER, TO_ALL };

static const enum feed feeds[] = {
    [STORE_WRITE_APPEND] = TO_CONVERSATION,
    [STORE_WRITE_JOIN] = TO_CONVERSATION,
    [STORE_WRITE_CREATE] = TO_CONVERSATION,
    [STORE_WRITE_LEAVE] = TO_CONVERSATION,
    [STORE_WRITE_INVITE] = TO_CONVERSATION,
    [STORE_WRITE_ADD] = TO_CONVERSATION,
    [STORE_WRITE_KICK] = TO_CONVERSATION,
    [STORE_WRITE_BAN] = TO_CONVERSATION,
    [STORE_WRITE_UNBAN] = TO_CONVERSATION,
    [STORE_WRITE_MUTE] = TO_CONVERSATION,
    [STORE_WRITE_UNMUTE] = TO_CONVERSATION,
    [STORE_WRITE_ROLE] = TO_CONVERSATION,
    [STORE_WRITE_UPDATE] = TO_CONVERSATION,
    [STORE_WRITE_EDIT] = TO_CONVERSATION,
    [STORE_WRITE_DELETE] = TO_CONVERSATION,
    [STORE_WRITE_REACT] = TO_CONVERSATION,
    [STORE_WRITE_MARK] = TO_CONVERSATION,
    [STORE_WRITE_UNREAD] = TO_SENDER,
    [STORE_WRITE_HIDE_READ] = TO_SENDER,
    [STORE_WRITE_BLOCK] = TO_SENDER,
    [STORE_WRITE_UNBLOCK] = TO_SENDER,
    [STORE_WRITE_REGISTER] = TO_SENDER,
    [STORE_WRITE_ACCOUNT] = TO_SENDER,
    [STORE_WRITE_SIGN_OUT] = TO_SENDER,
    [STORE_WRITE_RESET] = TO_SENDER,
    [STORE_WRITE_BAN_RANGE] = TO_ALL,
    [STORE_WRITE_UNBAN_RANGE] = TO_ALL,
    [STORE_WRITE_LOCKDOWN] = TO_ALL,
};

static enum feed
feed_of(const struct store_write *write)
{
	/* A used token was shown: its family is signed out. */
	if (write->kind == STORE_WRITE_REFRESH &&
	    write->status == STORE_CONFLICT)
		return TO_SENDER;
	if (write->status != STORE_OK ||
	    write->kind >= sizeof(feeds) / sizeof(feeds[0]))
		return TO_NOBODY;
	/* Who is new was not there to be told. */
	if (write->kind == STORE_WRITE_REGISTER && write->created)
		return TO_NOBODY;
	return feeds[write->kind];
}

static void
choose_feeds(struct batch_entry *entry, unsigned workers)
{
	const struct store_write *write = entry->write;
	const struct conversation_info *info = &write->conversation;
	enum feed feed = feed_of(write);

	entry->feed_to[0] = entry->feed_to[1] = FEED_NOBODY;
	if (feed == TO_SENDER) {
		entry->feed_to[0] = owner_of(write->record.sender, workers);
	} else if (feed == TO_CONVERSATION &&
	    info->kind == CONVERSATION_DIRECT) {
		entry->feed_to[0] = owner_of(info->a, workers);
		entry->feed_to[1] = owner_of(info->b, workers);
	} else if (feed != TO_NOBODY) {
		entry->feed_to[0] = FEED_ALL;
	}
}

static bool
is_fed(const struct batch_entry *entry, unsigned worker)
{
	return entry->feed_to[0] == worker || entry->feed_to[1] == worker ||
	    entry->feed_to[0] == FEED_ALL;
}

static void
deliver(struct mail *mail, void *owner)
{
	struct batch_mail *self = (struct batch_mail *)mail;
	struct batch *batch = self->batch;
	struct batch_entry *entry;
	struct store_write *write;
	size_t i;

	for (i = 0; i < batch->n && owner != NULL; i++) {
		entry = &batch->entries[i];
		write = entry->write;
		if (write->worker == self->index && write->done != NULL)
			write->done(write);
		if (is_fed(entry, self->index))
			self->to.feed(self->to.arg, write);
	}
	batch_unref(batch);
}

static void
want(struct batch *batch, const struct batch_entry *entry)
{
	unsigned i;

	batch->mails[entry->write->worker].wanted |=
	    entry->write->done != NULL;
	if (entry->feed_to[0] == FEED_NOBODY)
		return;
	for (i = 0; entry->feed_to[0] == FEED_ALL && i < batch->workers; i++)
		batch->mails[i].wanted = true;
	for (i = 0; i < 2; i++) {
		if (entry->feed_to[i] < FEED_ALL)
			batch->mails[entry->feed_to[i]].wanted = true;
	}
}

void
batch_publish(struct batch *batch)
{
	struct batch_mail *mail;
	size_t i;

	for (i = 0; i < batch->n; i++) {
		choose_feeds(&batch->entries[i], batch->workers);
		want(batch, &batch->entries[i]);
	}
	/* Its own reference lasts until all are posted. */
	for (i = 0; i < batch->workers; i++) {
		mail = &batch->mails[i];
		if (!mail->wanted)
			continue;
		atomic_fetch_add_explicit(&batch->refs, 1,
		    memory_order_relaxed);
		mail->mail.deliver = deliver;
		mailbox_post(mail->to.mailbox, &mail->mail);
	}
	batch_unref(batch);
}
