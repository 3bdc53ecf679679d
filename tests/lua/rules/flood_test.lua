-- SPDX-License-Identifier: MIT
local function say(person, n, text)
	local outcome
	for i = 1, n do
		outcome = person:say("#lobby", text or ("message " .. i))
	end
	return outcome
end

test("a person who types is never stopped", function(s)
	local ann = s:user "ann"
	for i = 1, 100 do
		ann:say("#lobby", "line " .. i):expect "deliver"
		s:advance(0.5)
	end
	for _ = 1, 20 do
		ann:say("#lobby", "ok"):expect "deliver"
		s:advance(2.5)
	end
end)

test("more than 20 messages in 5 seconds", function(s)
	local ann, bob = s:user "ann", s:user "bob"
	say(ann, 20):expect "deliver"
	ann:say("#lobby", "one more"):expect("reject", "flood")
	bob:say("#lobby", "not me"):expect "deliver"
	s:advance(5)
	ann:say("#lobby", "again"):expect "deliver"
end)

test("the same text more than 5 times in 10 seconds", function(s)
	local ann = s:user "ann"
	say(ann, 5, "spam"):expect "deliver"
	ann:say("#lobby", "spam"):expect("reject", "flood")
	ann:say("#tea", "spam")
		:expect("reject", "flood", "the same text again and again")
	ann:say("#lobby", "other"):expect "deliver"
	ann:say("#lobby", "spam"):expect "deliver"
	s:advance(10)
	say(ann, 5, "spam"):expect "deliver"
end)

test("who is silent is forgotten, who is not is remembered", function(s)
	local ann, bob = s:user "ann", s:user "bob"
	say(ann, 4, "spam"):expect "deliver"
	s:advance(9)
	bob:say("#lobby", "hello"):expect "deliver"
	say(ann, 1, "spam"):expect "deliver"
	s:advance(0.5)
	say(ann, 1, "spam"):expect("reject", "flood")
	s:advance(60)
	say(ann, 5, "spam"):expect "deliver"
end)
