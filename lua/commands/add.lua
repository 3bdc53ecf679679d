-- SPDX-License-Identifier: MIT
return chat.command{
	name = "add",
	summary = "brings a person into this group at once",
	args = {
		{ "group", "room", leading = true },
		{ "user", "user", required = true },
	},
	run = function(c, a)
		c:request{
			type = "add",
			conversation = a.group or c.conversation.id,
			user = a.user,
		}
	end,
}
