# SPDX-License-Identifier: MIT
"""The samples in contrib, with the real programs in front of the server.

Only places are replaced in a sample: ports, files, names.  Clients come from
127.0.0.2, so that a proxy's address is not theirs.
"""

import asyncio
import contextlib
import json
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import time

import pytest
import websockets

from support import rawhttp, tls
from support.hosted import Hosted
from support.server import SOURCE

CONTRIB = SOURCE / "contrib"
CLIENT = "127.0.0.2"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"
ANALYZE = shutil.which("systemd-analyze")
SECONDS = 30


def needs(program):
    found = program and pathlib.Path(program).exists()
    return pytest.mark.skipif(not found, reason=f"{program} is not here")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fill_in(path, *replacements):
    """The sample with what must be replaced; each must be there."""
    text = path.read_text()
    for pattern, replacement in replacements:
        text, n = re.subn(pattern, replacement, text)
        assert n > 0, f"{path}: no {pattern!r}"
    return text


@contextlib.contextmanager
def running(folder, port, *command):
    """A program in the foreground, once it listens."""
    with open(folder / "output", "w+", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output,
                                   cwd=folder)
        try:
            end = time.monotonic() + SECONDS
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                output.seek(0)
                assert process.poll() is None, output.read()
                assert time.monotonic() < end, output.read()
            yield
        finally:
            process.terminate()
            process.wait(SECONDS)


@pytest.fixture(scope="module")
def server(authority):
    config = [*tls.config(authority.issue("behind", ["chat.example.org"])),
              'trusted_proxies = { "127.0.0.1" }',
              'hosts = { "chat.example.org" }']
    with Hosted(config=config, arguments=[
            "--listen", "https://127.0.0.1:0",
            "--listen", "proxy+https://127.0.0.1:0"]) as hosted:
        yield hosted


class Front:
    def __init__(self, server, authority, port, plain_port):
        self.server, self.authority = server, authority
        self.port, self.plain_port = port, plain_port
        self.context = authority.context()

    def ask(self, text):
        """The answer to a request, over TLS from CLIENT."""
        with socket.create_connection(
                ("127.0.0.1", self.port), SECONDS, (CLIENT, 0)) as peer:
            with self.context.wrap_socket(
                    peer, server_hostname="chat.example.org") as secure:
                secure.sendall(text)
                return rawhttp.take_answer(rawhttp.read_to_end(secure))[0]

    def connect(self, name, **more):
        return websockets.connect(
            f"wss://chat.example.org:{self.port}/chat?user={name}",
            host="127.0.0.1", ssl=self.context,
            server_hostname="chat.example.org", local_addr=(CLIENT, 0),
            open_timeout=SECONDS, **more)


def get(path, *fields):
    lines = [f"GET {path} HTTP/1.1", "Host: chat.example.org",
             "Connection: close", *fields, "", ""]
    return "\r\n".join(lines).encode()


def post(size):
    body = json.dumps({"name": "nobody", "password": "x" * size}).encode()
    return (b"POST /api/login HTTP/1.1\r\nHost: chat.example.org\r\n"
            b"Content-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)) + body


async def next_of(ws, kind):
    while True:
        event = json.loads(await asyncio.wait_for(ws.recv(), SECONDS))
        if event["type"] == kind:
            return event


def check_talk(front, prefix):
    """Two people, with large texts both ways, and where they are from."""
    async def talk():
        one, two = prefix + "one", prefix + "two"
        async with front.connect(one, extra_headers={
                "X-Forwarded-For": "203.0.113.9"}) as a, \
                front.connect(two) as b:
            await a.send(f"@{two} " + "x" * 16000)
            assert len((await next_of(b, "message"))["text"]) == 16000
            await b.send(f"@{one} hello")
            assert (await next_of(a, "message"))["text"] == "hello"
    since = len(front.server.log)
    asyncio.run(talk())
    for name in "one", "two":
        line = front.server.logged(
            f"session.open .*user={prefix}{name} ", since)
        assert f"address={CLIENT}" in line


def check_http(front):
    """Sizes: what the server takes passes, what it does not is refused."""
    assert front.ask(get("/healthz")).body == b"ok\n"
    answer = front.ask(post(60000))
    assert answer.status != 413
    assert answer.fields["content-type"].startswith("application/")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError,
                             ssl.SSLError):
        assert front.ask(post(70000)).status == 413


def check_events(front, name):
    """Server-sent events leave as they come: the answer has no end."""
    status, token = front.server.ctl("token", name)
    assert status == 0, token
    with socket.create_connection(
            ("127.0.0.1", front.port), SECONDS, (CLIENT, 0)) as peer:
        with front.context.wrap_socket(
                peer, server_hostname="chat.example.org") as secure:
            secure.sendall(get("/api/events", "Accept: text/event-stream",
                               f"Authorization: Bearer {token.strip()}"))
            said = b""
            while b"data: " not in said:
                piece = secure.recv(65536)
                assert piece, said
                said += piece
    assert said.startswith(b"HTTP/1.1 200 "), said
    assert b"text/event-stream" in said


def check_redirect(front):
    with rawhttp.connect(("127.0.0.1", front.plain_port)) as peer:
        rawhttp.send(peer, get("/x?y"))
        said = rawhttp.read_to_end(peer).decode("latin-1")
    assert said.startswith("HTTP/1.1 301 ")
    assert re.search("(?mi)^location: https://chat.example.org/x\\?y\r$",
                     said)


# nginx

