/* SPDX-License-Identifier: MIT */
#include "api/account.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call_state.h"
#include "api/profile.h"
#include "chat/text.h"

static_assert(EMAIL_BYTES_MAX == EMAIL_MAX && OPAQUE_HASH == SECRET_HASH &&
    PASSWORD_TEXT == PASSWORD_HASH_MAX + 1, "sizes");

/* What cannot be a name is looked up as this, which is none either. */
#define NOBODY "!"

struct account_state *
account_begin(struct api_call *call)
{
	struct account_state *state = api_state_new(call, sizeof(*state));

	if (state == NULL)
		api_no_memory(call);
	return state;
}

/* ----------------------------------------------------------- what was said */

bool
account_identify(struct api_call *call)
{
	struct account_state *state = account_state(call);
	const char *name = api_text(call, "name");
	const char *email = api_text(call, "email");
	const char *given = name != NULL ? name : email;
	char folded[NAME_BYTES_MAX + 1];

	if ((name == NULL) == (email == NULL)) {
		api_problem(call, CODE_BAD_REQUEST, "name", "either `name` "
		    "(which may be an e-mail address too) or `email` is "
		    "needed");
		return false;
	}
	if (email_fold(given, strlen(given), state->email))
		memcpy(state->key, state->email, sizeof(state->key));
	else if (name != NULL && name_fold(name, strlen(name), folded))
		memcpy(state->key, folded, sizeof(folded));
	else
		strcpy(state->key, NOBODY);
	if (strchr(state->key, '@') == NULL)
		state->email[0] = '\0';
	return true;
}

int
account_read_email(struct api_call *call)
{
	struct account_state *state = account_state(call);
	const json_t *value = json_object_get(call->body, "email");

	if (value == NULL)
		return 0;
	if (json_is_null(value))
		return 1;
	if (email_fold(json_string_value(value), json_string_length(value),
		state->email))
		return 1;
	api_problem(call, CODE_BAD_REQUEST, "email",
	    "`email` must be an e-mail address, such as alice@example.com");
	return -1;
}

/* Plain text, lines apart where there may be several. */
static bool
is_shown(const char *text, bool lines)
{
	size_t len;

	do {
		len = lines ? strcspn(text, "\n") : strlen(text);
		if (!text_is_plain(text, len, true))
			return false;
		text += len;
	} while (*text++ == '\n');
	return true;
}

int
account_read_text(struct api_call *call, const char *member, bool lines,
    char *out, size_t max)
{
	const json_t *value = json_object_get(call->body, member);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);

	out[0] = '\0';
	if (value == NULL)
		return 0;
	if (text == NULL)
		return 1;
	if (strlen(text) != len || !is_shown(text, lines)) {
		api_problem(call, CODE_BAD_REQUEST, member, "`%s` must be "
		    "without characters that control the display", member);
		return -1;
	}
	text_trim(&text, &len);
	if (len > max) {
		api_problem(call, CODE_BAD_REQUEST, member,
		    "`%s` must have at most %zu bytes", member, max);
		return -1;
	}
	memcpy(out, text, len);
	out[len] = '\0';
	return 1;
}

/* ------------------------------------------------------------- the password */

bool
account_may_try(struct api_call *call, const char *what)
{
	const struct api_options *options = &call->api->options;
	char key[EMAIL_BYTES_MAX + 32];
	uint32_t ms;

	snprintf(key, sizeof(key), "%s%s", what, account_state(call)->key);
	ms = guard_try(options->guard, key, call->address,
	    clock_monotonic_ms(options->clock));
	if (ms == 0)
		return true;
	api_wait(call, ms, "too many tries; wait before the next");
	return false;
}

/*
 * Who has no token is not told which of the two is wrong, nor whether the
 * account is there.
 */
