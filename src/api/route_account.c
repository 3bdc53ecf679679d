/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/account.h"
#include "api/call_state.h"

/* ---------------------------------------------------------------- register */

static const struct api_member register_members[] = {
    {.name = "name", .type = API_STRING, .required = true, .min = 2,
	.max = NAME_BYTES_MAX, .doc = "letters, digits, dots, dashes and "
	"underscores, beginning and ending with a letter or digit",
	.example = "\"alice\""},
    {.name = "password", .type = API_STRING, .required = true,
	.min = PASSWORD_MIN, .max = PASSWORD_MAX, .format = "password",
	.doc = "of any characters", .example = "\"correct horse battery\""},
    {.name = "email", .type = API_STRING, .nullable = true,
	.format = "email", .doc = "to sign in with, and for a code when the "
	"password is lost; shown to nobody",
	.example = "\"alice@example.com\""},
    {.name = "display_name", .type = API_STRING, .nullable = true,
	.doc = "what to show instead of the name"},
    {.name = "code", .type = API_STRING, .nullable = true,
	.doc = "an invitation, where one is needed",
	.example = "\"7KQ4-X2MD-P9TW\""},
    {.name = "device", .type = API_STRING, .nullable = true,
	.doc = "which of one's devices signs in", .example = "\"phone\""},
    {.name = NULL}};
static const struct api_schema register_schema = {
    "Registration", "A new account.", register_members};

#define TOKEN_MEMBERS                                                         \
	{.name = "access_token", .type = API_STRING, .required = true,        \
	    .doc = "for Authorization: Bearer"},                              \
	{.name = "token_type", .type = API_STRING, .required = true,          \
	    .doc = "Bearer"},                                                 \
	{.name = "expires_in", .type = API_INTEGER, .required = true,         \
	    .doc = "seconds, of the access token"},                           \
	{.name = "refresh_token", .type = API_STRING, .required = true,       \
	    .doc = "good once, for the next tokens"}

static const struct api_member tokens_members[] = {
    TOKEN_MEMBERS, {.name = NULL}};
const struct api_schema api_tokens_schema = {
    "Tokens", "A sign-in.", tokens_members};

static const struct api_member registered_members[] = {
    TOKEN_MEMBERS,
    {.name = "user", .type = API_OBJECT, .required = true, .of = "Me",
	.doc = "the new account"},
    {.name = NULL}};
static const struct api_schema registered_schema = {
    "Registered", "A new account, and a sign-in.", registered_members};

static void
on_registered(struct api_call *call, struct store_write *write)
{
	struct account_state *state = account_state(call);

	switch (write->status) {
	case STORE_OK:
		state->person.uid = write->record.sender;
		state->person.created_us = write->account->created_us;
		memcpy(state->hash, state->better, sizeof(state->hash));
		state->made = true;
		account_sign_in(call);
		break;
	case STORE_EXISTS:
		if (write->account->taken == ACCOUNT_EMAIL)
			api_problem(call, CODE_CONFLICT, "email",
			    "this e-mail address has an account already");
		else
			api_problem(call, CODE_CONFLICT, "name",
			    "this name is taken: choose another");
		break;
	case STORE_FORBIDDEN:
		api_problem(call, CODE_FORBIDDEN, "code",
		    "this invitation is unknown, used up or has expired");
		break;
	default:
		api_problem_store(call, write->status);
	}
}

/* Their password is hashed: state->better. */
static void
make_account(struct api_call *call)
{
	const struct account_state *state = account_state(call);
	const char *code = api_text(call, "code");
	struct account_change *change;
	struct store_write *write;

	write = account_write_new(call, STORE_WRITE_REGISTER, &change);
	if (write != NULL) {
		memcpy(write->name, state->person.name,
		    sizeof(state->person.name));
		account_set_password(change, state->better);
		if (state->email[0] != '\0')
			account_set_email(change, state->email);
		memcpy(change->display_name, state->display_name,
		    sizeof(change->display_name));
		change->account.display_name = change->display_name;
		change->account.has |= ACCOUNT_DISPLAY_NAME;
		change->account.code_needed =
		    call->settings->registration == API_INVITATION;
		/* Already found to be well formed. */
		if (change->account.code_needed && code != NULL &&
		    code_hash(code, change->code.hash) == 0)
			write->code = &change->code;
	}
	api_write(call, write, on_registered);
}

