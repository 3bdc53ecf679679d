-- SPDX-License-Identifier: MIT
return chat.command{
	name = "invite",
	summary = "lets a person join this group",
	args = {
		{ "group", "room", leading = true },
		{ "user", "user", required = true },
	},
	run = function(c, a)
		c:request{
			type = "invite",
			conversation = a.group or c.conversation.id,
			user = a.user,
		}
	end,
}
