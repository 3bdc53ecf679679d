/* SPDX-License-Identifier: MIT */
#include "client/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS 20 /* the server keeps as many devices of a person */
#define HOSTNAME_MAX 40

/* What is not in the alphabet of devices becomes a dash. */
static void
clean(char *text)
{
	for (; *text != '\0'; text++) {
		if (!device_valid(text, 1))
			*text = '-';
	}
}

/* Like mkdir -p, for what is below an existing folder. */
static int
make_folders(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			*slash = '/';
			return -1;
		}
		*slash = '/';
	}
	return mkdir(path, 0700) != 0 && errno != EEXIST ? -1 : 0;
}

static int
state_folder(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (state != NULL && state[0] == '/')
		n = snprintf(path, size, "%s/synctalk", state);
	else if (home != NULL && home[0] == '/')
		n = snprintf(path, size, "%s/.local/state/synctalk", home);
	else
		return -1;
	if (n < 0 || (size_t)n >= size)
		return -1;
	return make_folders(path);
}

int
device_claim(const char *host, const char *name, char device[DEVICE_MAX + 1])
{
	char folder[3000], path[4096], machine[HOSTNAME_MAX + 1] = "";
	char server[300];
	int fd, slot;

	device[0] = '\0';
	if (state_folder(folder, sizeof(folder)) != 0)
		return -1;
	if (gethostname(machine, HOSTNAME_MAX) != 0)
		strcpy(machine, "here");
	clean(machine);
	snprintf(server, sizeof(server), "%s", host);
	clean(server);
	for (slot = 1; slot <= SLOTS; slot++) {
		snprintf(path, sizeof(path), "%s/%s_%s-%d.lock", folder, server,
		    name, slot);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			snprintf(device, DEVICE_MAX + 1, "term-%s-%d", machine,
			    slot);
			return fd;
		}
		close(fd);
	}
	return -1;
}
