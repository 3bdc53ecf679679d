/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void
seen_printf(void *arg, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
seen_printf(void *arg, const char *format, ...)
{
	struct fixture *f = arg;
	char text[8192];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	buf_printf(&f->seen, "%s%s", f->seen.len > 0 ? "; " : "", text);
}

static void
see_send(void *arg, const char *to, size_t to_len, const char *text,
    size_t text_len, bool action)
{
	seen_printf(arg, "%s %.*s: %.*s", action ? "act" : "send", (int)to_len,
	    to, (int)text_len, text);
}

static void
see_request(void *arg, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);

	seen_printf(arg, "request %s", text);
	free(text);
	json_decref(request);
}

static void
see_notice(void *arg, const char *text, size_t len)
{
	struct fixture *f = arg;

	seen_printf(f, "notice ");
	buf_append(&f->seen, text, len); /* however long */
}

static void
see_error(void *arg, const char *code, const char *message)
{
	seen_printf(arg, "error %s: %s", code, message);
}

void
fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->folder, "/tmp/synctalk-script-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->shipped, sizeof(f->shipped), "%s/shipped", f->folder);
	snprintf(f->own, sizeof(f->own), "%s/own", f->folder);
	assert_int_equal(mkdir(f->shipped, 0700), 0);
	assert_int_equal(mkdir(f->own, 0700), 0);
	f->log.level = LOG_LEVEL_OFF;
	f->clock = (struct clock){1, INT64_C(1767268800000000)};
	f->watchdog = script_watchdog_start(&f->err);
	assert_non_null(f->watchdog);
	f->shared = script_shared_new(0, &f->err);
	assert_non_null(f->shared);
	f->options = (struct script_options){.shipped_folder = f->shipped,
	    .operator_folder = f->own, .workers = 2, .shared = f->shared,
	    .watchdog = f->watchdog, .log = &f->log, .clock = &f->clock};
}

void
fixture_fini(struct fixture *f)
{
	char command[128];

	script_set_free(f->set);
	script_shared_free(f->shared);
	script_watchdog_stop(f->watchdog);
	buf_fini(&f->seen);
	snprintf(command, sizeof(command), "rm -r %s", f->folder);
	assert_int_equal(system(command), 0);
}

void
fixture_write(struct fixture *f, const char *path, const char *text)
{
	char file[256], *slash;
	FILE *out;

	snprintf(file, sizeof(file), "%s/%s", f->folder, path);
	for (slash = file + strlen(f->folder) + 1;
	    (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(file, 0700);
		*slash = '/';
	}
	out = fopen(file, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

int
fixture_load(struct fixture *f)
{
	static uint32_t generation;
	struct script_set *set = script_set_load(&f->options, ++generation,
	    &f->err);

	if (set == NULL)
		return -1;
	script_set_free(f->set);
	f->set = set;
	return 0;
}

void
fixture_script(struct fixture *f, const char *text)
{
	fixture_write(f, "shipped/commands/x.lua", text);
	if (fixture_load(f) != 0)
		fail_msg("%s", f->err.text);
}

const char *
fixture_refused(struct fixture *f, const char *text)
{
	fixture_write(f, "shipped/commands/x.lua", text);
	assert_int_equal(fixture_load(f), -1);
	assert_int_equal(f->err.code, ERROR_CONFIG);
	return f->err.text;
}

const char *
fixture_type_in(struct fixture *f, const char *text, const char *conversation)
{
	static const struct policy_host host = {see_send, see_request,
	    see_notice, see_error};
	struct policy *policy = script_set_policy(f->set, 0);
	const struct policy_line line = {.text = text,
	    .text_len = strlen(text), .uid = 7, .user = "ann",
	    .conversation = conversation, .transport = TRANSPORT_WEBSOCKET,
	    .at_us = f->clock.now_us, .host = &host, .arg = f};

	buf_reset(&f->seen);
	policy->ops->line(policy, &line);
	buf_putc(&f->seen, '\0');
	return f->seen.data;
}

const char *
fixture_type(struct fixture *f, const char *text)
{
	return fixture_type_in(f, text, "#lobby");
}

const char *
fixture_say(struct fixture *f, const char *conversation, const char *text)
{
	static const char *const verdicts[] = {"pass", "reject", "shadow",
	    "rewrite"};
	struct policy *policy = script_set_policy(f->set, 0);
	const struct policy_message message = {.text = text,
	    .text_len = strlen(text), .uid = 7, .user = "ann",
	    .conversation = conversation,
	    .kind = conversation[0] == '@' ? CONVERSATION_DIRECT
	    : CONVERSATION_GROUP, .members = 3,
	    .transport = TRANSPORT_WEBSOCKET, .at_us = f->clock.now_us};

	memset(&f->result, 0, sizeof(f->result));
	policy->ops->message(policy, &message, &f->result);
	buf_reset(&f->seen);
	buf_puts(&f->seen, verdicts[f->result.verdict]);
	if (f->result.verdict != POLICY_PASS)
		buf_printf(&f->seen, " %s", f->result.rule);
	if (f->result.verdict == POLICY_REJECT)
		buf_printf(&f->seen, ": %s", f->result.reason);
	if (f->result.verdict == POLICY_REWRITE)
		buf_printf(&f->seen, ": %.*s", (int)f->result.text_len,
		    f->result.text);
	buf_putc(&f->seen, '\0');
	return f->seen.data;
}

const char *
fixture_run(struct fixture *f, const char *body)
{
	struct buf script = {0};

	buf_printf(&script, "return chat.command{ name = \"x\", summary = "
	    "\"x\", run = function(c, a)\n%s\nend }\n", body);
	buf_putc(&script, '\0');
	fixture_write(f, "shipped/commands/x.lua", script.data);
	buf_fini(&script);
	if (fixture_load(f) != 0)
		fail_msg("%s", f->err.text);
	return fixture_type(f, "/x");
}

void
assert_contains(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}
