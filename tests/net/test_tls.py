# SPDX-License-Identifier: MIT
"""TLS of the server itself: what it speaks, to whom, and what it refuses."""

import asyncio
import contextlib
import json
import socket
import ssl
import subprocess

import pytest
import websockets

from support import rawhttp, tls
from support.hosted import Hosted

HEALTH = (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
          b"Connection: close\r\n\r\n")
LISTEN = ["--limits", "off", "--listen", "https://127.0.0.1:0"]


@pytest.fixture(scope="module")
def pairs(authority):
    return [authority.issue("default"),
            authority.issue("wild", ["*.example.org"], kind="rsa"),
            authority.issue("exact", ["chat.example.org", "Other.Example"])]


@pytest.fixture(scope="module")
def server(pairs):
    with Hosted(config=[*tls.config(*pairs),
                        'limits = { tls_timeout = "2s" }'],
                arguments=LISTEN) as hosted:
        yield hosted


@pytest.fixture
def address(server):
    return "127.0.0.1", tls.port_of(server.server)


def health(peer):
    peer.write(HEALTH)
    answer, rest = rawhttp.take_answer(peer.read_to_end())
    assert (answer.status, answer.body, rest) == (200, b"ok\n", b"")


def serves(address, authority):
    with tls.Peer(address, authority.context()) as peer:
        health(peer.handshake())


def closed(server):
    """How many connections ended for which reason."""
    return json.loads(server.ctl("--json", "status")[1])["closed"]


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_versions(address, authority, version):
    context = authority.context()
    context.minimum_version = context.maximum_version = \
        ssl.TLSVersion[version]
    with tls.Peer(address, context) as peer:
        health(peer.handshake())
        assert peer.tls.version() == version.replace("_", ".")


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_are_refused(address, authority, version):
    context = authority.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion[version]
    with tls.Peer(address, context) as peer:
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            peer.handshake()


@pytest.mark.parametrize("cipher, taken", [
    ("ECDHE-ECDSA-AES128-GCM-SHA256", True),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", True),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
    ("ECDHE-ECDSA-AES128-SHA256", False),  # CBC
    ("ECDHE-ECDSA-AES128-CCM8", False),
    ("AES128-GCM-SHA256", False),          # no forward secrecy
    ("ECDHE-ECDSA-NULL-SHA", False),
])
def test_ciphers_of_tls_1_2(address, authority, cipher, taken):
    context = authority.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(cipher + ":@SECLEVEL=0")
    with tls.Peer(address, context) as peer:
        if taken:
            peer.handshake()
            assert peer.tls.cipher()[0] == cipher
        else:
            with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
                peer.handshake()


def test_dhe_with_rsa(address, authority):
    context = authority.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DHE-RSA-AES128-GCM-SHA256")
    with tls.Peer(address, context, name="a.example.org") as peer:
        health(peer.handshake())


def test_the_client_prefers(address, authority):
    for cipher in "ECDHE+AES256:ECDHE+AES128", "ECDHE+AES128:ECDHE+AES256":
        context = authority.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(cipher)
        with tls.Peer(address, context) as peer:
            peer.handshake()
            assert peer.tls.cipher()[0].startswith(
                "ECDHE-ECDSA-" + cipher[6:12])


@pytest.mark.parametrize("name, subject", [
    ("localhost", "default"),
    ("chat.example.org", "exact"),      # before the wildcard
    ("CHAT.example.ORG", "exact"),
    ("other.example", "exact"),
    ("www.example.org", "wild"),
    ("a.b.example.org", "default"),     # a wildcard is one label
    ("example.org", "default"),
    ("elsewhere.test", "default"),
])
def test_names(address, authority, name, subject):
    context = authority.context(verify=False)
    context.verify_mode = ssl.CERT_REQUIRED
    with tls.Peer(address, context, name=name) as peer:
        peer.handshake()
        found = dict(pair[0] for pair in peer.tls.getpeercert()["subject"])
        assert found["commonName"] == subject


def test_without_a_name(address, authority):
    with tls.Peer(address, authority.context(verify=False),
                  name=None) as peer:
        health(peer.handshake())


@pytest.mark.parametrize("offered, chosen", [
    ([], None),
    (["http/1.1"], "http/1.1"),
    (["h2", "http/1.1"], "http/1.1"),
])
def test_alpn(address, authority, offered, chosen):
    with tls.Peer(address, authority.context(alpn=offered)) as peer:
        health(peer.handshake())
        assert peer.tls.selected_alpn_protocol() == chosen


