-- SPDX-License-Identifier: MIT
return chat.command{
	name = "kick",
	summary = "puts a person out of this group; they may come back",
	args = {
		{ "group", "room", leading = true },
		{ "user", "user", required = true },
	},
	run = function(c, a)
		c:request{
			type = "kick",
			conversation = a.group or c.conversation.id,
			user = a.user,
		}
	end,
}