/* False and answered: nobody, or not like this. */
static bool
may_register(struct api_call *call)
{
	const char *code = api_text(call, "code");
	unsigned char hash[OPAQUE_HASH];

	if (call->settings->lockdown)
		api_problem(call, CODE_FORBIDDEN, NULL,
		    "no accounts are made at the moment; try again later");
	else if (call->settings->registration == API_CLOSED)
		api_problem(call, CODE_FORBIDDEN, NULL,
		    "accounts are made by the operator of this server");
	else if (call->settings->registration == API_INVITATION &&
	    code == NULL)
		api_problem(call, CODE_FORBIDDEN, "code",
		    "an invitation is needed here: `code` has it");
	else if (call->settings->registration == API_INVITATION &&
	    code_hash(code, hash) == -1)
		api_problem(call, CODE_FORBIDDEN, "code",
		    "this invitation is unknown, used up or has expired");
	else
		return true;
	return false;
}

static bool
read_device(struct api_call *call)
{
	const char *device = api_text(call, "device");

	if (device == NULL || device_valid(device, strlen(device)))
		return true;
	api_problem(call, CODE_BAD_REQUEST, "device", "`device` must be 1 to "
	    "%d letters, digits, dots, dashes and underscores", DEVICE_MAX);
	return false;
}

/* The try is not given back: so many accounts an address may make. */
static void
register_account(struct api_call *call)
{
	struct account_state *state = account_begin(call);
	const char *name = api_text(call, "name");

	if (state == NULL || !may_register(call))
		return;
	if (!name_fold(name, strlen(name), state->person.name)) {
		api_problem(call, CODE_BAD_REQUEST, "name", "`name` must be 2 "
		    "to 32 letters, digits, dots, dashes and underscores, "
		    "beginning and ending with a letter or digit");
		return;
	}
	memcpy(state->key, state->person.name, sizeof(state->person.name));
	if (account_read_email(call) == -1 ||
	    account_read_text(call, "display_name", false,
		state->display_name, DISPLAY_NAME_MAX) == -1 ||
	    !read_device(call) || !account_may_try(call, "register "))
		return;
	account_hash(call, "password", make_account);
}

/* ------------------------------------------------------------------- login */

static const struct api_member login_members[] = {
    {.name = "name", .type = API_STRING, .max = EMAIL_BYTES_MAX, .min = 1,
	.doc = "the account's name, or its e-mail address",
	.example = "\"alice\""},
    {.name = "email", .type = API_STRING, .max = EMAIL_BYTES_MAX, .min = 1,
	.doc = "in place of `name`"},
    {.name = "password", .type = API_STRING, .required = true, .min = 1,
	.max = PASSWORD_MAX, .format = "password",
	.doc = "the account's password",
	.example = "\"correct horse battery\""},
    {.name = "device", .type = API_STRING, .nullable = true,
	.doc = "which of one's devices signs in", .example = "\"phone\""},
    {.name = NULL}};
static const struct api_schema login_schema = {
    "Login", "Who signs in.", login_members};

static void
on_renewed(struct api_call *call, struct store_write *write)
{
	struct account_state *state = account_state(call);

	if (write->status == STORE_OK && state->better[0] != '\0')
		memcpy(state->hash, state->better, sizeof(state->hash));
	if (write->status == STORE_OK || write->status == STORE_DUPLICATE) {
		account_sign_in(call);
	} else if (write->status == STORE_CONFLICT) {
		/* Perhaps of another sign-in, which was as right. */
		state->better[0] = '\0';
		account_check(call, state->next);
	} else {
		api_problem_store(call, write->status);
	}
}

