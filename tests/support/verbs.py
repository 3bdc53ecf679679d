# SPDX-License-Identifier: MIT
"""The statements of a conversation: an expression and what it does.

tests/talk/README.md describes them for those who write conversations.
"""

import json
import re
import signal

from . import pattern
from .person import SECONDS, Unmet
from .server import Server
from .websocket import Socket, frame

PERSON, SERVER, OPERATOR = [], [], []

OPTION = re.compile(r"""\s*(?:
    as\ (?P<device>\S+) |
    (?P<ack>ack\ client) |
    (?P<format>format\ text) |
    (?P<nameless>without\ a\ name) |
    with\ (?P<own>the\ token) |
    with\ token\ (?P<token>\S+) |
    (?P<subprotocol>by\ subprotocol) |
    offering\ "(?P<offering>[^"]*)" |
    at\ (?P<at>/\S*) |
    from\ origin\ (?P<origin>\S+) |
    to\ host\ (?P<host>\S+)
    )""", re.VERBOSE)


def statement(table, expression):
    def register(verb):
        table.append((re.compile(expression, re.DOTALL), verb))
        return verb
    return register


def connect_options(stage, person, text):
    options, at = {}, 0
    text = stage.fill(text or "")
    while text[at:].strip():
        found = OPTION.match(text, at)
        if not found:
            raise pattern.BadPattern(f"cannot read {text[at:]!r}")
        options.update({name: value for name, value
                        in found.groupdict().items() if value})
        at = found.end()
    if options.pop("own", None):
        options["token"] = person.token
    return options


def literal(text):
    """A string in double quotes with \\r, \\n, \\xNN and the like, as bytes."""
    inner = text.encode("utf-8").decode("unicode_escape")
    return inner.encode("latin-1")


# People: coming and going

@statement(PERSON, r"connects(?P<options> .*)?")
async def connects(stage, actor, options):
    person = stage.person(actor)
    server = await stage.running()
    await person.connect(server, connect_options(stage, person, options))


@statement(PERSON, r"is refused (?P<status>\d+)(?: (?P<code>[a-z_]+))?"
           r"(?P<options> (?:as|ack|with|without|by|offering|at|from|to) .*)?")
async def is_refused(stage, actor, status, code, options):
    person = stage.person(actor)
    response = await person.refused(
        await stage.running(), connect_options(stage, person, options))
    check_response(response, status, None)
    if code and json.loads(response.body).get("code") != code:
        raise Unmet(f"refused with {response.body!r}")


@statement(PERSON, r"is welcomed")
async def is_welcomed(stage, actor):
    await stage.person(actor).welcomed()


@statement(PERSON, r"is given subprotocol (?P<name>\S+)")
async def is_given_subprotocol(stage, actor, name):
    given = stage.person(actor).socket.subprotocol
    if given != name:
        raise Unmet(f"was given {given!r}")


@statement(PERSON, r"disconnects")
async def disconnects(stage, actor):
    await stage.person(actor).socket.close(SECONDS)


@statement(PERSON, r"drops")
async def drops(stage, actor):
    stage.person(actor).socket.drop()


@statement(PERSON, r"is closed(?: (?P<code>\d+))?")
async def is_closed(stage, actor, code):
    person = stage.person(actor)
    if type(person.socket) is Socket:
        await person.socket.until(lambda: person.socket.lost or None, SECONDS)
        if not person.socket.lost:
            raise Unmet("is still connected")
        return
    await person.closed(int(code) if code else None)


@statement(PERSON, r"stops reading")
async def stops_reading(stage, actor):
    (await stage.connected(actor)).socket.stop_reading()


@statement(PERSON, r"reads on")
async def reads_on(stage, actor):
    stage.person(actor).socket.read_on()


@statement(PERSON, r"never pongs")
async def never_pongs(stage, actor):
    person = stage.person(actor)
    person.pongs = False
    if person.socket:
        person.socket.pongs = False


@statement(PERSON, r"pongs again")
async def pongs_again(stage, actor):
    person = stage.person(actor)
    person.pongs = True
    if person.socket:
        person.socket.pongs = True
        person.socket.answer_pings()


@statement(PERSON, r"is pinged")
async def is_pinged(stage, actor):
    """A ping has come that is not answered yet (never pongs)."""
    socket = stage.person(actor).socket
    if not await socket.until(lambda: socket.pings or None, SECONDS):
        raise Unmet("no ping came")


@statement(PERSON, r"has a token(?: for (?P<ttl>\S+))?")
async def has_a_token(stage, actor, ttl):
    """$token_NAME from then on."""
    person = stage.person(actor)
    server = await stage.running()
    more = ["--ttl", ttl] if ttl else []
    status, output = await server.ctl("token", person.name, *more)
    found = re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", output)
    if status != 0 or not found:
        raise Unmet(f"synctalkctl token: {status}: {output}")
    person.token = found[0]
    stage.variables["token_" + person.name] = found[0]


# People: talking

@statement(PERSON, r"joins (?P<group>\S+)")
async def joins(stage, actor, group):
    person = await stage.connected(actor)
    await person.ask({"type": "join", "conversation": group})


