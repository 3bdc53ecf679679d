/* SPDX-License-Identifier: MIT */
#include "http/parser.h"

#include <assert.h>
#include <string.h>

#include "http/head.h"

#define REQUEST_LINE_EXTRA 32 /* beside the target: method, version, CRLF */
#define CHUNK_LINE_MAX 256
#define CHUNK_DIGITS_MAX 8

const struct http_parser_options http_parser_defaults = {
    .head_max = 16 * 1024,
    .target_max = 8 * 1024,
    .body_max = 64 * 1024,
};

enum state {
	STATE_HEAD,
	STATE_BODY,	  /* by Content-Length */
	STATE_CHUNK_LINE,
	STATE_CHUNK_DATA,
	STATE_CHUNK_END,  /* the CRLF behind the data */
	STATE_TRAILER,
	STATE_DONE,
	STATE_BAD
};

enum step { STEP_ON, STEP_MORE, STEP_CONTINUE, STEP_BAD };

struct limit {
	uint32_t bytes; /* of the line, CRLF included */
	uint16_t status;
	const char *reason;
};

void
http_parser_init(struct http_parser *parser,
    const struct http_parser_options *options)
{
	assert(options->body_max < UINT32_MAX / 2);
	assert(options->head_max < UINT32_MAX / 4);
	assert(options->target_max + REQUEST_LINE_EXTRA <= options->head_max);
	*parser = (struct http_parser){.options = options};
}

bool
http_parser_busy(const struct http_parser *parser, const struct buf *in)
{
	return parser->state != STATE_HEAD || buf_readable(in) > 0;
}

/* The frames of chunks are no progress: only what they bring is. */
bool
http_parser_in_body(const struct http_parser *parser, uint32_t *come)
{
	*come = parser->body;
	return parser->state != STATE_HEAD && parser->state != STATE_BAD;
}

static enum step
refuse(struct http_parser *parser, uint16_t status, const char *reason)
{
	parser->state = STATE_BAD;
	parser->status = status;
	parser->reason = reason;
	return STEP_BAD;
}

/*
 * Takes the next line, without its CRLF.  Bytes are judged one after the
 * other, each once, so that a request cut anywhere fails at the same byte.
 */
static enum step
next_line(struct http_parser *parser, const struct buf *in,
    const struct limit *limit, struct http_slice *line)
{
	const char *base = buf_start(in);
	size_t at = parser->scanned, n = buf_readable(in);
	size_t end = parser->line + (size_t)limit->bytes;

	while (at < n && at < end && http_is_text((unsigned char)base[at]))
		at++;
	parser->scanned = (uint32_t)at;
	if (at == n)
		return STEP_MORE;
	if (at == end)
		return refuse(parser, limit->status, limit->reason);
	if (base[at] != '\r')
		return refuse(parser, 400,
		    "There is a control character in the head.");
	if (at + 1 == n)
		return STEP_MORE;
	if (base[at + 1] != '\n')
		return refuse(parser, 400, "A line ends in CR and LF, both.");
	if (at + 1 == end)
		return refuse(parser, limit->status, limit->reason);
	line->data = base + parser->line;
	line->len = at - parser->line;
	parser->scanned = parser->line = (uint32_t)at + 2;
	return STEP_ON;
}

static enum step
take_field(struct http_parser *parser, struct http_slice line,
    struct http_request *request)
{
	if (parser->lines == HTTP_FIELDS_MAX)
		return refuse(parser, 431, "There are too many header fields.");
	if (http_field_parse(line.data, line.len,
		&request->fields[parser->lines]) != 0)
		return refuse(parser, 400, "A header field is malformed.");
	parser->lines++;
	return STEP_ON;
}

/* A head that came in pieces is read again, into the slices, once whole. */
static void
reread(const struct http_parser *parser, const struct buf *in,
    struct http_request *request)
{
	struct http_slice line = {buf_start(in), 0};
	const char *end = line.data + parser->head - 2, *lf;
	struct http_refusal ignored;
	int rc;

	request->n_fields = 0;
	for (; line.data < end; line.data = lf + 1) {
		lf = memchr(line.data, '\n', (size_t)(end - line.data));
		assert(lf != NULL);
		line.len = (size_t)(lf - 1 - line.data);
		if (line.data == buf_start(in))
			rc = http_head_request_line(line,
			    parser->options->target_max, request, &ignored);
		else
			rc = http_field_parse(line.data, line.len,
			    &request->fields[request->n_fields++]);
		assert(rc == 0);
		(void)rc;
	}
}

