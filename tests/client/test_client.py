# SPDX-License-Identifier: MIT
"""synctalk against a server that misbehaves on purpose."""

import asyncio
import http
import json
import os
import pty
import tempfile

import websockets

from support.server import build_folder

PROGRAM = str(build_folder() / "synctalk")
AT = "2026-11-22T03:00:00.000Z"


class Fake:
    """One WebSocket server; what it does with a request is the test's."""

    def __init__(self, answer, greet=None, status=None):
        self.answer, self.greet, self.status = answer, greet, status
        self.requests = []  # of type, by all connections
        self.paths, self.headers = [], []
        self.changed = asyncio.Event()

    async def __aenter__(self):
        self.server = await websockets.serve(
            self.serve,
            "127.0.0.1",
            0,
            subprotocols=["synctalk.v1"],
            process_request=self.process,
            compression=None,
            close_timeout=1,
        )
        port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.state = tempfile.TemporaryDirectory()
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()
        self.state.cleanup()

    async def process(self, path, headers):
        self.paths.append(path)
        self.headers.append(headers)
        self.changed.set()
        return self.status

    async def serve(self, socket, _path=None):
        welcome = {"type": "welcome", "user": "alice", "epoch": "1"}
        await self.say(socket, **welcome)
        if self.greet:
            await self.greet(self, socket)
        try:
            async for text in socket:
                request = json.loads(text)
                self.requests.append(request)
                self.changed.set()
                await self.answer(self, socket, request)
        except websockets.ConnectionClosed:
            pass

    async def say(self, socket, **event):
        await socket.send(json.dumps(event))

    async def wait_for(self, condition):
        async with asyncio.timeout(20):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def of(self, kind):
        return [r for r in self.requests if r["type"] == kind]

    async def start(self, *arguments, **how):
        env = os.environ | {"XDG_STATE_HOME": self.state.name}
        env.pop("SYNCTALK_TOKEN", None)
        env |= how.pop("env", {})
        return await asyncio.create_subprocess_exec(
            PROGRAM,
            "--server",
            self.url,
            *arguments,
            env=env,
            **(dict.fromkeys(("stdin", "stdout", "stderr"), -1) | how),
        )

    async def run(self, lines, *arguments, **how):
        """Status, events and errors of a client that is given lines."""
        client = await self.start(*(arguments or ("alice",)), **how)
        async with asyncio.timeout(30):
            out, err = await client.communicate("\n".join(lines).encode())
        events = [json.loads(line) for line in out.splitlines()]
        return client.returncode, events, err.decode()


def sent(request, seq):
    return {
        "type": "sent",
        "ref": request["ref"],
        "client_msg_id": request["client_msg_id"],
        "conversation": "#lobby",
        "seq": seq,
        "at": AT,
    }


async def agree(fake, socket, request):
    """Answers everything as a good server does."""
    if request.get("text", "/")[0] != "/":
        await fake.say(socket, **sent(request, len(fake.of("line"))))
    elif request["type"] == "ping":
        await fake.say(socket, type="pong", ref=request["ref"])
    elif "ref" in request:
        await fake.say(socket, type="ok", ref=request["ref"])


def scenario(coroutine):
    def run():
        asyncio.run(coroutine())

    run.__name__ = coroutine.__name__
    run.__doc__ = coroutine.__doc__
    return run


@scenario
async def test_each_line_of_a_pipe_is_answered():
    async with Fake(agree) as fake:
        rc, events, err = await fake.run(
            ["Hello", '{"type":"typing","to":"@bob","ref":"mine"}', "", "two"]
        )
    assert (rc, err) == (0, "")
    kinds = [event["type"] for event in events]
    assert kinds == ["welcome", "sent", "ok", "sent"]
    assert [event.get("ref") for event in events[1:]] == [None, "mine", None]
    assert [r["text"] for r in fake.of("line")] == ["Hello", "two"]


