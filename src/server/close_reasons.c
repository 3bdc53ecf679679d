/* SPDX-License-Identifier: MIT */
#include "server/close_reasons.h"

static const struct close_reason_info reasons[] = {
#define X(id, name, code, status, error, text)                                \
	[CLOSE_##id] = {name, code, status, error, text},
	CLOSE_REASONS(X)
#undef X
};

const struct close_reason_info *
close_reason_info(enum close_reason reason)
{
	return &reasons[reason];
}
