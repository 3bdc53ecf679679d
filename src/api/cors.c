/* SPDX-License-Identifier: MIT */
#include "api/cors.h"

#include <string.h>

const char *
cors_origin(const struct api_settings *settings,
    const struct http_request *request)
{
	struct http_slice origin = http_request_field(request, "Origin");
	const char *const *listed = settings->origins;

	if (listed == NULL || http_request_count(request, "Origin") != 1)
		return NULL;
	while (*listed != NULL && !(strlen(*listed) == origin.len &&
	    memcmp(*listed, origin.data, origin.len) == 0))
		listed++;
	return *listed;
}

void
cors_put(const char *origin, struct buf *fields)
{
	buf_puts(fields, "Access-Control-Allow-Origin: ");
	buf_puts(fields, origin);
	buf_puts(fields, "\r\nAccess-Control-Expose-Headers: ETag, "
	    "Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, "
	    "Retry-After, WWW-Authenticate\r\n");
}

void
cors_put_preflight(const char *methods, size_t len, struct buf *fields)
{
	buf_puts(fields, "Access-Control-Allow-Methods: ");
	buf_append(fields, methods, len);
	buf_puts(fields, "\r\nAccess-Control-Allow-Headers: Authorization, "
	    "Content-Type, Idempotency-Key, If-Match, If-None-Match, "
	    "Last-Event-ID\r\nAccess-Control-Max-Age: 600\r\n");
}