@scenario
async def test_a_refusal_shows_in_the_exit_status():
    async def refuse(fake, socket, request):
        if request["type"] != "line":
            return await agree(fake, socket, request)
        await fake.say(
            socket, type="error", ref=request["ref"], code="not_found"
        )

    async with Fake(refuse) as fake:
        rc, events, _ = await fake.run(["@nobody hi"])
    assert rc == 1
    assert events[-1] == {"type": "error", "code": "not_found"}


@scenario
async def test_wrong_json_is_told_and_the_rest_goes_on():
    async with Fake(agree) as fake:
        rc, events, _ = await fake.run(['{"type":', "on"])
    assert rc == 1
    assert events[0]["code"] == "bad_request"
    assert events[-1]["type"] == "sent"


@scenario
async def test_a_lost_line_is_sent_again_with_its_id_in_order():
    async def die_twice(fake, socket, request):
        if request["type"] == "line" and len(fake.of("line")) <= 2:
            socket.transport.abort()
        else:
            await agree(fake, socket, request)

    async with Fake(die_twice) as fake:
        rc, _, err = await fake.run(["one", "two", "three"])
    lines = fake.of("line")
    assert rc == 0
    assert [r["text"] for r in lines] == ["one"] * 3 + ["two", "three"]
    assert len({r["client_msg_id"] for r in lines}) == 3
    assert "next try" in err


@scenario
async def test_what_came_too_fast_is_sent_again_before_the_next():
    async def slow_down(fake, socket, request):
        if request["type"] == "line" and len(fake.of("line")) == 1:
            await fake.say(
                socket,
                type="error",
                ref=request["ref"],
                code="rate_limited",
                retry_after_ms=20,
            )
        else:
            await agree(fake, socket, request)

    async with Fake(slow_down) as fake:
        rc, events, _ = await fake.run(["one", "two"])
    assert rc == 0
    assert [r["text"] for r in fake.of("line")] == ["one", "one", "two"]
    assert [e["type"] for e in events] == ["welcome", "sent", "sent"]


@scenario
async def test_a_repeated_event_is_shown_once_and_acknowledged():
    message = {
        "type": "message",
        "conversation": "#tea",
        "from": "bob",
        "text": "x",
        "at": AT,
    }

    async def greet(fake, socket):
        for seq in (1, 2) if len(fake.paths) == 1 else (2, 3):
            await fake.say(socket, **message, seq=seq, id=seq)

    async def die_once(fake, socket, request):
        if request["type"] == "line" and len(fake.of("line")) == 1:
            socket.transport.abort()
        else:
            await agree(fake, socket, request)

    async with Fake(die_once, greet) as fake:
        rc, events, _ = await fake.run(["one"])
    assert rc == 0
    assert [e["seq"] for e in events if e["type"] == "message"] == [1, 2, 3]
    received = [(r["conversation"], r["seq"]) for r in fake.of("received")]
    assert received[-1] == ("#tea", 3)
    assert "ack=client" in fake.paths[0]


@scenario
async def test_who_is_not_let_in_is_told_why():
    problem = json.dumps({"status": 401, "detail": "the token has expired"})
    kind = [("Content-Type", "application/problem+json")]
    status = (http.HTTPStatus.UNAUTHORIZED, kind, problem.encode())
    async with Fake(agree, status=status) as fake:
        rc, events, err = await fake.run(["one"])
    assert (rc, events, len(fake.paths)) == (1, [], 1)
    assert "the token has expired" in err


@scenario
async def test_who_is_sent_away_does_not_come_back():
    async def replace(fake, socket, _request):
        await socket.close(4500, "replaced")

    async with Fake(replace) as fake:
        rc, _, err = await fake.run(["one"])
    assert (rc, len(fake.paths)) == (1, 1)
    assert "replaced (4500)" in err


@scenario
async def test_a_token_goes_in_the_header_and_nowhere_else():
    async with Fake(agree) as fake:
        env = {"SYNCTALK_TOKEN": "aa.bb.cc"}
        rc, _, _ = await fake.run(["one"], "--device", "d", env=env)
    assert rc == 0
    assert fake.headers[0]["Authorization"] == "Bearer aa.bb.cc"
    assert fake.paths[0] == "/chat?ack=client&device=d"


