/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include "script/engine.h"

/* log.debug, log.info, log.warn, log.error: a line of the server's log. */

void
bind_write_log(lua_State *L, enum log_level level, const char *event,
    const char *text)
{
	struct engine *engine = engine_of(L);

	if (engine->loading && engine->testing == NULL)
		return;
	if (engine->module != NULL &&
	    health_may_log(engine->health, engine->module))
		log_write(engine->options->log, level, event,
		    "script=%s text=\"%s\"", engine->module->path, text);
}

static int
write_line(lua_State *L, enum log_level level)
{
	luaL_argcheck(L, lua_gettop(L) == 1, 2, "one value is expected");
	bind_write_log(L, level, "script.log", luaL_tolstring(L, 1, NULL));
	return 0;
}

static int
log_debug(lua_State *L)
{
	return write_line(L, LOG_LEVEL_DEBUG);
}

static int
log_info(lua_State *L)
{
	return write_line(L, LOG_LEVEL_INFO);
}

static int
log_warn(lua_State *L)
{
	return write_line(L, LOG_LEVEL_WARN);
}

static int
log_error(lua_State *L)
{
	return write_line(L, LOG_LEVEL_ERROR);
}

void
bind_log(lua_State *L)
{
	static const luaL_Reg functions[] = {{"debug", log_debug},
	    {"info", log_info}, {"warn", log_warn}, {"error", log_error},
	    {NULL, NULL}};

	lua_newtable(L);
	bind_functions(L, functions);
	lua_setfield(L, -2, "log");
}
