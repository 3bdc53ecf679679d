/* SPDX-License-Identifier: MIT */
#include "store/permission.h"

#include <assert.h>

static const struct {
	const char *text;
	enum role role;
} permissions[] = {
#define X(name, text, role) [PERMISSION_##name] = {text, role},
    PERMISSIONS(X)
#undef X
};

enum role
permission_role(enum permission permission)
{
	assert(permission > PERMISSION_NONE && permission < PERMISSIONS_END);
	return permissions[permission].role;
}

const char *
permission_text(enum permission permission)
{
	assert(permission > PERMISSION_NONE && permission < PERMISSIONS_END);
	return permissions[permission].text;
}
