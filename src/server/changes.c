/* SPDX-License-Identifier: MIT */
#include "server/changes.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "server/config_option.h"

/* Options, or sections, that apply while the server runs. */
static const char *const live[] = {
	"accounts.access_ttl", "accounts.refresh_", "accounts.registration",
	"accounts.reset_ttl", "budgets.", "chat.", "drain", "hosts", "limits.abuse",
	"limits.address_", "limits.auth_timeout", "limits.conversation_",
	"limits.group_members", "limits.guess_", "limits.header_timeout", "limits.queue_soft",
	"limits.tls_timeout",
	"limits.typing_interval", "limits.user_connections",
	"limits.user_groups", "limits.user_join_", "limits.user_message_",
	"log.", "open_anywhere", "origins", "ping_interval", "retention.",
	"tls.", "token.ttl", "trusted_proxies",
};

static bool
is_live(const char *name)
{
	size_t i, len;

	for (i = 0; i < sizeof(live) / sizeof(live[0]); i++) {
		len = strlen(live[i]);
		if (strncmp(name, live[i], len) == 0 && (name[len] == '\0' ||
		    live[i][len - 1] == '.' || live[i][len - 1] == '_'))
			return true;
	}
	return false;
}

static void
report(const struct config_option *option, struct buf *was, struct buf *is,
    const struct log *log)
{
	buf_putc(was, '\0');
	buf_putc(is, '\0');
	if (was->failed || is->failed || strcmp(was->data, is->data) == 0)
		return;
	if (is_live(option->name))
		log_write(log, LOG_LEVEL_INFO, "config.changed",
		    "%s = %s (was %s)", option->name, is->data, was->data);
	else
		log_write(log, LOG_LEVEL_WARN, "config.unchanged",
		    "%s = %s needs a restart (stays %s)", option->name,
		    is->data, was->data);
}

void
changes_report(const struct config *from, const struct config *to,
    const struct log *log)
{
	const struct config_option *option;
	struct buf was = { 0 }, is = { 0 };

	for (option = config_options; option->name != NULL; option++) {
		buf_reset(&was);
		buf_reset(&is);
		config_option_format(option, from, &was);
		config_option_format(option, to, &is);
		report(option, &was, &is, log);
	}
	buf_fini(&was);
	buf_fini(&is);
}