static void
say_wrong(struct api_call *call)
{
	if (call->route->auth == API_BEARER &&
	    account_state(call)->hash[0] == '\0')
		api_problem(call, CODE_CONFLICT, "password", "this account "
		    "has no password: the operator can set one");
	else if (call->route->auth == API_BEARER)
		api_problem(call, CODE_FORBIDDEN, "password",
		    "the password is wrong");
	else
		api_problem(call, CODE_UNAUTHORIZED, NULL,
		    "the name or the password is wrong");
}

static void
say_failed(struct api_call *call)
{
	api_problem(call, CODE_INTERNAL, NULL,
	    "the server could not look at the password");
}

static void
on_verified(struct api_call *call, const struct hash_job *job)
{
	const struct api_options *options = &call->api->options;
	struct account_state *state = account_state(call);

	switch (job->result) {
	case PASSWORD_WRONG:
		say_wrong(call);
		return;
	case PASSWORD_FAILED:
		say_failed(call);
		return;
	case PASSWORD_WEAK:
		memcpy(state->better, job->better, sizeof(state->better));
		break;
	case PASSWORD_RIGHT:
		break;
	}
	guard_succeeded(options->guard, state->key, call->address,
	    clock_monotonic_ms(options->clock));
	state->next(call);
}

static void
on_account(struct api_call *call, struct store_read *read)
{
	struct account_state *state = account_state(call);
	const char *password = api_text(call, "password");
	const struct store_account *account = &read->account;

	if (read->status != STORE_OK && read->status != STORE_NOT_FOUND) {
		api_problem_store(call, read->status);
		return;
	}
	if (read->status == STORE_OK) {
		state->person = read->person;
		state->access = read->access;
		state->claimed = account->claimed;
		if (account->password != NULL)
			snprintf(state->hash, sizeof(state->hash), "%s",
			    account->password);
	}
	if (state->key[0] == '\0' && state->person.uid != 0)
		memcpy(state->key, state->person.name,
		    sizeof(state->person.name));
	if (account_may_try(call, ""))
		api_hash(call, password, strlen(password), state->hash,
		    on_verified);
}

struct store_read *
account_read_new(struct api_call *call)
{
	const struct account_state *state = account_state(call);
	struct store_read *read;

	read = api_read_new(call, STORE_READ_ACCOUNT, sizeof(state->email));
	if (read != NULL && read->uid == 0 && state->email[0] != '\0') {
		memcpy(read->extra, state->email, sizeof(state->email));
		read->email = read->extra;
	} else if (read != NULL && read->uid == 0) {
		memcpy(read->name, state->key, NAME_BYTES_MAX + 1);
	}
	return read;
}

void
account_check(struct api_call *call, account_next *next)
{
	account_state(call)->next = next;
	api_read(call, account_read_new(call), on_account);
}

static void
on_hashed(struct api_call *call, const struct hash_job *job)
{
	struct account_state *state = account_state(call);

	if (job->result == PASSWORD_FAILED) {
		say_failed(call);
		return;
	}
	memcpy(state->better, job->hash, sizeof(state->better));
	state->next(call);
}

void
account_hash(struct api_call *call, const char *member, account_next *next)
{
	const char *password = api_text(call, member);

	account_state(call)->next = next;
	api_hash(call, password, strlen(password), NULL, on_hashed);
}

bool
account_may_enter(struct api_call *call)
{
	const struct store_access *access = &account_state(call)->access;

	if (access->flags & ACCOUNT_DISABLED)
		api_problem(call, CODE_FORBIDDEN, NULL,
		    "this account was disabled by the operator");
	else if (access->banned_until_us >
	    clock_realtime_us(call->api->options.clock))
		api_problem(call, CODE_BANNED, NULL,
		    "this account is banned from this server");
	else
		return true;
	return false;
}

/* ----------------------------------------------------------------- changes */

struct store_write *
account_write_new(struct api_call *call, enum store_write_kind kind,
    struct account_change **change)
{
	struct store_write *write;

	write = api_write_new(call, kind, sizeof(**change));
	if (write == NULL)
		return NULL;
	*change = (struct account_change *)(void *)write->extra;
	write->account = &(*change)->account;
	write->record.sender = account_state(call)->person.uid;
	return write;
}

