-- SPDX-License-Identifier: MIT
return chat.command{
	name = "react",
	summary = "answers a message with an emoji, or takes that back",
	args = {
		{ "group", "room", leading = true },
		{ "seq", "int", required = true, min = 1 },
		{ "emoji", "string", required = true },
		{ "off", "enum", values = { "off" } },
	},
	run = function(c, a)
		c:request{
			type = "react",
			conversation = a.group or c.conversation.id,
			seq = a.seq,
			emoji = a.emoji,
			on = a.off == nil,
		}
	end,
}