def nginx_config(folder, server, authority, port, plain_port, behind):
    certificate, key = authority.issue("nginx", ["chat.example.org"])
    upstream = server.server.port if behind == "http" else \
        tls.port_of(server.server)
    text = fill_in(
        CONTRIB / "nginx/synctalk.conf",
        (r"listen \[::\].*\n", ""),
        (r"listen 80;", f"listen 127.0.0.1:{plain_port};"),
        (r"listen 443 ", f"listen 127.0.0.1:{port} "),
        (r"server 127\.0\.0\.1:8000;", f"server 127.0.0.1:{upstream};"),
        (r"/etc/synctalk/fullchain\.pem", str(certificate)),
        (r"/etc/synctalk/privkey\.pem", str(key)),
        (r"/etc/synctalk/ca\.pem", str(authority.certificate)))
    if behind == "https":
        text = text.replace("proxy_pass http://synctalk;", "")
        text = text.replace("#tls ", "")
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in
        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = folder / "nginx.conf"
    path.write_text(f"daemon off;\npid {folder}/pid;\nerror_log stderr;\n"
                    "worker_processes 1;\nevents {}\nhttp {\n"
                    f"access_log off;\n{temporary}\n{text}\n}}\n")
    return path


@pytest.fixture(scope="module", params=["http", "https"])
def nginx(request, server, authority, tmp_path_factory):
    if not pathlib.Path(NGINX).exists():
        pytest.skip("nginx is not here")
    folder = tmp_path_factory.mktemp("nginx")
    port, plain_port = free_port(), free_port()
    path = nginx_config(folder, server, authority, port, plain_port,
                        request.param)
    words = NGINX, "-p", folder, "-e", "stderr", "-c", path
    checked = subprocess.run([*words, "-t"], capture_output=True, text=True,
                             timeout=SECONDS)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    with running(folder, port, *words):
        front = Front(server, authority, port, plain_port)
        front.prefix = f"nginx-{request.param}-"
        yield front


def test_nginx_talk(nginx):
    check_talk(nginx, nginx.prefix)


def test_nginx_http(nginx):
    check_http(nginx)


def test_nginx_events(nginx):
    check_events(nginx, nginx.prefix + "events")


def test_nginx_redirect(nginx):
    check_redirect(nginx)


# haproxy

def haproxy_config(folder, server, authority, ports):
    certificate, key = authority.issue("haproxy", ["chat.example.org"])
    both = folder / "both.pem"
    both.write_text(certificate.read_text() + key.read_text())
    places = server.server
    path = folder / "haproxy.cfg"
    path.write_text(fill_in(
        CONTRIB / "haproxy/haproxy.cfg",
        (r"bind :80\n", f"bind 127.0.0.1:{ports[0]}\n"),
        (r"bind :443 ", f"bind 127.0.0.1:{ports[1]} "),
        (r"bind :8443\n", f"bind 127.0.0.1:{ports[2]}\n"),
        (r"server one 127\.0\.0\.1:8000 ",
         f"server one 127.0.0.1:{places.port} "),
        (r"server one 127\.0\.0\.1:8001 ", "server one 127.0.0.1:%d "
         % tls.port_of(places, "proxy+https")),
        (r"/etc/haproxy/synctalk\.pem", str(both))))
    return path


@pytest.fixture(scope="module")
def haproxy(server, authority, tmp_path_factory):
    """Of the front ends that end TLS, and that pass it through."""
    if not pathlib.Path(HAPROXY).exists():
        pytest.skip("haproxy is not here")
    folder = tmp_path_factory.mktemp("haproxy")
    ports = [free_port() for _ in range(3)]
    path = haproxy_config(folder, server, authority, ports)
    checked = subprocess.run([HAPROXY, "-c", "-f", path], timeout=SECONDS,
                             capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "WARN" not in checked.stdout + checked.stderr
    with running(folder, ports[1], HAPROXY, "-db", "-f", path):
        yield (Front(server, authority, ports[1], ports[0]),
               Front(server, authority, ports[2], ports[0]))


def test_haproxy_talk(haproxy):
    check_talk(haproxy[0], "ha-ends-")


def test_haproxy_http(haproxy):
    check_http(haproxy[0])


def test_haproxy_events(haproxy):
    check_events(haproxy[0], "ha-ends-events")
    check_events(haproxy[1], "ha-through-events")


def test_haproxy_redirect(haproxy):
    check_redirect(haproxy[0])


def test_haproxy_through(haproxy):
    """The server ends TLS; PROXY v2 tells whom it is from."""
    check_talk(haproxy[1], "ha-through-")
    check_http(haproxy[1])


# systemd

@needs(ANALYZE)
def test_unit_is_hardened():
    done = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--threshold=20",
         "--no-pager", CONTRIB / "systemd/synctalkd.service"],
        capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Overall exposure level" in done.stdout


@needs(ANALYZE)
@pytest.mark.parametrize("unit", ["synctalkd.service", "synctalkd.socket"])
def test_units_are_valid(unit, tmp_path):
    """Everything in them is known, with a program and manuals that exist."""
    for path in (CONTRIB / "systemd").iterdir():
        text = path.read_text().replace("/usr/local/bin/synctalkd",
                                        "/bin/true")
        (tmp_path / path.name).write_text(re.sub("Documentation=.*\n", "",
                                                 text))
    done = subprocess.run([ANALYZE, "verify", tmp_path / unit],
                          capture_output=True, text=True, timeout=SECONDS)
    mine = [line for line in done.stderr.splitlines() if "synctalkd" in line]
    assert (done.returncode, mine) == (0, []), done.stderr