@statement(PERSON, r"leaves (?P<group>\S+)")
async def leaves(stage, actor, group):
    person = await stage.connected(actor)
    await person.ask({"type": "leave", "conversation": group})


@statement(PERSON, r"says (?P<text>.*)")
async def says(stage, actor, text):
    await (await stage.connected(actor)).say(stage.fill(text))


@statement(PERSON, r'sends frame (?P<opcode>\d+)(?P<unfinished> unfinished)?'
           r'(?: rsv (?P<rsv>[1-7]))?(?P<bare> unmasked)?'
           r'(?: "(?P<payload>.*)")?')
async def sends_frame(stage, actor, opcode, unfinished, rsv, bare, payload):
    person = await stage.connected(actor)
    data = literal(stage.fill(payload or ""))
    person.socket.write(frame(int(opcode), data, fin=not unfinished,
                              rsv=int(rsv or 0), masked=not bare))


@statement(PERSON, r"sends(?: (?P<text>.*))?")
async def sends(stage, actor, text, body=None):
    person = await stage.connected(actor)
    person.socket.send(stage.fill(body if body is not None else text or ""))


@statement(PERSON, r"floods (?P<to>\S+) with (?P<count>\d+) messages of "
           r"(?P<size>\d+) bytes")
async def floods(stage, actor, to, count, size):
    """Sends them and waits until the last one is committed."""
    person = await stage.connected(actor)
    text = "x" * int(size)
    for _ in range(int(count)):
        person.socket.send(json.dumps({"type": "send", "to": to,
                                       "text": text, "ref": "flood"}))
    for _ in range(int(count)):
        await person.gets("sent", {"ref": "flood"}, {})


@statement(PERSON, r"does (?P<request>\{.*\}) until (?P<wanted>\{.*\})")
async def does_until(stage, actor, request, wanted):
    """Asks again until the answer fits."""
    person = await stage.connected(actor)
    request = json.loads(stage.fill(request))
    await person.ask_until(request, pattern.parse(wanted), stage.variables)


@statement(PERSON, r"does (?P<request>\{.*\})")
async def does(stage, actor, request):
    """Sends a request and waits for its answer, which is no error."""
    person = await stage.connected(actor)
    await person.ask(json.loads(stage.fill(request)))


# People: seeing

@statement(PERSON, r"gets nothing within (?P<ms>\d+)ms")
async def gets_nothing(stage, actor, ms):
    await stage.person(actor).nothing(int(ms) / 1000)


@statement(PERSON, r"gets nothing else")
async def gets_nothing_else(stage, actor):
    await stage.person(actor).nothing_else()


@statement(PERSON, r"gets no (?P<kind>[a-z_]+)(?: (?P<wanted>\{.*\}))?"
           r" within (?P<ms>\d+)ms")
async def gets_no(stage, actor, kind, wanted, ms):
    await stage.person(actor).nothing_like(
        kind, pattern.parse(wanted or "{}"), stage.variables, int(ms) / 1000)


def check_response(response, status, body):
    if response is None:
        raise Unmet("no response came")
    if not re.fullmatch(status, str(response.status)):
        raise Unmet(f"status {response.status}: {response.body!r}")
    text = response.body.decode("utf-8", "replace")
    if body and not re.search(body, text):
        raise Unmet(f"the body is {text!r}")


@statement(PERSON, r"gets status (?P<status>[\d.]+)(?: /(?P<body>.*)/)?")
async def gets_status(stage, actor, status, body):
    socket = stage.person(actor).socket
    check_response(await socket.response(SECONDS), status, body)


@statement(PERSON, r"(?P<how>gets|next) (?P<kind>[a-z_]+)"
           r"(?: (?P<code>[a-z_]+))?(?: (?P<wanted>\{.*\}))?")
async def gets(stage, actor, how, kind, code, wanted):
    person = stage.person(actor)
    if person.socket is None:
        raise Unmet(f"{actor} never connected")
    node = pattern.parse(wanted or "{}")
    if code:
        node["code"] = code
    see = person.gets if how == "gets" else person.next
    await see(kind, node, stage.variables)


@statement(PERSON, r"gets notice /(?P<expression>.*)/")
async def gets_notice(stage, actor, expression):
    await stage.person(actor).gets(
        "notice", {"text": pattern.Regex(expression)}, stage.variables)


@statement(PERSON, r"reads /(?P<expression>.*)/")
async def reads(stage, actor, expression):
    """Of format=text: some line that came has it."""
    person = stage.person(actor)
    wanted = re.compile(expression)

    def find():
        for event in person.events:
            if not event.taken and wanted.search(event.data["text"]):
                person.take(event)
                return event
        return None
    if not await person.socket.until(find, SECONDS):
        raise Unmet("no such line" + person.story())


# Raw sockets

@statement(PERSON, r"opens a socket")
async def opens_a_socket(stage, actor):
    await stage.person(actor).open_socket(await stage.running())


