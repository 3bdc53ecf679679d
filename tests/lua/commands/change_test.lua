-- SPDX-License-Identifier: MIT
-- Commands about what was said.

test("/edit", function(s)
	local ann = s:user "ann"
	ann:type("/edit hello", "#tea"):expect("request", {
		type = "edit",
		conversation = "#tea",
		last = true,
		text = "hello",
	}):expect "nothing"
	ann:type("/edit 12 hello there", "@bob"):expect("request", {
		type = "edit",
		conversation = "@ann:bob",
		seq = 12,
		last = false,
		text = "hello there",
	})
	ann:type("/edit #milk 12 12 cups"):expect("request", {
		type = "edit",
		conversation = "#milk",
		seq = 12,
		text = "12 cups",
	})
	ann:type("/edit -2 degrees"):expect("request", { text = "-2 degrees" })
	ann:type("/edit"):expect("error", "bad_request", "text is missing")
	ann:type("/edit 12"):expect("error", "bad_request", "text is missing")
end)

test("/delete", function(s)
	local ann = s:user "ann"
	ann:type("/delete 7", "#tea"):expect("request", {
		type = "delete",
		conversation = "#tea",
		seq = 7,
		last = false,
	})
	ann:type("/delete", "#tea"):expect("request", {
		type = "delete",
		last = true,
	})
	ann:type("/delete it"):expect("error", "bad_request", "a whole number")
end)

test("/react", function(s)
	local ann = s:user "ann"
	ann:type("/react 7 👍", "#tea"):expect("request", {
		type = "react",
		conversation = "#tea",
		seq = 7,
		emoji = "👍",
		on = true,
	})
	ann:type("/react 7 👍 off"):expect("request", { on = false })
	ann:type("/react 👍"):expect("error", "bad_request", "a whole number")
	ann:type("/react 7"):expect("error", "bad_request", "emoji is missing")
end)

test("/versions", function(s)
	s:user "ann":type("/versions 7", "#tea"):expect("request", {
		type = "versions",
		conversation = "#tea",
		seq = 7,
	})
end)

test("/search and /unread", function(s)
	local ann = s:user "ann"
	ann:type("/search from:bob tea", "#milk")
		:expect("request", { type = "search", query = "from:bob tea" })
	ann:type("/search #tea pot"):expect("request", {
		type = "search",
		query = "pot",
		conversation = "#tea",
	})
	ann:type("/search"):expect("error", "bad_request", "words is missing")
	ann:type("/unread"):expect("request", {
		type = "conversations",
		unread = true,
	})
end)
