/* SPDX-License-Identifier: MIT */
#include "api/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/clock.h"

/* NULL, which is packed as null, where nothing was said. */
static const char *
said(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

json_t *
profile_public(const struct store_person *person,
    const struct store_account *account)
{
	char created[CLOCK_TEXT_SIZE];

	clock_format(person->created_us, created);
	return json_pack("{s:s,s:s?,s:s?,s:s?,s:b,s:s}",
	    "name", person->name,
	    "display_name", said(account->display_name),
	    "avatar_url", said(account->avatar_url),
	    "about", said(account->about),
	    "bot", (account->flags & ACCOUNT_BOT) != 0,
	    "created_at", created);
}

json_t *
profile_own(const struct store_person *person,
    const struct store_account *account)
{
	json_t *email = said(account->email) != NULL ?
	    json_string(account->email) : json_null();
	json_t *profile = profile_public(person, account);

	if (profile != NULL && json_object_set_new(profile, "email",
		email) == 0)
		return profile;
	if (profile == NULL)
		json_decref(email);
	json_decref(profile);
	return NULL;
}

void
profile_put_etag(struct api_call *call, int64_t updated_us)
{
	api_field(call, "ETag", "\"%llx\"", (unsigned long long)updated_us);
}

/* A strong one, or "*" (RFC 9110 section 13.1.1). */
int
profile_read_if_match(struct api_call *call, int64_t *updated_us)
{
	const char *tag = call->if_match;
	unsigned long long value;
	char again[24];

	*updated_us = 0;
	if (tag == NULL || strcmp(tag, "*") == 0)
		return 0;
	value = tag[0] == '"' ? strtoull(tag + 1, NULL, 16) : 0;
	snprintf(again, sizeof(again), "\"%llx\"", value);
	*updated_us = (int64_t)value;
	if (strcmp(again, tag) == 0)
		return 0;
	api_problem_status(call, 412, CODE_CONFLICT, NULL,
	    "If-Match must be the ETag of the profile as it was got");
	return -1;
}
