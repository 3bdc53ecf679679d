-- SPDX-License-Identifier: MIT
return chat.command{
	name = "history",
	summary = "shows the last messages here",
	args = { { "n", "int", default = 20, min = 1, max = 200 } },
	run = function(c, a)
		c:request{
			type = "history",
			conversation = c.conversation.id,
			limit = a.n,
		}
	end,
}
