-- SPDX-License-Identifier: MIT
return chat.command{
	name = "search",
	summary = "looks for words in your conversations, or in one group",
	args = {
		{ "group", "room", leading = true },
		{ "words", "rest", required = true },
	},
	run = function(c, a)
		c:request{
			type = "search",
			conversation = a.group,
			query = a.words,
		}
	end,
}
