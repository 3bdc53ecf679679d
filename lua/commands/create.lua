-- SPDX-License-Identifier: MIT
return chat.command{
	name = "create",
	summary = "makes a group; who joins a private one has to be invited",
	args = {
		{ "group", "room", required = true },
		{ "kind", "enum", values = { "open", "private" }, leading = true },
		{ "title", "rest" },
	},
	run = function(c, a)
		c:request{
			type = "create",
			conversation = a.group,
			title = a.title,
			private = a.kind == "private",
		}
	end,
}
