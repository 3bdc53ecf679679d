-- SPDX-License-Identifier: MIT
return chat.command{
	name = "versions",
	summary = "shows what a message said before, to moderators",
	args = {
		{ "group", "room", leading = true },
		{ "seq", "int", required = true, min = 1 },
	},
	run = function(c, a)
		c:request{
			type = "versions",
			conversation = a.group or c.conversation.id,
			seq = a.seq,
		}
	end,
}
