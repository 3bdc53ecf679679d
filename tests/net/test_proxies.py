# SPDX-License-Identifier: MIT
"""Whom a connection is from, when a proxy says so."""

import base64
import contextlib
import ipaddress
import json
import os
import re
import socket
import struct

import pytest

from support import rawhttp, tls
from support.hosted import Hosted

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
HEALTH = (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
          b"Connection: close\r\n\r\n")


def header(command=1, family=0x11, rest=b"", version=2, length=None):
    if length is None:
        length = len(rest)
    return SIGNATURE + struct.pack("!BBH", version << 4 | command, family,
                                   length) + rest


def from_address(text, tlvs=b""):
    """What a proxy sends for a client with this address."""
    ip = ipaddress.ip_address(text)
    to = b"\x7f\0\0\1" if ip.version == 4 else bytes(15) + b"\1"
    return header(family=0x11 if ip.version == 4 else 0x21,
                  rest=ip.packed + to + struct.pack("!HH", 5555, 80) + tlvs)


def tlv(kind, value):
    return struct.pack("!BH", kind, len(value)) + value


LOCAL = header(command=0, family=0)


def upgrade(name, *fields):
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET /chat?user={name} HTTP/1.1", "Host: localhost",
             "Connection: Upgrade", "Upgrade: websocket",
             "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}",
             *fields, "", ""]
    return "\r\n".join(lines).encode()


class Proxied:
    def __init__(self, server):
        self.server = server
        self.names = 0

    def port(self, scheme):
        return "127.0.0.1", tls.port_of(self.server.server, scheme)

    def origin_over(self, peer, before, *fields):
        """The address that a session opened this way is logged with."""
        self.names += 1
        since = len(self.server.log)
        rawhttp.send(peer, before + upgrade(f"who{self.names}", *fields))
        assert peer.recv(12) == b"HTTP/1.1 101"
        line = self.server.logged(f"session.open .*user=who{self.names} ",
                                  since)
        return re.search(r" address=(\S+)", line)[1]

    def origin(self, before, *fields, scheme="proxy+http"):
        with rawhttp.connect(self.port(scheme)) as peer:
            return self.origin_over(peer, before, *fields)

    def forwarded(self, *values):
        """The same, by fields on the ordinary port."""
        fields = [f"X-Forwarded-For: {value}" for value in values]
        return self.origin(b"", *fields, scheme="http")

    def dropped(self):
        status = json.loads(self.server.ctl("--json", "status")[1])
        return status["closed"].get("bad_proxy", 0)


