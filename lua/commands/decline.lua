-- SPDX-License-Identifier: MIT
return chat.command{
	name = "decline",
	summary = "says no to an invitation",
	args = {
		{ "group", "room", required = true },
	},
	run = function(c, a)
		c:request{
			type = "leave",
			conversation = a.group,
		}
	end,
}
