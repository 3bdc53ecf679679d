/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_VERDICT_H
#define SCRIPT_VERDICT_H

#include <lua.h>

#include "chat/policy.h"
#include "script/registry.h"

/*
 * What a filter returns, made by verdict.reject{...} and its like; the text
 * of a rewrite is the userdata's user value.
 */
struct verdict {
	enum policy_verdict kind;
	char reason[256];
};

/*
 * What a filter's run returned, on top of the stack: NULL is nil, the filter
 * abstains.  Raises for what is no verdict.  The text of a rewrite replaces
 * the verdict on the stack.
 */
const struct verdict *verdict_check(lua_State *L,
    const struct filter *filter);

#endif
