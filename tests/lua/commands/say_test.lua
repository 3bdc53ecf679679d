-- SPDX-License-Identifier: MIT
-- What people type to say something, and where it goes.

test("plain text goes to where it was typed", function(s)
	local ann = s:user "ann"
	ann:type("hello"):expect("send", "#lobby", "hello"):expect "nothing"
	ann:type("hello", "#tea"):expect("send", "#tea", "hello")
	ann:type("hello", "@bob"):expect("send", "@ann:bob", "hello")
end)

test("two slashes begin a text with one", function(s)
	local ann = s:user "ann"
	ann:type("//etc is a folder"):expect("send", "#lobby", "/etc is a folder")
	ann:type("//@bob"):expect("send", "#lobby", "/@bob")
end)

test("@user text is said to one person", function(s)
	local ann = s:user "ann"
	ann:type("@bob Hello!"):expect("send", "@bob", "Hello!"):expect "nothing"
	ann:type("@BOB  two  words "):expect("send", "@bob", "two  words")
	ann:type("@bob"):expect("error", "bad_request", "text is missing")
	ann:type("@ bob"):expect("error", "bad_request", "user")
	ann:type("@b Hello"):expect("error", "bad_request", "usage: @user text")
end)

test("#group text is said in a group", function(s)
	local ann = s:user "ann"
	ann:type("#tea Hello"):expect("send", "#tea", "Hello"):expect "nothing"
	ann:type("#Tea Hello"):expect("send", "#tea", "Hello")
	ann:type("#tea"):expect("error", "bad_request", "text is missing")
	ann:type("# tea"):expect("error", "bad_request", "group")
end)

test("/dm", function(s)
	local ann = s:user "ann"
	ann:type("/dm bob Hello there"):expect("send", "@bob", "Hello there")
	ann:type("/msg @bob Hi"):expect("send", "@bob", "Hi")
	ann:type("/dm bob"):expect("error", "bad_request", "/dm user text")
	ann:type("/dm"):expect("error", "bad_request", "user is missing")
end)

test("/me", function(s)
	local ann = s:user "ann"
	ann:type("/me waves", "#tea")
		:expect("send", "#tea", "waves", "action"):expect "nothing"
	ann:type("/me"):expect("error", "bad_request", "/me text")
end)
