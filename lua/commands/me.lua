-- SPDX-License-Identifier: MIT
return chat.command{
	name = "me",
	summary = "says what you are doing, here",
	args = { { "text", "rest", required = true } },
	run = function(c, a)
		c:send(c.conversation.id, a.text, { action = true })
	end,
}
