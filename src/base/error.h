/* SPDX-License-Identifier: MIT */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * What went wrong, for the caller.  The caller owns the struct; setting it
 * allocates nothing.  Functions that take one accept NULL.
 */

enum error_code {
	ERROR_NONE = 0,
	ERROR_NOMEM,	/* an allocation failed */
	ERROR_SYSTEM,	/* a system call failed; text names it */
	ERROR_USAGE,	/* the command line is wrong: exit 2 */
	ERROR_CONFIG,	/* configuration or scripts are wrong: exit 78 */
	ERROR_INPUT,	/* what a peer sent is wrong */
	ERROR_STATE,	/* not possible now (locked, closed, full) */
	ERROR_CORRUPT	/* stored data does not verify */
};

struct error {
	enum error_code code;
	char text[512]; /* a sentence without a full stop, NUL-terminated */
};

void error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set with ERROR_SYSTEM and ": " strerror(errno) appended. */
void error_set_errno(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
