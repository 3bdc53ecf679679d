-- SPDX-License-Identifier: MIT
return chat.command{
	name = "slow",
	summary = "lets members write once in a time: 30s, or off",
	args = {
		{ "group", "room", leading = true },
		{ "duration", "string", required = true },
	},
	run = function(c, a)
		c:request{
			type = "update",
			conversation = a.group or c.conversation.id,
			slow = a.duration == "off" and 0 or a.duration,
		}
	end,
}
