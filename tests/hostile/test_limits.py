# SPDX-License-Identifier: MIT
"""Limits of an address, over all workers: what is refused says until when."""

import contextlib
import json

from support import rawhttp
from support.hosted import Hosted

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
KEPT = GET + b"\r\n"
LAST = GET + b"Connection: close\r\n\r\n"


def one(peer, request):
    """The next answer on a connection that stays."""
    rawhttp.send(peer, request)
    data = b""
    while True:
        piece = peer.recv(65536)
        data += piece
        with contextlib.suppress(ValueError):
            answer, rest = rawhttp.take_answer(data)
            assert rest == b""
            return answer
        assert piece, data


def put_off(answer):
    """It is a refusal that says when to come back; that many ms."""
    problem = json.loads(answer.body)
    assert answer.status == problem["status"] == 429
    assert problem["code"] == "rate_limited"
    seconds = -(-problem["retry_after_ms"] // 1000)
    assert answer.fields["retry-after"] == str(seconds)
    return problem["retry_after_ms"]


def test_requests_of_an_address():
    """On one connection or on many, they count together."""
    with Hosted(config=["limits = { address_request_rate = 0.001,"
                        " address_request_burst = 10,"
                        " address_connect_rate = 0 }"],
                workers=3) as server:
        with rawhttp.connect(server.address) as peer:
            assert one(peer, KEPT).status == 200
            for _ in range(9):
                assert rawhttp.ask(server.address, LAST)[0].status == 200
            for _ in range(5):
                refused = rawhttp.ask(server.address, LAST)[0]
                assert 900_000 < put_off(refused) <= 1_000_001
            # The connection stays, and monitors are not refused.
            put_off(one(peer, KEPT))
            put_off(one(peer, KEPT.replace(b"/ ", b"/nowhere ")))
            put_off(one(peer, KEPT.replace(b"/ ", b"/api/me ")))
            assert one(peer, KEPT.replace(b"/ ", b"/healthz ")).status == 200


def test_requests_come_back():
    """After the time that was named it goes on."""
    with Hosted(config=["limits = { address_request_rate = 50,"
                        " address_request_burst = 1 }"]) as server:
        with rawhttp.connect(server.address) as peer:
            statuses = set()
            while statuses != {200, 429}:
                statuses.add(one(peer, KEPT).status)
            while one(peer, KEPT).status != 200:
                pass


def test_abuse_closes():
    """Who goes on over the limit is told a last time."""
    with Hosted(config=["limits = { address_request_rate = 0.001,"
                        " address_request_burst = 1, abuse = '1s' }"]
                ) as server:
        with rawhttp.connect(server.address) as peer:
            answer = one(peer, KEPT)
            while answer.fields.get("connection") != "close":
                answer = one(peer, KEPT)
            put_off(answer)
            assert rawhttp.read_to_end(peer) == b""
        status, text = server.ctl("--json", "status")
        assert status == 0 and json.loads(text)["closed"]["abuse"] == 1


def test_connections_of_an_address():
    """Those that have not signed in are capped over all workers."""
    with Hosted(config=["limits = { address_unauthenticated = 5,"
                        " address_connect_rate = 0 }"],
                workers=3) as server, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(rawhttp.connect(server.address))
                 for _ in range(5)]
        for peer in peers:
            assert one(peer, KEPT).status == 200
        with rawhttp.connect(server.address) as more:
            answer = one(more, KEPT)
            put_off(answer)
            assert answer.fields["connection"] == "close"
            assert rawhttp.read_to_end(more) == b""
        for peer in peers:
            assert one(peer, KEPT).status == 200


def test_connects_of_an_address():
    with Hosted(config=["limits = { address_connect_rate = 0.001,"
                        " address_connect_burst = 4 }"]) as server:
        for _ in range(4):
            assert rawhttp.ask(server.address, LAST)[0].status == 200
        refused = rawhttp.ask(server.address, LAST)[0]
        assert put_off(refused) > 900_000


def test_who_is_known_has_limits_of_their_own():
    """A good token's requests are not the address's; a bad one's are, and
    those over its person's limit."""
    with Hosted(config=["limits = { address_request_rate = 0.001,"
                        " address_request_burst = 4,"
                        " user_message_rate = 0.001,"
                        " user_message_burst = 20 }"],
                auth="token") as server:
        status, token = server.ctl("token", "ann")
        assert status == 0
        ask = b"GET /api/conversations HTTP/1.1\r\nHost: localhost\r\n"
        good = ask + b"Authorization: Bearer " + token.strip().encode() \
            + b"\r\n\r\n"
        bad = good.replace(b"\r\n\r\n", b"x\r\n\r\n")
        with rawhttp.connect(server.address) as peer:
            for _ in range(20):
                assert one(peer, good).status == 200
            # Their own limit, over every connection.
            assert put_off(one(peer, good)) > 900_000
        with rawhttp.connect(server.address) as peer:
            for _ in range(3):
                assert one(peer, bad).status == 401
            assert put_off(one(peer, bad)) > 900_000
