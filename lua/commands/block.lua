-- SPDX-License-Identifier: MIT
return chat.command{
	name = "block",
	summary = "keeps a person's messages away from you",
	args = { { "user", "user", required = true } },
	run = function(c, a)
		c:request{ type = "block", user = a.user }
	end,
}
