/* SPDX-License-Identifier: MIT */
#include "http/head.h"

#include <string.h>
#include <strings.h>

static int
refuse(struct http_refusal *refusal, uint16_t status, const char *reason)
{
	refusal->status = status;
	refusal->reason = reason;
	return -1;
}

/* Takes what is before the first space off the front of *line. */
static bool
cut_word(struct http_slice *line, struct http_slice *word)
{
	const char *space = memchr(line->data, ' ', line->len);

	if (space == NULL)
		return false;
	*word = (struct http_slice){line->data, (size_t)(space - line->data)};
	line->data += word->len + 1;
	line->len -= word->len + 1;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Methods are told apart by case (RFC 9110 section 9.1). */
static int
find_method(struct http_slice word, struct http_request *request)
{
	enum http_method method;
	const char *name;

	for (method = HTTP_GET; method < HTTP_METHODS; method++) {
		name = http_method_name(method);
		if (strlen(name) == word.len &&
		    memcmp(name, word.data, word.len) == 0) {
			request->method = method;
			return 0;
		}
	}
	return -1;
}

static int
check_version(struct http_slice word, struct http_request *request,
    struct http_refusal *refusal)
{
	if (word.len != 8 || memcmp(word.data, "HTTP/", 5) != 0 ||
	    !is_digit(word.data[5]) || word.data[6] != '.' ||
	    !is_digit(word.data[7]))
		return refuse(refusal, 400,
		    "The request line does not end in an HTTP version.");
	if (word.data[5] != '1')
		return refuse(refusal, 505, "Only HTTP/1.1 is spoken here.");
	request->minor = word.data[7] == '0' ? 0 : 1;
	return 0;
}

/* RFC 3986 section 3.2: a host that is not empty, and perhaps a port. */
static bool
host_valid(struct http_slice host)
{
	static const char marks[] = "-._~!$&'()*+;=%";
	size_t i = 0, from;
	bool literal = host.len > 0 && host.data[0] == '[';

	if (literal)
		i++;
	from = i;
	for (; i < host.len; i++) {
		char c = host.data[i];

		if (is_digit(c) || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z'))
			continue;
		if (literal && c == ':')
			continue;
		if (c == '\0' || strchr(marks, c) == NULL)
			break;
	}
	if (i == from)
		return false;
	if (literal && (i == host.len || host.data[i++] != ']'))
		return false;
	if (i == host.len)
		return true;
	if (host.data[i++] != ':')
		return false;
	while (i < host.len && is_digit(host.data[i]))
		i++;
	return i == host.len;
}

static void
split_path(struct http_slice text, struct http_request *request)
{
	const char *mark = memchr(text.data, '?', text.len);

	request->path = text;
	request->query = (struct http_slice){NULL, 0};
	if (mark == NULL)
		return;
	request->path.len = (size_t)(mark - text.data);
	request->query.data = mark + 1;
	request->query.len = text.len - request->path.len - 1;
}

/* RFC 9112 section 3.2.2: what a proxy is sent; servers must accept it. */
static int
absolute_target(struct http_slice text, struct http_request *request)
{
	size_t scheme = 0, end;

	if (text.len >= 7 && strncasecmp(text.data, "http://", 7) == 0)
		scheme = 7;
	else if (text.len >= 8 && strncasecmp(text.data, "https://", 8) == 0)
		scheme = 8;
	if (scheme == 0)
		return -1;
	for (end = scheme; end < text.len; end++)
		if (text.data[end] == '/' || text.data[end] == '?')
			break;
	request->host = (struct http_slice){text.data + scheme, end - scheme};
	if (!host_valid(request->host))
		return -1;
	split_path((struct http_slice){text.data + end, text.len - end},
	    request);
	if (request->path.len == 0)
		request->path = (struct http_slice){"/", 1};
	return 0;
}

static int
check_target(struct http_slice target, struct http_request *request)
{
	size_t i;

	for (i = 0; i < target.len; i++) {
		unsigned char c = (unsigned char)target.data[i];

		if (c <= 0x20 || c >= 0x7f || c == '#')
			return -1;
	}
	request->target = target;
	request->host = (struct http_slice){NULL, 0};
	if (target.len == 0)
		return -1;
	if (target.data[0] == '/') {
		split_path(target, request);
		return 0;
	}
	if (target.len == 1 && target.data[0] == '*' &&
	    request->method == HTTP_OPTIONS) {
		split_path(target, request);
		return 0;
	}
	return absolute_target(target, request);
}

int
http_head_request_line(struct http_slice line, uint32_t target_max,
    struct http_request *request, struct http_refusal *refusal)
{
	struct http_slice method, target;

	if (!cut_word(&line, &method) ||
	    !http_token_valid(method.data, method.len))
		return refuse(refusal, 400,
		    "The request does not begin with a method.");
	if (!cut_word(&line, &target))
		return refuse(refusal, 400,
		    "The request line does not end in an HTTP version.");
	if (check_version(line, request, refusal) != 0)
		return -1;
	if (find_method(method, request) != 0)
		return refuse(refusal, 501, "The method is not known here.");
	if (target.len > target_max)
		return refuse(refusal, 414, "The request target is too long.");
	if (check_target(target, request) != 0)
		return refuse(refusal, 400, "The request target is malformed.");
	return 0;
}

/* The fields that decide about a request; each but connection comes once. */
struct facts {
	struct http_slice host, length, coding, expect;
	size_t n_host, n_length, n_coding, n_expect;
	bool close, keep_alive;
};

static void
note_connection(struct http_slice list, struct facts *facts)
{
	struct http_slice token;

	while (http_list_next(&list, &token)) {
		if (http_slice_is(token, "close"))
			facts->close = true;
		else if (http_slice_is(token, "keep-alive"))
			facts->keep_alive = true;
	}
}

static void
note_field(const struct http_field *field, struct facts *facts)
{
	if (http_slice_is(field->name, "Host")) {
		facts->host = field->value;
		facts->n_host++;
	} else if (http_slice_is(field->name, "Connection")) {
		note_connection(field->value, facts);
	} else if (http_slice_is(field->name, "Content-Length")) {
		facts->length = field->value;
		facts->n_length++;
	} else if (http_slice_is(field->name, "Transfer-Encoding")) {
		facts->coding = field->value;
		facts->n_coding++;
	} else if (http_slice_is(field->name, "Expect")) {
		facts->expect = field->value;
		facts->n_expect++;
	}
}

/* RFC 9112 section 3.2. */
static int
check_host(const struct facts *facts, struct http_request *request,
    struct http_refusal *refusal)
{
	if (facts->n_host > 1)
		return refuse(refusal, 400, "There is more than one Host.");
	if (facts->n_host == 0)
		return request->minor == 0 ? 0 :
		    refuse(refusal, 400, "There is no Host.");
	if (!host_valid(facts->host))
		return refuse(refusal, 400, "The Host is malformed.");
	if (request->host.data == NULL)
		request->host = facts->host;
	return 0;
}

/* Digits alone; saturates. */
static int
parse_length(struct http_slice text, uint64_t *length)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (!is_digit(text.data[i]))
			return -1;
		if (n > (UINT64_MAX - 9) / 10)
			n = UINT64_MAX;
		else
			n = n * 10 + (uint64_t)(text.data[i] - '0');
	}
	*length = n;
	return text.len > 0 ? 0 : -1;
}