/* The password is right. */
static void
let_in(struct api_call *call)
{
	const struct account_state *state = account_state(call);
	bool asleep = (state->access.flags & ACCOUNT_DEACTIVATED) != 0;
	struct account_change *change;
	struct store_write *write;

	if (!account_may_enter(call))
		return;
	if (!asleep && state->better[0] == '\0') {
		account_sign_in(call);
		return;
	}
	write = account_write_new(call, STORE_WRITE_ACCOUNT, &change);
	if (write != NULL) {
		memcpy(change->expected, state->hash, sizeof(state->hash));
		change->account.expected = change->expected;
		if (state->better[0] != '\0')
			account_set_password(change, state->better);
		if (asleep) {
			change->account.has |= ACCOUNT_FLAGS;
			change->account.flags_mask = ACCOUNT_DEACTIVATED;
		}
	}
	api_write(call, write, on_renewed);
}

static void
login(struct api_call *call)
{
	if (account_begin(call) != NULL && read_device(call) &&
	    account_identify(call))
		account_check(call, let_in);
}

/* ----------------------------------------------------------------- refresh */

static const struct api_member refresh_members[] = {
    {.name = "refresh_token", .type = API_STRING, .required = true,
	.format = "password", .doc = "the newest one; a used one ends the "
	"sign-in, for it may be stolen"},
    {.name = NULL}};
static const struct api_schema refresh_schema = {
    "Refresh", "A refresh token.", refresh_members};

static void
say_not_refreshed(struct api_call *call)
{
	api_problem(call, CODE_UNAUTHORIZED, "refresh_token",
	    "this refresh token is unknown, used or expired: sign in again");
}

static void
on_bearer(struct api_call *call, struct store_read *read)
{
	struct account_state *state = account_state(call);

	state->person = read->person;
	state->access = read->access;
	if (read->status == STORE_NOT_FOUND)
		say_not_refreshed(call);
	else if (read->status != STORE_OK)
		api_problem_store(call, read->status);
	else if (account_may_enter(call))
		account_reply_tokens(call);
}

static void
on_refreshed(struct api_call *call, struct store_write *write)
{
	struct account_state *state = account_state(call);
	struct store_read *read;

	switch (write->status) {
	case STORE_OK:
	case STORE_DUPLICATE:
		state->family = write->token->family.id;
		read = api_read_new(call, STORE_READ_USER, 0);
		if (read != NULL)
			read->uid = write->token->family.uid;
		api_read(call, read, on_bearer);
		break;
	case STORE_CONFLICT:
		log_write(call->api->options.log, LOG_LEVEL_WARN,
		    "token.reused", "uid=%llu family=%llu address=%s",
		    (unsigned long long)write->token->family.uid,
		    (unsigned long long)write->token->family.id,
		    call->address);
		say_not_refreshed(call);
		break;
	case STORE_NOT_FOUND:
		say_not_refreshed(call);
		break;
	default:
		api_problem_store(call, write->status);
	}
}

/* The token of the body; its successor in state->refresh. */
static void
show_token(struct api_call *call, api_was_written *then)
{
	const struct api_settings *settings = call->settings;
	const char *text = api_text(call, "refresh_token");
	struct account_state *state = account_state(call);
	struct store_token *token;
	struct store_write *write;
	struct error err;

	write = api_write_new(call, STORE_WRITE_REFRESH, sizeof(*token));
	if (write == NULL) {
		api_no_memory(call);
		return;
	}
	token = (struct store_token *)(void *)write->extra;
	write->token = token;
	token->idle_us = settings->refresh_idle_s * 1000000;
	token->absolute_us = settings->refresh_ttl_s * 1000000;
	token->grace_us = settings->refresh_grace_s * 1000000;
	if (opaque_hash(text, token->hash) == -1 ||
	    opaque_successor(call->api->options.refresh_key, text,
		state->refresh, &err) == -1 ||
	    opaque_hash(state->refresh, token->next) == -1) {
		store_write_unref(write);
		say_not_refreshed(call);
		return;
	}
	api_write(call, write, then);
}

static void
refresh(struct api_call *call)
{
	if (account_begin(call) != NULL)
		show_token(call, on_refreshed);
}

