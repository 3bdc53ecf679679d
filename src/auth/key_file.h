/* SPDX-License-Identifier: MIT */
#ifndef AUTH_KEY_FILE_H
#define AUTH_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Files that may hold secrets: read whole, wiped, and made at once or not. */
#define KEY_FILE_MAX 65536

struct key_file {
	unsigned mode;
	size_t len;
	char data[KEY_FILE_MAX + 1]; /* NUL-terminated */
};

/*
 * A regular file of up to KEY_FILE_MAX bytes.  NULL and ERROR_SYSTEM or
 * ERROR_CONFIG with the path; *absent tells that there is none.
 */
struct key_file *key_file_read(const char *path, bool *absent,
    struct error *err);

/* Wipes it.  NULL is allowed. */
void key_file_free(struct key_file *file);

/* -1: others may read or write it, or the group may write it. */
int key_file_check_mode(const struct key_file *file, const char *path,
    struct error *err);

/*
 * Makes the file with mode 0600, durably and whole.  One that is there by now
 * is left alone, and that is no error: of several processes that do so at once
 * one succeeds, and all read the same.
 */
int key_file_create(const char *path, const void *data, size_t len,
    struct error *err);

#endif
