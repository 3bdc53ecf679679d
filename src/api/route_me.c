/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "api/account.h"
#include "api/call_state.h"
#include "api/etag.h"
#include "api/profile.h"

static const struct api_member me_members[] = {
    PROFILE_MEMBERS,
    {.name = "email", .type = API_STRING, .required = true, .nullable = true,
	.format = "email", .doc = "shown to nobody else"},
    {.name = NULL}};
const struct api_schema api_me_schema = {
    "Me", "One's own account.", me_members};

static const struct api_member password_members[] = {
    {.name = "password", .type = API_STRING, .required = true, .min = 1,
	.max = PASSWORD_MAX, .format = "password",
	.doc = "once more, for what matters",
	.example = "\"correct horse battery\""},
    {.name = NULL}};
static const struct api_schema password_schema = {
    "Confirmation", "That it is really oneself.", password_members};

static void
on_me(struct api_call *call, struct store_read *read)
{
	if (read->status != STORE_OK)
		api_problem_store(call, read->status);
	else
		api_reply(call, 200, profile_own(&read->person,
		    &read->account));
}

static void
look(struct api_call *call)
{
	api_read(call, api_read_new(call, STORE_READ_ACCOUNT, 0), on_me);
}

static void
get_me(struct api_call *call)
{
	if (api_charge(call))
		look(call);
}

/* ------------------------------------------------------------------- PATCH */

static const struct api_member change_members[] = {
    {.name = "display_name", .type = API_STRING, .nullable = true,
	.doc = "what to show instead of the name",
	.example = "\"Alice Liddell\""},
    {.name = "avatar_url", .type = API_STRING, .nullable = true,
	.doc = "a picture, at an https address"},
    {.name = "about", .type = API_STRING, .nullable = true,
	.doc = "a few lines"},
    {.name = "email", .type = API_STRING, .nullable = true,
	.format = "email", .doc = "needs `password`"},
    {.name = "password", .type = API_STRING, .min = 1, .max = PASSWORD_MAX,
	.format = "password", .doc = "to change the e-mail address"},
    {.name = NULL}};
static const struct api_schema change_schema = {
    "ProfileChange", "What changes; null takes it away.", change_members};

static void
on_changed(struct api_call *call, struct store_write *write)
{
	switch (write->status) {
	case STORE_OK:
	case STORE_DUPLICATE:
		look(call);
		break;
	case STORE_CONFLICT:
		api_problem_status(call, 412, CODE_CONFLICT, NULL,
		    "the profile was changed since: get it again");
		break;
	case STORE_EXISTS:
		api_problem(call, CODE_CONFLICT, "email",
		    "this e-mail address has an account already");
		break;
	default:
		api_problem_store(call, write->status);
	}
}

/*
 * An address that browsers fetch a picture from: https, and nothing that would
 * end it where it is put between quotes.
 */
static bool
is_https(const char *url)
{
	return url[0] == '\0' || (strncmp(url, "https://", 8) == 0 &&
	    url[8] != '\0' && url[strcspn(url, " \"'<>\\^`{|}")] == '\0');
}

/* -1: answered. */
static int
read_texts(struct api_call *call, struct account_change *change)
{
	struct account_state *state = account_state(call);
	struct store_account *account = &change->account;
	int name, url, about, email;

	name = account_read_text(call, "display_name", false,
	    change->display_name, DISPLAY_NAME_MAX);
	if (name == -1)
		return -1;
	url = account_read_text(call, "avatar_url", false, change->avatar_url,
	    AVATAR_URL_MAX);
	if (url == -1)
		return -1;
	about = account_read_text(call, "about", true, change->about,
	    ABOUT_MAX);
	email = about != -1 ? account_read_email(call) : -1;
	if (email == -1)
		return -1;
	account->display_name = change->display_name;
	account->avatar_url = change->avatar_url;
	account->about = change->about;
	account->has = (name ? ACCOUNT_DISPLAY_NAME : 0) |
	    (url ? ACCOUNT_AVATAR_URL : 0) | (about ? ACCOUNT_ABOUT : 0);
	if (email == 1)
		account_set_email(change, state->email);
	if (is_https(change->avatar_url))
		return 0;
	api_problem(call, CODE_BAD_REQUEST, "avatar_url",
	    "`avatar_url` must begin with https:// and be a valid address");
	return -1;
}

static void
change_me(struct api_call *call)
{
	struct account_state *state = account_state(call);
	struct account_change *change;
	struct store_write *write;

	write = account_write_new(call, STORE_WRITE_ACCOUNT, &change);
	if (write == NULL) {
		api_no_memory(call);
		return;
	}
	write->record.sender = call->caller.uid;
	if (read_texts(call, change) == -1) {
		store_write_unref(write);
		return;
	}
	change->account.version = state->version;
	if (state->person.uid != 0) {
		memcpy(change->expected, state->hash, sizeof(state->hash));
		change->account.expected = change->expected;
	}
	api_write(call, write, on_changed);
}

