-- SPDX-License-Identifier: MIT
return chat.command{
	name = "typing",
	summary = "shows a person that you are typing",
	args = { { "user", "user", required = true } },
	run = function(c, a)
		c:request{ type = "typing", to = "@" .. a.user }
	end,
}
