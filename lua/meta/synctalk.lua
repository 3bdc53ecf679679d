---@meta synctalk
-- SPDX-License-Identifier: MIT
-- For editors that know LuaCATS (lua-language-server): what a script of
-- SyncTalk sees.  The server does not load this file.  docs/lua.md explains.

---A person, as scripts see one.
---@class synctalk.User
---@field id integer
---@field name string

---@class synctalk.Conversation
---@field id string "#tea", "#lobby" or "@alice:bob"
---@field kind "public"|"group"|"direct"
---@field members integer only in a filter

---@alias synctalk.Transport
---| "websocket"
---| "text"
---| "rest"
---| "socketio"
---| "sse"
---| "server"

---A message that wants to be delivered.  Valid until run returns.
---@class synctalk.Event
---@field text string
---@field user synctalk.User
---@field conversation synctalk.Conversation
---@field transport synctalk.Transport
---@field at number seconds since 1970, UTC
---@field edit boolean a new text of a message that was sent before

---What a command can do.  All of it happens once run has returned, and none
---of it if run fails.
---@class synctalk.Context
---@field user synctalk.User
---@field conversation synctalk.Conversation where it was typed
---@field transport synctalk.Transport
---@field at number seconds since 1970, UTC
local context = {}

---Says text to "@bob", "#tea" or "#lobby", as the person who typed.
---@param to string
---@param text string
---@param options? { action?: boolean } action: as /me does
function context:send(to, text, options) end

---Makes a request of the protocol (docs/protocol.md).
---@param request { type: string, [string]: any }
function context:request(request) end

---Answers the person who typed, and nobody else.
---@param text string
function context:notice(text) end

---@alias synctalk.ErrorCode
---| "bad_request"
---| "unauthorized"
---| "forbidden"
---| "not_found"
---| "not_member"
---| "blocked"
---| "muted"
---| "banned"
---| "slow_mode"
---| "rejected"
---| "rate_limited"
---| "too_large"
---| "conflict"
---| "unknown_type"
---| "unknown_command"
---| "unavailable"
---| "internal"

---Answers the person who typed with an error.
---@param code synctalk.ErrorCode
---@param message string
function context:error(code, message) end

---@class synctalk.Verdict
---@class synctalk.Filter
---@class synctalk.Command
---@class synctalk.Matcher
local matcher = {}

---The first of the words in text, and where it is; or nil.
---@param text string
---@return string? word
---@return integer? from
---@return integer? to
function matcher:find(text) end

---@alias synctalk.ArgumentType
---| "string"
---| "int"
---| "number"
---| "bool"
---| "duration"
---| "time"
---| "user"
---| "room"
---| "role"
---| "enum"
---| "rest"
---| "url"

---@class synctalk.Argument
---@field [1] string name
---@field [2] synctalk.ArgumentType
---@field required? boolean
---@field leading? boolean may be left out: known by its form
---@field default? any
---@field values? string[] of an enum
---@field min? number of int, number and duration
---@field max? number

---@class synctalk.FilterDefinition
---@field name string
---@field on? "message"
---@field phase? "normalise"|"safety"|"policy"|"transform"
---@field before? string[] names of filters of the same phase
---@field after? string[]
---@field conversations? string such as "#pub-*" or "@*"
---@field exempt? { users: string[] }
---@field match? synctalk.Matcher
---@field mode? "enforce"|"observe"
---@field on_error? "allow"|"reject"
---@field run fun(ev: synctalk.Event): synctalk.Verdict?

---@class synctalk.CommandDefinition
---@field name string
---@field summary string
---@field prefix? string instead of "/name"; "" is plain text
---@field aliases? string[]
---@field args? synctalk.Argument[]
---@field scope? "any"|"group"|"dm"
---@field rate? { per?: "user", n: number, window: number }
---@field run fun(c: synctalk.Context, a: table<string, any>)

