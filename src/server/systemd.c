/* SPDX-License-Identifier: MIT */
#include "server/systemd.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* The first of the descriptors that are passed. */
#define FIRST_FD 3
#define FDS_MAX 1024

/* A whole number of the environment, or 0. */
static unsigned long
number(const char *name)
{
	const char *text = getenv(name);
	unsigned long n;
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	n = strtoul(text, &end, 10);
	return *end == '\0' ? n : 0;
}

/* Takes the next of the names, which colons part. */
static void
take_name(const char **names, char name[SYSTEMD_NAME_MAX + 1])
{
	size_t len;

	name[0] = '\0';
	if (*names == NULL)
		return;
	len = strcspn(*names, ":");
	if (len <= SYSTEMD_NAME_MAX) {
		memcpy(name, *names, len);
		name[len] = '\0';
	}
	*names = (*names)[len] == ':' ? *names + len + 1 : NULL;
}

size_t
systemd_take_sockets(struct systemd_socket *sockets, size_t max)
{
	const char *names = getenv("LISTEN_FDNAMES");
	unsigned long i, n = number("LISTEN_FDS");
	size_t taken = 0;

	if (number("LISTEN_PID") != (unsigned long)getpid() || n > FDS_MAX)
		n = 0;
	for (i = 0; i < n; i++) {
		if (taken == max) {
			close(FIRST_FD + (int)i);
			continue;
		}
		sockets[taken].fd = FIRST_FD + (int)i;
		fcntl(sockets[taken].fd, F_SETFD, FD_CLOEXEC);
		take_name(&names, sockets[taken].name);
		taken++;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return taken;
}

void
systemd_notify(const char *state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path != NULL ? strlen(path) : 0;
	int fd;

	if (len < 2 || len >= sizeof(address.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void
systemd_notify_reloading(void)
{
	char state[64];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	systemd_notify(state);
}
