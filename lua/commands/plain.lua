-- SPDX-License-Identifier: MIT
-- What is no command goes to where it was typed: #lobby, unless the client
-- says otherwise.
return chat.command{
	name = "plain",
	prefix = "",
	summary = "says something here",
	args = { { "text", "rest", required = true } },
	run = function(c, a)
		c:send(c.conversation.id, a.text)
	end,
}