/* The head is whole: decides how the body comes. */
static enum step
begin_body(struct http_parser *parser, struct http_request *request)
{
	struct http_framing framing;
	struct http_refusal refusal;

	if (http_head_finish(request, &framing, &refusal) != 0)
		return refuse(parser, refusal.status, refusal.reason);
	if (framing.length > parser->options->body_max)
		return refuse(parser, 413, "The body is too long.");
	parser->left = (uint32_t)framing.length;
	parser->state = framing.chunked ? STATE_CHUNK_LINE : STATE_BODY;
	request->body = (struct http_slice){NULL, 0};
	if (framing.expects && (framing.chunked || parser->left > 0))
		return STEP_CONTINUE;
	return STEP_ON;
}

static enum step
take_request_line(struct http_parser *parser, struct buf *in,
    struct http_slice line, struct http_request *request)
{
	struct http_refusal refusal;

	/* RFC 9112 section 2.2: one empty line may come before. */
	if (line.len == 0) {
		if (parser->blank)
			return refuse(parser, 400,
			    "The request does not begin with a method.");
		parser->blank = true;
		parser->scanned = parser->line = 0;
		in->off += 2;
		return STEP_ON;
	}
	if (http_head_request_line(line, parser->options->target_max, request,
		&refusal) != 0)
		return refuse(parser, refusal.status, refusal.reason);
	return STEP_ON;
}

static enum step
step_head(struct http_parser *parser, struct buf *in,
    struct http_request *request)
{
	const struct http_parser_options *options = parser->options;
	struct limit limit;
	struct http_slice line;
	bool first = parser->line == 0, pieces = !first;
	enum step step;

	for (;; first = parser->line == 0) {
		limit = first ?
		    (struct limit){options->target_max + REQUEST_LINE_EXTRA,
			414, "The request target is too long."} :
		    (struct limit){options->head_max - parser->line, 431,
			"The header fields are too long."};
		step = next_line(parser, in, &limit, &line);
		if (step != STEP_ON)
			return step;
		if (!first && line.len == 0)
			break;
		if (first)
			step = take_request_line(parser, in, line, request);
		else
			step = take_field(parser, line, request);
		if (step != STEP_ON)
			return step;
	}
	parser->head = parser->line;
	if (pieces)
		reread(parser, in, request);
	request->n_fields = parser->lines;
	return begin_body(parser, request);
}

static enum step
step_body(struct http_parser *parser, const struct buf *in)
{
	size_t come = buf_readable(in) - parser->head;

	parser->body = come < parser->left ? (uint32_t)come : parser->left;
	if (come < parser->left)
		return STEP_MORE;
	parser->line = parser->head + parser->body;
	parser->state = STATE_DONE;
	return STEP_ON;
}

/*
 * RFC 9112 section 7.1: hexadecimal digits, then perhaps extensions, which
 * mean nothing here.  White space before them is where parsers differ.
 */
