-- SPDX-License-Identifier: MIT
-- Commands about who is in a group, and what they may do there.

local function same(line, request)
	test(line, function(s)
		s:user "ann":type(line, "#tea")
			:expect("request", request):expect "nothing"
	end)
end

for _, name in ipairs{ "invite", "add", "kick", "ban", "unban", "unmute" } do
	same("/" .. name .. " Bob",
		{ type = name, conversation = "#tea", user = "bob" })
	same("/" .. name .. " #milk @bob",
		{ type = name, conversation = "#milk", user = "bob" })
	test("/" .. name .. " of nobody", function(s)
		s:user "ann":type("/" .. name, "#tea")
			:expect("error", "bad_request", "user is missing")
	end)
end

same("/ban bob 2h",
	{ type = "ban", conversation = "#tea", user = "bob", duration = 7200 })
same("/mute bob 10m",
	{ type = "mute", conversation = "#tea", user = "bob", duration = 600 })
same("/mute #milk bob 30s",
	{ type = "mute", conversation = "#milk", user = "bob", duration = 30 })
same("/role bob moderator",
	{ type = "role", conversation = "#tea", user = "bob", role = "moderator" })
same("/create milk",
	{ type = "create", conversation = "#milk", private = false })
same("/create #milk private For the invited", {
	type = "create",
	conversation = "#milk",
	private = true,
	title = "For the invited",
})
same("/create milk Open to all",
	{ type = "create", conversation = "#milk", title = "Open to all" })
same("/accept milk", { type = "join", conversation = "#milk" })
same("/decline milk", { type = "leave", conversation = "#milk" })
same("/slow 30s", { type = "update", conversation = "#tea", slow = "30s" })
same("/slow off", { type = "update", conversation = "#tea", slow = 0 })
same("/topic Tea for two",
	{ type = "update", conversation = "#tea", title = "Tea for two" })
same("/topic #milk Milk",
	{ type = "update", conversation = "#milk", title = "Milk" })
same("/topic", { type = "conversations", conversation = "#tea" })

test("what is wrong is said", function(s)
	local ann = s:user "ann"
	ann:type("/mute bob"):expect("error", "bad_request", "duration is missing")
	ann:type("/mute bob 0"):expect("error", "bad_request", "at least 1")
	ann:type("/mute bob soon"):expect("error", "bad_request", "a duration")
	ann:type("/role bob king")
		:expect("error", "bad_request", "a role is expected")
	ann:type("/kick #milk"):expect("error", "bad_request", "user is missing")
	ann:type("/kick bob now"):expect("error", "bad_request", "too much")
	ann:type("/slow"):expect("error", "bad_request", "duration is missing")
	ann:type("/create"):expect("error", "bad_request", "group is missing")
end)
