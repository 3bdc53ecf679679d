/* SPDX-License-Identifier: MIT */
#include "server/admin_users.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/hasher.h"
#include "auth/opaque.h"
#include "base/clock.h"
#include "server/server.h"
#include "server/worker.h"

#define LIST_LIMIT 1000
#define CODE_USES_MAX 1000000

static const struct clock system_clock;

/*
 * One command, on the first worker, whose store and hasher answer there.
 * then() is what it does once the account is read.
 */
struct user_job {
	struct job job; /* first */
	void (*begin)(struct user_job *user); /* on the worker */
	void (*then)(struct user_job *user, const struct store_read *read);
	char name[NAME_BYTES_MAX + 1];
	uint64_t uid;
	uint8_t flags; /* to be set, or not, of flags_mask */
	uint8_t flags_mask;
	int64_t ttl_s;
	uint32_t uses;
	char code[CODE_TEXT];
	struct hash_job hash;
	struct buf text; /* the answer */
	json_t *data;
};

/* -------------------------------------------------------------- its ways */

static void
say(struct user_job *user, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct user_job *user, const char *format, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	buf_puts(&user->text, line);
}

static void
fail(struct user_job *user, const char *what, enum store_status status)
{
	if (status == STORE_NOT_FOUND)
		error_set(&user->job.err, ERROR_STATE, "nobody is called %s",
		    user->name);
	else
		error_set(&user->job.err, ERROR_STATE, "%s (status %d): try "
		    "again", what, (int)status);
	job_finish(&user->job);
}

static void
finish(struct user_job *user)
{
	buf_putc(&user->text, '\0');
	if (user->text.failed || user->data == NULL)
		error_set(&user->job.err, ERROR_NOMEM,
		    "no memory for the answer");
	job_finish(&user->job);
}

static void
done(struct job *job)
{
	struct user_job *user = (struct user_job *)(void *)job;

	if (job->err.code != ERROR_NONE) {
		admin_fail(job->client, job->err.text);
		json_decref(user->data);
	} else {
		admin_answer(job->client, user->text.data, user->data);
	}
	buf_fini(&user->text);
	explicit_bzero(user, sizeof(*user));
	free(user);
}

static void
run(struct job *job)
{
	struct user_job *user = (struct user_job *)(void *)job;

	user->begin(user);
}

static struct store_read *
new_read(struct user_job *user, enum store_read_kind kind,
    store_read_done *on_read)
{
	struct store_read *read = store_read_new(0);

	if (read == NULL) {
		fail(user, "no memory", STORE_NOMEM);
		return NULL;
	}
	read->kind = kind;
	read->worker = user->job.worker->index;
	read->done = on_read;
	read->arg = user;
	read->uid = user->uid;
	return read;
}

static struct store_write *
new_write(struct user_job *user, enum store_write_kind kind, size_t extra,
    store_write_done *on_written)
{
	struct store_write *write = store_write_new(extra);

	if (write == NULL) {
		fail(user, "no memory", STORE_NOMEM);
		return NULL;
	}
	write->kind = kind;
	write->worker = user->job.worker->index;
	write->done = on_written;
	write->arg = user;
	write->record.sender = user->uid;
	return write;
}

static void
on_account(struct store_read *read)
{
	struct user_job *user = read->arg;

	if (read->status == STORE_OK) {
		user->uid = read->person.uid;
		user->then(user, read);
	} else {
		fail(user, "the account cannot be read", read->status);
	}
	store_read_free(read);
}

static void
read_account(struct user_job *user)
{
	struct store_read *read;

	read = new_read(user, STORE_READ_ACCOUNT, on_account);
	if (read == NULL)
		return;
	memcpy(read->name, user->name, sizeof(user->name));
	store_query(user->job.server->store, read);
}

static struct user_job *
new_job(struct admin_client *client, void (*begin)(struct user_job *user))
{
	struct user_job *user = calloc(1, sizeof(*user));

	if (user == NULL) {
		admin_fail(client, "no memory for this");
		return NULL;
	}
	user->job.client = client;
	user->job.run = run;
	user->job.done = done;
	user->begin = begin;
	return user;
}

