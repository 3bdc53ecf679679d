/* SPDX-License-Identifier: MIT */
#include "api/profile.h"

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