/* ------------------------------------------------------------------ logout */

static const struct api_member logout_members[] = {
    {.name = "all", .type = API_BOOLEAN,
	.doc = "every sign-in, and every token issued until now"},
    {.name = "refresh_token", .type = API_STRING, .format = "password",
	.doc = "in place of a bearer token"},
    {.name = NULL}};
static const struct api_schema logout_schema = {
    "Logout", "What is signed out.", logout_members};

static void
on_signed_out(struct api_call *call, struct store_write *write)
{
	if (write->status == STORE_OK || write->status == STORE_DUPLICATE ||
	    write->status == STORE_NOT_FOUND)
		api_reply(call, 204, NULL);
	else
		api_problem_store(call, write->status);
}

static void
sign_out(struct api_call *call, uint64_t uid, uint64_t family)
{
	bool all = json_is_true(json_object_get(call->body, "all"));
	struct store_write *write;

	if (family == 0 && !all) {
		api_problem(call, CODE_BAD_REQUEST, "all", "this token is of "
		    "no sign-in: it ends when it expires, or with `all`");
		return;
	}
	if (all && call->caller.uid != 0 &&
	    !(call->caller.scopes & SCOPE_ACCOUNT)) {
		api_problem(call, CODE_FORBIDDEN, "all",
		    "this needs a token of the scope \"account\"");
		return;
	}
	write = api_write_new(call, STORE_WRITE_SIGN_OUT, 0);
	if (write != NULL) {
		write->record.sender = uid;
		write->family = all ? 0 : family;
	}
	api_write(call, write, on_signed_out);
}

/* A token that is good no more has nothing left to end. */
static void
on_shown(struct api_call *call, struct store_write *write)
{
	if (write->status == STORE_OK || write->status == STORE_DUPLICATE ||
	    write->status == STORE_LIMIT) /* good, but for a refresh */
		sign_out(call, write->token->family.uid,
		    write->token->family.id);
	else if (write->status == STORE_CONFLICT ||
	    write->status == STORE_NOT_FOUND)
		api_reply(call, 204, NULL);
	else
		api_problem_store(call, write->status);
}

static void
logout(struct api_call *call)
{
	if (call->caller.uid != 0)
		sign_out(call, call->caller.uid, call->caller.family);
	else if (api_text(call, "refresh_token") == NULL)
		api_problem(call, CODE_UNAUTHORIZED, NULL, "a field "
		    "Authorization: Bearer TOKEN or a member `refresh_token` "
		    "says who signs out");
	else if (account_begin(call) != NULL)
		show_token(call, on_shown);
}

/* -------------------------------------------------------------------- keys */

#define PARAMETER(letter, what) \
	{.name = letter, .type = API_STRING, .doc = what}

static const struct api_member key_members[] = {
    {.name = "kty", .type = API_STRING, .required = true,
	.doc = "OKP, EC or RSA"},
    {.name = "kid", .type = API_STRING, .required = true,
	.doc = "as tokens name it"},
    {.name = "alg", .type = API_STRING, .required = true,
	.doc = "EdDSA, ES256 or RS256"},
    {.name = "use", .type = API_STRING, .required = true, .doc = "sig"},
    PARAMETER("crv", "the curve of an OKP or EC key"),
    PARAMETER("x", "of such a key"),
    PARAMETER("y", "of an EC key"),
    PARAMETER("n", "of an RSA key"),
    PARAMETER("e", "of an RSA key"),
    {.name = NULL}};
const struct api_schema api_key_schema = {
    "Key", "A public key, as a JWK.", key_members};

static const struct api_member keys_members[] = {
    {.name = "keys", .type = API_ARRAY, .required = true, .of = "Key",
	.doc = "those whose tokens are good; `kid` says which"},
    {.name = NULL}};
static const struct api_schema keys_schema = {
    "KeySet", "A JWK Set (RFC 7517).", keys_members};

