# SPDX-License-Identifier: MIT
"""Peers that send or read too slowly: each has a deadline, and harms nobody.

The deadlines are configured short.  A test waits for what they bring about and
measures no time; each shows beside it that others go on being served.
"""

import contextlib
import json
import select
import socket

import pytest

from support import rawhttp
from support.hosted import Hosted

HEALTH = (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
          b"Connection: close\r\n\r\n")
POST = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def server():
    with Hosted(arguments=["--limits", "off"],
                config=['limits = { header_timeout = "300ms",'
                        ' body_rate = "1KiB", auth_timeout = "300ms",'
                        ' queue_stall = "1s" }']) as hosted:
        yield hosted


def serves(server):
    """Others are not held up."""
    assert [answer.status for answer
            in rawhttp.ask(server.address, HEALTH)] == [200]


def drip(peer, data):
    """Byte after byte until the server has had enough; what it says."""
    come = bytearray()
    for at in range(len(data)):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            peer.send(data[at:at + 1])
        # Half as fast as it would have to be, and it may end at any time.
        if select.select([peer], [], [], 0.002)[0]:
            piece = peer.recv(65536)
            come += piece
            if not piece:
                return bytes(come)
    raise AssertionError("it took the whole of it")


def timed_out(peer, data):
    answer, rest = rawhttp.take_answer(drip(peer, data))
    assert answer.status == 408
    assert rest == b""
    assert json.loads(answer.body)["code"] == "bad_request"
    assert answer.fields["connection"] == "close"


def test_header_dripped(server):
    with rawhttp.connect(server.address) as peer:
        timed_out(peer, b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 16000)
    serves(server)


def test_nothing_said(server):
    with rawhttp.connect(server.address) as peer:
        answer, _ = rawhttp.take_answer(rawhttp.read_to_end(peer))
        assert answer.status == 408
    serves(server)


def test_rest_after_an_answer_is_no_slow_request(server):
    """Between requests a connection rests, after REST as after any other."""
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, b"GET /api/me HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert rawhttp.take_answer(peer.recv(65536))[0].status == 401
        # Two that say nothing, one after the other, have their time first.
        for _ in range(2):
            with rawhttp.connect(server.address) as silent:
                assert rawhttp.read_to_end(silent)
        rawhttp.send(peer, HEALTH)
        answer, _ = rawhttp.take_answer(rawhttp.read_to_end(peer))
        assert answer.status == 200


def test_empty_line_only(server):
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, b"\r\n")
        answer, _ = rawhttp.take_answer(rawhttp.read_to_end(peer))
        assert answer.status == 408


def test_body_not_sent(server):
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, POST + b"Content-Length: 10\r\n\r\n")
        answer, _ = rawhttp.take_answer(rawhttp.read_to_end(peer))
        assert answer.status == 408


def test_body_dripped(server):
    """500 bytes a second are half of what a body must bring."""
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, POST + b"Content-Length: 60000\r\n\r\n")
        timed_out(peer, b"b" * 60000)
    serves(server)


def test_chunks_dripped(server):
    """What frames a chunk is no progress, however fast it comes."""
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, CHUNKED)
        timed_out(peer, (b"1;" + b"x" * 200 + b"\r\nb\r\n") * 300)
    serves(server)


def test_trailers_dripped(server):
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, CHUNKED + b"0\r\n")
        timed_out(peer, b"X: " + b"x" * 16000)


def test_body_awaited_after_100(server):
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, POST + b"Content-Length: 10\r\n"
                     b"Expect: 100-continue\r\n\r\n")
        said = rawhttp.read_to_end(peer)
        go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert said.startswith(go_on)
        answer, _ = rawhttp.take_answer(said[len(go_on):])
        assert answer.status == 408


def test_second_request_dripped(server):
    """A request that was served buys no time for the next."""
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, HEALTH.replace(b"Connection: close\r\n", b""))
        answer, _ = rawhttp.take_answer(peer.recv(65536))
        assert answer.status == 200
        timed_out(peer, b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 16000)


def test_body_that_is_fast_enough(server):
    """It comes in far more time than one deadline, and is taken whole."""
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, POST + b"Content-Length: 60000\r\n"
                     b"Connection: close\r\n\r\n")
        for _ in range(599):
            peer.sendall(b"b" * 100)
            # Nothing comes back while the body is under way.
            assert not select.select([peer], [], [], 0.001)[0]
        peer.sendall(b"b" * 100)
        answer, _ = rawhttp.take_answer(rawhttp.read_to_end(peer))
        assert answer.status == 405


def test_many_halves(server):
    """A hundred who say half a request each all get their 408."""
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(rawhttp.connect(server.address))
                 for _ in range(100)]
        for peer in peers:
            rawhttp.send(peer, b"GET / HTTP/1.1\r\nHost: loc")
        serves(server)
        for peer in peers:
            answer, _ = rawhttp.take_answer(rawhttp.read_to_end(peer))
            assert answer.status == 408
    serves(server)


def never_reads(server):
    """A peer with a small window that asks and asks and does not read."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.settimeout(rawhttp.SECONDS)
    peer.connect(server.address)
    return peer


def test_answers_not_read(server):
    """They are bounded: what is asked waits, and the connection ends."""
    request = HEALTH.replace(b"Connection: close\r\n", b"") * 100
    since = len(server.log)
    with never_reads(server) as peer:
        peer.setblocking(False)
        sent, ended = 0, False
        while not ended:
            _, writable, _ = select.select([], [peer], [], 0.05)
            try:
                sent += peer.send(request) if writable else 0
                ended = bool(peer.getsockopt(socket.SOL_SOCKET,
                                             socket.SO_ERROR))
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                ended = True
            assert sent < 200 << 20, "it is answered without end"
            if not ended:
                serves(server)
    status, text = server.ctl("--json", "status")
    assert status == 0
    assert json.loads(text)["closed"]["slow"] >= 1
    assert json.loads(text)["queued_bytes"] < 1 << 20
    assert since <= len(server.log)


def test_answers_read_late(server):
    """Who asks a lot at once and then reads gets every answer."""
    one = HEALTH.replace(b"Connection: close\r\n", b"")
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, one * 3000 + HEALTH)
        got = rawhttp.answers(rawhttp.read_to_end(peer))
    assert [answer.status for answer in got] == [200] * 3001


def test_socket_that_says_nobody(server):
    """A WebSocket without a first message ends."""
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, b"GET /chat HTTP/1.1\r\nHost: localhost\r\n"
                     b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
                     b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                     b"dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        said = rawhttp.read_to_end(peer)
    assert said.startswith(b"HTTP/1.1 101 ")
    assert b"unauthorized" in said
    assert (4504).to_bytes(2, "big") in said
