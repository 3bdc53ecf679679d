/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"

static const char *const level_names[] = {
    "debug", "info", "warn", "error", "off"};

/*
 * What terminals obey, or what would reorder the line, stays visible and does
 * neither.  Of a text that is no UTF-8 nothing above ASCII is let through.
 */
static void
put_escaped(struct buf *line, const char *text)
{
	bool valid = utf8_valid(text, strlen(text));
	size_t bad;

	while (*text != '\0') {
		bad = utf8_control_len(text);
		if (bad == 0 && !valid && (unsigned char)*text >= 0x80)
			bad = 1;
		if (bad == 0)
			buf_putc(line, *text++);
		for (; bad > 0; bad--, text++)
			buf_printf(line, "\\x%02x", (unsigned char)*text);
	}
}

void
log_write(const struct log *log, enum log_level level, const char *event,
    const char *format, ...)
{
	const struct clock system_clock = {0};
	char time[CLOCK_TEXT_SIZE], text[2048];
	struct buf line = {0};
	va_list ap;

	if (level < log->level)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	clock_format(clock_realtime_us(&system_clock), time);
	if (log->json) {
		buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":",
		    time, level_names[level]);
		json_put_string(&line, event, strlen(event));
		buf_puts(&line, ",\"text\":");
		json_put_string(&line, text, strlen(text));
		buf_puts(&line, "}\n");
	} else {
		buf_printf(&line, "%s %s %s ", time, level_names[level], event);
		put_escaped(&line, text);
		buf_putc(&line, '\n');
	}
	if (!line.failed && write(STDERR_FILENO, line.data, line.len) < 0)
		line.failed = true; /* nowhere is left to say so */
	buf_fini(&line);
}

int
log_level_parse(const char *name, enum log_level *level)
{
	size_t i;

	for (i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -1;
}
