/* SPDX-License-Identifier: MIT */
#include "script/health.h"

#include <stdlib.h>

#define DISABLE_ERRORS 20
#define DISABLE_WITHIN_MS 60000
#define LINES_A_SECOND 10

struct health *
health_new(size_t count, const struct log *log, const struct clock *clock)
{
	struct health *health;

	health = calloc(1, sizeof(*health) + count * sizeof(struct module));
	if (health == NULL)
		return NULL;
	health->log = log;
	health->clock = clock;
	health->count = count;
	return health;
}

void
health_free(struct health *health)
{
	free(health);
}

bool
health_may_log(struct health *health, struct module *module)
{
	int64_t second = clock_monotonic_ms(health->clock) / 1000;

	if (atomic_exchange(&module->logged_s, second) != second)
		atomic_store(&module->logged, 0);
	return atomic_fetch_add(&module->logged, 1) < LINES_A_SECOND;
}

/* True if this error is one too many within the window. */
static bool
count_error(struct health *health, struct module *module)
{
	int64_t now = clock_monotonic_ms(health->clock);

	atomic_fetch_add(&health->errors, 1);
	atomic_fetch_add(&module->errors, 1);
	if (module->window_errors == 0 ||
	    now - module->window_ms > DISABLE_WITHIN_MS) {
		atomic_store(&module->window_ms, now);
		atomic_store(&module->window_errors, 0);
	}
	return atomic_fetch_add(&module->window_errors, 1) + 1 >=
	    DISABLE_ERRORS;
}

void
health_failed(struct health *health, struct module *module,
    const char *what, const char *why, const char *trace)
{
	bool too_many = count_error(health, module);

	if (health_may_log(health, module))
		log_write(health->log, LOG_LEVEL_ERROR, "script.error",
		    "script=%s in=%s error=\"%s\" trace=\"%s\"", module->path,
		    what, why, trace);
	if (!too_many || !atomic_load(&health->settled))
		return;
	if (!atomic_exchange(&module->disabled, true))
		log_write(health->log, LOG_LEVEL_ERROR, "script.disabled",
		    "script=%s reason=\"%d errors within %d s\" "
		    "hint=\"repair it and reload\"", module->path,
		    DISABLE_ERRORS, DISABLE_WITHIN_MS / 1000);
}
