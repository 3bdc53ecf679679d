-- SPDX-License-Identifier: MIT
local function named(command, name)
	if command.name == name or command.prefix == name then
		return true
	end
	for _, alias in ipairs(command.aliases) do
		if alias == name then
			return true
		end
	end
	return false
end

local function one(command)
	local lines = { command.usage .. " - " .. command.summary }
	if #command.aliases > 0 then
		lines[2] = "also /" .. table.concat(command.aliases, ", /")
	end
	return table.concat(lines, "\n")
end

local function all()
	local lines, width = {}, 0
	for _, command in ipairs(chat.commands()) do
		width = math.max(width, #command.usage)
	end
	for _, command in ipairs(chat.commands()) do
		lines[#lines + 1] = command.usage
			.. (" "):rep(width + 2 - #command.usage)
			.. command.summary
	end
	lines[#lines + 1] = "// begins a text that begins with a slash"
	return table.concat(lines, "\n")
end

return chat.command{
	name = "help",
	aliases = { "?" },
	summary = "lists the commands, or explains one",
	args = { { "command", "string" } },
	run = function(c, a)
		if not a.command then
			return c:notice(all())
		end
		local name = a.command:lower():gsub("^/", "")
		for _, command in ipairs(chat.commands()) do
			if named(command, name) then
				return c:notice(one(command))
			end
		end
		c:error("unknown_command", ("there is no command %q: /help lists "
			.. "those there are"):format(a.command))
	end,
}
