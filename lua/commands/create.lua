-- SPDX-License-Identifier: MIT
return chat.command{
	name = "create",
	summary = "makes a group; who joins a private one has to be invited",
	args = {
		{ "group", "room", required = true },
		{ "private", "enum", values = { "private" }, leading = true },
		{ "title", "rest" },
	},
	run = function(c, a)
		c:request{
			type = "create",
			conversation = a.group,
			title = a.title,
			private = a.private ~= nil,
		}
	end,
}
