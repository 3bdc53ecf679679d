/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

static const char *const level_names[] = {
    "debug", "info", "warn", "error", "off"};

static void
put_escaped(struct buf *line, const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			buf_printf(line, "\\x%02x", (unsigned char)*text);
		else
			buf_putc(line, *text);
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
