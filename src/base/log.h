/* SPDX-License-Identifier: MIT */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdatomic.h>

/*
 * One line an event, on standard error, written with one write(2): lines of
 * several threads do not mix.  Control characters are escaped.  Message
 * bodies, passwords and tokens are never logged.
 *
 *	2026-11-22T01:27:08.123Z info session.open user=ann device=phone
 *	{"time":"…","level":"info","event":"session.open","text":"user=ann …"}
 */
enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR, LOG_LEVEL_OFF };

/* May be changed while others write. */
struct log {
	_Atomic(enum log_level) level; /* below this nothing is written */
	atomic_bool json;
};

/* event is "noun.verb"; the format renders "key=value" pairs. */
void log_write(const struct log *log, enum log_level level, const char *event,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* -1 when name is none of debug, info, warn, error, off. */
int log_level_parse(const char *name, enum log_level *level);

#endif
