-- SPDX-License-Identifier: MIT
return chat.command{
	name = "mute",
	summary = "keeps a member of this group from writing for a while",
	args = {
		{ "group", "room", leading = true },
		{ "user", "user", required = true },
		{ "duration", "duration", required = true, min = 1 },
	},
	run = function(c, a)
		c:request{
			type = "mute",
			conversation = a.group or c.conversation.id,
			user = a.user,
			duration = a.duration,
		}
	end,
}
