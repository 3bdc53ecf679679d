-- SPDX-License-Identifier: MIT
return chat.command{
	name = "join",
	aliases = { "accept" },
	summary = "joins a group, and makes it if there is none",
	args = { { "group", "room", required = true } },
	run = function(c, a)
		c:request{ type = "join", conversation = a.group }
	end,
}
