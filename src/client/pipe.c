/* SPDX-License-Identifier: MIT */
#include "client/pipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

#define READ_SIZE 65536
#define LINE_MAX_BYTES (1024 * 1024)
#define PENDING_MAX 1024 /* requests that wait before input has to */

struct pipe {
	struct talk *talk;
	struct buf in;
	bool ended;   /* the input, with its last request behind all others */
	bool refused; /* some request was */
	bool broken;  /* nobody reads the output any more */
};

static void
put_event(struct pipe *pipe, const json_t *event)
{
	if (json_dumpf(event, stdout, JSON_COMPACT) != 0 ||
	    putchar('\n') == EOF || fflush(stdout) != 0)
		pipe->broken = true;
}

/* The ping behind the last line is the pipe's own. */
static bool
is_last(const json_t *event)
{
	const char *ref = json_string_value(json_object_get(event, "ref"));

	return ref != NULL && strcmp(ref, "synctalk.end") == 0;
}

static bool
event(void *arg, const json_t *json, const json_t *request, bool fresh)
{
	const char *type = json_string_value(json_object_get(json, "type"));
	struct pipe *pipe = arg;

	(void)fresh;
	if (is_last(json))
		return true;
	if (request != NULL && type != NULL && strcmp(type, "error") == 0)
		pipe->refused = true;
	put_event(pipe, json);
	return !pipe->broken;
}

static void
status(void *arg, bool up, const char *text)
{
	(void)arg;
	if (!up)
		fprintf(stderr, "synctalk: %s\n", text);
}

static void
refuse_line(struct pipe *pipe, const char *why)
{
	json_t *json = json_pack("{s:s, s:s, s:s}", "type", "error", "code",
	    "bad_request", "message", why);

	pipe->refused = true;
	if (json != NULL)
		put_event(pipe, json);
	json_decref(json);
}

static void
take_line(struct pipe *pipe, const char *line, size_t len)
{
	struct error why = {0};
	json_t *request;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return;
	if (line[0] == '{') {
		request = json_parse_object(line, len, &why);
		if (request == NULL) {
			refuse_line(pipe, why.text);
			return;
		}
	} else {
		request = json_pack("{s:s, s:s%}", "type", "line", "text",
		    line, len);
		if (request == NULL) {
			refuse_line(pipe, "the line is not valid UTF-8");
			return;
		}
	}
	if (talk_add(pipe->talk, request) != 0)
		refuse_line(pipe, "no memory");
}

static void
take_end(struct pipe *pipe)
{
	if (buf_readable(&pipe->in) > 0)
		take_line(pipe, buf_start(&pipe->in), buf_readable(&pipe->in));
	buf_fini(&pipe->in);
	if (talk_add(pipe->talk, json_pack("{s:s, s:s}", "type", "ping", "ref",
	    "synctalk.end")) != 0)
		pipe->broken = true;
	pipe->ended = true;
}

static void
read_lines(struct pipe *pipe)
{
	struct buf *in = &pipe->in;
	const char *start, *end;
	char *room = buf_reserve(in, READ_SIZE);
	ssize_t n;

	if (room == NULL || buf_readable(in) > LINE_MAX_BYTES) {
		fprintf(stderr, "synctalk: a line of the input is too long\n");
		pipe->broken = true;
		return;
	}
	n = read(STDIN_FILENO, room, READ_SIZE);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		take_end(pipe);
		return;
	}
	in->len += (size_t)n;
	for (;;) {
		start = buf_start(in);
		end = memchr(start, '\n', buf_readable(in));
		if (end == NULL)
			break;
		take_line(pipe, start, (size_t)(end - start));
		buf_consume(in, (size_t)(end - start) + 1);
	}
}

/* Ends when all is answered, or nothing more can be. */
static void
loop(struct pipe *pipe, int stop_fd)
{
	static const struct clock clock = {0};
	struct pollfd fds[3] = {{.fd = stop_fd, .events = POLLIN}};
	int64_t now_ms = clock_monotonic_ms(&clock), wait;

	/* One reading of the clock a turn; the first connects. */
	talk_run(pipe->talk, 0, now_ms);
	while (!pipe->broken && !talk_is_over(pipe->talk) &&
	    !(pipe->ended && talk_pending(pipe->talk) == 0)) {
		talk_poll(pipe->talk, &fds[1]);
		fds[2] = (struct pollfd){.fd = pipe->ended ||
		    talk_pending(pipe->talk) >= PENDING_MAX ? -1 :
		    STDIN_FILENO, .events = POLLIN};
		wait = talk_deadline(pipe->talk) - now_ms;
		poll(fds, 3, wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait);
		now_ms = clock_monotonic_ms(&clock);
		if (fds[0].revents != 0)
			return;
		if (fds[2].fd >= 0 && fds[2].revents != 0)
			read_lines(pipe);
		talk_run(pipe->talk, fds[1].revents, now_ms);
	}
	while (!talk_is_over(pipe->talk) &&
	    !talk_finish(pipe->talk, fds[1].revents, now_ms)) {
		talk_poll(pipe->talk, &fds[1]);
		poll(&fds[1], 1, 100);
		now_ms = clock_monotonic_ms(&clock);
	}
}

int
pipe_run(struct talk_options *options, int stop_fd, struct error *err)
{
	struct pipe pipe = {0};
	const struct talk_view view = {.event = event, .status = status,
	    .arg = &pipe};
	bool whole;

	options->view = &view;
	pipe.talk = talk_new(options, err);
	if (pipe.talk == NULL)
		return 2;
	loop(&pipe, stop_fd);
	whole = pipe.ended && talk_pending(pipe.talk) == 0 &&
	    !talk_is_over(pipe.talk) && !pipe.broken;
	talk_free(pipe.talk);
	buf_fini(&pipe.in);
	return whole && !pipe.refused ? 0 : 1;
}
