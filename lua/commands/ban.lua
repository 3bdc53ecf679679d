-- SPDX-License-Identifier: MIT
return chat.command{
	name = "ban",
	summary = "puts a person out of this group, and keeps them out",
	args = {
		{ "group", "room", leading = true },
		{ "user", "user", required = true },
		{ "duration", "duration", min = 1 },
	},
	run = function(c, a)
		c:request{
			type = "ban",
			conversation = a.group or c.conversation.id,
			user = a.user,
			duration = a.duration,
		}
	end,
}
