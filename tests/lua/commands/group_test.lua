-- SPDX-License-Identifier: MIT
-- Commands that ask the server for something about groups and people.

test("/join", function(s)
	local ann = s:user "ann"
	ann:type("/join tea")
		:expect("request", { type = "join", conversation = "#tea" })
		:expect "nothing"
	ann:type("/join #Tea")
		:expect("request", { type = "join", conversation = "#tea" })
	ann:type("/join"):expect("error", "bad_request", "group is missing")
	ann:type("/jion tea")
		:expect("error", "unknown_command", "did you mean /join?")
end)

test("/leave", function(s)
	local ann = s:user "ann"
	ann:type("/leave tea")
		:expect("request", { type = "leave", conversation = "#tea" })
	ann:type("/leave", "#milk")
		:expect("request", { type = "leave", conversation = "#milk" })
end)

test("/groups", function(s)
	local ann = s:user "ann"
	ann:type("/groups"):expect("request", { type = "conversations" })
	ann:type("/groups x"):expect("error", "bad_request", "too much")
end)

test("/who", function(s)
	local ann = s:user "ann"
	ann:type("/who tea")
		:expect("request", { type = "members", conversation = "#tea" })
	ann:type("/who", "#milk")
		:expect("request", { type = "members", conversation = "#milk" })
end)

test("/block and /unblock", function(s)
	local ann = s:user "ann"
	ann:type("/block Bob"):expect("request", { type = "block", user = "bob" })
	ann:type("/unblock @bob")
		:expect("request", { type = "unblock", user = "bob" })
	ann:type("/block"):expect("error", "bad_request", "user is missing")
end)

test("/typing", function(s)
	local ann = s:user "ann"
	ann:type("/typing bob")
		:expect("request", { type = "typing", to = "@bob" })
end)

test("/history", function(s)
	local ann = s:user "ann"
	ann:type("/history", "#tea"):expect("request", {
		type = "history",
		conversation = "#tea",
		limit = 20,
	})
	ann:type("/history 5"):expect("request", {
		type = "history",
		conversation = "#lobby",
		limit = 5,
	})
	ann:type("/history 0"):expect("error", "bad_request", "at least 1")
	ann:type("/history 201"):expect("error", "bad_request", "at most 200")
	ann:type("/history x"):expect("error", "bad_request", "a whole number")
end)