@scenario
async def test_a_token_of_somebody_else_is_noticed():
    async with Fake(agree) as fake:
        rc, _, err = await fake.run(["one"], "--token", "aa.bb.cc", "bob")
    assert rc == 1
    assert "the token is alice's, not bob's" in err


def device(path):
    return path.rsplit("device=", 1)[1]


@scenario
async def test_two_at_once_are_two_devices_and_a_new_one_is_the_old():
    async with Fake(agree) as fake:
        first = await fake.start("--json", "alice")
        await fake_connections(fake, 1)
        second = await fake.start("--json", "alice")
        await fake_connections(fake, 2)
        await first.communicate(b"")
        third = await fake.start("--json", "alice")
        await fake_connections(fake, 3)
        await second.communicate(b"")
        await third.communicate(b"")
    one, two, three = map(device, fake.paths)
    assert one.endswith("-1") and two.endswith("-2") and three == one


async def fake_connections(fake, n):
    await fake.wait_for(lambda: len(fake.paths) >= n)


class Terminal:
    """A client on a pseudo-terminal."""

    async def start(self, fake, **env):
        self.fd, slave = pty.openpty()
        how = dict.fromkeys(("stdin", "stdout", "stderr"), slave)
        env = {"TERM": "xterm", "TZ": "UTC", "LC_ALL": "C.UTF-8"} | env
        self.client = await fake.start("alice", env=env, **how)
        os.close(slave)
        self.seen = ""
        asyncio.get_running_loop().add_reader(self.fd, self.read)
        self.news = asyncio.Event()
        return self

    def read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self.fd)
        self.seen += data.decode(errors="replace")
        self.news.set()

    def type(self, text):
        os.write(self.fd, text.encode())

    async def shows(self, text):
        try:
            async with asyncio.timeout(20):
                while text not in self.seen:
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"no {text!r} in {self.seen!r}") from None

    async def ends(self):
        async with asyncio.timeout(20):
            status = await self.client.wait()
        asyncio.get_running_loop().remove_reader(self.fd)
        os.close(self.fd)
        return status


@scenario
async def test_a_line_that_comes_in_leaves_the_one_being_typed():
    sockets = []

    async def greet(_fake, socket):
        sockets.append(socket)

    async with Fake(agree, greet) as fake:
        terminal = await Terminal().start(fake)
        await terminal.shows("signed in")
        await terminal.shows("#lobby> ")
        terminal.type("half ")
        await terminal.shows("half ")
        hello = {"type": "message", "conversation": "@alice:bob", "at": AT}
        hello |= {"seq": 1, "id": 1, "from": "bob", "text": "hi"}
        await fake.say(sockets[0], **hello)
        await terminal.shows("@bob: hi")
        await terminal.shows("(@bob 1)> half ")
        terminal.type("line ✓\r")
        await fake.wait_for(lambda: fake.of("line"))
        terminal.type("/to @bob\r@bob is here\r")
        await fake.wait_for(lambda: len(fake.of("line")) == 2)
        terminal.type("\x04")
        assert await terminal.ends() == 0
    lines = [(r["text"], r["conversation"]) for r in fake.of("line")]
    assert lines == [("half line ✓", "#lobby"), ("@bob is here", "@bob")]


@scenario
async def test_lines_typed_while_offline_are_sent_later():
    async def die_once(fake, socket, request):
        if request["type"] == "line" and len(fake.of("line")) == 1:
            fake.status = (http.HTTPStatus.SERVICE_UNAVAILABLE, [], b"")
            socket.transport.abort()
        else:
            await agree(fake, socket, request)

    async with Fake(die_once) as fake:
        terminal = await Terminal().start(fake)
        await terminal.shows("signed in")
        terminal.type("one\r")
        await terminal.shows("offline")
        terminal.type("two\r")
        await terminal.shows("2 unsent")
        fake.status = None
        await fake.wait_for(lambda: len(fake.of("line")) == 3)
        await terminal.shows("connected again")
        terminal.type("\x04")
        assert await terminal.ends() == 0
    assert [r["text"] for r in fake.of("line")] == ["one", "one", "two"]


