/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/account.h"
#include "api/call_state.h"

#define NEW_PASSWORD \
	.type = API_STRING, .required = true, .min = PASSWORD_MIN, \
	.max = PASSWORD_MAX, .format = "password", \
	.doc = "from now on", .example = "\"staple battery horse\""

/* ------------------------------------------------------------------ change */

static const struct api_member change_members[] = {
    {.name = "password", .type = API_STRING, .required = true, .min = 1,
	.max = PASSWORD_MAX, .format = "password", .doc = "until now",
	.example = "\"correct horse battery\""},
    {.name = "new_password", NEW_PASSWORD},
    {.name = NULL}};
const struct api_schema account_change_password_schema = {
    "PasswordChange", "One's own password.", change_members};

static void
on_changed(struct api_call *call, struct store_write *write)
{
	if (write->status == STORE_OK)
		api_reply(call, 204, NULL);
	else if (write->status == STORE_CONFLICT)
		api_problem(call, CODE_CONFLICT, NULL, "the password was "
		    "changed at the same moment: this one was not set");
	else
		api_problem_store(call, write->status);
}

static void
set_password(struct api_call *call)
{
	const struct account_state *state = account_state(call);
	struct account_change *change;
	struct store_write *write;

	write = account_write_new(call, STORE_WRITE_ACCOUNT, &change);
	if (write != NULL) {
		account_set_password(change, state->better);
		memcpy(change->expected, state->hash, sizeof(state->hash));
		change->account.expected = change->expected;
		change->account.sign_out = true;
		change->account.keep_family = call->caller.family;
	}
	api_write(call, write, on_changed);
}

static void
hash_new(struct api_call *call)
{
	account_hash(call, "new_password", set_password);
}

void
account_change_password(struct api_call *call)
{
	if (account_begin(call) != NULL)
		account_check(call, hash_new);
}

/* ------------------------------------------------------------------- reset */

static const struct api_member reset_members[] = {
    {.name = "name", .type = API_STRING, .min = 1, .max = EMAIL_BYTES_MAX,
	.doc = "the account's name, or its e-mail address",
	.example = "\"alice\""},
    {.name = "email", .type = API_STRING, .min = 1, .max = EMAIL_BYTES_MAX,
	.doc = "in place of `name`"},
    {.name = NULL}};
const struct api_schema account_reset_schema = {
    "PasswordReset", "Who has lost a password.", reset_members};

static const struct api_member sent_members[] = {
    {.name = "expires_in", .type = API_INTEGER, .required = true,
	.doc = "seconds for which a code is good"},
    {.name = NULL}};
const struct api_schema account_sent_schema = {
    "PasswordResetSent", "A code was sent if there is such an account.",
    sent_members};

/*
 * A code on its way to its person.  The request is answered before it begins,
 * so that neither the answer nor its time tells whether there is an account.
 */
struct errand {
	struct api *api;
	int64_t expires_us;
	char email[EMAIL_BYTES_MAX + 1];
	char name[NAME_BYTES_MAX + 1];
	char text[CODE_TEXT];
	struct store_code code;
};

static void
on_stored(struct store_write *write)
{
	struct errand *errand = (struct errand *)(void *)write->extra;
	const struct api_options *options = &errand->api->options;
	const struct api_code code = {
	    .uid = write->record.sender,
	    .name = errand->name,
	    .email = errand->email,
	    .code = errand->text,
	    .expires_us = errand->expires_us};

	if (write->status != STORE_OK || options->send_code == NULL ||
	    options->send_code(options->arg, &code) == -1)
		log_write(options->log, LOG_LEVEL_WARN, "reset.failed",
		    "user=%s: the code could not be sent", errand->name);
	else
		log_write(options->log, LOG_LEVEL_INFO, "reset.sent",
		    "user=%s", errand->name);
	explicit_bzero(errand->text, sizeof(errand->text));
}

static bool
may_reset(const struct store_read *read)
{
	return read->status == STORE_OK && read->account.email != NULL &&
	    read->account.email[0] != '\0' &&
	    (read->access.flags & (ACCOUNT_DISABLED | ACCOUNT_BOT)) == 0;
}

