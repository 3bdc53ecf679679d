-- SPDX-License-Identifier: MIT
return chat.command{
	name = "unban",
	summary = "lets a person who was banned join this group again",
	args = {
		{ "group", "room", leading = true },
		{ "user", "user", required = true },
	},
	run = function(c, a)
		c:request{
			type = "unban",
			conversation = a.group or c.conversation.id,
			user = a.user,
		}
	end,
}
