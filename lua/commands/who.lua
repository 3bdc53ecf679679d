-- SPDX-License-Identifier: MIT
return chat.command{
	name = "who",
	aliases = { "members" },
	summary = "lists who is in a group: in this one, unless another is named",
	args = { { "group", "room" } },
	run = function(c, a)
		c:request{
			type = "members",
			conversation = a.group or c.conversation.id,
		}
	end,
}