@scenario
async def test_nothing_of_others_controls_the_terminal():
    async def greet(fake, socket):
        await fake.say(socket, type="notice", text="a\x1b[2J\x9bb\rc")

    async with Fake(agree, greet) as fake:
        terminal = await Terminal().start(fake)
        await terminal.shows("* a[2Jbc")
        terminal.type("\x04")
        assert await terminal.ends() == 0


@scenario
async def test_tab_completes_what_the_server_knows():
    async def answer(fake, socket, request):
        if request["type"] != "commands":
            return await agree(fake, socket, request)
        items = [{"name": "join", "usage": "/join group"}]
        await fake.say(
            socket, type="commands", ref=request["ref"], items=items
        )

    async with Fake(answer) as fake:
        terminal = await Terminal().start(fake)
        await fake.wait_for(lambda: fake.of("conversations"))
        terminal.type("/jo\ttea\r")
        await fake.wait_for(lambda: fake.of("line"))
        await terminal.shows("#tea")
        terminal.type("\x04")
        assert await terminal.ends() == 0
    assert fake.of("line")[0]["text"] == "/join tea"


def said(conversation, seq, sender, text, **more):
    """A message, whose id is ten times its seq."""
    event = {"type": "message", "conversation": conversation, "at": AT}
    event |= {"seq": seq, "id": 10 * seq, "from": sender, "text": text}
    return event | more


class World:
    """A server that lists ROOMS and has HISTORY, and can be told to speak."""

    def __init__(self, rooms=(), history=(), upto=1000):
        self.rooms, self.history, self.upto = list(rooms), history, upto
        self.socket, self.next = None, None

    async def greet(self, _fake, socket):
        self.socket = socket

    async def say(self, **event):
        await self.socket.send(json.dumps(event))

    async def answer(self, fake, socket, request):
        kind, ref = request["type"], request.get("ref")
        if kind == "conversations":
            await self.say(
                type=kind, ref=ref, items=self.rooms, upto=self.upto
            )
        elif kind == "history":
            page = {"conversation": request["conversation"]}
            page |= {"items": self.history, "ref": ref}
            if self.next:
                page["next"] = self.next
            await self.say(type=kind, **page)
        elif kind == "line" and request["text"][0] != "/":
            event = sent(request, 7) | {"id": 2000}
            event["conversation"] = request.get("conversation", "#lobby").replace(
                "@bob", "@alice:bob"
            )
            await self.say(**event)
        else:
            await agree(fake, socket, request)


def direct(unread, **marks):
    room = {"conversation": "@alice:bob", "kind": "direct", "role": "member"}
    room |= {"unread": unread, "mentions": 0, "read_seq": 4}
    return room | marks