@pytest.fixture(scope="module")
def proxied(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("sock") / "proxy.sock"
    listen = []
    for place in ("proxy+http://127.0.0.1:0", "proxy+https://127.0.0.1:0",
                  f"proxy+http://unix:{path}"):
        listen += ["--listen", place]
    config = [*tls.config(authority.issue("proxied")),
              'trusted_proxies = { "127.0.0.1", "10.0.0.0/8", '
              '"2001:db8:ffff::/48", "unix" }',
              'limits = { tls_timeout = "300ms" }']
    with Hosted(config=config, arguments=listen) as server:
        proxied = Proxied(server)
        proxied.path = str(path)
        yield proxied


@pytest.mark.parametrize("before, address", [
    (from_address("192.0.2.7"), "192.0.2.7"),
    (from_address("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::"),
    (from_address("::ffff:192.0.2.8"), "192.0.2.8"),
    (from_address("192.0.2.9", tlv(0x02, b"chat.example") +
                  tlv(0x04, bytes(100)) + tlv(0xee, b"")), "192.0.2.9"),
    (from_address("192.0.2.10", tlv(0x20, bytes(4000))), "192.0.2.10"),
    (LOCAL, "127.0.0.1"),
    (header(command=0, family=0x11, rest=bytes(12)), "127.0.0.1"),
    (header(command=0, family=0x99, rest=b"anything"), "127.0.0.1"),
    (header(family=0x00), "127.0.0.1"),
    (header(family=0x00, rest=b"anything"), "127.0.0.1"),
    (header(family=0x31, rest=bytes(216)), "127.0.0.1"),
])
def test_header(proxied, before, address):
    assert proxied.origin(before) == address


def test_header_over_a_unix_socket(proxied):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(rawhttp.SECONDS)
        peer.connect(proxied.path)
        assert proxied.origin_over(
            peer, from_address("192.0.2.11")) == "192.0.2.11"


def test_header_byte_by_byte(proxied):
    with rawhttp.connect(proxied.port("proxy+http")) as peer:
        rawhttp.send(peer, from_address("192.0.2.12", tlv(4, b"123")), 1)
        assert proxied.origin_over(peer, b"") == "192.0.2.12"


@pytest.mark.parametrize("step", [0, 1])
def test_header_before_tls(proxied, authority, step):
    """The hello may come in the same segment as the header."""
    address = proxied.port("proxy+https")
    with tls.Peer(address, authority.context(), step=step,
                  before=from_address("192.0.2.13")) as peer:
        peer.handshake()
        since = len(proxied.server.log)
        peer.write(upgrade("behind-tls"))
        assert peer.read(12) == b"HTTP/1.1 101"
        assert "address=192.0.2.13" in proxied.server.logged(
            "session.open .*behind-tls", since)


HOSTILE = [
    ("version 1", b"PROXY TCP4 192.0.2.1 127.0.0.1 5555 80\r\n"),
    ("version 1 unknown", b"PROXY UNKNOWN\r\n"),
    ("no header", b""),
    ("signature cut short", SIGNATURE[:11] + b"\x0b"),
    ("signature wrong at its end", SIGNATURE[:11] + b"\r\x21\x11\0\0"),
    ("version 1 in binary", header(version=1)),
    ("version 3", header(version=3)),
    ("version 0", header(version=0)),
    ("command 2", header(command=2, rest=bytes(12))),
    ("command 15", header(command=15, rest=bytes(12))),
    ("datagrams", header(family=0x12, rest=bytes(12))),
    ("datagrams of IPv6", header(family=0x22, rest=bytes(36))),
    ("unspecified protocol", header(family=0x10, rest=bytes(12))),
    ("unknown family", header(family=0x41, rest=bytes(12))),
    ("no addresses", header()),
    ("addresses cut short", header(rest=bytes(11))),
    ("IPv6 with the size of IPv4", header(family=0x21, rest=bytes(12))),
    ("IPv6 cut short", header(family=0x21, rest=bytes(35))),
    ("Unix cut short", header(family=0x31, rest=bytes(215))),
    ("too long", header(length=4081, rest=bytes(12))),
    ("far too long", header(length=65535, rest=bytes(12))),
    ("far too long LOCAL", header(command=0, length=65535)),
    ("a part beyond the end",
     from_address("192.0.2.1", b"\x04\x00\x05abcd")),
    ("a part without a length", from_address("192.0.2.1", b"\x04")),
    ("a part with half a length", from_address("192.0.2.1", b"\x04\x00")),
    ("twice", from_address("192.0.2.1") * 2),
]


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("before", [row[1] for row in HOSTILE],
                         ids=[row[0] for row in HOSTILE])
def test_hostile_header(proxied, before, step):
    """Nothing is answered: what would follow is nobody's request."""
    dropped = proxied.dropped()
    with rawhttp.connect(proxied.port("proxy+http")) as peer:
        rawhttp.send(peer, before + HEALTH, step)
        with contextlib.suppress(ConnectionResetError):
            said = rawhttp.read_to_end(peer)
            # A second header is a bad request of whom the first names.
            assert said == b"" or (before[16:] != b"" and
                                   said.startswith(b"HTTP/1.1 400 "))
    assert proxied.dropped() == dropped + (before.count(SIGNATURE) != 2)


@pytest.mark.parametrize("scheme", ["proxy+http", "proxy+https"])
def test_header_that_does_not_come(proxied, scheme):
    dropped = proxied.dropped()
    with rawhttp.connect(proxied.port(scheme)) as peer:
        rawhttp.send(peer, from_address("192.0.2.1")[:20])
        assert rawhttp.read_to_end(peer) == b""
    assert proxied.dropped() == dropped + 1


def test_tls_that_does_not_come(proxied):
    with rawhttp.connect(proxied.port("proxy+https")) as peer:
        rawhttp.send(peer, from_address("192.0.2.1"))
        assert rawhttp.read_to_end(peer) == b""


def test_headers_are_for_proxies(authority):
    """Whoever is not in trusted_proxies is not even heard."""
    with Hosted(config=['trusted_proxies = { "192.0.2.0/24" }'],
                arguments=["--listen", "proxy+http://127.0.0.1:0"]) as server:
        address = "127.0.0.1", tls.port_of(server.server, "proxy+http")
        with rawhttp.connect(address) as peer:
            rawhttp.send(peer, from_address("192.0.2.1") + HEALTH)
            with contextlib.suppress(ConnectionResetError):
                assert rawhttp.read_to_end(peer) == b""
        assert Proxied(server).dropped() == 1


@pytest.mark.parametrize("values, address", [
    (["192.0.2.20"], "192.0.2.20"),
    (["192.0.2.20, 10.1.2.3"], "192.0.2.20"),
    (["192.0.2.20,10.1.2.3 ,\t10.9.9.9"], "192.0.2.20"),
    (["203.0.113.1, 192.0.2.20"], "192.0.2.20"),      # the left one is free
    (["10.1.1.1, 192.0.2.20, 10.2.2.2"], "192.0.2.20"),
    (["203.0.113.1", "192.0.2.20"], "192.0.2.20"),    # fields are one list
    (["192.0.2.20", "10.1.2.3"], "192.0.2.20"),
    (["192.0.2.20:4711"], "192.0.2.20"),
    (["[2001:db8:5:6::7]:4711"], "2001:db8:5:6::"),
    (["[2001:db8:5:6::7]"], "2001:db8:5:6::"),
    (["2001:db8:5:6::7"], "2001:db8:5:6::"),
    (["2001:db8:5:6::7, 2001:db8:ffff::1"], "2001:db8:5:6::"),
    (["::ffff:192.0.2.20"], "192.0.2.20"),
    (["10.1.2.3"], "10.1.2.3"),                       # all are proxies
    (["10.4.4.4, 10.1.2.3"], "10.4.4.4"),
    (["192.0.2.20, unknown, 10.1.2.3"], "10.1.2.3"),  # the walk ends
    (["192.0.2.20, , 10.1.2.3"], "10.1.2.3"),
    (["192.0.2.20, 010.1.2.3"], "127.0.0.1"),
    (["unknown"], "127.0.0.1"),
    (["192.0.2.20, _hidden"], "127.0.0.1"),
    ([""], "127.0.0.1"),
    (["192.0.2.20,"], "127.0.0.1"),
    (["192.0.2.20\t10.1.2.3"], "127.0.0.1"),
    (["192.0.2.0/24"], "127.0.0.1"),
    (["192.0.2.256"], "127.0.0.1"),
    (["1" * 5000], "127.0.0.1"),
    ([], "127.0.0.1"),
])
def test_forwarded_for(proxied, values, address):
    assert proxied.forwarded(*values) == address


def test_both(proxied):
    """The PROXY header names a proxy that we trust, and that names another."""
    assert proxied.origin(from_address("10.5.5.5"),
                          "X-Forwarded-For: 192.0.2.30") == "192.0.2.30"
    # The client of a proxy cannot name anybody.
    assert proxied.origin(from_address("192.0.2.31"),
                          "X-Forwarded-For: 192.0.2.32") == "192.0.2.31"


def test_nobody_is_believed_by_default():
    with Hosted() as server:
        proxied = Proxied(server)
        assert proxied.forwarded("192.0.2.20") == "127.0.0.1"


def keep(peer, fields=b""):
    rawhttp.send(peer, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" +
                 fields + b"\r\n")
    answer, _ = rawhttp.take_answer(peer.recv(65536))
    return answer.status


def test_caps_are_of_the_client():
    """A proxy has as many connections as it likes, one client has not."""
    config = ['trusted_proxies = { "127.0.0.1" }',
              "limits = { address_unauthenticated = 4,"
              " address_connect_burst = 4, address_connect_rate = 0.001 }"]
    one = b"X-Forwarded-For: 192.0.2.1\r\n"
    with Hosted(config=config) as server, contextlib.ExitStack() as stack:
        def connect():
            return stack.enter_context(rawhttp.connect(server.address))
        for i in range(30):
            assert keep(connect(), b"X-Forwarded-For: 203.0.113.%d\r\n"
                        % i) == 200
        held = [connect() for _ in range(4)]
        assert [keep(peer, one) for peer in held] == [200] * 4
        assert keep(connect(), one) == 429
        # A proxy may use a connection for several of its clients.
        for peer in held[:2]:
            assert keep(peer, b"X-Forwarded-For: 203.0.113.77\r\n") == 200
        assert keep(connect(), one) == 200


def test_a_signed_in_client_counts_no_longer_than_it_asks():
    """A poll signs its client in; who asks next over the same connection of
    the proxy has not, and is forgotten as well when another one follows."""
    config = ['trusted_proxies = { "127.0.0.1" }',
              "limits = { address_unauthenticated = 4 }"]
    get = (b"GET %s HTTP/1.1\r\nHost: localhost\r\n"
           b"X-Forwarded-For: 192.0.2.%d\r\n\r\n")
    with Hosted(config=config) as server, \
            rawhttp.connect(server.address) as peer:
        def ask(path, who):
            rawhttp.send(peer, get % (path, who))
            return rawhttp.take_answer(peer.recv(65536))[0].status
        assert ask(b"/api/events?user=ann&poll=0", 1) == 200
        assert [ask(b"/healthz", 2 + n % 2) for n in range(20)] == [200] * 20


def test_reload_of_proxies():
    with Hosted() as server:
        proxied = Proxied(server)
        assert proxied.forwarded("192.0.2.40") == "127.0.0.1"
        server.server.config = ['trusted_proxies = { "127.0.0.1" }']
        server.server.write_config()
        assert server.ctl("reload")[0] == 0
        assert proxied.forwarded("192.0.2.41") == "192.0.2.41"