@statement(PERSON, r'writes "(?P<data>.*)"')
async def writes(stage, actor, data):
    stage.person(actor).socket.write(literal(stage.fill(data)))


@statement(PERSON, r"asks (?P<method>[A-Z]+) (?P<target>\S+)")
async def asks(stage, actor, method, target):
    """One plain HTTP request; `gets status` follows."""
    server = await stage.running()
    person = stage.person(actor)
    await person.open_socket(server)
    person.socket.write(
        f"{method} {target} HTTP/1.1\r\nHost: {server.host}:{server.port}"
        "\r\nConnection: close\r\n\r\n".encode())


# The server

@statement(SERVER, r"has auth (?P<auth>open|token)")
async def has_auth(stage, actor, auth):
    stage.server.auth = auth


@statement(SERVER, r"has (?P<line>.*=.*)")
async def has(stage, actor, line):
    stage.server.config.append(line)


@statement(SERVER, r"runs with (?P<words>.*)")
async def runs_with(stage, actor, words):
    stage.server.arguments += words.split()


@statement(SERVER, r"starts")
async def starts(stage, actor):
    await stage.server.start()


@statement(SERVER, r"restarts")
async def restarts(stage, actor):
    server = await stage.running()
    await server.stop()
    await server.start()


@statement(SERVER, r"is killed")
async def is_killed(stage, actor):
    await stage.server.kill()


@statement(SERVER, r"(?P<how>drains|is interrupted)")
async def drains(stage, actor, how):
    stage.server.expect_end()
    stage.server.send_signal(
        signal.SIGTERM if how == "drains" else signal.SIGINT)


@statement(SERVER, r"ends with (?P<status>\d+)")
async def ends_with(stage, actor, status):
    got = await stage.server.ended()
    if got != int(status):
        raise Unmet(f"ended with {got}")


@statement(SERVER, r"writes script (?P<path>\S+)")
async def writes_script(stage, actor, path, body):
    file = stage.server.folder / "scripts" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(body, encoding="utf-8")


@statement(SERVER, r"removes script (?P<path>\S+)")
async def removes_script(stage, actor, path):
    (stage.server.folder / "scripts" / path).unlink()


@statement(SERVER, r"(?P<how>reloads(?: scripts)?|fails to reload)")
async def reloads(stage, actor, how):
    server = stage.server
    stage.log_mark = len(server.log)
    server.write_config()
    server.send_signal(signal.SIGHUP)
    line = await server.logged(r" reload\.(done|failed) ", stage.log_mark,
                               SECONDS)
    failed = line is None or "reload.failed" in line
    if failed != (how == "fails to reload"):
        raise Unmet(line or "the log says nothing of a reload")


@statement(SERVER, r"logs /(?P<expression>.*)/")
async def logs(stage, actor, expression):
    if not await stage.server.logged(expression, stage.log_mark, SECONDS):
        raise Unmet("the log has no such line")


# The operator's programs

@statement(OPERATOR, r"fails with (?P<status>\d+): (?P<words>.*)")
async def operator_fails(stage, actor, status, words):
    got, stage.output = await stage.server.ctl(*stage.fill(words).split())
    if got != int(status):
        raise Unmet(f"status {got}: {stage.output}")


@statement(OPERATOR, r"reads /(?P<expression>.*)/")
async def operator_reads(stage, actor, expression):
    if not re.search(expression, stage.output):
        raise Unmet(f"read {stage.output!r}")


@statement(OPERATOR, r"checks(?: (?P<words>.*?))?, which ends with "
           r"(?P<status>\d+)")
async def operator_checks(stage, actor, words, status):
    """synctalkd --check with the scenario's configuration and scripts."""
    server = stage.server
    arguments = server.command("--check", *(words or "").split())[1:]
    got, stage.output = await server.run("synctalkd", *arguments)
    if got != int(status):
        raise Unmet(f"status {got}: {stage.output}")


@statement(OPERATOR, r"runs? synctalkd(?: (?P<words>.*?))?, which ends with "
           r"(?P<status>\d+)")
async def operator_runs_synctalkd(stage, actor, words, status):
    got, stage.output = await stage.server.run(
        "synctalkd", *stage.fill(words or "").split())
    if got != int(status):
        raise Unmet(f"status {got}: {stage.output}")


@statement(OPERATOR, r"runs (?P<words>.*)")
async def operator_runs(stage, actor, words):
    server = await stage.running()
    status, stage.output = await server.ctl(*stage.fill(words).split())
    if status != 0:
        raise Unmet(f"status {status}: {stage.output}")


@statement(OPERATOR, r"starts a second server on the same (?P<what>port|data)"
           r", which fails")
async def second_server(stage, actor, what):
    first = await stage.running()
    second = Server()
    second.auth = first.auth
    try:
        port = first.port if what == "port" else 0
        if what == "data":
            second.data = first.data
        arguments = second.command("--listen", f"127.0.0.1:{port}")[1:]
        status, stage.output = await second.run("synctalkd", *arguments)
    finally:
        await second.close()
    if status == 0:
        raise Unmet(f"ended with 0: {stage.output}")
