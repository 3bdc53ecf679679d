-- SPDX-License-Identifier: MIT
return chat.command{
	name = "role",
	summary = "gives a member of this group a role",
	args = {
		{ "group", "room", leading = true },
		{ "user", "user", required = true },
		{ "role", "role", required = true },
	},
	run = function(c, a)
		c:request{
			type = "role",
			conversation = a.group or c.conversation.id,
			user = a.user,
			role = a.role,
		}
	end,
}
