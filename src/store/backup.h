/* SPDX-License-Identifier: MIT */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include <limits.h>

#include "base/error.h"

/* Folders of data that come to be whole or not at all. */

/*
 * Copies the store in the folder `data`, also while a server writes to it,
 * into the new folder `dest`.  The copy has another epoch, so that clients
 * notice when it takes the place of the first.
 */
int backup_make(const char *data, const char *dest, struct error *err);

/*
 * A folder that is being made for `dest`, beside it, under another name:
 * backup_finish() gives it its name once all in it is durable;
 * backup_abandon() takes it away, with what a store has there.
 * ERROR_STATE when dest exists.
 */
struct backup_folder {
	char dest[PATH_MAX], part[PATH_MAX];
};

int backup_begin(struct backup_folder *folder, const char *dest,
    struct error *err);
int backup_finish(struct backup_folder *folder, struct error *err);
void backup_abandon(struct backup_folder *folder);

#endif
