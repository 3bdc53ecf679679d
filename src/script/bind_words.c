/* SPDX-License-Identifier: MIT */
#include "script/bind_chat.h"

#include <string.h>

#include "base/utf8.h"
#include "script/bind.h"
#include "script/definition.h"
#include "script/matcher.h"

/* words.matcher{ "several", "words", whole = true } */

#define WORDS_MAX 100000

static const char *const fields[] = {"words", "whole", "case", NULL};

/* {"a", "b", whole=true} becomes {words={"a", "b"}, whole=true}. */
static void
name_words(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (lua_rawlen(L, 1) == 0)
		return;
	lua_newtable(L);
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, 1) != 0;) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, lua_isinteger(L, -2) ? 3 : 2);
	}
	lua_setfield(L, 2, "words");
	lua_replace(L, 1);
}

static void
read_words(struct definition *d, struct matcher_options *options)
{
	const char *const *list = definition_strings(d, "words");
	struct matcher_word *words;
	size_t i, n;

	for (n = 0; list[n] != NULL;)
		n++;
	if (n == 0)
		definition_error(d, "there are no words");
	words = definition_alloc(d, n * sizeof(*words));
	for (i = 0; i < n; i++) {
		words[i].text = list[i];
		words[i].len = strlen(list[i]);
		if (words[i].len == 0 ||
		    !utf8_valid(words[i].text, words[i].len))
			definition_error(d, "word %zu is empty or no UTF-8",
			    i + 1);
	}
	options->words = words;
	options->count = n;
}

static int
words_matcher(lua_State *L)
{
	struct matcher_options options = {0};
	struct matcher **matcher;
	struct definition d;
	size_t size;

	name_words(L);
	matcher = definition_open(&d, L, "words.matcher", fields,
	    sizeof(*matcher), MATCHER_TYPE);
	read_words(&d, &options);
	options.whole = definition_bool(&d, "whole");
	options.keep_case = definition_bool(&d, "case");
	size = matcher_size(&options);
	if (size == 0)
		definition_error(&d, "too many words: more than 16 MiB");
	*matcher = matcher_init(definition_alloc(&d, size), &options);
	lua_settop(L, d.object);
	return 1;
}

/* matcher:find(text): the word, from, to; or nil. */
static int
matcher_find_word(lua_State *L)
{
	struct matcher **matcher = luaL_checkudata(L, 1, MATCHER_TYPE);
	size_t len;
	const char *text = luaL_checklstring(L, 2, &len);
	struct matcher_found found;

	if (!matcher_find(*matcher, text, len, &found)) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushlstring(L, text + found.from, found.to - found.from);
	lua_pushinteger(L, (lua_Integer)found.from + 1);
	lua_pushinteger(L, (lua_Integer)found.to);
	return 3;
}

void
bind_words(lua_State *L)
{
	static const luaL_Reg functions[] = {{"matcher", words_matcher},
	    {NULL, NULL}};
	static const luaL_Reg methods[] = {{"find", matcher_find_word},
	    {NULL, NULL}};

	bind_class(L, MATCHER_TYPE, methods);
	lua_newtable(L);
	bind_functions(L, functions);
	lua_setfield(L, -2, "words");
}
