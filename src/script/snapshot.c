/* SPDX-License-Identifier: MIT */
#include "script/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nearest.h"

#define FILE_SIZE_MAX (1 << 20)
#define FILES_MAX 1000
#define DEPTH_MAX 8
#define PATH_SIZE 512

struct reader {
	struct snapshot *snapshot;
	const char *folder;
	bool operators;
	struct error *err;
};

static void
source_fini(struct source *source)
{
	free(source->path);
	free(source->file);
	free(source->shadowed);
	free(source->text);
}

void
snapshot_fini(struct snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->count; i++)
		source_fini(&snapshot->sources[i]);
	free(snapshot->sources);
	memset(snapshot, 0, sizeof(*snapshot));
}

static struct source *
find(const struct snapshot *snapshot, const char *path)
{
	size_t i;

	for (i = 0; i < snapshot->count; i++) {
		if (strcmp(snapshot->sources[i].path, path) == 0)
			return &snapshot->sources[i];
	}
	return NULL;
}

const struct source *
snapshot_find(const struct snapshot *snapshot, const char *path)
{
	return find(snapshot, path);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t lt = strlen(text), le = strlen(end);

	return lt >= le && strcmp(text + lt - le, end) == 0;
}

static enum source_kind
kind_of(const char *path)
{
	if (ends_with(path, "_test.lua"))
		return SOURCE_TEST;
	if (strncmp(path, "lib/", 4) == 0 || strstr(path, "/lib/") != NULL)
		return SOURCE_LIBRARY;
	return SOURCE_SCRIPT;
}

/* All of an open file; NULL and errno (EFBIG: too large). */
static char *
read_all(int fd, size_t *len)
{
	size_t size = 4096, used = 0;
	char *text = malloc(size), *more;
	ssize_t n;

	while (text != NULL) {
		n = read(fd, text + used, size - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			*len = used;
			if (n == 0)
				return text;
			break;
		}
		used += (size_t)n;
		if (used < size)
			continue;
		errno = EFBIG;
		if (size >= FILE_SIZE_MAX)
			break;
		more = realloc(text, size *= 2);
		if (more == NULL)
			break;
		text = more;
	}
	free(text);
	return NULL;
}

static char *
read_file(struct reader *r, const char *file, size_t *len)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0) {
		error_set_errno(r->err, "%s: cannot be opened", file);
		return NULL;
	}
	text = read_all(fd, len);
	if (text == NULL)
		error_set_errno(r->err, "%s: cannot be read", file);
	close(fd);
	return text;
}

/* What the file of the operator at path is likely to mean. */
static void
refuse_stray(struct reader *r, const char *path, const char *file)
{
	const char *choices[FILES_MAX + 1], *near;
	const char *base = strrchr(path, '/');
	size_t i;

	for (i = 0; i < r->snapshot->count; i++)
		choices[i] = r->snapshot->sources[i].path;
	choices[i] = NULL;
	near = nearest(path, choices);
	base = base == NULL ? path : base + 1;
	if (near != NULL)
		error_set(r->err, ERROR_CONFIG, "%s: shadows no shipped script "
		    "(did you mean %s? what is new belongs into local/)",
		    file, near);
	else
		error_set(r->err, ERROR_CONFIG, "%s: shadows no shipped script "
		    "(what is new belongs into local/, as in local/%s)",
		    file, base);
}

/* Fills in what a file of the operator replaces, or adds a source. */
static struct source *
place(struct reader *r, const char *path, const char *file)
{
	struct snapshot *snapshot = r->snapshot;
	struct source *source = find(snapshot, path), *more;

	if (source != NULL) {
		source->shadowed = source->file;
		source->file = NULL;
		free(source->text);
		source->text = NULL;
		return source;
	}
	if (r->operators && strncmp(path, "local/", 6) != 0 &&
	    kind_of(path) != SOURCE_TEST) {
		refuse_stray(r, path, file);
		return NULL;
	}
	if (snapshot->count == FILES_MAX) {
		error_set(r->err, ERROR_CONFIG, "%s: more than %d scripts",
		    file, FILES_MAX);
		return NULL;
	}
	more = realloc(snapshot->sources,
	    (snapshot->count + 1) * sizeof(*more));
	if (more == NULL) {
		error_set(r->err, ERROR_NOMEM, "no memory for %s", file);
		return NULL;
	}
	snapshot->sources = more;
	source = &more[snapshot->count++];
	memset(source, 0, sizeof(*source));
	source->path = strdup(path);
	return source;
}

