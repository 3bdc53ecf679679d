/* SPDX-License-Identifier: MIT */
#include "auth/guard.h"

#include <stdlib.h>

struct guard {
	struct guard_limits limits;
};

struct guard *
guard_new(const struct guard_limits *limits, struct error *err)
{
	struct guard *guard = calloc(1, sizeof(*guard));

	if (guard == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a guard");
		return NULL;
	}
	guard->limits = *limits;
	return guard;
}

void
guard_free(struct guard *guard)
{
	free(guard);
}

void
guard_set_limits(struct guard *guard, const struct guard_limits *limits)
{
	guard->limits = *limits;
}

uint32_t
guard_try(struct guard *guard, const char *account, const char *address,
    int64_t now_ms)
{
	(void)guard;
	(void)account;
	(void)address;
	(void)now_ms;
	return 0;
}

void
guard_succeeded(struct guard *guard, const char *account,
    const char *address, int64_t now_ms)
{
	(void)guard;
	(void)account;
	(void)address;
	(void)now_ms;
}
