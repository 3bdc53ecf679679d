-- SPDX-License-Identifier: MIT
-- What a script of SyncTalk sees; docs/lua.md describes it.
std = {
	read_globals = {
		"_G", "_VERSION", "assert", "collectgarbage", "error",
		"getmetatable", "ipairs", "load", "next", "pairs", "pcall",
		"print", "rawequal", "rawget", "rawlen", "rawset", "require",
		"select", "setmetatable", "tonumber", "tostring", "type",
		"xpcall",
		coroutine = { fields = { "close", "create", "isyieldable",
			"resume", "running", "status", "wrap", "yield" } },
		json = { fields = { "array", "decode", "encode", "null" } },
		log = { fields = { "debug", "error", "info", "warn" } },
		math = { fields = { "abs", "acos", "asin", "atan", "ceil",
			"cos", "deg", "exp", "floor", "fmod", "huge", "log",
			"max", "maxinteger", "min", "mininteger", "modf", "pi",
			"rad", "random", "sin", "sqrt", "tan", "tointeger",
			"type", "ult" } },
		os = { fields = { "clock", "date", "time" } },
		string = { fields = { "byte", "char", "find", "format",
			"gmatch", "gsub", "len", "lower", "match", "pack",
			"packsize", "rep", "reverse", "sub", "unpack",
			"upper" } },
		table = { fields = { "concat", "insert", "move", "pack",
			"remove", "sort", "unpack" } },
		utf8 = { fields = { "char", "charpattern", "codepoint",
			"codes", "len", "offset" } },
		chat = { fields = { "command", "commands", "filter",
			"limits", "on" } },
		http = { fields = { "post" } },
		shared = { fields = { "get", "incr", "rate", "set" } },
		verdict = { fields = { "reject", "rewrite", "shadow" } },
		words = { fields = { "matcher" } },
	},
}
max_line_length = 80
files["**/*_test.lua"].read_globals = { "test" }
exclude_files = { "lua/meta", "build*" }
