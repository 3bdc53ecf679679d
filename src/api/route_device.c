/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/shape.h"
#include "base/clock.h"
#include "base/name.h"

/*
 * One's devices, and where one is signed in.  A sign-in without a device is
 * listed by its number behind a "~", which no device's name has.
 */
#define SIGN_IN '~'

/* --------------------------------------------------------------------- list */

static json_t *
time_of(int64_t us)
{
	char text[CLOCK_TEXT_SIZE];

	if (us == 0)
		return json_null();
	clock_format(us, text);
	return json_string(text);
}

/* The newest sign-in of a device, or NULL. */
static const struct store_family *
family_of(const struct store_read *read, const char *device)
{
	const struct store_family *newest = NULL;
	size_t i;

	for (i = 0; i < read->families_n; i++) {
		if (strcmp(read->families[i].device, device) == 0 &&
		    (newest == NULL ||
			read->families[i].used_us > newest->used_us))
			newest = &read->families[i];
	}
	return newest;
}

/* family may be NULL: nobody is signed in there with a token of ours. */
static json_t *
shape_device(const struct api_call *call, const char *id, const char *device,
    int64_t used_us, const struct store_family *family)
{
	static const struct store_family none;
	bool is_signed_in = family != NULL;

	if (!is_signed_in)
		family = &none;
	if (family->used_us > used_us)
		used_us = family->used_us;
	return json_pack("{s:s,s:s?,s:o,s:b,s:b,s:s?,s:o,s:o}", "id", id,
	    "device", device[0] != '\0' ? device : NULL, "used_at",
	    time_of(used_us), "signed_in", is_signed_in, "current",
	    is_signed_in && family->id == call->caller.family, "address",
	    family->address[0] != '\0' ? family->address : NULL,
	    "signed_in_at", time_of(family->created_us), "expires_at",
	    time_of(family->expires_us));
}

static bool
has_device(const struct store_read *read, const char *device)
{
	size_t i;

	for (i = 0; i < read->devices_n; i++) {
		if (strcmp(read->devices[i].device, device) == 0)
			return true;
	}
	return false;
}

/* -1: no memory. */
static int
put_device(const struct api_call *call, json_t *list,
    const struct store_read *read, const struct store_device *device)
{
	return json_array_append_new(list, shape_device(call, device->device,
	    device->device, device->used_us,
	    family_of(read, device->device)));
}

/* Unless it is one of a device that is listed already. */
static int
put_sign_in(const struct api_call *call, json_t *list,
    const struct store_read *read, const struct store_family *family)
{
	char id[32];

	if (family->device[0] == '\0') {
		snprintf(id, sizeof(id), "%c%llx", SIGN_IN,
		    (unsigned long long)family->id);
		return json_array_append_new(list, shape_device(call, id, "",
		    family->used_us, family));
	}
	if (has_device(read, family->device) ||
	    family_of(read, family->device) != family)
		return 0;
	return json_array_append_new(list, shape_device(call, family->device,
	    family->device, family->used_us, family));
}

static void
on_devices(struct api_call *call, struct store_read *read)
{
	json_t *list;
	int failed = 0;
	size_t i;

	if (read->status != STORE_OK) {
		api_problem_store(call, read->status);
		return;
	}
	list = json_array();
	for (i = 0; i < read->devices_n; i++)
		failed |= put_device(call, list, read, &read->devices[i]);
	for (i = 0; i < read->families_n; i++)
		failed |= put_sign_in(call, list, read, &read->families[i]);
	if (failed != 0) {
		json_decref(list);
		list = NULL;
	}
	api_reply(call, 200, json_pack("{s:o}", "devices", list));
}

static void
list_devices(struct api_call *call)
{
	if (api_charge(call))
		api_read(call, api_read_new(call, STORE_READ_DEVICES, 0),
		    on_devices);
}

/* ----------------------------------------------------------------- sign out */

static void
on_signed_out(struct api_call *call, struct store_write *write)
{
	if (write->status == STORE_OK || write->status == STORE_DUPLICATE)
		api_reply(call, 204, NULL);
	else if (write->status == STORE_NOT_FOUND)
		api_problem(call, CODE_NOT_FOUND, NULL,
		    "you have no device %s", api_param(call, 0));
	else
		api_problem_store(call, write->status);
}

static bool
read_id(const char *id, struct store_write *write)
{
	char *end;

	if (id[0] == SIGN_IN && id[1] != '\0' && strlen(id) <= 17 &&
	    strspn(id + 1, "0123456789abcdef") == strlen(id + 1)) {
		write->family = strtoull(id + 1, &end, 16);
		return write->family != 0;
	}
	if (!device_valid(id, strlen(id)))
		return false;
	memcpy(write->device, id, strlen(id) + 1);
	return true;
}

static void
remove_device(struct api_call *call)
{
	struct store_write *write;

	if (!api_charge(call))
		return;
	write = api_write_new(call, STORE_WRITE_SIGN_OUT, 0);
	if (write != NULL && !read_id(api_param(call, 0), write)) {
		store_write_unref(write);
		api_problem(call, CODE_NOT_FOUND, NULL,
		    "you have no device %s", api_param(call, 0));
		return;
	}
	api_write(call, write, on_signed_out);
}

/* ------------------------------------------------------------------ schemas */

static const struct api_member device_members[] = {
    {.name = "id", .type = API_STRING, .required = true,
	.doc = "for DELETE /api/devices/ID", .example = "\"phone\""},
    {.name = "device", .type = API_STRING, .required = true,
	.nullable = true, .doc = "as the client calls it; null: a sign-in "
	"without one"},
    {.name = "used_at", .type = API_STRING, .required = true,
	.nullable = true, .format = "date-time",
	.doc = "about when it was last in use"},
    {.name = "signed_in", .type = API_BOOLEAN, .required = true,
	.doc = "it can get new tokens"},
    {.name = "current", .type = API_BOOLEAN, .required = true,
	.doc = "the token of this request is of this sign-in"},
    {.name = "address", .type = API_STRING, .required = true,
	.nullable = true, .doc = "from where it signed in"},
    {.name = "signed_in_at", .type = API_STRING, .required = true,
	.nullable = true, .format = "date-time", .doc = "when it did"},
    {.name = "expires_at", .type = API_STRING, .required = true,
	.nullable = true, .format = "date-time",
	.doc = "when it must sign in anew"},
    {.name = NULL}};
const struct api_schema api_device_schema = {
    "Device", "A device, or where one is signed in.", device_members};

static const struct api_member list_members[] = {
    {.name = "devices", .type = API_ARRAY, .required = true, .of = "Device",
	.doc = "all of them"},
    {.name = NULL}};
static const struct api_schema list_schema = {
    "DeviceList", "One's devices.", list_members};

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/api/devices", .id = "listDevices",
	.tag = "profile", .summary = "One's devices and sign-ins",
	.auth = API_BEARER, .scope = SCOPE_ACCOUNT, .limited = true,
	.conditional = true, .status = 200, .answer = &list_schema,
	.run = list_devices},
    {.method = HTTP_DELETE, .path = "/api/devices/:id",
	.id = "removeDevice", .tag = "profile",
	.summary = "Sign a device out and forget it",
	.doc = "Its connections close, and its tokens are void.",
	.auth = API_BEARER, .scope = SCOPE_ACCOUNT, .limited = true,
	.status = 204, .codes = 1U << CODE_NOT_FOUND,
	.run = remove_device}};
const struct api_routes api_device_routes = API_ROUTES(routes);