void
account_set_password(struct account_change *change, const char *hash)
{
	snprintf(change->password, sizeof(change->password), "%s", hash);
	change->account.password = change->password;
	change->account.has |= ACCOUNT_PASSWORD;
}

void
account_set_email(struct account_change *change, const char *email)
{
	snprintf(change->email, sizeof(change->email), "%s", email);
	change->account.email = change->email;
	change->account.has |= ACCOUNT_EMAIL;
}

/* ------------------------------------------------------------------ tokens */

static int
add_user(const struct account_state *state, json_t *body)
{
	const struct store_account account = {
	    .email = state->email, .display_name = state->display_name};
	json_t *user = profile_own(&state->person, &account);

	return user != NULL ? json_object_set_new(body, "user", user) : -1;
}

void
account_reply_tokens(struct api_call *call)
{
	const struct api_options *options = &call->api->options;
	struct account_state *state = account_state(call);
	const struct token_grant grant = {
	    .subject = state->person.name,
	    .family = state->family,
	    .scopes = SCOPE_ALL,
	    .ttl_s = call->settings->access_ttl_s};
	char token[TOKEN_MAX + 1];
	struct error err;
	json_t *body;

	if (trust_sign(call->api->trust, &grant,
		clock_realtime_us(options->clock) / 1000000, token,
		&err) == -1) {
		api_problem(call, CODE_INTERNAL, NULL,
		    "the server could not make a token");
		return;
	}
	body = json_pack("{s:s,s:s,s:I,s:s}", "access_token", token,
	    "token_type", "Bearer", "expires_in", (json_int_t)grant.ttl_s,
	    "refresh_token", state->refresh);
	explicit_bzero(token, sizeof(token));
	if (body != NULL && state->made && add_user(state, body) == -1) {
		json_decref(body);
		body = NULL;
	}
	api_reply(call, state->made ? 201 : 200, body);
}

static void
on_signed_in(struct api_call *call, struct store_write *write)
{
	struct account_state *state = account_state(call);

	if (write->status == STORE_OK) {
		state->family = write->token->family.id;
		account_reply_tokens(call);
	} else if (write->status == STORE_NOT_FOUND ||
	    write->status == STORE_CONFLICT) {
		api_problem(call, CODE_UNAUTHORIZED, NULL, "the account was "
		    "changed at the same moment: sign in again");
	} else {
		api_problem_store(call, write->status);
	}
}

struct sign_in {
	struct store_token token;
	char expected[PASSWORD_TEXT];
};

static void
fill_token(struct api_call *call, struct store_token *token)
{
	const char *device = api_text(call, "device");

	token->idle_us = call->settings->refresh_idle_s * 1000000;
	token->absolute_us = call->settings->refresh_ttl_s * 1000000;
	if (device != NULL)
		snprintf(token->family.device, sizeof(token->family.device),
		    "%s", device);
	snprintf(token->family.address, sizeof(token->family.address), "%s",
	    call->address);
}

void
account_sign_in(struct api_call *call)
{
	struct account_state *state = account_state(call);
	struct store_write *write;
	struct sign_in *sign_in;
	struct error err;

	write = api_write_new(call, STORE_WRITE_TOKEN, sizeof(*sign_in));
	if (write == NULL) {
		api_no_memory(call);
		return;
	}
	sign_in = (struct sign_in *)(void *)write->extra;
	write->record.sender = state->person.uid;
	write->token = &sign_in->token;
	memcpy(sign_in->expected, state->hash, sizeof(state->hash));
	sign_in->token.expected = sign_in->expected;
	fill_token(call, &sign_in->token);
	if (opaque_new(state->refresh, &err) == -1 ||
	    opaque_hash(state->refresh, sign_in->token.hash) == -1) {
		store_write_unref(write);
		api_problem(call, CODE_INTERNAL, NULL,
		    "the server could not make a token");
		return;
	}
	api_write(call, write, on_signed_in);
}