/* A command about one person; NULL: it is answered. */
static struct user_job *
new_of_name(struct admin_client *client, const json_t *arguments,
    void (*then)(struct user_job *user, const struct store_read *read))
{
	const char *name = json_string_value(json_object_get(arguments,
	    "name"));
	char folded[NAME_BYTES_MAX + 1];
	struct user_job *user;

	if (name == NULL || !name_fold(name, strlen(name), folded)) {
		admin_fail(client, "this needs the name of a person");
		return NULL;
	}
	user = new_job(client, read_account);
	if (user == NULL)
		return NULL;
	user->then = then;
	memcpy(user->name, folded, sizeof(folded));
	return user;
}

static void
begin(struct user_job *user)
{
	job_begin(user->job.client->server, &user->job);
}

/* ----------------------------------------------------------------- changes */

static void
on_changed(struct store_write *write)
{
	struct user_job *user = write->arg;

	if (write->status == STORE_OK || write->status == STORE_DUPLICATE) {
		user->data = json_pack("{s:s}", "name", user->name);
		finish(user);
	} else {
		fail(user, "the account cannot be changed", write->status);
	}
}

static void
set_flags(struct user_job *user, const struct store_read *read)
{
	struct store_account *account;
	struct store_write *write;

	(void)read;
	write = new_write(user, STORE_WRITE_ACCOUNT, sizeof(*account),
	    on_changed);
	if (write == NULL)
		return;
	account = write->account =
	    (struct store_account *)(void *)write->extra;
	account->has = ACCOUNT_FLAGS;
	account->flags = user->flags;
	account->flags_mask = user->flags_mask;
	say(user, user->flags != 0 ? "%s is disabled and signed out" :
	    "%s may sign in again", user->name);
	store_submit(user->job.server->store, write);
}

static void
run_disable(struct admin_client *client, const json_t *arguments)
{
	struct user_job *user = new_of_name(client, arguments, set_flags);

	if (user == NULL)
		return;
	user->flags = user->flags_mask = ACCOUNT_DISABLED;
	begin(user);
}

static void
run_enable(struct admin_client *client, const json_t *arguments)
{
	struct user_job *user = new_of_name(client, arguments, set_flags);

	if (user == NULL)
		return;
	user->flags_mask = ACCOUNT_DISABLED | ACCOUNT_DEACTIVATED;
	begin(user);
}

static void
sign_out(struct user_job *user, const struct store_read *read)
{
	struct store_write *write;

	(void)read;
	write = new_write(user, STORE_WRITE_SIGN_OUT, 0, on_changed);
	if (write == NULL)
		return;
	say(user, "%s is signed out everywhere", user->name);
	store_submit(user->job.server->store, write);
}

static void
run_sign_out(struct admin_client *client, const json_t *arguments)
{
	struct user_job *user = new_of_name(client, arguments, sign_out);

	if (user != NULL)
		begin(user);
}

/* ---------------------------------------------------------------- password */

static void
set_password(struct user_job *user, const struct store_read *read)
{
	struct store_account *account;
	struct store_write *write;
	char *password;

	(void)read;
	write = new_write(user, STORE_WRITE_ACCOUNT, sizeof(*account) +
	    PASSWORD_TEXT, on_changed);
	if (write == NULL)
		return;
	account = write->account =
	    (struct store_account *)(void *)write->extra;
	password = write->extra + sizeof(*account);
	memcpy(password, user->hash.hash, PASSWORD_TEXT);
	account->has = ACCOUNT_PASSWORD;
	account->password = password;
	account->sign_out = true;
	say(user, "%s has a new password and is signed out everywhere",
	    user->name);
	store_submit(user->job.server->store, write);
}

static void
on_hashed(struct hash_job *job)
{
	struct user_job *user = (struct user_job *)(void *)((char *)job -
	    offsetof(struct user_job, hash));

	if (job->closed)
		return; /* jobs_abandon() has it */
	if (job->result == PASSWORD_RIGHT) {
		read_account(user);
		return;
	}
	user->job.err = job->err;
	job_finish(&user->job);
}

