/* SPDX-License-Identifier: MIT */
#include "ctl/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"

#define ANSWER_MAX (64 * 1024 * 1024)
#define READ_SIZE 65536

static void
explain_connect(const char *path, struct error *err)
{
	if (errno == ENOENT || errno == ECONNREFUSED)
		error_set(err, ERROR_STATE, "no server listens at %s: is "
		    "synctalkd running? --data or --socket says where", path);
	else if (errno == EACCES)
		error_set(err, ERROR_STATE, "%s is not for you: ask as the "
		    "user that runs synctalkd, or as root", path);
	else
		error_set_errno(err, "cannot connect to %s", path);
}

static int
dial(const char *path, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		error_set_errno(err, "cannot make a socket");
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		explain_connect(path, err);
		close(fd);
		return -1;
	}
	return fd;
}

static int
send_line(int fd, const json_t *request, struct error *err)
{
	char *text = json_dumps(request, JSON_COMPACT);
	size_t len, done = 0;
	ssize_t n;

	if (text == NULL) {
		error_set(err, ERROR_NOMEM, "no memory");
		return -1;
	}
	len = strlen(text);
	text[len] = '\n'; /* in the place of the NUL */
	while (done <= len) {
		n = send(fd, text + done, len + 1 - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	free(text);
	if (done > len)
		return 0;
	error_set_errno(err, "cannot ask the server");
	return -1;
}

static json_t *
read_line(int fd, struct error *err)
{
	struct buf in = {0};
	const char *end = NULL;
	json_t *answer = NULL;
	char *room;
	ssize_t n;

	while (end == NULL) {
		room = buf_reserve(&in, READ_SIZE);
		if (room == NULL || in.len > ANSWER_MAX) {
			error_set(err, ERROR_INPUT, "the answer is too long");
			goto out;
		}
		n = recv(fd, room, READ_SIZE, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			error_set(err, ERROR_STATE, "the server hung up "
			    "without an answer; its log may say why");
			goto out;
		}
		end = memchr(room, '\n', (size_t)n);
		in.len += (size_t)n;
	}
	answer = json_parse_object(in.data, (size_t)(end - in.data), err);
out:
	buf_fini(&in);
	return answer;
}

json_t *
call(const char *path, const json_t *request, struct error *err)
{
	json_t *answer = NULL;
	int fd;

	fd = dial(path, err);
	if (fd < 0)
		return NULL;
	if (send_line(fd, request, err) == 0)
		answer = read_line(fd, err);
	close(fd);
	return answer;
}
