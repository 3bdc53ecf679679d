/* SPDX-License-Identifier: MIT */
#include "server/watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 500
#define FOLDERS_MAX 4
#define DEPTH_MAX 16

struct watch {
	struct timers *timers;
	struct timer timer;
	const char *folders[FOLDERS_MAX];
	uint64_t seen;	 /* what was reported, or there at the beginning */
	uint64_t looked; /* the last time */
	watch_changed *changed;
	void *arg;
};

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static uint64_t hash_folder(int fd, int depth);

static uint64_t
hash_entry(int folder, const char *name, int depth)
{
	struct stat info;
	uint64_t hash = 1;
	int fd;

	for (const char *at = name; *at != '\0'; at++)
		hash = mix(hash, (unsigned char)*at);
	if (fstatat(folder, name, &info, 0) == -1)
		return hash;
	if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX) {
		fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return fd == -1 ? hash : mix(hash, hash_folder(fd, depth + 1));
	}
	hash = mix(hash, (uint64_t)info.st_mtim.tv_sec);
	hash = mix(hash, (uint64_t)info.st_mtim.tv_nsec);
	hash = mix(hash, (uint64_t)info.st_ino);
	return mix(hash, (uint64_t)info.st_size);
}

/* Entries come in any order, so they are added.  Closes fd. */
static uint64_t
hash_folder(int fd, int depth)
{
	const struct dirent *entry;
	uint64_t hash = 0;
	DIR *folder;

	folder = fdopendir(fd);
	if (folder == NULL) {
		close(fd);
		return 0;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] != '.')
			hash += hash_entry(fd, entry->d_name, depth);
	}
	closedir(folder);
	return hash;
}

static uint64_t
hash_all(const struct watch *watch)
{
	uint64_t hash = 0;
	size_t i;

	for (i = 0; i < FOLDERS_MAX; i++) {
		if (watch->folders[i] != NULL)
			hash = mix(hash, hash_entry(AT_FDCWD,
			    watch->folders[i], 0));
	}
	return hash;
}

/* A change is reported once it has come to rest. */
static void
on_timer(struct timer *timer)
{
	struct watch *watch = (struct watch *)(void *)((char *)timer -
	    offsetof(struct watch, timer));
	uint64_t now = hash_all(watch);

	timer_set(watch->timers, timer, LOOK_MS);
	if (now == watch->looked && now != watch->seen) {
		watch->seen = now;
		watch->changed(watch->arg);
	}
	watch->looked = now;
}

struct watch *
watch_new(struct timers *timers, const char *const *folders, size_t n,
    watch_changed *changed, void *arg, struct error *err)
{
	struct watch *watch;
	size_t i;

	watch = calloc(1, sizeof(*watch));
	if (watch == NULL) {
		error_set(err, ERROR_NOMEM, "no memory to watch folders");
		return NULL;
	}
	watch->timers = timers;
	for (i = 0; i < n && i < FOLDERS_MAX; i++)
		watch->folders[i] = folders[i];
	watch->changed = changed;
	watch->arg = arg;
	watch->seen = watch->looked = hash_all(watch);
	watch->timer.fire = on_timer;
	timer_set(timers, &watch->timer, LOOK_MS);
	return watch;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	timer_clear(watch->timers, &watch->timer);
	free(watch);
}