---@class synctalk.CommandInfo
---@field name string
---@field usage string
---@field summary string
---@field scope string
---@field script string
---@field prefix? string
---@field aliases string[]

---@class synctalk.Chat
---@field limits boolean false with --limits off
chat = {}

---A rule over messages.  Return it from the file.
---@param definition synctalk.FilterDefinition
---@return synctalk.Filter
function chat.filter(definition) end

---A command.  Return it from the file.
---@param definition synctalk.CommandDefinition
---@return synctalk.Command
function chat.command(definition) end

---All commands, by name.  Only within run.
---@return synctalk.CommandInfo[]
function chat.commands() end

verdict = {}

---Refuses the message; the sender is told the reason.
---@param definition { reason: string }
---@return synctalk.Verdict
function verdict.reject(definition) end

---Shows the message to its sender alone.
---@param definition? {}
---@return synctalk.Verdict
function verdict.shadow(definition) end

---Goes on with another text.
---@param definition { text: string }
---@return synctalk.Verdict
function verdict.rewrite(definition) end

words = {}

---Finds many words at once.
---@param definition { [integer]: string, words?: string[], whole?: boolean, case?: boolean }
---@return synctalk.Matcher
function words.matcher(definition) end

shared = {}

---@param key string at most 256 bytes
---@return string|number|boolean|nil
function shared.get(key) end

---@param key string
---@param value string|number|boolean|nil nil removes it
---@param ttl? number seconds to live
function shared.set(key, value, ttl) end

---Adds to an integer that begins as 0, and returns it.
---@param key string
---@param by? integer 1
---@param ttl? number seconds to live, from when it is made
---@return integer
function shared.incr(key, by, ttl) end

---Takes one token of a bucket: true, or false and the seconds to wait.
---@param key string
---@param per_s number tokens that it gains a second
---@param burst number tokens that it holds
---@return boolean
---@return number? wait
function shared.rate(key, per_s, burst) end

json = {}

---@type lightuserdata
json.null = nil

---@param value any
---@return string
function json.encode(value) end

---@param text string
---@return any value nil when it is no JSON
---@return string? why
function json.decode(text) end

---Makes an array of a table, even when it is empty.
---@generic T: table
---@param t T
---@return T
function json.array(t) end

log = {}
---@param text any
function log.debug(text) end
---@param text any
function log.info(text) end
---@param text any
function log.warn(text) end
---@param text any
function log.error(text) end

---What happened, in order; in a test.
---@class synctalk.PasswordReset
---@field user string
---@field email string
---@field code string a secret
---@field expires number seconds since 1970

---Declares an observer.
---@param event "password_reset"
---@param run fun(ev: synctalk.PasswordReset)
---@return any
function chat.on(event, run) end

http = {}

---Queues a request that goes out, where the operator allows it.
---@param request { url: string, json?: any, body?: string, headers?: table<string, string> }
---@return boolean? queued
---@return string? why
function http.post(request) end

---@class synctalk.Outcome
local outcome = {}

---Compares with the next thing that happened.
---@param kind "deliver"|"reject"|"shadow"|"rewrite"|"send"|"request"|"notice"|"error"|"nothing"
---@param ... any
---@return synctalk.Outcome
function outcome:expect(kind, ...) end

---A person, in a test.
---@class synctalk.Person
local person = {}

---What the filters make of a message.
---@param conversation string "#tea" or "@bob"
---@param text string
---@return synctalk.Outcome
function person:say(conversation, text) end

---What a line does.
---@param line string
---@param conversation? string "#lobby"
---@return synctalk.Outcome
function person:type(line, conversation) end

---A chat with a clock of its own, in a test.
---@class synctalk.Server
local server = {}

---@param name string
---@return synctalk.Person
function server:user(name) end

---@param seconds number
function server:advance(seconds) end

---Declares a test; only in files that end in _test.lua.
---@param name string
---@param run fun(s: synctalk.Server)
function test(name, run) end