@scenario
async def test_ticks_follow_what_the_other_person_does():
    world = World()
    async with Fake(world.answer, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("signed in")
        terminal.type("/to @bob\rHello\r")
        await terminal.shows("03:00 @bob you: Hello ✓\r\n")
        mark = {"conversation": "@alice:bob", "seq": 7, "user": "bob"}
        await world.say(type="delivered", at=AT, **mark)
        await terminal.shows("03:00 @bob you: Hello ✓✓\r\n")
        await world.say(type="read", at=AT, **mark)
        await terminal.shows("03:00 @bob you: Hello ✓✓ read\r\n")
        terminal.type("\x04")
        assert await terminal.ends() == 0


@scenario
async def test_ticks_are_words_where_there_is_only_ascii():
    world = World()
    async with Fake(world.answer, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1", LC_ALL="C")
        await terminal.shows("signed in")
        terminal.type("/to @bob\rHello\r")
        await terminal.shows("@bob you: Hello (sent)\r\n")
        terminal.type("\x04")
        assert await terminal.ends() == 0


@scenario
async def test_a_group_tells_how_many_have_read():
    world = World()
    async with Fake(world.answer, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("signed in")
        terminal.type("/to #tea\rHello\r")
        await terminal.shows("#tea you: Hello ✓\r\n")
        counts = {"conversation": "#tea", "seq": 7, "of_n": 7, "at": AT}
        await world.say(type="read", delivered_n=5, read_n=3, **counts)
        await terminal.shows("#tea you: Hello ✓ read 3/7\r\n")
        await world.say(type="read", delivered_n=7, read_n=7, **counts)
        await terminal.shows("#tea you: Hello ✓✓ read\r\n")
        terminal.type("\x04")
        assert await terminal.ends() == 0


@scenario
async def test_what_is_refused_is_marked():
    async def refuse(fake, socket, request):
        if request["type"] != "line":
            return await agree(fake, socket, request)
        await fake.say(
            socket, type="error", ref=request["ref"], message="no", code="x"
        )

    async with Fake(refuse) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("signed in")
        terminal.type("Hello\r")
        await terminal.shows("#lobby> Hello ✗\r\n")
        terminal.type("\x04")
        assert await terminal.ends() == 0


@scenario
async def test_after_a_reconnect_the_ticks_are_right():
    world = World()

    async def die_once(fake, socket, request):
        if request["type"] == "line" and request["text"] == "/die":
            world.rooms = [direct(0, other={"user": "bob", "read_seq": 7})]
            if len(fake.paths) == 1:
                return socket.transport.abort()
        await world.answer(fake, socket, request)

    async with Fake(die_once, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("signed in")
        terminal.type("/to @bob\rHello\r")
        await terminal.shows("@bob you: Hello ✓\r\n")
        terminal.type("/die\r")
        await terminal.shows("@bob you: Hello ✓✓ read\r\n")
        terminal.type("\x04")
        assert await terminal.ends() == 0


@scenario
async def test_opening_a_conversation_shows_what_is_unread_and_reads_it():
    page = [said("@alice:bob", n, "bob", f"text {n}") for n in (5, 6)]
    world = World([direct(2)], page)
    async with Fake(world.answer, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("#lobby (@bob 2)> ")
        terminal.type("\x0e")  # Ctrl-N
        await terminal.shows("── @bob: 2 unread ──")
        await terminal.shows("03:00 @bob: text 6")
        await terminal.shows("@bob> ")
        await fake.wait_for(lambda: fake.of("read"))
        terminal.type("\x04")
        assert await terminal.ends() == 0
    assert fake.of("history")[0]["after"] == 4
    read = fake.of("read")[0]
    assert (read["conversation"], read["seq"]) == ("@bob", 6)


@scenario
async def test_more_than_a_screen_is_read_page_by_page():
    world = World([direct("1000+")], [said("@alice:bob", 5, "bob", "five")])
    world.next = 5
    async with Fake(world.answer, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("#lobby (@bob 1000+)> ")
        terminal.type("/to @bob\r")
        await terminal.shows("── @bob: 1000+ unread ──")
        await terminal.shows("Enter shows it")
        await fake.wait_for(lambda: fake.of("read"))
        assert fake.of("read")[0]["seq"] == 5
        world.next = None
        world.history = [said("@alice:bob", 6, "bob", "six")]
        terminal.type("\r")
        await terminal.shows("@bob: six")
        await fake.wait_for(lambda: len(fake.of("read")) == 2)
        terminal.type("\x04")
        assert await terminal.ends() == 0
    assert [r.get("after") for r in fake.of("history")] == [4, 5]
    assert fake.of("read")[1]["seq"] == 6


@scenario
async def test_what_is_on_the_screen_gets_its_unread_line_there():
    world = World([direct(0)])
    async with Fake(world.answer, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("signed in")
        await fake.wait_for(lambda: fake.of("conversations"))
        for seq in (5, 6):
            await world.say(
                **said("@alice:bob", seq, "bob", f"@alice {seq}", id=seq + 999)
            )
        await terminal.shows("#lobby (@bob 2!)> ")
        terminal.type("/to @bob\r")
        await terminal.shows("── @bob: 2 unread, 2 for you ──")
        await fake.wait_for(lambda: fake.of("read"))
        terminal.type("\x04")
        assert await terminal.ends() == 0
    assert fake.of("history") == []


@scenario
async def test_the_list_and_the_stream_are_not_counted_twice():
    world = World([direct(1)], upto=50)

    async def greet(fake, socket):
        world.socket = socket
        for seq in (5, 6):  # the list knows the first of them
            await world.say(**said("@alice:bob", seq, "bob", "x"))

    async with Fake(world.answer, greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await fake.wait_for(lambda: fake.of("conversations"))
        await world.say(type="notice", text="the list is there")
        await terminal.shows("the list is there")
        terminal.type("here")
        await terminal.shows("#lobby (@bob 2)> here")
        terminal.type("\x15\x04")
        assert await terminal.ends() == 0


@scenario
async def test_another_device_has_read_it():
    world = World([direct(2)])
    async with Fake(world.answer, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("#lobby (@bob 2)> ")
        mark = {"conversation": "@alice:bob", "seq": 9, "user": "alice"}
        await world.say(type="read", at=AT, **mark)
        terminal.type("none")
        await terminal.shows("#lobby> none")
        unread = {"conversation": "@alice:bob", "on": True}
        await world.say(type="unread", **unread)
        await terminal.shows("#lobby (@bob *)> none")
        terminal.type("\x15/to @bob\r")
        await fake.wait_for(lambda: fake.of("unread"))
        terminal.type("\x04")
        assert await terminal.ends() == 0
    assert fake.of("unread")[0]["on"] is False
    assert fake.of("read") == []


@scenario
async def test_messages_change_where_they_stand():
    world = World()
    async with Fake(world.answer, world.greet) as fake:
        terminal = await Terminal().start(fake, NO_COLOR="1")
        await terminal.shows("signed in")
        await world.say(**said("#tea", 1, "bob", "Helo"))
        await terminal.shows("03:00 #tea bob: Helo\r\n")
        event = {"conversation": "#tea", "target": 1, "at": AT}
        event |= {"user": "bob", "id": 20, "seq": 2}
        await world.say(type="edited", text="Hello", **event)
        await terminal.shows("03:00 #tea bob: Hello (edited)\r\n")
        event |= {"id": 30, "seq": 3}
        await world.say(type="reacted", emoji="👍", on=True, **event)
        await terminal.shows("bob: Hello (edited) [👍]\r\n")
        terminal.type("/ids\r")
        await terminal.shows("03:00 [1] #tea bob: Hello (edited) [👍]\r\n")
        event |= {"id": 40, "seq": 4}
        await world.say(type="deleted", **event)
        await terminal.shows("03:00 [1] #tea bob: (deleted)\r\n")
        event |= {"id": 50, "seq": 5, "target": 99}
        await world.say(type="reacted", emoji="👍", on=True, **event)
        await terminal.shows("#tea: bob reacted 👍 on 99\r\n")
        terminal.type("\x04")
        assert await terminal.ends() == 0


@scenario
async def test_marks_are_no_events_of_their_own():
    """A pipe prints what names a seq, and acknowledges events alone."""
    world = World()

    async def greet(fake, socket):
        world.socket = socket
        await world.say(**said("@alice:bob", 5, "bob", "x"))
        mark = {"conversation": "@alice:bob", "user": "bob", "at": AT}
        await world.say(type="read", seq=3, **mark)
        await world.say(type="delivered", seq=9, **mark)

    async with Fake(world.answer, greet) as fake:
        rc, events, _ = await fake.run(["one"])
    assert rc == 0
    kinds = [event["type"] for event in events]
    assert kinds == ["welcome", "message", "read", "delivered", "sent"]
    seqs = [r["seq"] for r in fake.of("received") if r["conversation"] == "@bob"]
    assert seqs == [5]
    assert fake.of("read") == []
