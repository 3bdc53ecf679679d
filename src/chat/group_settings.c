/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

#include "chat/text.h"

/* The settings of a group: what requests name, and what events tell. */

#define SLOW_MAX_S 86400

static bool
read_text(struct session *session, struct request *request, const char *key,
    size_t max, enum setting bit, const char **text, uint32_t *text_len)
{
	size_t len = 0;

	*text = NULL;
	if (!request_string(session, request, key, SIZE_MAX, text, &len))
		return false;
	if (*text == NULL)
		return true;
	text_trim(text, &len);
	if (len > max) {
		session_refuse(session, request_ref(request), CODE_TOO_LARGE,
		    key, "`%s` is longer than %zu bytes", key, max);
		return false;
	}
	if (!text_is_plain(*text, len, true)) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "`%s` must be one line without control characters",
		    key);
		return false;
	}
	*text_len = (uint32_t)len;
	request->settings.has |= (uint8_t)bit;
	return true;
}

static bool
read_history(struct session *session, struct request *request)
{
	struct store_settings *settings = &request->settings;
	const char *history = NULL;
	size_t len = 0;

	if (!request_string(session, request, "history", 16, &history, &len))
		return false;
	if (history == NULL)
		return true;
	settings->has |= SETTING_SINCE_JOIN;
	settings->since_join = strcmp(history, "since_join") == 0;
	if (settings->since_join || strcmp(history, "all") == 0)
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
	    "history", "`history` must be \"all\" or \"since_join\": what a "
	    "newcomer sees of it");
	return false;
}

static bool
read_slow(struct session *session, struct request *request)
{
	int64_t seconds = -1;

	if (!request_duration(session, request, "slow", &seconds))
		return false;
	if (seconds > SLOW_MAX_S) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "slow", "`slow` must be at most a day, or 0 to end it");
		return false;
	}
	if (seconds >= 0) {
		request->settings.has |= SETTING_SLOW;
		request->settings.slow_s = (uint32_t)seconds;
	}
	return true;
}

static bool
read_private(struct session *session, struct request *request)
{
	struct store_settings *settings = &request->settings;

	if (!request_bool(session, request, "private", &settings->private))
		return false;
	if (request_given(request, "private"))
		settings->has |= SETTING_PRIVATE;
	return true;
}

bool
group_settings_read(struct session *session, struct request *request)
{
	struct store_settings *settings = &request->settings;

	return read_text(session, request, "title", TITLE_MAX, SETTING_TITLE,
		   &settings->title, &settings->title_len) &&
	    read_text(session, request, "description", DESCRIPTION_MAX,
		SETTING_DESCRIPTION, &settings->description,
		&settings->description_len) &&
	    read_private(session, request) &&
	    read_history(session, request) && read_slow(session, request);
}

static void
put_key(struct buf *out, const char *key)
{
	buf_printf(out, "%c\"%s\":", out->len == 0 ? '{' : ',', key);
}

/* Nothing where there are none. */
static void
put_json(struct buf *out, const struct store_settings *settings)
{
	if (settings->has & SETTING_TITLE) {
		put_key(out, "title");
		json_put_string(out, settings->title, settings->title_len);
	}
	if (settings->has & SETTING_DESCRIPTION) {
		put_key(out, "description");
		json_put_string(out, settings->description,
		    settings->description_len);
	}
	if (settings->has & SETTING_PRIVATE) {
		put_key(out, "private");
		buf_puts(out, settings->private ? "true" : "false");
	}
	if (settings->has & SETTING_SINCE_JOIN) {
		put_key(out, "history");
		buf_puts(out, settings->since_join ? "\"since_join\""
						   : "\"all\"");
	}
	if (settings->has & SETTING_SLOW) {
		put_key(out, "slow");
		buf_put_u64(out, settings->slow_s);
	}
	if (out->len != 0)
		buf_putc(out, '}');
}

/* Behind what was copied before; at moves on. */
static const char *
keep(char **at, const char *text, size_t len)
{
	const char *kept = *at;

	if (len != 0)
		memcpy(*at, text, len);
	*at += len;
	return kept;
}

struct store_write *
group_settings_write(struct session *session, const struct request *request,
    enum store_write_kind kind, store_write_done *done)
{
	const struct store_settings *settings = &request->settings;
	struct store_write *write = NULL;
	struct buf json = {0};
	char *at;

	put_json(&json, settings);
	if (!json.failed)
		write = request_write(session, request, kind, done,
		    settings->title_len + settings->description_len +
		    json.len);
	if (write == NULL)
		goto out;
	at = write->extra + EXTRA_REST;
	write->settings = *settings;
	write->settings.title = keep(&at, settings->title,
	    settings->title_len);
	write->settings.description = keep(&at, settings->description,
	    settings->description_len);
	write->record.text = keep(&at, json.data, json.len);
	write->record.text_len = (uint32_t)json.len;
out:
	buf_fini(&json);
	return write;
}
