-- SPDX-License-Identifier: MIT
return chat.command{
	name = "topic",
	summary = "gives this group a title, or says which it has",
	args = {
		{ "group", "room", leading = true },
		{ "text", "rest" },
	},
	run = function(c, a)
		local group = a.group or c.conversation.id
		if a.text then
			c:request{ type = "update", conversation = group, title = a.text }
		else
			c:request{ type = "conversations", conversation = group }
		end
	end,
}
