/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/hasher.h"
#include "base/email.h"
#include "base/utf8.h"
#include "chat/text.h"
#include "server/admin_users.h"
#include "server/server.h"
#include "server/worker.h"

#define BATCH_MAX 256

/*
 * Accounts to be made, of one command: those with a password are hashed, one
 * after the other, then all are submitted at once, so that they share a
 * commit.  What is refused is said of each, and does not hinder the others.
 */
struct entry {
	bool bot;
	char name[NAME_BYTES_MAX + 1], email[EMAIL_BYTES_MAX + 1];
	char display_name[DISPLAY_NAME_MAX + 1];
	char password[PASSWORD_TEXT]; /* its hash, or "" */
	char *plain; /* to be hashed, or NULL */
	const char *refusal; /* a sentence, or NULL */
	int64_t line; /* of the operator's file */
};

struct import {
	struct job job; /* first */
	struct hash_job hash;
	bool single;
	size_t at, waiting, n;
	struct entry entries[];
};

/* ------------------------------------------------------------- the answer */

static void
drop_plain(struct entry *entry)
{
	if (entry->plain != NULL) {
		explicit_bzero(entry->plain, strlen(entry->plain));
		free(entry->plain);
	}
	entry->plain = NULL;
}

static json_t *
refusals(const struct import *import)
{
	json_t *array = json_array();
	const struct entry *entry;
	size_t i;

	for (i = 0; i < import->n; i++) {
		entry = &import->entries[i];
		if (entry->refusal != NULL)
			json_array_append_new(array,
			    json_pack("{s:I,s:s,s:s}", "line",
			    (json_int_t)entry->line, "name", entry->name,
			    "error", entry->refusal));
	}
	return array;
}

static void
answer(const struct import *import)
{
	const struct entry *first = &import->entries[0];
	char text[NAME_BYTES_MAX + 256];
	size_t i, made = 0;

	for (i = 0; i < import->n; i++)
		made += import->entries[i].refusal == NULL;
	if (import->single && made == 0) {
		snprintf(text, sizeof(text), "%s: %s", first->name,
		    first->refusal);
		admin_fail(import->job.client, text);
	} else if (import->single) {
		snprintf(text, sizeof(text), "%s has an account", first->name);
		admin_answer(import->job.client, text, json_pack("{s:s}",
		    "name", first->name));
	} else {
		snprintf(text, sizeof(text), "%zu made, %zu refused", made,
		    import->n - made);
		admin_answer(import->job.client, text,
		    json_pack("{s:I,s:o}", "made", (json_int_t)made,
		    "refused", refusals(import)));
	}
}

static void
import_free(struct import *import)
{
	size_t i;

	for (i = 0; i < import->n; i++)
		drop_plain(&import->entries[i]);
	explicit_bzero(import, sizeof(*import) +
	    import->n * sizeof(import->entries[0]));
	free(import);
}

static void
done(struct job *job)
{
	struct import *import = (struct import *)(void *)job;

	if (job->err.code != ERROR_NONE)
		admin_fail(job->client, job->err.text);
	else
		answer(import);
	import_free(import);
}

/* ------------------------------------------------------------- the commits */

static const char *
explain(const struct store_write *write)
{
	switch (write->status) {
	case STORE_OK:
		return NULL;
	case STORE_EXISTS:
		return write->account->taken == ACCOUNT_EMAIL ?
		    "the e-mail address has an account already" :
		    "the name has an account already, or was erased";
	case STORE_NO_SPACE:
		return "the disk is full";
	case STORE_LIMIT:
		return "something is too long";
	default:
		return "the store could not do it: try again";
	}
}

static void
on_made(struct store_write *write)
{
	struct import *import = write->arg;
	struct entry *entry = &import->entries[write->session];

	entry->refusal = explain(write);
	if (--import->waiting == 0)
		job_finish(&import->job);
}

/* What a write points to lives in it: workers are fed it when we are gone. */
struct made {
	struct store_account account;
	char email[EMAIL_BYTES_MAX + 1], password[PASSWORD_TEXT];
	char display_name[DISPLAY_NAME_MAX + 1];
};

/* False: no memory. */
static bool
submit(struct import *import, size_t at)
{
	const struct entry *entry = &import->entries[at];
	struct store_write *write = store_write_new(sizeof(struct made));
	struct made *made;

	if (write == NULL)
		return false;
	made = (struct made *)(void *)write->extra;
	memcpy(made->email, entry->email, sizeof(made->email));
	memcpy(made->password, entry->password, sizeof(made->password));
	memcpy(made->display_name, entry->display_name,
	    sizeof(made->display_name));
	made->account = (struct store_account){
	    .has = ACCOUNT_EMAIL | ACCOUNT_PASSWORD | ACCOUNT_DISPLAY_NAME |
		ACCOUNT_FLAGS,
	    .email = made->email,
	    .password = made->password,
	    .display_name = made->display_name,
	    .flags = entry->bot ? ACCOUNT_BOT : 0,
	    .flags_mask = ACCOUNT_BOT,
	    .claim = true};
	write->kind = STORE_WRITE_REGISTER;
	write->worker = import->job.worker->index;
	write->done = on_made;
	write->arg = import;
	write->session = at;
	write->account = &made->account;
	memcpy(write->name, entry->name, sizeof(entry->name));
	import->waiting++;
	store_submit(import->job.server->store, write);
	return true;
}

