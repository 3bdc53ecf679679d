/* SPDX-License-Identifier: MIT */
#include "script/bind_chat.h"

#include <string.h>

#include "base/name.h"
#include "script/definition.h"
#include "script/engine.h"
#include "script/matcher.h"

/* chat.filter{ ... } */

static const char *const fields[] = {"name", "on", "phase", "before", "after",
    "conversations", "exempt", "match", "mode", "on_error", "run", NULL};

static const struct matcher *
read_match(struct definition *d)
{
	struct matcher **match;

	if (lua_getfield(d->L, d->table, "match") == LUA_TNIL) {
		lua_pop(d->L, 1);
		return NULL;
	}
	match = luaL_testudata(d->L, -1, MATCHER_TYPE);
	if (match == NULL)
		definition_error(d, "match must be made by words.matcher, not "
		    "a %s", luaL_typename(d->L, -1));
	definition_keep(d);
	return *match;
}

/* What could never be the name of a conversation is a mistake. */
static const char *
read_conversations(struct definition *d)
{
	const char *glob = definition_string(d, "conversations", false), *c;

	if (glob == NULL)
		return NULL;
	if (glob[0] == '\0' || strchr("#@*?", glob[0]) == NULL)
		definition_error(d, "conversations \"%s\" matches none: names "
		    "begin with # or @, as in \"#pub-*\" or \"@*\"", glob);
	for (c = glob; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			definition_error(d, "conversations \"%s\" matches "
			    "none: names are lower case", glob);
	}
	return glob;
}

static void
check_people(struct definition *d, const char *const *names)
{
	char folded[NAME_BYTES_MAX + 1];

	for (; *names != NULL; names++) {
		if (!name_fold(*names, strlen(*names), folded) ||
		    strcmp(folded, *names) != 0)
			definition_error(d, "exempt: \"%s\" is no name of a "
			    "person (a-z, 0-9, '.', '_', '-')", *names);
	}
}

static const char *const *
read_exempt(struct definition *d)
{
	static const char *const exempt_fields[] = {"users", NULL};
	static const char *const nobody[] = {NULL};
	const char *const *users;
	struct definition inner;

	if (!definition_table(d, "exempt", exempt_fields, &inner))
		return nobody;
	users = definition_strings(&inner, "users");
	check_people(d, users);
	lua_settop(d->L, inner.table - 1);
	return users;
}

int
bind_filter(lua_State *L)
{
	static const char *const events[] = {"message", NULL};
	static const char *const modes[] = {"enforce", "observe", NULL};
	struct definition d;
	struct filter *f;

	f = definition_open(&d, L, "chat.filter", fields, sizeof(*f),
	    FILTER_TYPE);
	f->name = definition_name(&d, "name", true);
	definition_place(&d, &f->file, &f->line);
	definition_choice(&d, "on", events, 0);
	f->phase = (enum filter_phase)definition_choice(&d, "phase",
	    filter_phases, PHASE_POLICY);
	f->on_error = (enum filter_on_error)definition_choice(&d, "on_error",
	    filter_on_errors, ON_ERROR_ALLOW);
	f->observe = definition_choice(&d, "mode", modes, 0) == 1;
	f->before = definition_strings(&d, "before");
	f->after = definition_strings(&d, "after");
	f->conversations = read_conversations(&d);
	f->exempt = read_exempt(&d);
	f->match = read_match(&d);
	f->run = definition_function(&d, "run");
	engine_of(L)->declared++;
	lua_settop(L, d.object);
	return 1;
}
