/* SPDX-License-Identifier: MIT */
#ifndef STORE_PERMISSION_H
#define STORE_PERMISSION_H

#include <stdbool.h>

#include "store/record.h"

/*
 * Who may do what in a group: one table, asked by the writer within the
 * transaction.  Whoever acts on a member needs the permission, and a role
 * above the member's; an owner may act on anybody.
 */
#define PERMISSIONS(X)                                                        \
	X(POST, "post", ROLE_MEMBER)                                          \
	X(INVITE, "invite", ROLE_MEMBER)                                      \
	X(DELETE, "delete others' messages", ROLE_MODERATOR)                  \
	X(KICK, "kick", ROLE_MODERATOR)                                       \
	X(MUTE, "mute", ROLE_MODERATOR)                                       \
	X(BAN, "ban", ROLE_MODERATOR)                                         \
	X(VERSIONS, "see earlier versions", ROLE_MODERATOR)                   \
	X(UPDATE, "change title and settings", ROLE_ADMIN)                    \
	X(ADD, "add people", ROLE_ADMIN)                                      \
	X(ROLE, "change roles", ROLE_ADMIN)

enum permission {
	PERMISSION_NONE,
#define X(name, text, role) PERMISSION_##name,
	PERMISSIONS(X)
#undef X
	PERMISSIONS_END
};

/* The lowest role that has it. */
enum role permission_role(enum permission permission);

/* For people: "kick", "change roles". */
const char *permission_text(enum permission permission);

static inline bool
permission_has(enum role role, enum permission permission)
{
	return role >= permission_role(permission);
}

/* Whether a role may act on a member of another, permission aside. */
static inline bool
permission_outranks(enum role role, enum role other)
{
	return role == ROLE_OWNER || role > other;
}

#endif