static enum step
step_chunk_line(struct http_parser *parser, const struct buf *in)
{
	static const struct limit limit = {CHUNK_LINE_MAX, 400,
	    "A chunk's first line is too long."};
	struct http_slice line;
	enum step step = next_line(parser, in, &limit, &line);
	uint64_t size = 0;
	size_t i;

	if (step != STEP_ON)
		return step;
	for (i = 0; i < line.len && line.data[i] != ';'; i++) {
		char c = line.data[i];

		if (i == CHUNK_DIGITS_MAX)
			return refuse(parser, 400, "A chunk size is too long.");
		if (c >= '0' && c <= '9')
			size = size << 4 | (uint64_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			size = size << 4 | (uint64_t)((c | 0x20) - 'a' + 10);
		else
			return refuse(parser, 400,
			    "A chunk size is no number.");
	}
	if (i == 0)
		return refuse(parser, 400, "A chunk has no size.");
	if (size > parser->options->body_max - parser->body)
		return refuse(parser, 413, "The body is too long.");
	parser->left = (uint32_t)size;
	parser->state = size > 0 ? STATE_CHUNK_DATA : STATE_TRAILER;
	return STEP_ON;
}

/* Moves what has come of the chunk to the end of the body so far. */
static enum step
step_chunk_data(struct http_parser *parser, struct buf *in)
{
	char *base = in->data + in->off;
	size_t n = buf_readable(in) - parser->line;

	if (n > parser->left)
		n = parser->left;
	memmove(base + parser->head + parser->body, base + parser->line, n);
	parser->body += (uint32_t)n;
	parser->line += (uint32_t)n;
	parser->scanned = parser->line;
	parser->left -= (uint32_t)n;
	if (parser->left > 0)
		return STEP_MORE;
	parser->state = STATE_CHUNK_END;
	return STEP_ON;
}

static enum step
step_chunk_end(struct http_parser *parser, const struct buf *in)
{
	static const struct limit limit = {2, 400,
	    "A chunk is longer than it says."};
	struct http_slice line;
	enum step step = next_line(parser, in, &limit, &line);

	if (step == STEP_ON)
		parser->state = STATE_CHUNK_LINE;
	return step;
}

/* Trailers are checked as fields are, then dropped: n_fields stays. */
static enum step
step_trailer(struct http_parser *parser, const struct buf *in,
    struct http_request *request)
{
	struct limit limit = {parser->options->head_max - parser->left, 431,
	    "The trailers are too long."};
	struct http_slice line;
	enum step step = next_line(parser, in, &limit, &line);

	if (step != STEP_ON)
		return step;
	if (line.len == 0) {
		parser->state = STATE_DONE;
		return STEP_ON;
	}
	parser->left += (uint32_t)line.len + 2;
	return take_field(parser, line, request);
}

static enum step
take_step(struct http_parser *parser, struct buf *in,
    struct http_request *request)
{
	switch ((enum state)parser->state) {
	case STATE_HEAD:
		return step_head(parser, in, request);
	case STATE_BODY:
		return step_body(parser, in);
	case STATE_CHUNK_LINE:
		return step_chunk_line(parser, in);
	case STATE_CHUNK_DATA:
		return step_chunk_data(parser, in);
	case STATE_CHUNK_END:
		return step_chunk_end(parser, in);
	case STATE_TRAILER:
		return step_trailer(parser, in, request);
	case STATE_DONE:
	case STATE_BAD:
		break;
	}
	return STEP_BAD;
}

/*
 * Closes the gap that the frames of chunks have left between the body and the
 * line that is not whole, so that a body costs no more memory than its bytes.
 */
static void
close_gap(struct http_parser *parser, struct buf *in)
{
	char *base = in->data + in->off;
	uint32_t end = parser->head + parser->body;
	uint32_t gap = parser->line - end;

	if (parser->state < STATE_CHUNK_LINE || gap == 0)
		return;
	memmove(base + end, base + parser->line,
	    buf_readable(in) - parser->line);
	in->len -= gap;
	parser->line -= gap;
	parser->scanned -= gap;
}

static void
finish(struct http_parser *parser, struct buf *in, bool pieces,
    struct http_request *request)
{
	struct http_framing framing;
	struct http_refusal ignored;

	if (pieces) {
		reread(parser, in, request);
		http_head_finish(request, &framing, &ignored);
	}
	request->body.data = buf_start(in) + parser->head;
	request->body.len = parser->body;
	in->off += parser->line;
	http_parser_init(parser, parser->options);
}

enum http_result
http_parser_next(struct http_parser *parser, struct buf *in,
    struct http_request *request)
{
	bool pieces = parser->state != STATE_HEAD;
	enum step step = STEP_ON;

	if (parser->state == STATE_HEAD && buf_readable(in) == 0)
		return HTTP_MORE;
	if (parser->state == STATE_HEAD && parser->scanned == 0)
		buf_consume(in, 0);
	while (step == STEP_ON && parser->state != STATE_DONE)
		step = take_step(parser, in, request);
	switch (step) {
	case STEP_MORE:
		close_gap(parser, in);
		return HTTP_MORE;
	case STEP_CONTINUE:
		return HTTP_CONTINUE;
	case STEP_BAD:
		return HTTP_BAD;
	case STEP_ON:
		break;
	}
	finish(parser, in, pieces, request);
	return HTTP_DONE;
}
