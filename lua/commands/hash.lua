-- SPDX-License-Identifier: MIT
return chat.command{
	name = "hash",
	prefix = "#",
	summary = "says something in a group",
	args = {
		{ "group", "room", required = true },
		{ "text", "rest", required = true },
	},
	run = function(c, a)
		c:send(a.group, a.text)
	end,
}
