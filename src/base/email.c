/* SPDX-License-Identifier: MIT */
#include "base/email.h"

#include <string.h>

#include "base/utf8.h"

#define LOCAL_MAX 64 /* RFC 5321 section 4.5.3.1.1 */

/* The host: labels of letters, digits and dashes, or beyond ASCII. */
static bool
host_valid(const char *host)
{
	size_t len;

	while (true) {
		len = strcspn(host, ".");
		if (len == 0 || len > 63 || host[0] == '-' ||
		    host[len - 1] == '-' ||
		    strcspn(host, "!#$%&'*+/=?^_`{|}~") < len)
			return false;
		if (host[len] == '\0')
			return true;
		host += len + 1;
	}
}

static bool
address_valid(const char *text)
{
	const char *at = strchr(text, '@');
	const char *c;

	if (at == NULL || at == text || at - text > LOCAL_MAX ||
	    text[0] == '.' || at[-1] == '.' || strstr(text, "..") != NULL)
		return false;
	for (c = text; *c != '\0'; c++) {
		if ((c != at && *c == '@') || utf8_control_len(c) != 0 ||
		    strchr(" \"(),:;<>[\\]", *c) != NULL)
			return false;
	}
	return host_valid(at + 1);
}

bool
email_fold(const char *text, size_t len, char out[EMAIL_BYTES_MAX + 1])
{
	size_t i;

	if (len > EMAIL_BYTES_MAX || memchr(text, '\0', len) != NULL ||
	    !utf8_valid(text, len))
		return false;
	for (i = 0; i < len; i++)
		out[i] = text[i] >= 'A' && text[i] <= 'Z' ?
		    (char)(text[i] - 'A' + 'a') : text[i];
	out[len] = '\0';
	return address_valid(out);
}