static void
hash_password(struct user_job *user)
{
	user->hash.mailbox = user->job.worker->mailbox;
	user->hash.done = on_hashed;
	if (hasher_submit(user->job.server->hasher, &user->hash) == 0)
		return;
	error_set(&user->job.err, ERROR_STATE, "too many people are signing "
	    "in: try again");
	job_finish(&user->job);
}

static void
run_passwd(struct admin_client *client, const json_t *arguments)
{
	const char *password = json_string_value(json_object_get(arguments,
	    "password"));
	struct user_job *user;
	struct error err;

	if (password == NULL || password_check(password, strlen(password),
	    &err) == -1) {
		admin_fail(client, password == NULL ?
		    "this needs a password" : err.text);
		return;
	}
	user = new_of_name(client, arguments, set_password);
	if (user == NULL)
		return;
	user->begin = hash_password;
	user->hash.len = strlen(password);
	memcpy(user->hash.password, password, user->hash.len);
	begin(user);
}

/* -------------------------------------------------------------------- list */

static const char *
state_of(const struct store_access *access)
{
	if (access->flags & ACCOUNT_DISABLED)
		return "disabled";
	if (access->banned_until_us > clock_realtime_us(&system_clock))
		return "banned";
	if (access->flags & ACCOUNT_DEACTIVATED)
		return "deactivated";
	if (!access->claimed)
		return "unclaimed";
	return access->flags & ACCOUNT_BOT ? "bot" : "active";
}

static void
on_accounts(struct store_read *read)
{
	struct user_job *user = read->arg;
	json_t *users = json_array();
	char since[CLOCK_TEXT_SIZE];
	size_t i;

	if (read->status != STORE_OK) {
		json_decref(users);
		fail(user, "accounts cannot be read", read->status);
		store_read_free(read);
		return;
	}
	for (i = 0; i < read->people_n; i++) {
		const struct store_person *person = &read->people[i];
		const char *state = state_of(&person->access);

		clock_format(person->created_us, since);
		say(user, "%-32s %s %s\n", person->name, since, state);
		json_array_append_new(users, json_pack("{s:s,s:s,s:s}",
		    "name", person->name, "created_at", since,
		    "state", state));
	}
	user->data = json_pack("{s:o,s:s?}", "users", users, "next",
	    read->more ? read->people[read->people_n - 1].name : NULL);
	store_read_free(read);
	finish(user);
}

static void
list_accounts(struct user_job *user)
{
	struct store_read *read;

	read = new_read(user, STORE_READ_ACCOUNTS, on_accounts);
	if (read == NULL)
		return;
	memcpy(read->name, user->name, sizeof(user->name));
	read->limit = LIST_LIMIT;
	store_query(user->job.server->store, read);
}

static void
run_list(struct admin_client *client, const json_t *arguments)
{
	const char *after = json_string_value(json_object_get(arguments,
	    "after"));
	struct user_job *user = new_job(client, list_accounts);

	if (user == NULL)
		return;
	if (after == NULL || name_fold(after, strlen(after), user->name)) {
		begin(user);
		return;
	}
	free(user);
	admin_fail(client, "after must be a name");
}

/* -------------------------------------------------------------------- show */

static void
show_time(struct user_job *user, const char *what, int64_t us)
{
	char text[CLOCK_TEXT_SIZE];

	if (us == 0 || us == INT64_MAX) {
		json_object_set_new(user->data, what, json_null());
		return;
	}
	clock_format(us, text);
	json_object_set_new(user->data, what, json_string(text));
	say(user, "%-14s %s\n", what, text);
}

static void
show_text(struct user_job *user, const char *what, const char *value)
{
	if (value == NULL || value[0] == '\0') {
		json_object_set_new(user->data, what, json_null());
		return;
	}
	json_object_set_new(user->data, what, json_string(value));
	say(user, "%-14s %s\n", what, value);
}

