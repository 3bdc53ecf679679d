/* SPDX-License-Identifier: MIT */
#include "script/bind_chat.h"

#include <math.h>
#include <string.h>

#include "script/definition.h"
#include "script/engine.h"

/* chat.command{ ... } */

static const char *const fields[] = {"name", "prefix", "summary", "args",
    "aliases", "scope", "rate", "run", NULL};
static const char *const rate_fields[] = {"per", "n", "window", NULL};
static const char *const argument_fields[] = {"name", "type", "required",
    "leading", "default", "values", "min", "max", NULL};
static const char *const role_names[] = {"member", "moderator", "admin",
    "owner", NULL};

/* {"when", "duration", required=true}: the first two may lack their names. */
static void
name_fields(struct definition *d, int table)
{
	static const char *const names[] = {"name", "type"};
	lua_State *L = d->L;
	int i;

	/* The script's own table stays as it is. */
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, table) != 0;) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -4);
	}
	for (i = 1; i <= 2; i++) {
		if (lua_rawgeti(L, -1, i) == LUA_TNIL) {
			lua_pop(L, 1);
			continue;
		}
		lua_setfield(L, -2, names[i - 1]);
		lua_pushnil(L);
		lua_rawseti(L, -2, i);
	}
}

/* The default is handed to run as it is. */
static void
read_default(struct definition *inner, const struct argument *a,
    int defaults)
{
	if (lua_getfield(inner->L, inner->table, "default") == LUA_TNIL) {
		lua_pop(inner->L, 1);
		return;
	}
	if (lua_type(inner->L, -1) != LUA_TSTRING &&
	    lua_type(inner->L, -1) != LUA_TNUMBER &&
	    lua_type(inner->L, -1) != LUA_TBOOLEAN)
		definition_error(inner, "%s: default must be a string, a "
		    "number or a boolean", a->name);
	if (a->required)
		definition_error(inner, "%s is required, so its default would "
		    "have no effect", a->name);
	lua_setfield(inner->L, defaults, a->name);
}

static void
read_choices(struct definition *inner, struct argument *a)
{
	if (a->type == ARGUMENT_ROLE)
		a->choices = role_names;
	else if (a->type == ARGUMENT_ENUM)
		a->choices = definition_strings(inner, "values");
	else if (lua_getfield(inner->L, inner->table, "values") != LUA_TNIL)
		definition_error(inner, "%s: only an enum has values", a->name);
	if (a->type == ARGUMENT_ENUM && a->choices[0] == NULL)
		definition_error(inner, "%s: values is missing, as in {\"%s\", "
		    "\"enum\", values={\"on\", \"off\"}}", a->name, a->name);
}

static void
read_range(struct definition *inner, struct argument *a)
{
	bool ranged = a->type == ARGUMENT_INT || a->type == ARGUMENT_NUMBER ||
	    a->type == ARGUMENT_DURATION;

	a->min = definition_number(inner, "min", -HUGE_VAL, -HUGE_VAL);
	a->max = definition_number(inner, "max", -HUGE_VAL, HUGE_VAL);
	if (!ranged && (a->min > -HUGE_VAL || a->max < HUGE_VAL))
		definition_error(inner, "%s: only int, number and duration "
		    "have min and max", a->name);
}

/* The argument's table is on top; popped. */
static void
read_argument(struct definition *d, struct argument *a, int defaults)
{
	lua_State *L = d->L;
	struct definition inner;
	int base = lua_gettop(L), type;

	if (!lua_istable(L, base))
		definition_error(d, "each of args is a table, as in {\"text\", "
		    "\"rest\", required=true}");
	name_fields(d, base);
	definition_inner(d, argument_fields, &inner);
	a->name = definition_name(&inner, "name", true);
	type = definition_choice(&inner, "type", argument_types, -1);
	if (type < 0)
		definition_error(d, "%s: its type is missing, as in {\"%s\", "
		    "\"string\"}", a->name, a->name);
	a->type = (enum argument_type)type;
	a->required = definition_bool(&inner, "required");
	a->leading = definition_bool(&inner, "leading");
	read_choices(&inner, a);
	read_range(&inner, a);
	read_default(&inner, a, defaults);
	lua_settop(L, base - 1);
}

static void
check_arguments(struct definition *d, const struct command *c)
{
	unsigned i, j;

	for (i = 0; i < c->argument_count; i++) {
		const struct argument *a = &c->arguments[i];

		if (a->type == ARGUMENT_REST && i + 1 < c->argument_count)
			definition_error(d, "%s takes the rest of the line: "
			    "nothing can follow it", a->name);
		if (a->leading && (a->required || a->type == ARGUMENT_STRING ||
			a->type == ARGUMENT_REST))
			definition_error(d, "%s is leading: it may be left "
			    "out, and must be known by its form", a->name);
		if (a->required && i > 0 && !c->arguments[i - 1].required &&
		    !c->arguments[i - 1].leading)
			definition_error(d, "%s is required, but %s before it "
			    "is not", a->name, c->arguments[i - 1].name);
		for (j = 0; j < i; j++) {
			if (strcmp(a->name, c->arguments[j].name) == 0)
				definition_error(d, "two args are named %s",
				    a->name);
		}
	}
}