static void
get_keys(struct api_call *call)
{
	struct buf set = {0};

	trust_put_jwks(call->api->trust, &set);
	if (set.failed)
		api_no_memory(call);
	else
		api_reply_text(call, 200, "application/jwk-set+json",
		    buf_start(&set), buf_readable(&set));
	buf_fini(&set);
}

#define REFUSED(code) (1U << CODE_##code)
#define GUESSED (REFUSED(UNAUTHORIZED) | REFUSED(RATE_LIMITED) |              \
    REFUSED(UNAVAILABLE))

static const struct api_route routes[] = {
    {.method = HTTP_POST, .path = "/api/register", .id = "register",
	.tag = "accounts", .summary = "Make an account",
	.doc = "Where the operator allows it.  The answer signs in too.",
	.body = &register_schema, .status = 201, .answer = &registered_schema,
	.codes = REFUSED(FORBIDDEN) | REFUSED(CONFLICT) |
	    REFUSED(RATE_LIMITED) | REFUSED(UNAVAILABLE),
	.run = register_account},
    {.method = HTTP_POST, .path = "/api/login", .id = "login",
	.tag = "accounts", .summary = "Sign in",
	.doc = "A deactivated account is active again.", .body = &login_schema,
	.status = 200, .answer = &api_tokens_schema,
	.codes = GUESSED | REFUSED(FORBIDDEN) | REFUSED(BANNED),
	.run = login},
    {.method = HTTP_POST, .path = "/api/refresh", .id = "refresh",
	.tag = "accounts", .summary = "Get new tokens",
	.doc = "A refresh token is good once: the answer has the next.  "
	    "Within 30 seconds it may be shown again, for answers get lost; "
	    "later that ends the sign-in.", .body = &refresh_schema,
	.status = 200, .answer = &api_tokens_schema,
	.codes = REFUSED(UNAUTHORIZED) | REFUSED(FORBIDDEN) | REFUSED(BANNED),
	.run = refresh},
    {.method = HTTP_POST, .path = "/api/logout", .id = "logout",
	.tag = "accounts", .summary = "Sign out",
	.doc = "This sign-in, or all of them; their connections close.",
	.auth = API_OPTIONAL, .body = &logout_schema, .body_optional = true,
	.status = 204, .codes = REFUSED(UNAUTHORIZED) | REFUSED(FORBIDDEN),
	.run = logout},
    {.method = HTTP_POST, .path = "/api/password", .id = "changePassword",
	.tag = "accounts", .summary = "Change one's password",
	.doc = "All other sign-ins end.", .auth = API_BEARER,
	.scope = SCOPE_ACCOUNT, .body = &account_change_password_schema,
	.status = 204, .codes = REFUSED(FORBIDDEN) | REFUSED(CONFLICT) |
	    REFUSED(RATE_LIMITED) | REFUSED(UNAVAILABLE),
	.run = account_change_password},
    {.method = HTTP_POST, .path = "/api/password/reset",
	.id = "requestPasswordReset", .tag = "accounts",
	.summary = "Have a code sent for a lost password",
	.doc = "The answer is the same whether there is such an account or "
	    "not.", .body = &account_reset_schema, .status = 202,
	.answer = &account_sent_schema,
	.codes = REFUSED(RATE_LIMITED) | REFUSED(UNAVAILABLE),
	.run = account_reset},
    {.method = HTTP_POST, .path = "/api/password/reset/confirm",
	.id = "resetPassword", .tag = "accounts",
	.summary = "Set a new password by a code",
	.doc = "All sign-ins end.", .body = &account_confirm_schema,
	.status = 204, .codes = REFUSED(FORBIDDEN) | REFUSED(RATE_LIMITED) |
	    REFUSED(UNAVAILABLE), .run = account_confirm},
    {.method = HTTP_GET, .path = "/.well-known/jwks.json", .id = "getKeys",
	.tag = "accounts", .summary = "The public keys of access tokens",
	.doc = "To check access tokens elsewhere.", .status = 200,
	.answer = &keys_schema, .type = "application/jwk-set+json", .run = get_keys}};
const struct api_routes api_account_routes = API_ROUTES(routes);
