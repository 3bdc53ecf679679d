-- SPDX-License-Identifier: MIT
return chat.command{
	name = "groups",
	summary = "lists your conversations",
	run = function(c)
		c:request{ type = "conversations" }
	end,
}