static bool
matches(const struct api_call *call, const struct store_read *read)
{
	json_t *profile = profile_own(&read->person, &read->account);
	struct buf text = {0};
	bool same;

	if (profile == NULL)
		return false;
	api_put_json(&text, profile);
	same = !text.failed && etag_listed(call->if_match, text.data,
	    text.len, false);
	buf_fini(&text);
	json_decref(profile);
	return same;
}

/* What is compared here, the store compares again by its version. */
static void
on_compared(struct api_call *call, struct store_read *read)
{
	if (read->status != STORE_OK) {
		api_problem_store(call, read->status);
	} else if (!matches(call, read)) {
		api_problem_status(call, 412, CODE_CONFLICT, "If-Match",
		    "the profile is not what If-Match says any more; get it "
		    "again");
	} else {
		if (strcmp(call->if_match, "*") != 0)
			account_state(call)->version =
			    read->account.updated_us;
		change_me(call);
	}
}

static void
compare_me(struct api_call *call)
{
	if (call->if_match == NULL)
		change_me(call);
	else
		api_read(call, api_read_new(call, STORE_READ_ACCOUNT, 0),
		    on_compared);
}

static void
patch_me(struct api_call *call)
{
	bool email = json_object_get(call->body, "email") != NULL;

	if (!api_charge(call) || account_begin(call) == NULL)
		return;
	if (!email)
		compare_me(call);
	else if (api_text(call, "password") != NULL)
		account_check(call, compare_me);
	else
		api_problem(call, CODE_FORBIDDEN, "password", "`password` is "
		    "needed to change the e-mail address");
}

/* -------------------------------------------------------------- the way out */

static void
on_asleep(struct api_call *call, struct store_write *write)
{
	if (write->status == STORE_OK || write->status == STORE_DUPLICATE)
		api_reply(call, 204, NULL);
	else
		api_problem_store(call, write->status);
}

static void
fall_asleep(struct api_call *call)
{
	struct account_change *change;
	struct store_write *write;

	write = account_write_new(call, STORE_WRITE_ACCOUNT, &change);
	if (write != NULL) {
		change->account.has = ACCOUNT_FLAGS;
		change->account.flags = ACCOUNT_DEACTIVATED;
		change->account.flags_mask = ACCOUNT_DEACTIVATED;
	}
	api_write(call, write, on_asleep);
}

static void
deactivate_me(struct api_call *call)
{
	if (api_charge(call) && account_begin(call) != NULL)
		account_check(call, fall_asleep);
}

/* What was marked is erased by the next start, if not by this one. */
static void
on_marked(struct api_call *call, struct store_write *write)
{
	const struct api_options *options = &call->api->options;

	if (write->status != STORE_OK && write->status != STORE_DUPLICATE) {
		api_problem_store(call, write->status);
		return;
	}
	(void)options->erase(options->arg, call->caller.uid,
	    call->caller.name);
	api_reply(call, 202, json_pack("{s:s}", "state", "erasing"));
}

/* No step yet: nobody signs in any more, and it will not be forgotten. */
static void
erase(struct api_call *call)
{
	api_write(call, api_write_new(call, STORE_WRITE_ERASE, 0), on_marked);
}

static void
delete_me(struct api_call *call)
{
	if (api_charge(call) && account_begin(call) != NULL)
		account_check(call, erase);
}

static const struct api_member erasing_members[] = {
    {.name = "state", .type = API_STRING, .required = true,
	.doc = "\"erasing\""},
    {.name = NULL}};
static const struct api_schema erasing_schema = {
    "Erasing", "What was written goes too, which may take its time.",
    erasing_members};

#define CHECKED                                                               \
	(1U << CODE_FORBIDDEN | 1U << CODE_CONFLICT |                         \
	    1U << CODE_RATE_LIMITED | 1U << CODE_UNAVAILABLE)

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/api/me", .id = "getMe", .tag = "profile",
	.summary = "One's own profile", .auth = API_BEARER,
	.conditional = true, .limited = true, .status = 200,
	.answer = &api_me_schema, .run = get_me},
    {.method = HTTP_PATCH, .path = "/api/me", .id = "changeMe",
	.tag = "profile", .summary = "Change one's own profile",
	.auth = API_BEARER, .scope = SCOPE_ACCOUNT, .body = &change_schema,
	.conditional = true, .limited = true, .status = 200,
	.answer = &api_me_schema,
	.codes = CHECKED, .run = patch_me},
    {.method = HTTP_POST, .path = "/api/me/deactivate", .id = "deactivateMe",
	.tag = "profile", .summary = "Leave until one signs in again",
	.doc = "All sign-ins end.", .auth = API_BEARER,
	.scope = SCOPE_ACCOUNT, .body = &password_schema, .limited = true,
	.status = 204, .codes = CHECKED, .run = deactivate_me},
    {.method = HTTP_DELETE, .path = "/api/me", .id = "eraseMe",
	.tag = "profile", .summary = "Erase oneself",
	.doc = "With all that one has written, for good; the name is never "
	    "given again.", .auth = API_BEARER, .scope = SCOPE_ACCOUNT,
	.body = &password_schema, .limited = true, .status = 202,
	.answer = &erasing_schema, .codes = CHECKED, .run = delete_me}};
const struct api_routes api_me_routes = API_ROUTES(routes);