/*
 * RFC 9112 section 6: a request whose end two parties could see at two places
 * is refused, also where the RFC would let it pass.
 */
static int
check_framing(const struct facts *facts, const struct http_request *request,
    struct http_framing *framing, struct http_refusal *refusal)
{
	if (facts->n_coding > 0 && facts->n_length > 0)
		return refuse(refusal, 400,
		    "Content-Length and Transfer-Encoding exclude each other.");
	if (facts->n_length > 1)
		return refuse(refusal, 400,
		    "There is more than one Content-Length.");
	if (facts->n_length == 1 &&
	    parse_length(facts->length, &framing->length) != 0)
		return refuse(refusal, 400, "Content-Length is no number.");
	if (facts->n_coding == 0)
		return 0;
	if (facts->n_coding > 1 || facts->coding.len == 0)
		return refuse(refusal, 400, "Transfer-Encoding is malformed.");
	if (request->minor == 0)
		return refuse(refusal, 400,
		    "HTTP/1.0 has no Transfer-Encoding.");
	if (!http_slice_is(facts->coding, "chunked"))
		return refuse(refusal, 501,
		    "No Transfer-Encoding but chunked is known here.");
	framing->chunked = true;
	return 0;
}

int
http_head_finish(struct http_request *request, struct http_framing *framing,
    struct http_refusal *refusal)
{
	struct facts facts = {0};
	size_t i;

	*framing = (struct http_framing){0};
	for (i = 0; i < request->n_fields; i++)
		note_field(&request->fields[i], &facts);
	if (check_host(&facts, request, refusal) != 0 ||
	    check_framing(&facts, request, framing, refusal) != 0)
		return -1;
	if (facts.n_expect > 0 && request->minor > 0) {
		if (facts.n_expect > 1 ||
		    !http_slice_is(facts.expect, "100-continue"))
			return refuse(refusal, 417,
			    "Nothing can be expected but 100-continue.");
		framing->expects = true;
	}
	request->keep_alive = !facts.close &&
	    (request->minor > 0 || facts.keep_alive);
	return 0;
}
