/* SPDX-License-Identifier: MIT */
#ifndef SERVER_ADMIN_BANS_H
#define SERVER_ADMIN_BANS_H

#include "server/admin.h"

/*
 * synctalkctl ban, unban, bans, lockdown: all of it is stored, and comes into
 * force as the store feeds it to the workers.
 */
admin_run admin_ban;
admin_run admin_unban;
admin_run admin_bans;
admin_run admin_lockdown;

#endif