static void
store_code(const struct errand *errand, const struct store_read *read)
{
	struct store_write *write = store_write_new(sizeof(*errand));
	struct errand *copy;
	struct error err;

	if (write == NULL)
		return;
	copy = (struct errand *)(void *)write->extra;
	*copy = *errand;
	snprintf(copy->email, sizeof(copy->email), "%s", read->account.email);
	memcpy(copy->name, read->person.name, sizeof(copy->name));
	copy->code.expires_us = errand->expires_us;
	copy->code.uses = 1;
	if (code_new(copy->text, &err) == -1 ||
	    code_hash(copy->text, copy->code.hash) == -1) {
		store_write_unref(write);
		return;
	}
	write->kind = STORE_WRITE_RESET_CODE;
	write->worker = errand->api->options.worker;
	write->done = on_stored;
	write->record.sender = read->person.uid;
	write->code = &copy->code;
	store_submit(errand->api->options.store, write);
}

static void
on_found(struct store_read *read)
{
	if (may_reset(read))
		store_code((const struct errand *)(const void *)read->extra,
		    read);
	store_read_free(read);
}

static void
begin_errand(struct api_call *call, struct store_read *read)
{
	const struct account_state *state = account_state(call);
	const struct api_options *options = &call->api->options;
	struct errand *errand = (struct errand *)(void *)read->extra;

	errand->api = call->api;
	errand->expires_us = clock_realtime_us(options->clock) +
	    call->settings->reset_ttl_s * 1000000;
	memcpy(errand->email, state->email, sizeof(state->email));
	if (state->email[0] != '\0')
		read->email = errand->email;
	else
		memcpy(read->name, state->key, NAME_BYTES_MAX + 1);
	read->done = on_found;
	store_query(options->store, read);
}

void
account_reset(struct api_call *call)
{
	const struct api_options *options = &call->api->options;
	struct store_read *read;

	if (options->send_code == NULL ||
	    options->send_code(options->arg, NULL) == -1) {
		api_problem_status(call, 503, CODE_UNAVAILABLE, NULL,
		    "this server sends no codes: its operator can set a new "
		    "password");
		return;
	}
	if (account_begin(call) == NULL || !account_identify(call) ||
	    !account_may_try(call, "reset "))
		return;
	read = api_read_new(call, STORE_READ_ACCOUNT, sizeof(struct errand));
	if (read == NULL) {
		api_no_memory(call);
		return;
	}
	begin_errand(call, read);
	api_reply(call, 202, json_pack("{s:I}", "expires_in",
	    (json_int_t)call->settings->reset_ttl_s));
}

/* ----------------------------------------------------------------- confirm */

static const struct api_member confirm_members[] = {
    {.name = "name", .type = API_STRING, .min = 1, .max = EMAIL_BYTES_MAX,
	.doc = "the account's name, or its e-mail address",
	.example = "\"alice\""},
    {.name = "email", .type = API_STRING, .min = 1, .max = EMAIL_BYTES_MAX,
	.doc = "in place of `name`"},
    {.name = "code", .type = API_STRING, .required = true,
	.format = "password", .doc = "as it was sent",
	.example = "\"7KQ4-X2MD-P9TW\""},
    {.name = "password", NEW_PASSWORD},
    {.name = NULL}};
const struct api_schema account_confirm_schema = {
    "PasswordResetConfirm", "A new password, by a code.", confirm_members};

static void
say_wrong_code(struct api_call *call)
{
	api_problem(call, CODE_FORBIDDEN, "code", "this code is wrong, has "
	    "expired or was tried too often: have a new one sent");
}

static void
on_reset(struct api_call *call, struct store_write *write)
{
	if (write->status == STORE_OK)
		api_reply(call, 204, NULL);
	else if (write->status == STORE_FORBIDDEN ||
	    write->status == STORE_NOT_FOUND)
		say_wrong_code(call);
	else
		api_problem_store(call, write->status);
}

static void
use_code(struct api_call *call)
{
	const struct account_state *state = account_state(call);
	struct account_change *change;
	struct store_write *write;

	/* Of nobody too, so that the time does not tell. */
	write = account_write_new(call, STORE_WRITE_RESET, &change);
	if (write != NULL) {
		account_set_password(change, state->better);
		write->code = &change->code;
		if (code_hash(api_text(call, "code"), change->code.hash) == -1)
			memset(change->code.hash, 0,
			    sizeof(change->code.hash));
	}
	api_write(call, write, on_reset);
}

static void
on_who(struct api_call *call, struct store_read *read)
{
	if (read->status != STORE_OK && read->status != STORE_NOT_FOUND) {
		api_problem_store(call, read->status);
		return;
	}
	account_state(call)->person = read->person;
	account_hash(call, "password", use_code);
}

void
account_confirm(struct api_call *call)
{
	struct account_state *state = account_begin(call);

	if (state == NULL || !account_identify(call) ||
	    !account_may_try(call, "confirm "))
		return;
	api_read(call, account_read_new(call), on_who);
}
