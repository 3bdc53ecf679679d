# SPDX-License-Identifier: MIT
"""Bans of addresses and of people, and the lockdown: at once, on every
worker, and after a restart."""

import contextlib
import json
import socket

from support import rawhttp
from support.hosted import Hosted

UPGRADE = (b"Host: localhost\r\nConnection: Upgrade\r\n"
           b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
LAST = GET + b"Connection: close\r\n\r\n"
MASK = b"\x01\x02\x03\x04"


def come(server, source="127.0.0.1"):
    """A connection from another address of this machine."""
    peer = socket.create_connection(server.address, rawhttp.SECONDS,
                                    source_address=(source, 0))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def ask(server, source="127.0.0.1", text=LAST):
    with come(server, source) as peer:
        rawhttp.send(peer, text)
        return rawhttp.answers(rawhttp.read_to_end(peer))[0]


def sign_in(server, name, source="127.0.0.1"):
    """(connection, what it was told until `welcome` or the end)."""
    peer = come(server, source)
    rawhttp.send(peer, b"GET /chat?user=%s HTTP/1.1\r\n" % name + UPGRADE)
    data = b""
    while b'"welcome"' not in data and (piece := peer.recv(65536)):
        data += piece
    return peer, data


def say(peer, **message):
    """A message, and the answer to it."""
    text = json.dumps({"ref": 77, **message}).encode()
    head = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else \
        bytes([0x81, 0xfe]) + len(text).to_bytes(2, "big")
    rawhttp.send(peer, head + MASK + bytes(
        byte ^ MASK[at % 4] for at, byte in enumerate(text)))
    data = b""
    while b'"ref":77' not in data:
        piece = peer.recv(65536)
        assert piece, data
        data += piece
    start = data.rfind(b'{"type":', 0, data.find(b'"ref":77'))
    return json.JSONDecoder().raw_decode(
        data[start:].decode("utf-8", "replace"))[0]


def well(result):
    status, text = result
    assert status == 0, text
    return text


def banned(answer, reason=""):
    problem = json.loads(answer.body)
    assert answer.status == problem["status"] == 403
    assert problem["code"] == "banned"
    assert problem["detail"] == "this address is banned" + (
        f": {reason}" if reason else "")
    assert answer.fields["connection"] == "close"


def test_an_address():
    """Who is connected from there is closed, on every worker, with the
    reason; who comes is refused; others are not concerned."""
    with Hosted(workers=3) as server, contextlib.ExitStack() as stack:
        inside = [stack.enter_context(
            sign_in(server, b"in%d" % n, "127.0.0.9")[0]) for n in range(6)]
        half = stack.enter_context(come(server, "127.0.0.9"))
        rawhttp.send(half, GET)
        outside = stack.enter_context(sign_in(server, b"out")[0])
        text = well(server.ctl("ban", "127.0.0.9", "--reason", "spam"))
        assert text == "127.0.0.9 is banned for good\n"
        for peer in inside:
            said = rawhttp.read_to_end(peer)
            assert (4507).to_bytes(2, "big") in said
            assert said.endswith(b"this address is banned: spam")
        banned(rawhttp.answers(rawhttp.read_to_end(half))[0], "spam")
        banned(ask(server, "127.0.0.9"), "spam")
        _, said = sign_in(server, b"in1", "127.0.0.9")
        banned(rawhttp.answers(said)[0], "spam")
        assert ask(server, "127.0.0.8").status == 200
        assert say(outside, type="ping")["type"] == "pong"
        well(server.ctl("unban", "127.0.0.9"))
        assert ask(server, "127.0.0.9").status == 200


def test_a_refusal_of_head_is_a_head():
    with Hosted() as server:
        well(server.ctl("ban", "127.0.0.9"))
        with come(server, "127.0.0.9") as peer:
            rawhttp.send(peer, b"HEAD" + LAST[3:])
            said = rawhttp.read_to_end(peer)
        assert said.startswith(b"HTTP/1.1 403 ")
        assert said.find(b"\r\n\r\n") == len(said) - 4


def test_a_range():
    with Hosted() as server:
        well(server.ctl("ban", "127.0.1.0/24"))
        banned(ask(server, "127.0.1.0"))
        banned(ask(server, "127.0.1.255"))
        assert ask(server, "127.0.2.0").status == 200
        # A narrower one within goes, the wider one stays.
        well(server.ctl("ban", "127.0.1.7", "--reason", "twice"))
        well(server.ctl("unban", "127.0.1.7"))
        banned(ask(server, "127.0.1.7"))


def test_behind_a_proxy():
    """Each request counts for whom it is, on one connection of the proxy."""
    def of(address):
        return GET + b"X-Forwarded-For: " + address + b"\r\n\r\n"

    with Hosted(config=['trusted_proxies = { "127.0.0.1" }']) as server:
        well(server.ctl("ban", "192.0.2.0/24"))
        with come(server) as peer:
            rawhttp.send(peer, of(b"198.51.100.1") * 2)
            rawhttp.send(peer, of(b"192.0.2.7"))
            good, also, bad = rawhttp.answers(rawhttp.read_to_end(peer))
        assert good.status == also.status == 200
        banned(bad)
        # Who is no trusted proxy is believed nothing.
        assert ask(server, "127.0.0.5", LAST.replace(
            b"\r\n\r\n", b"\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n")
        ).status == 200


def test_it_is_kept():
    """Over a restart, before the first is let in."""
    with Hosted() as server:
        well(server.ctl("ban", "127.0.0.9", "--for", "2h"))
        well(server.ctl("lockdown", "on"))
        server.call(server.server.stop())
        server.call(server.server.start())
        banned(ask(server, "127.0.0.9"))
        status = json.loads(well(server.ctl("--json", "status")))
        assert status["lockdown"] is True and status["banned_ranges"] == 1


def test_it_ends():
    with Hosted(arguments=["--limits", "off"]) as server:
        well(server.ctl("ban", "127.0.0.9", "--for", "1s"))
        answer = ask(server, "127.0.0.9")
        while answer.status != 200:
            banned(answer)
            answer = ask(server, "127.0.0.9")
        assert well(server.ctl("bans")) == "nobody is banned\n"


def test_the_list():
    with Hosted() as server:
        assert well(server.ctl("bans")) == "nobody is banned\n"
        sign_in(server, b"eve")[0].close()
        well(server.ctl("ban", "2001:db8::1", "--reason", "flood"))
        well(server.ctl("ban", "192.0.2.0/24", "--for", "30d"))
        well(server.ctl("ban", "@eve"))
        listed = json.loads(well(server.ctl("--json", "bans")))
        # Of IPv6 it is the /64: that is what one person has.
        assert [ban["range"] for ban in listed["ranges"]] == \
            ["192.0.2.0/24", "2001:db8::/64"]
        assert listed["ranges"][0]["until"].endswith("Z")
        assert listed["ranges"][1]["until"] is None
        assert listed["ranges"][1]["reason"] == "flood"
        assert listed["people"] == [{"name": "eve", "until": None}]
        text = well(server.ctl("bans"))
        assert "@eve" in text and "192.0.2.0/24" in text


def test_a_person():
    """All their devices are closed; their name does not come in, until."""
    with Hosted(workers=3) as server:
        one, _ = sign_in(server, b"eve")
        two, _ = sign_in(server, b"eve")
        with one, two:
            well(server.ctl("ban", "eve", "--reason", "insults"))
            for peer in (one, two):
                assert (4507).to_bytes(2, "big") in rawhttp.read_to_end(peer)
        peer, said = sign_in(server, b"eve")
        with peer:
            assert b"banned" in said + rawhttp.read_to_end(peer)
        well(server.ctl("unban", "eve"))
        peer, said = sign_in(server, b"eve")
        with peer:
            assert b'"welcome"' in said


def test_what_is_refused():
    with Hosted() as server:
        for words, why in (
                (["ban", "nobody"], "nobody is called nobody"),
                (["ban", "192.0.2.1/24"], "within 192.0.2.0/24"),
                (["ban", "192.0.2.0/33"], "range such as"),
                (["ban", "x:y"], "range such as"),
                (["ban", "!"], "neither a name nor an address"),
                (["ban", "192.0.2.1", "--reason", "x" * 256], "255 bytes"),
                (["unban", "192.0.2.1"], "is not banned"),
                (["unban", "192.0.2.0/24"], "is not banned"),
                (["lockdown", "perhaps"], "on, off or status")):
            status, text = server.ctl(*words)
            assert status == 1 and why in text, text
        for words in (["ban"], ["ban", "eve", "--for", "never"],
                      ["lockdown"]):
            status, text = server.ctl(*words)
            assert status == 2, text


def test_lockdown():
    """No newcomers, and slow mode everywhere, on every worker."""
    with Hosted(workers=3, config=["limits = { lockdown_slow = '1h' }"]
                ) as server, contextlib.ExitStack() as stack:
        people = [stack.enter_context(sign_in(server, b"old%d" % n)[0])
                  for n in range(4)]
        assert well(server.ctl("lockdown", "status")) == "not locked down\n"
        assert "locked down" in well(server.ctl("lockdown", "on"))
        assert server.logged("warn lockdown.on")
        assert "LOCKED DOWN" in well(server.ctl("status"))
        _, said = sign_in(server, b"new")
        refused = rawhttp.answers(said)[0]
        assert refused.status == 403
        assert json.loads(refused.body)["code"] == "forbidden"
        register = json.dumps({"name": "newer", "password": "x" * 12})
        refused = ask(server, text=b"POST /api/register HTTP/1.1\r\n"
                      b"Host: localhost\r\nConnection: close\r\n"
                      b"Content-Type: application/json\r\n"
                      b"Content-Length: %d\r\n\r\n%s"
                      % (len(register), register.encode()))
        assert refused.status == 403
        for peer in people:
            # The feed of the last worker may be a moment behind.
            while say(peer, type="send", to="#lobby",
                      text="x")["type"] == "sent":
                pass
            slow = say(peer, type="send", to="#lobby", text="x")
            assert slow["type"] == "error" and slow["code"] == "slow_mode"
            assert 3_500_000 < slow["retry_after_ms"] <= 3_600_000
        # In another conversation it is the first; who was here may return.
        assert say(people[0], type="send", to="@old1",
                   text="y")["type"] == "sent"
        assert say(people[0], type="send", to="@old1",
                   text="y")["code"] == "slow_mode"
        peer, said = sign_in(server, b"old3")
        with peer:
            assert b'"welcome"' in said
            assert say(peer, type="send", to="#lobby",
                       text="z")["code"] == "slow_mode"
        assert well(server.ctl("lockdown", "off")) == "not locked down\n"
        peer, said = sign_in(server, b"new")
        with peer:
            assert b'"welcome"' in said
        while say(people[0], type="send", to="#lobby",
                  text="x")["type"] != "sent":
            pass
