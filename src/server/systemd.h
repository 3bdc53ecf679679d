/* SPDX-License-Identifier: MIT */
#ifndef SERVER_SYSTEMD_H
#define SERVER_SYSTEMD_H

#include <stddef.h>

/*
 * What the supervisor that started us passes and wants to be told, by the
 * protocols of systemd (sd_listen_fds(3), sd_notify(3)).  Without one nothing
 * of this does anything.
 */
#define SYSTEMD_NAME_MAX 255

struct systemd_socket {
	int fd;
	char name[SYSTEMD_NAME_MAX + 1]; /* FileDescriptorName=, or "" */
};

/*
 * The descriptors that were passed: at most max of them, the rest is closed.
 * They close on exec, and nobody whom we start takes them for theirs.
 */
size_t systemd_take_sockets(struct systemd_socket *sockets, size_t max);

/* "READY=1", "STOPPING=1"; lines, of which the whole is one message. */
void systemd_notify(const char *state);

/* "RELOADING=1", with the time that it asks for. */
void systemd_notify_reloading(void);

#endif
