/* SPDX-License-Identifier: MIT */
#include "net/unix_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int
set_path(struct sockaddr_un *address, const char *path, struct error *err)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (strlen(path) < sizeof(address->sun_path)) {
		strcpy(address->sun_path, path);
		return 0;
	}
	error_set(err, ERROR_CONFIG, "the path %s is too long for a socket "
	    "(%zu bytes at most)", path, sizeof(address->sun_path) - 1);
	return -1;
}

/* Only what is a socket, and refuses connections, is stale. */
static int
remove_stale(const struct sockaddr_un *address, struct error *err)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, status;

	if (lstat(path, &st) == -1)
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		error_set(err, ERROR_CONFIG, "cannot listen on %s: something "
		    "else is there, which is no socket", path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1) {
		error_set_errno(err, "socket");
		return -1;
	}
	status = connect(fd, (const struct sockaddr *)address,
	    sizeof(*address));
	if (status == -1 && errno == ECONNREFUSED)
		status = unlink(path) == 0 ? 1 : -2;
	close(fd);
	if (status == 1)
		return 0;
	if (status == -2)
		error_set_errno(err, "cannot remove %s", path);
	else
		error_set(err, ERROR_STATE, "another server listens on %s",
		    path);
	return -1;
}

int
unix_socket_listen(const char *path, mode_t mode, struct error *err)
{
	struct sockaddr_un address;
	int fd;

	if (set_path(&address, path, err) == -1 ||
	    remove_stale(&address, err) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode counts from listen() on: before it nobody can connect. */
	if (fd == -1 || bind(fd, (struct sockaddr *)&address,
	    sizeof(address)) == -1 || chmod(path, mode) == -1 ||
	    listen(fd, SOMAXCONN) == -1) {
		error_set_errno(err, "cannot listen on %s", path);
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

/* Another server may have taken the place meanwhile. */
void
unix_socket_close(int fd, const char *path)
{
	struct sockaddr_un address;
	int other = -1;

	if (fd == -1)
		return;
	close(fd);
	if (set_path(&address, path, NULL) == 0)
		other = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
		    SOCK_CLOEXEC, 0);
	if (other != -1 && connect(other, (struct sockaddr *)&address,
	    sizeof(address)) == -1 && errno == ECONNREFUSED)
		unlink(path);
	if (other != -1)
		close(other);
}
