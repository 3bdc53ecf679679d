# SPDX-License-Identifier: MIT
"""However a connection ends, its address has one less, and no other count."""

import base64
import contextlib
import json
import os
import socket
import struct

import pytest

from support import rawhttp, tls
from support.hosted import Hosted

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
LAST = GET + b"Connection: close\r\n\r\n"
CAP = 3


def upgrade(query="", *fields):
    key = base64.b64encode(os.urandom(16)).decode()
    return "\r\n".join([
        f"GET /chat{query} HTTP/1.1", "Host: localhost",
        "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}",
        *fields, "", ""]).encode()


def events(query):
    return f"GET /api/events?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n" \
        .encode()


def frame(opcode, data):
    return bytes([0x80 | opcode, 0x80 | len(data)]) + bytes(4) + data


LOGIN = b'{"name":"nobody","password":"some password"}'
PROXY = (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([192, 0, 2, 9]) +
         b"\x7f\0\0\1" + struct.pack("!HH", 5555, 80))
MANY = b"X-Forwarded-For: 192.0.2.%d\r\n"

# What is said, until what is heard; then the peer goes, politely or not.
ENDS = [
    ("nothing is said", "http", b"", None),
    ("half a request", "http", GET, None),
    ("a bad request", "http", b"NONSENSE\r\n\r\n", b"400"),
    ("an answer", "http", LAST, b"ok\n"),
    ("half a body", "http", b"POST /api/login HTTP/1.1\r\nHost: localhost"
     b"\r\nContent-Length: 44\r\n\r\n{", None),
    ("gone while asking", "http", b"POST /api/login HTTP/1.1\r\n"
     b"Host: localhost\r\nContent-Type: application/json\r\n"
     b"Content-Length: %d\r\n\r\n" % len(LOGIN) + LOGIN, None),
    ("gone while signing in", "http", upgrade("?user=late1"), None),
    ("a session", "http", upgrade("?user=here1"), b"welcome"),
    ("a session of another worker", "http", upgrade("?user=here2"),
     b"welcome"),
    ("a session that says goodbye", "http", upgrade("?user=here3") +
     frame(8, b""), b"\x88\x00"),
    ("a bad frame", "http", upgrade() + b"\xff\xff", b"\x88"),
    ("nobody yet", "http", upgrade(), b"101"),
    ("nobody who can be", "http", upgrade() + frame(1, b'{"type":"auth"}'),
     b"\x88"),
    ("no WebSocket", "http", upgrade().replace(b"13", b"12"), b"426"),
    ("no name", "http", upgrade("?user=-"), b"400"),
    ("events", "http", events("user=here4"), b"welcome"),
    ("a poll", "http", events("user=here5&poll=0"), b"epoch"),
    ("gone while polling", "http", events("user=here6&poll=60"), None),
    ("a poll, then others", "http", events("user=here7&poll=0") +
     b"".join(GET + MANY % n + b"\r\n" for n in (1, 2, 1)) + LAST,
     b"close"),
    ("half a handshake", "https", b"\x16\x03\x01\x00\xff\x01", None),
    ("no handshake", "https", b"garbage" * 20, b""),
    ("HTTP without TLS", "https", LAST, b"400"),
    ("half a PROXY header", "proxy+http", PROXY[:20], None),
    ("no PROXY header", "proxy+http", LAST, b""),
    ("a PROXY header alone", "proxy+http", PROXY, None),
    ("over a proxy", "proxy+http", PROXY + LAST, b"ok\n"),
    ("half a handshake over a proxy", "proxy+https", PROXY + b"\x16", None),
]


@pytest.fixture(scope="module")
def server(authority):
    listen = []
    for scheme in ("https", "proxy+http", "proxy+https"):
        listen += ["--listen", f"{scheme}://127.0.0.1:0"]
    config = [*tls.config(authority.issue("counts")),
              'trusted_proxies = { "127.0.0.1" }',
              f"limits = {{ address_connections = {CAP},"
              f" address_unauthenticated = {CAP},"
              " address_connect_burst = 100000,"
              " address_request_burst = 100000,"
              " address_account_burst = 1000 }"]
    with Hosted(config=config, arguments=listen, workers=3) as hosted:
        yield hosted


def hear(peer, wanted):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while wanted == b"" or wanted not in data:
            piece = peer.recv(65536)
            data += piece
            if not piece:
                break
    assert wanted in data, data


def until_all_are_gone(server):
    while json.loads(server.ctl("--json", "status")[1])["connections"]:
        pass


def has_all_its_places(server, fields):
    """As many as it may have, and not one more."""
    with contextlib.ExitStack() as stack:
        got = []
        for _ in range(CAP + 1):
            peer = stack.enter_context(rawhttp.connect(server.address))
            rawhttp.send(peer, GET + fields + b"\r\n")
            got.append(rawhttp.take_answer(peer.recv(65536))[0].status)
        assert got == [200] * CAP + [429]
    until_all_are_gone(server)


@pytest.mark.parametrize("scheme, said, heard", [row[1:] for row in ENDS],
                         ids=[row[0] for row in ENDS])
def test_an_end(server, scheme, said, heard):
    address = "127.0.0.1", tls.port_of(server.server, scheme)
    fields = MANY % 9
    # An answer comes to whom the proxy names, on its ordinary port.
    said = said.replace(b"Host: localhost\r\n",
                        b"Host: localhost\r\n" + fields)
    for turn in range(2 * CAP + 2):
        with rawhttp.connect(address) as peer:
            rawhttp.send(peer, said)
            if heard is not None:
                hear(peer, heard)
            if turn % 2 == 1:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
        until_all_are_gone(server)
    for n in (1, 2, 9):
        has_all_its_places(server, MANY % n)
