# SPDX-License-Identifier: MIT
"""What monitors ask: /healthz, /readyz, /metrics."""

import contextlib
import json
import re
import shutil
import signal

import pytest

from support import rawhttp
from support.hosted import Hosted

SAMPLE = re.compile(r'([a-z_]+)(?:\{([a-z_]+="[^"\\]*",?)+\})? '
                    r'([0-9]+(?:\.[0-9]+)?)\Z')
UPGRADE = (b"Host: localhost\r\nConnection: Upgrade\r\n"
           b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def request(path, more=""):
    return (f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}"
            "Connection: close\r\n\r\n").encode()


def get(server, path, more=""):
    return rawhttp.ask(server.address, request(path, more))[0]


def metrics(server):
    """The samples by their whole name; the text must be well-formed."""
    answer = get(server, "/metrics")
    assert answer.status == 200
    assert answer.fields["content-type"] == \
        "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.body.decode().split("\n")
    assert lines.pop() == ""
    samples, types = {}, {}
    for line in lines:
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types and kind in ("counter", "gauge")
            assert (kind == "counter") == name.endswith("_total")
            types[name] = kind
        elif not line.startswith("# HELP "):
            sample = SAMPLE.match(line)
            assert sample, line
            assert sample[1] in types, "a sample before its type"
            samples[line.rpartition(" ")[0]] = float(sample[3])
    return samples


def until(find):
    """Asks until find() is true: numbers are published, not awaited."""
    for _ in range(2000):
        if found := find():
            return found
    raise AssertionError("it does not become true")


def socket_of(server, name):
    peer = rawhttp.connect(server.address)
    rawhttp.send(peer, b"GET /chat?user=%s HTTP/1.1\r\n" % name + UPGRADE)
    data = b""
    while b'"welcome"' not in data:
        data += peer.recv(65536)
    return peer


def test_ready():
    with Hosted() as server:
        for path in ("/healthz", "/readyz"):
            answer = get(server, path)
            assert answer.status == 200
            assert answer.fields["cache-control"] == "no-store"


def test_not_ready_while_draining():
    """Who has asked for nothing yet is still answered: to come back."""
    paths = ("/readyz", "/healthz", "/", "/api/me", "/nowhere",
             "/chat?user=bob")
    with Hosted(workers=1) as server, contextlib.ExitStack() as stack:
        ann = stack.enter_context(socket_of(server, b"ann"))
        peers = [stack.enter_context(rawhttp.connect(server.address))
                 for _ in paths]
        assert get(server, "/readyz").status == 200
        server.server.expect_end()
        server.server.send_signal(signal.SIGTERM)
        # She does not answer the close, so the drain waits for her a while.
        told = b""
        while (1012).to_bytes(2, "big") not in told:
            piece = ann.recv(65536)
            assert piece, told
            told += piece
        for peer, path in zip(peers, paths):
            rawhttp.send(peer, request(path))
        said = {path: rawhttp.answers(rawhttp.read_to_end(peer))[0]
                for peer, path in zip(peers, paths)}
        assert said.pop("/healthz").status == 200
        assert said["/readyz"].status == 503
        assert said.pop("/readyz").body == b"draining\n"
        for path, answer in said.items():
            assert answer.status == 503, path
            assert int(answer.fields["retry-after"]) > 0
            assert json.loads(answer.body)["code"] == "unavailable"
        ann.close()
        assert server.call(server.server.ended()) == 0


@pytest.mark.skipif(shutil.disk_usage("/tmp").free >= 1 << 40,
                    reason="this disk is never nearly full")
def test_not_ready_on_a_full_disk():
    with Hosted(config=['lmdb = { min_free = "1TiB" }']) as server:
        answer = get(server, "/readyz")
        assert answer.status == 503
        assert answer.body == b"the disk is nearly full\n"
        assert get(server, "/healthz").status == 200
        assert metrics(server)["synctalk_disk_has_room"] == 0


def test_metrics_count():
    """Over all workers, and each reason and code."""
    with Hosted(workers=3) as server:
        before = metrics(server)
        assert before['synctalk_connections_closed_total'
                      '{reason="bad_request"}'] == 0
        assert before['synctalk_refusals_total{code="banned"}'] == 0
        assert any(name.startswith("synctalk_build_info{") and value == 1
                   for name, value in before.items())
        assert before["process_resident_memory_bytes"] > 1 << 20
        assert before["process_open_fds"] > 3
        assert before["process_max_fds"] > before["process_open_fds"]
        assert before["process_start_time_seconds"] > 1_000_000_000
        assert before["synctalk_workers"] == 3
        assert rawhttp.ask(server.address, b"x\r\n")[0].status == 400
        peers = [socket_of(server, b"u%d" % i) for i in range(5)]
        until(lambda: metrics(server)["synctalk_sessions"] == 5)
        for peer in peers:
            peer.close()
        until(lambda: metrics(server)["synctalk_sessions"] == 0)
        after = metrics(server)
        assert after['synctalk_connections_closed_total'
                     '{reason="bad_request"}'] == 1
        assert after['synctalk_connections_closed_total'
                     '{reason="peer_gone"}'] == 5
        assert after["synctalk_connections_accepted_total"] > \
            before["synctalk_connections_accepted_total"] + 5
        assert after["synctalk_http_requests_total"] > \
            before["synctalk_http_requests_total"] + 5


def test_metrics_are_not_for_all():
    """This machine may read them, others if they are listed; what is behind
    a proxy counts as what it is, or, if that is not known, as a stranger."""
    xff = "X-Forwarded-For: {}\r\n".format
    with Hosted() as server:
        for more in (xff("127.0.0.1"), "Forwarded: for=127.0.0.1\r\n",
                     "Via: 1.1 nginx\r\n"):
            answer = get(server, "/metrics", more)
            assert answer.status == 403
            assert json.loads(answer.body)["code"] == "forbidden"
        assert get(server, "/metrics").status == 200
    with Hosted(config=['trusted_proxies = { "127.0.0.0/8" }',
                        'metrics_from = { "198.51.100.0/24",'
                        ' "2001:db8::/32" }']) as server:
        for address, status in (("198.51.100.7", 200), ("198.51.101.7", 403),
                                ("2001:db8:7::1", 200), ("2001:db9::", 403),
                                ("198.51.100.7, 203.0.113.1", 403)):
            assert get(server, "/metrics", xff(address)).status == status


def test_metrics_from_is_checked():
    with Hosted() as server:
        for bad, why in (("10.0.0.1/8", "within 10.0.0.0/8"),
                         ("nowhere", "an address or a range"),
                         ("2001:db8::/65", "a /64 is the least")):
            server.server.config = [f'metrics_from = {{ "{bad}" }}']
            server.server.write_config()
            status, text = server.ctl("reload")
            assert status == 1 and why in text, text
        assert get(server, "/metrics").status == 200
