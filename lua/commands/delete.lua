-- SPDX-License-Identifier: MIT
return chat.command{
	name = "delete",
	summary = "deletes your last message here, or the one of that number",
	args = {
		{ "group", "room", leading = true },
		{ "seq", "int", min = 1 },
	},
	run = function(c, a)
		c:request{
			type = "delete",
			conversation = a.group or c.conversation.id,
			seq = a.seq,
			last = not a.seq,
		}
	end,
}
