-- SPDX-License-Identifier: MIT
return chat.command{
	name = "leave",
	aliases = { "part" },
	summary = "leaves a group: this one, unless another is named",
	args = { { "group", "room" } },
	run = function(c, a)
		c:request{
			type = "leave",
			conversation = a.group or c.conversation.id,
		}
	end,
}
