-- SPDX-License-Identifier: MIT
-- Sends the code with which a forgotten password is replaced, through a mail
-- service with an HTTP API.  Copy it to the folder local/ of your scripts, put
-- in the address and the key, and list the service in the configuration:
--
--	http = { allow = { "https://api.mail.example" } }
local URL = "https://api.mail.example/send"
local KEY = "your key"

return chat.on("password_reset", function(ev)
	local queued, why = http.post {
		url = URL,
		headers = { Authorization = "Bearer " .. KEY },
		json = {
			to = ev.email,
			subject = "Your code to sign in",
			text = "Hello " .. ev.user .. ",\n\n"
				.. ev.code .. " lets you choose a new password until "
				.. os.date("!%H:%M", math.floor(ev.expires)) .. " UTC.\n"
				.. "If you did not ask for it, do nothing.\n",
		},
	}
	if not queued then
		error("the code cannot be sent: " .. why)
	end
end)
