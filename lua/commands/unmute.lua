-- SPDX-License-Identifier: MIT
return chat.command{
	name = "unmute",
	summary = "lets a muted member write again",
	args = {
		{ "group", "room", leading = true },
		{ "user", "user", required = true },
	},
	run = function(c, a)
		c:request{
			type = "unmute",
			conversation = a.group or c.conversation.id,
			user = a.user,
		}
	end,
}
