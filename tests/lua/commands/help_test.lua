-- SPDX-License-Identifier: MIT
test("/help lists every command", function(s)
	local ann = s:user "ann"
	ann:type("/help"):expect("notice"):expect "nothing"
	for _, usage in ipairs{
		"@user text", "#group text", "/dm user text", "/join group",
		"/leave [group]", "/groups", "/who [group]", "/block user",
		"/unblock user", "/typing user", "/me text", "/history [n]",
		"/help [command]", "//",
		"/invite [#group] user", "/ban [#group] user [duration]",
		"/edit [#group] [seq] text", "/react [#group] seq emoji [off]",
	} do
		ann:type("/help"):expect("notice", usage)
	end
end)

test("/help explains one command", function(s)
	local ann = s:user "ann"
	ann:type("/help dm"):expect("notice", "/dm user text - says something")
	ann:type("/help /DM"):expect("notice", "also /msg")
	ann:type("/help @"):expect("notice", "@user text")
	ann:type("/help tell"):expect("notice", "/dm user text")
	ann:type("/help none"):expect("error", "unknown_command", '"none"')
	ann:type("/?"):expect("notice", "/help [command]")
end)
