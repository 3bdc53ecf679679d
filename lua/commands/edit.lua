-- SPDX-License-Identifier: MIT
return chat.command{
	name = "edit",
	summary = "changes your last message here, or the one of that number",
	args = {
		{ "group", "room", leading = true },
		{ "seq", "int", leading = true, min = 1 },
		{ "text", "rest", required = true },
	},
	run = function(c, a)
		c:request{
			type = "edit",
			conversation = a.group or c.conversation.id,
			seq = a.seq,
			last = not a.seq,
			text = a.text,
		}
	end,
}
