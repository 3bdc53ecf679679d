/* SPDX-License-Identifier: MIT */
#ifndef API_PROFILE_H
#define API_PROFILE_H

#include <jansson.h>

#include "api/route.h"
#include "store/read.h"

/*
 * A person as REST shows them.  account may be all zero: of a name that is
 * unclaimed there is no more to say.  NULL: no memory.
 */

/* What everybody may see. */
json_t *profile_public(const struct store_person *person,
    const struct store_account *account);

/* What they see themselves: their e-mail address too. */
json_t *profile_own(const struct store_person *person,
    const struct store_account *account);

/* The members of profile_public(), for schemas. */
#define PROFILE_MEMBERS                                                       \
	{.name = "name", .type = API_STRING, .required = true,                \
	    .doc = "the account's name", .example = "\"alice\""},             \
	{.name = "display_name", .type = API_STRING, .required = true,        \
	    .nullable = true, .doc = "what to show instead of the name",      \
	    .example = "\"Alice Liddell\""},                                  \
	{.name = "avatar_url", .type = API_STRING, .required = true,          \
	    .nullable = true, .doc = "a picture, at an https address",        \
	    .example = "\"https://example.com/alice.png\""},                  \
	{.name = "about", .type = API_STRING, .required = true,               \
	    .nullable = true, .doc = "what they say of themselves"},          \
	{.name = "bot", .type = API_BOOLEAN, .required = true,                \
	    .doc = "it is a program"},                                        \
	{.name = "created_at", .type = API_STRING, .required = true,          \
	    .format = "date-time", .doc = "since when they are here"}

#endif