static void
read_arguments(struct definition *d, struct command *c)
{
	lua_State *L = d->L;
	int type = lua_getfield(L, d->table, "args"), list = lua_gettop(L);
	lua_Unsigned i, n = type == LUA_TTABLE ? lua_rawlen(L, list) : 0;

	if (type != LUA_TNIL && type != LUA_TTABLE)
		definition_error(d, "args must be a list of tables, not a %s",
		    lua_typename(L, type));
	if (n > ARGUMENTS_MAX)
		definition_error(d, "more than %d args", ARGUMENTS_MAX);
	lua_newtable(L);
	c->arguments = definition_alloc(d, n * sizeof(*c->arguments));
	c->argument_count = (unsigned)n;
	for (i = 0; i < n; i++) {
		lua_rawgeti(L, list, (lua_Integer)i + 1);
		read_argument(d, &c->arguments[i], list + 1);
	}
	check_arguments(d, c);
	c->defaults = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_settop(L, list - 1);
}

static void
read_rate(struct definition *d, struct command *c)
{
	static const char *const per[] = {"user", NULL};
	struct definition inner;

	if (!definition_table(d, "rate", rate_fields, &inner))
		return;
	definition_choice(&inner, "per", per, 0);
	c->rate_n = definition_number(&inner, "n", 1, 0);
	c->rate_window = definition_number(&inner, "window", 0.001, 0);
	if (c->rate_n == 0 || c->rate_window == 0)
		definition_error(d, "rate needs n and window, as in {per="
		    "\"user\", n=5, window=60}");
	lua_settop(d->L, inner.table - 1);
}

static void
read_aliases(struct definition *d, struct command *c)
{
	const char *const *alias;

	c->aliases = definition_strings(d, "aliases");
	for (alias = c->aliases; *alias != NULL; alias++) {
		if (**alias == '\0' || strlen(*alias) > 63 ||
		    strpbrk(*alias, "/ \t\r\n\v\f") != NULL)
			definition_error(d, "alias \"%s\" must be at most 63 "
			    "bytes, without spaces and without \"/\"", *alias);
	}
}

static void
read_prefix(struct definition *d, struct command *c)
{
	c->prefix = definition_string(d, "prefix", false);
	if (c->prefix == NULL)
		return;
	if (strlen(c->prefix) > 8 || strpbrk(c->prefix, " \t\r\n/") != NULL)
		definition_error(d, "prefix \"%s\" must be at most 8 bytes, "
		    "without spaces and without \"/\"", c->prefix);
	if (c->aliases[0] != NULL)
		definition_error(d, "a command with a prefix has no aliases");
}

/* With the sign that a leading one is known by. */
static const char *
sign_of(const struct argument *a)
{
	if (!a->leading)
		return "";
	return a->type == ARGUMENT_ROOM ? "#"
	    : a->type == ARGUMENT_USER ? "@" : "";
}

/* "/dm user text", "@user text", "text", "/who [group]" */
static void
write_usage(struct definition *d, struct command *c)
{
	lua_State *L = d->L;
	unsigned i;

	if (c->prefix != NULL)
		lua_pushstring(L, c->prefix);
	else
		lua_pushfstring(L, "/%s", c->name);
	for (i = 0; i < c->argument_count; i++) {
		lua_pushfstring(L,
		    c->arguments[i].required ? "%s%s%s" : "%s[%s%s]",
		    i > 0 || c->prefix == NULL ? " " : "",
		    sign_of(&c->arguments[i]), c->arguments[i].name);
		lua_concat(L, 2);
	}
	c->usage = lua_tostring(L, -1);
	definition_keep(d);
}

int
bind_command(lua_State *L)
{
	struct definition d;
	struct command *c;

	c = definition_open(&d, L, "chat.command", fields, sizeof(*c),
	    COMMAND_TYPE);
	c->name = definition_name(&d, "name", true);
	definition_place(&d, &c->file, &c->line);
	c->summary = definition_string(&d, "summary", true);
	read_aliases(&d, c);
	c->scope = (enum command_scope)definition_choice(&d, "scope",
	    command_scopes, SCOPE_ANY);
	read_prefix(&d, c);
	read_arguments(&d, c);
	read_rate(&d, c);
	c->run = definition_function(&d, "run");
	write_usage(&d, c);
	engine_of(L)->declared++;
	lua_settop(L, d.object);
	return 1;
}