static void
submit_all(struct import *import)
{
	size_t i;

	/* One more: no answer is the last before all are submitted. */
	import->waiting = 1;
	for (i = 0; i < import->n; i++) {
		if (import->entries[i].refusal == NULL && !submit(import, i))
			import->entries[i].refusal = "no memory: try again";
	}
	if (--import->waiting == 0)
		job_finish(&import->job);
}

/* ------------------------------------------------------------ the passwords */

static void hash_next(struct import *import);

static void
on_hashed(struct hash_job *job)
{
	struct import *import = (struct import *)(void *)((char *)job -
	    offsetof(struct import, hash));
	struct entry *entry;

	if (job->closed)
		return; /* jobs_abandon() has it */
	entry = &import->entries[import->at++];
	if (job->result == PASSWORD_RIGHT)
		memcpy(entry->password, job->hash, sizeof(entry->password));
	else
		entry->refusal = "the password could not be hashed";
	hash_next(import);
}

static void
hash_next(struct import *import)
{
	struct hash_job *job = &import->hash;
	struct entry *entry;

	for (; import->at < import->n; import->at++) {
		entry = &import->entries[import->at];
		if (entry->plain == NULL || entry->refusal != NULL)
			continue;
		memset(job, 0, sizeof(*job));
		job->mailbox = import->job.worker->mailbox;
		job->done = on_hashed;
		job->len = strlen(entry->plain);
		memcpy(job->password, entry->plain, job->len);
		drop_plain(entry);
		if (hasher_submit(import->job.server->hasher, job) == 0)
			return;
		entry->refusal = "too many people are signing in: try again";
	}
	submit_all(import);
}

static void
run(struct job *job)
{
	hash_next((struct import *)(void *)job);
}

/* ------------------------------------------------------------- the question */

static const char *
member(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static const char *
read_password(const json_t *object, struct entry *entry)
{
	const char *hash = member(object, "hash");
	const char *plain = member(object, "password");
	struct error err;

	if (hash != NULL && plain != NULL)
		return "either a password or its hash";
	if (hash != NULL) {
		if (strlen(hash) >= sizeof(entry->password) ||
		    !password_hash_valid(hash))
			return "the hash is none that can be verified "
			       "(bcrypt, scrypt)";
		strcpy(entry->password, hash);
		return NULL;
	}
	if (plain == NULL)
		return NULL;
	if (password_check(plain, strlen(plain), &err) == -1)
		return "the password must have 8 to 1024 bytes";
	entry->plain = strdup(plain);
	return entry->plain == NULL ? "no memory: try again" : NULL;
}

/* What is wrong with it, or NULL. */
static const char *
read_entry(const json_t *object, struct entry *entry)
{
	const char *name = member(object, "name");
	const char *email = member(object, "email");
	const char *shown = member(object, "display_name");

	entry->line = json_integer_value(json_object_get(object, "line"));
	if (name == NULL || !name_fold(name, strlen(name), entry->name))
		return "the name must be 2 to 32 letters, digits, dots, "
		       "dashes and underscores";
	if (email != NULL && email[0] != '\0' &&
	    !email_fold(email, strlen(email), entry->email))
		return "the e-mail address is none";
	if (shown != NULL && (strlen(shown) > DISPLAY_NAME_MAX ||
	    !text_is_plain(shown, strlen(shown), true)))
		return "the display name must be at most 128 bytes, without "
		       "characters that control the display";
	if (shown != NULL)
		strcpy(entry->display_name, shown);
	entry->bot = json_is_true(json_object_get(object, "bot"));
	return read_password(object, entry);
}

static struct import *
import_new(struct admin_client *client, size_t n)
{
	struct import *import = calloc(1, sizeof(*import) +
	    n * sizeof(import->entries[0]));

	if (import == NULL) {
		admin_fail(client, "no memory for accounts");
		return NULL;
	}
	import->job.client = client;
	import->job.run = run;
	import->job.done = done;
	import->n = n;
	return import;
}

void
users_add(struct admin_client *client, const json_t *arguments)
{
	struct import *import = import_new(client, 1);

	if (import == NULL)
		return;
	import->single = true;
	import->entries[0].refusal = read_entry(arguments,
	    &import->entries[0]);
	job_begin(client->server, &import->job);
}

void
users_import(struct admin_client *client, const json_t *arguments)
{
	const json_t *users = json_object_get(arguments, "users"), *one;
	struct import *import;
	size_t at;

	if (json_array_size(users) < 1 || json_array_size(users) > BATCH_MAX) {
		admin_fail(client, "users must be an array of 1 to 256");
		return;
	}
	import = import_new(client, json_array_size(users));
	if (import == NULL)
		return;
	json_array_foreach(users, at, one)
		import->entries[at].refusal = read_entry(one,
		    &import->entries[at]);
	job_begin(client->server, &import->job);
}
