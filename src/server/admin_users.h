/* SPDX-License-Identifier: MIT */
#ifndef SERVER_ADMIN_USERS_H
#define SERVER_ADMIN_USERS_H

#include "server/admin.h"
#include "server/job.h"

/* The operator's commands about accounts (docs/operations.md). */

/* NULL: it is none of them. */
admin_run *users_find_command(const char *name);

/* admin_import.c: makes accounts, one or many at a time. */
admin_run users_add, users_import;

#endif
