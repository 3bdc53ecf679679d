/* SPDX-License-Identifier: MIT */
#include "http/response.h"

#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/utf8.h"

static const struct {
	int status;
	const char *text;
} statuses[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

const char *
http_status_text(int status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "Unknown";
}

/* RFC 9110 section 5.6.7; strftime would ask the locale. */
static void
put_date(struct buf *out, int64_t now_us)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	    "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(now_us / 1000000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL)
		return;
	buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* RFC 9110 section 8.6: these never have a body, nor its length. */
static bool
bodiless(int status)
{
	return status < 200 || status == 204 || status == 304;
}

void
http_response_put(struct buf *out, const struct http_response *response)
{
	size_t len = response->type != NULL ? response->len : 0;

	buf_puts(out, "HTTP/1.1 ");
	buf_put_u64(out, (uint64_t)response->status);
	buf_putc(out, ' ');
	buf_puts(out, http_status_text(response->status));
	buf_puts(out, "\r\n");
	if (response->now_us != 0)
		put_date(out, response->now_us);
	if (response->type != NULL) {
		buf_puts(out, "Content-Type: ");
		buf_puts(out, response->type);
		buf_puts(out, "\r\n");
	}
	if (!bodiless(response->status) && !response->open) {
		buf_puts(out, "Content-Length: ");
		buf_put_u64(out, len);
		buf_puts(out, "\r\n");
	}
	/* RFC 9110 section 10.2.3: whole seconds, and not too early. */
	if (response->retry_after_ms != 0)
		buf_printf(out, "Retry-After: %u\r\n",
		    response->retry_after_ms / 1000 +
		    (response->retry_after_ms % 1000 != 0));
	if (response->fields != NULL)
		buf_puts(out, response->fields);
	if (response->close || response->open)
		buf_puts(out, "Connection: close\r\n");
	buf_puts(out, "\r\n");
	if (!response->head && !bodiless(response->status))
		buf_append(out, response->body, len);
}

void
http_response_put_problem(struct buf *out,
    const struct http_response *response, const char *code,
    const char *detail)
{
	struct http_response whole = *response;
	const char *title = http_status_text(response->status);
	struct buf body = {0};

	/* RFC 9457 section 4.2.1: about:blank has the status's title. */
	buf_puts(&body, "{\"type\":\"about:blank\",\"title\":");
	json_put_string(&body, title, strlen(title));
	buf_printf(&body, ",\"status\":%d,\"code\":", response->status);
	json_put_string(&body, code, strlen(code));
	if (detail != NULL && utf8_valid(detail, strlen(detail))) {
		buf_puts(&body, ",\"detail\":");
		json_put_string(&body, detail, strlen(detail));
	}
	if (response->retry_after_ms != 0)
		buf_printf(&body, ",\"retry_after_ms\":%u",
		    response->retry_after_ms);
	buf_puts(&body, "}\n");
	whole.type = "application/problem+json";
	whole.body = body.data;
	whole.len = body.len;
	if (body.failed)
		out->failed = true;
	else
		http_response_put(out, &whole);
	buf_fini(&body);
}