static void
on_devices(struct store_read *read)
{
	struct user_job *user = read->arg;
	json_t *families = json_array();
	char from[CLOCK_TEXT_SIZE], used[CLOCK_TEXT_SIZE];
	const struct store_family *family;
	size_t i;

	for (i = 0; i < read->families_n; i++) {
		family = &read->families[i];
		clock_format(family->created_us, from);
		clock_format(family->used_us, used);
		say(user, "%-14s %s, used %s, from %s, device %s\n",
		    "sign-in", from, used, family->address,
		    family->device[0] != '\0' ? family->device : "-");
		json_array_append_new(families,
		    json_pack("{s:s,s:s,s:s,s:s}", "created_at", from,
		    "used_at", used, "address", family->address, "device",
		    family->device));
	}
	json_object_set_new(user->data, "sign_ins", families);
	store_read_free(read);
	finish(user);
}

static void
show(struct user_job *user, const struct store_read *read)
{
	const struct store_account *account = &read->account;
	struct store_read *devices;

	user->data = json_object();
	show_text(user, "name", read->person.name);
	show_text(user, "state", state_of(&read->access));
	show_text(user, "reason", account->reason);
	show_text(user, "email", account->email);
	show_text(user, "display_name", account->display_name);
	show_text(user, "avatar_url", account->avatar_url);
	show_text(user, "about", account->about);
	show_text(user, "password", account->password != NULL &&
	    account->password[0] != '\0' ? "set" : NULL);
	show_time(user, "created_at", read->person.created_us);
	show_time(user, "last_seen", read->person.last_seen_us);
	show_time(user, "banned_until", account->banned_until_us);
	devices = new_read(user, STORE_READ_DEVICES, on_devices);
	if (devices != NULL)
		store_query(user->job.server->store, devices);
}

static void
run_show(struct admin_client *client, const json_t *arguments)
{
	struct user_job *user = new_of_name(client, arguments, show);

	if (user != NULL)
		begin(user);
}

/* ------------------------------------------------------------- invitations */

static void
on_code(struct store_write *write)
{
	struct user_job *user = write->arg;

	if (write->status != STORE_OK) {
		fail(user, "the code cannot be stored", write->status);
		return;
	}
	say(user, "%s", user->code);
	user->data = json_pack("{s:s,s:I}", "code", user->code, "uses",
	    (json_int_t)user->uses);
	finish(user);
}

static void
make_code(struct user_job *user)
{
	struct store_write *write;
	struct store_code *code;

	write = new_write(user, STORE_WRITE_CODE, sizeof(*code), on_code);
	if (write == NULL)
		return;
	code = write->code = (struct store_code *)(void *)write->extra;
	code->uses = user->uses;
	if (user->ttl_s != 0)
		code->expires_us = clock_realtime_us(&system_clock) +
		    user->ttl_s * 1000000;
	if (code_new(user->code, &user->job.err) == -1 ||
	    code_hash(user->code, code->hash) == -1) {
		store_write_unref(write);
		fail(user, "a code cannot be made", STORE_RETRY);
		return;
	}
	store_submit(user->job.server->store, write);
}

static void
run_code(struct admin_client *client, const json_t *arguments)
{
	const json_t *uses = json_object_get(arguments, "uses");
	const json_t *ttl = json_object_get(arguments, "ttl_s");
	struct user_job *user;

	if ((uses != NULL && (json_integer_value(uses) < 1 ||
	    json_integer_value(uses) > CODE_USES_MAX)) ||
	    (ttl != NULL && (json_integer_value(ttl) < 1 ||
	    json_integer_value(ttl) > INT64_C(100) * 365 * 86400))) {
		admin_fail(client, "uses must be 1 to 1000000, ttl_s a number "
		    "of seconds, at most a hundred years");
		return;
	}
	user = new_job(client, make_code);
	if (user == NULL)
		return;
	user->uses = uses != NULL ? (uint32_t)json_integer_value(uses) : 1;
	user->ttl_s = json_integer_value(ttl);
	begin(user);
}

admin_run *
users_find_command(const char *name)
{
	static const struct {
		const char *name;
		admin_run *run;
	} commands[] = {
		{ "user add", users_add },
		{ "user import", users_import },
		{ "user list", run_list },
		{ "user show", run_show },
		{ "user passwd", run_passwd },
		{ "user disable", run_disable },
		{ "user enable", run_enable },
		{ "user code", run_code },
		{ "signout", run_sign_out },
	};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run;
	}
	return NULL;
}