@pytest.mark.parametrize("offered", [["h2"], ["http/1.10", "ttp/1.1"],
                                     ["http/1.0", "spdy/3"]])
def test_alpn_without_ours(address, authority, offered):
    with tls.Peer(address, authority.context(alpn=offered)) as peer:
        with pytest.raises(ssl.SSLError,
                           match="(?i)no.application.protocol"):
            peer.handshake()
    serves(address, authority)


def resumed(address, context, session):
    with tls.Peer(address, context, session=session) as peer:
        peer.handshake()
        health(peer)
        return peer.tls.session_reused, peer.tls.session


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tickets(address, authority, version):
    context = authority.context()
    context.maximum_version = ssl.TLSVersion[version]
    reused, session = resumed(address, context, None)
    assert not reused and session.has_ticket
    reused, session = resumed(address, context, session)
    assert reused
    assert 0 < session.ticket_lifetime_hint <= 6 * 3600


def test_no_renegotiation(address):
    """The client asks (R), and is told no; the connection may go on."""
    with subprocess.Popen(
            ["openssl", "s_client", "-connect", "%s:%d" % address, "-tls1_2"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT) as client:
        out, _ = client.communicate(b"R\n", timeout=30)
    assert b"RENEGOTIATING" in out
    assert b"no renegotiation" in out


def test_close_notify(address, authority):
    """The end is announced: Peer.read() fails when it is not."""
    with tls.Peer(address, authority.context()) as peer:
        health(peer.handshake())
        assert peer.socket.recv(1) == b""


def test_peer_announces_its_end(server, address, authority):
    """close_notify behind a request, and no FIN: it is answered, and over."""
    with tls.Peer(address, authority.context()) as peer:
        peer.handshake()
        peer.tls.write(HEALTH.replace(b"Connection: close\r\n", b""))
        with contextlib.suppress(ssl.SSLWantReadError):
            peer.tls.unwrap()
        peer.push()
        data = b""
        while piece := peer.socket.recv(65536):
            data += piece
        assert data != b""
    serves(address, authority)


@pytest.mark.parametrize("garbage", [
    b"\x00" * 100, b"\xff" * 100, b"\x16\x03\x01\xff\xff" + b"\x01" * 100,
    b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", b"\x15\x03\x01\x00\x02\x02(",
    b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + b"\x01" * 37,
    b"\x17\x03\x03\x00\x10" + b"x" * 16, b"SSH-2.0-OpenSSH_9.2\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
])
def test_garbage(server, address, authority, garbage):
    before = closed(server).get("tls_failed", 0)
    with rawhttp.connect(address) as peer:
        rawhttp.send(peer, garbage)
        with contextlib.suppress(ConnectionResetError):
            rawhttp.read_to_end(peer)
    serves(address, authority)
    ends = closed(server)
    assert ends.get("tls_failed", 0) + ends.get("tls_timeout", 0) > before


def test_garbage_after_the_handshake(address, authority):
    with tls.Peer(address, authority.context()) as peer:
        peer.handshake()
        rawhttp.send(peer.socket, b"\x17\x03\x03\x00\x20" + b"x" * 32)
        with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
            peer.read_to_end()
    serves(address, authority)


def test_plain_http(server, address):
    """It is told what is wrong in its own words."""
    since = len(server.log)
    with rawhttp.connect(address) as peer:
        rawhttp.send(peer, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said = rawhttp.read_to_end(peer)
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"https://" in json.loads(body)["detail"].encode()
    assert since <= len(server.log)


def test_tls_on_the_plain_port(server):
    """A TLS hello is no request."""
    with rawhttp.connect(server.address) as peer:
        rawhttp.send(peer, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        said = rawhttp.read_to_end(peer)
    assert said == b"" or said.startswith(b"HTTP/1.1 4")


def test_handshake_that_stops(server, address, authority):
    """Half a hello, and no more: there is a deadline, others are served."""
    before = closed(server).get("tls_timeout", 0)
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(rawhttp.connect(address))
                 for _ in range(20)]
        for peer in peers:
            rawhttp.send(peer, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03")
        serves(address, authority)
        for peer in peers:
            assert rawhttp.read_to_end(peer) == b""
    assert closed(server)["tls_timeout"] == before + 20


def test_hello_without_end(server, address):
    """A handshake message of a megabyte is not waited for."""
    before = closed(server).get("tls_failed", 0)
    record = b"\x16\x03\x01\x40\x00"
    with rawhttp.connect(address) as peer:
        rawhttp.send(peer, record + b"\x01\x01\xff\x00" + b"a" * 16380 +
                     (record + b"a" * 16384) * 6)
        with contextlib.suppress(ConnectionResetError):
            rawhttp.read_to_end(peer)
    assert closed(server)["tls_failed"] == before + 1


def test_one_byte_segments(address, authority):
    with tls.Peer(address, authority.context(), step=1) as peer:
        health(peer.handshake())


def test_records_of_one_byte(address, authority):
    with tls.Peer(address, authority.context()) as peer:
        peer.handshake()
        for at in range(len(HEALTH)):
            peer.write(HEALTH[at:at + 1])
        assert peer.read_to_end().endswith(b"ok\n")


def test_many_records_at_once(address, authority):
    """Pipelined requests in one segment of many records."""
    with tls.Peer(address, authority.context()) as peer:
        peer.handshake()
        one = HEALTH.replace(b"Connection: close\r\n", b"")
        for _ in range(200):
            peer.tls.write(one)
        peer.write(HEALTH)
        answers = rawhttp.answers(peer.read_to_end())
    assert [answer.status for answer in answers] == [200] * 201


def test_address_counts_handshakes(pairs, authority):
    """Who has not finished a handshake is a connection like any other."""
    config = tls.config(*pairs) + [
        "limits = { address_unauthenticated = 2,"
        " address_connect_burst = 1000, tls_timeout = '60s' }"]
    with Hosted(config=config,
                arguments=["--listen", "https://127.0.0.1:0"]) as server:
        address = "127.0.0.1", tls.port_of(server.server)
        with contextlib.ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(rawhttp.connect(address))
            with tls.Peer(address, authority.context()) as peer:
                peer.handshake()
                peer.write(HEALTH)
                assert peer.read().startswith(b"HTTP/1.1 429 ")


# WebSocket over it

def test_a_ban_during_a_handshake(pairs, authority):
    """It is over then: nothing is answered, and no request is awaited."""
    with Hosted(config=tls.config(*pairs), arguments=LISTEN) as server:
        address = "127.0.0.1", tls.port_of(server.server)
        with tls.Peer(address, authority.context()) as peer:
            while not json.loads(
                    server.ctl("--json", "status")[1])["connections"]:
                pass
            assert server.ctl("ban", "127.0.0.1")[0] == 0
            with pytest.raises((ssl.SSLError, ConnectionError)):
                peer.handshake()
        assert closed(server)["banned"] == 1


def talk(address, authority, scenario):
    async def play():
        uri = "wss://localhost:%d/chat?user=" % address[1]

        def connect(name):
            return websockets.connect(
                uri + name, ssl=authority.context(), max_size=1 << 24,
                host="127.0.0.1", open_timeout=20)
        await asyncio.wait_for(scenario(connect), 60)
    asyncio.run(play())


async def next_of(ws, kind):
    while True:
        event = json.loads(await ws.recv())
        if event["type"] == kind:
            return event


def test_workers_change(address, authority):
    """People sign in on any worker, and live on the one that owns them."""
    async def scenario(connect):
        async with contextlib.AsyncExitStack() as stack:
            people = [await stack.enter_async_context(
                connect(f"mover{i}")) for i in range(8)]
            for i, ws in enumerate(people):
                await ws.send(f"@mover{(i + 1) % 8} from {i}")
            for i, ws in enumerate(people):
                event = await next_of(ws, "message")
                assert event["text"] == f"from {(i - 1) % 8}"
    talk(address, authority, scenario)


def test_long_texts_both_ways(address, authority):
    async def scenario(connect):
        async with connect("long1") as one, connect("long2") as two:
            for i in range(40):
                await one.send(f"@long2 {i:02}" + "x" * 16000)
            for i in range(40):
                event = await next_of(two, "message")
                assert event["text"].startswith(f"{i:02}xxx")
                assert len(event["text"]) == 16002
    talk(address, authority, scenario)


def test_slow_reader_catches_up(address, authority):
    """More than the sockets hold waits, in order, until it is read."""
    async def scenario(connect):
        async with connect("slow2"):
            pass
        async with connect("slow1") as one:
            for i in range(100):
                await one.send(f"@slow2 {i:03}" + "y" * 8000)
                await next_of(one, "sent")
        sock = socket.create_connection(address)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        async with websockets.connect(
                "wss://localhost/chat?user=slow2", sock=sock,
                ssl=authority.context(), server_hostname="localhost",
                read_limit=4096, max_queue=1) as two:
            for i in range(100):
                event = await next_of(two, "message")
                assert event["text"].startswith(f"{i:03}yyy")
    talk(address, authority, scenario)
