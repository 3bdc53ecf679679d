-- SPDX-License-Identifier: MIT
return chat.command{
	name = "unblock",
	summary = "lets a blocked person's messages through again",
	args = { { "user", "user", required = true } },
	run = function(c, a)
		c:request{ type = "unblock", user = a.user }
	end,
}
