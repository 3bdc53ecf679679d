-- SPDX-License-Identifier: MIT
return chat.command{
	name = "at",
	prefix = "@",
	summary = "says something to one person",
	args = {
		{ "user", "user", required = true },
		{ "text", "rest", required = true },
	},
	run = function(c, a)
		c:send("@" .. a.user, a.text)
	end,
}
