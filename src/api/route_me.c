/* SPDX-License-Identifier: MIT */
#include "api/call.h"
#include "api/profile.h"

static const struct api_member me_members[] = {
    PROFILE_MEMBERS,
    {.name = "email", .type = API_STRING, .required = true, .nullable = true,
	.format = "email", .doc = "shown to nobody else"},
    {NULL}};
const struct api_schema api_me_schema = {
    "Me", "One's own account.", me_members};

/* --------------------------------------------------------------------- GET */

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
get_me(struct api_call *call)
{
	api_read(call, api_read_new(call, STORE_READ_USER, 0), on_me);
}

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/api/me", .id = "getMe", .tag = "profile",
	.summary = "One's own profile", .auth = API_BEARER,
	.limited = true, .status = 200, .answer = &api_me_schema,
	.run = get_me}};
const struct api_routes api_me_routes = API_ROUTES(routes);