static int
add_file(struct reader *r, const char *path, const char *file)
{
	struct source *source = place(r, path, file);

	if (source == NULL)
		return -1;
	source->kind = kind_of(path);
	source->operators = r->operators;
	source->file = strdup(file);
	if (source->path == NULL || source->file == NULL) {
		error_set(r->err, ERROR_NOMEM, "no memory for %s", file);
		return -1;
	}
	source->text = read_file(r, file, &source->len);
	return source->text != NULL ? 0 : -1;
}

static int read_folder(struct reader *r, const char *path, unsigned depth);

/* One entry of a folder; path is "" at the top, else it ends with a slash. */
static int
read_entry(struct reader *r, const char *path, const char *name,
    unsigned depth)
{
	char inner[PATH_SIZE], file[2 * PATH_SIZE];
	struct stat st;

	if ((size_t)snprintf(inner, sizeof(inner) - 1, "%s%s", path, name) >=
	    sizeof(inner) - 1 || (size_t)snprintf(file, sizeof(file), "%s/%s",
	    r->folder, inner) >= sizeof(file)) {
		error_set(r->err, ERROR_CONFIG, "%s/%s%s: the path is too long",
		    r->folder, path, name);
		return -1;
	}
	if (stat(file, &st) != 0) {
		error_set_errno(r->err, "%s: cannot be read", file);
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		/* For editors, not for the server. */
		if (strcmp(inner, "meta") == 0)
			return 0;
		strcat(inner, "/");
		return read_folder(r, inner, depth + 1);
	}
	if (!S_ISREG(st.st_mode) || !ends_with(name, ".lua"))
		return 0;
	return add_file(r, inner, file);
}

static int
read_folder(struct reader *r, const char *path, unsigned depth)
{
	char folder[2 * PATH_SIZE];
	struct dirent *entry;
	DIR *dir;
	int rc = 0;

	snprintf(folder, sizeof(folder), "%s/%s", r->folder, path);
	if (depth > DEPTH_MAX) {
		error_set(r->err, ERROR_CONFIG, "%s: folders are nested deeper "
		    "than %d", folder, DEPTH_MAX);
		return -1;
	}
	dir = opendir(folder);
	if (dir == NULL) {
		error_set_errno(r->err, "%s: cannot be opened", folder);
		return -1;
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			rc = read_entry(r, path, entry->d_name, depth);
	}
	closedir(dir);
	return rc;
}

static int
by_path(const void *a, const void *b)
{
	const struct source *sa = a, *sb = b;

	return strcmp(sa->path, sb->path);
}

int
snapshot_read(struct snapshot *snapshot, const char *shipped,
    const char *operators, struct error *err)
{
	struct reader r = {.snapshot = snapshot, .folder = shipped,
	    .err = err};

	memset(snapshot, 0, sizeof(*snapshot));
	if (read_folder(&r, "", 0) != 0)
		goto fail;
	r.folder = operators;
	r.operators = true;
	if (operators != NULL && read_folder(&r, "", 0) != 0)
		goto fail;
	if (snapshot->count > 0)
		qsort(snapshot->sources, snapshot->count,
		    sizeof(*snapshot->sources), by_path);
	return 0;
fail:
	/* Whatever the system says, the scripts are what is wrong. */
	if (err != NULL && err->code == ERROR_SYSTEM)
		err->code = ERROR_CONFIG;
	snapshot_fini(snapshot);
	return -1;
}
