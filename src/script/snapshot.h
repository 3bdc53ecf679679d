/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_SNAPSHOT_H
#define SCRIPT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Every script's bytes, read once, so that all states load the same.  The
 * operator's folder lies over the shipped one: a file at the same path
 * shadows it, files in local/ are added, anything else there is an error,
 * since it is most likely a misspelt path.  Sorted by path.
 */
enum source_kind {
	SOURCE_SCRIPT,	/* run at load; returns declarations */
	SOURCE_LIBRARY, /* in a folder lib/: run by require() */
	SOURCE_TEST	/* NAME_test.lua */
};

struct source {
	char *path;	/* relative to its folder, "commands/dm.lua" */
	char *file;	/* where it was read */
	char *shadowed; /* the shipped file it replaces, or NULL */
	enum source_kind kind;
	bool operators; /* from the operator's folder */
	char *text;
	size_t len;
};

struct snapshot {
	struct source *sources;
	size_t count;
};

/* operators may be NULL.  -1 and err, naming the file; *snapshot is zero. */
int snapshot_read(struct snapshot *snapshot, const char *shipped,
    const char *operators, struct error *err);
void snapshot_fini(struct snapshot *snapshot);

/* By path, or NULL. */
const struct source *snapshot_find(const struct snapshot *snapshot,
    const char *path);

#endif
