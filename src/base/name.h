/* SPDX-License-Identifier: MIT */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Names of accounts and groups: [a-z0-9]([a-z0-9._-]*[a-z0-9])?, 2 to 32
 * bytes, compared without case.  Devices: [A-Za-z0-9._-]{1,64}.
 */
#define NAME_BYTES_MIN 2
#define NAME_BYTES_MAX 32
#define DEVICE_MAX 64

/* Folds to lower case into out and says whether the result is a name. */
bool name_fold(const char *text, size_t len, char out[NAME_BYTES_MAX + 1]);
bool device_valid(const char *text, size_t len);

#endif
