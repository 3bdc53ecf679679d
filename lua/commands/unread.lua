-- SPDX-License-Identifier: MIT
return chat.command{
	name = "unread",
	summary = "lists your conversations with what is unread",
	run = function(c)
		c:request{ type = "conversations", unread = true }
	end,
}
