-- SPDX-License-Identifier: MIT
-- Refuses what no person types: too many messages from one person, or the
-- same again and again.  To change the figures, copy this file to
-- rules/flood.lua in your own folder of scripts.
local MESSAGES, SECONDS = 20, 5 -- more than so many in so many seconds
local REPEATS, WITHIN = 5, 10 -- the same text so often in so many seconds

if not chat.limits then
	return -- --limits off
end

-- A person's messages all come to one worker, so its memory will do.  Two
-- tables take turns: who was silent for two turns is forgotten.
local TURN = math.max(SECONDS, WITHIN)
local recent, older, turned = {}, {}, 0

local function look_up(id, at)
	if at - turned >= TURN or at < turned then
		recent, older, turned = {}, recent, at
	end
	local seen = recent[id]
	if not seen then
		seen = older[id]
		if not seen then
			seen = { count = 0, since = at, repeats = 0, first = at }
		end
		recent[id] = seen
	end
	return seen
end

return chat.filter{
	name = "flood",
	phase = "safety",
	run = function(ev)
		local at, text = ev.at, ev.text
		local seen = look_up(ev.user.id, at)
		if at - seen.since >= SECONDS or at < seen.since then
			seen.since, seen.count = at, 0
		end
		seen.count = seen.count + 1
		if text ~= seen.text or at - seen.first >= WITHIN
			or at < seen.first then
			seen.text, seen.first, seen.repeats = text, at, 0
		end
		seen.repeats = seen.repeats + 1
		if seen.count > MESSAGES then
			return verdict.reject{
				reason = "too many messages: wait a few seconds",
			}
		elseif seen.repeats > REPEATS then
			return verdict.reject{
				reason = "the same text again and again",
			}
		end
	end,
}
