# SPDX-License-Identifier: MIT
"""Requests that scripts send out: they reach what is allowed, and no more."""

import contextlib
import http.server
import json
import queue
import socket
import threading

import pytest
import websockets

from support.hosted import Hosted

SCRIPT = """
return chat.command{ name = "out", summary = "sends a request out",
    args = {{"url", "rest"}},
    run = function(c, a)
        local queued, why = http.post{ url = a.url, json = { n = 1 },
            headers = { ["X-Key"] = "secret-key" } }
        c:notice(tostring(queued) .. " " .. tostring(why))
    end }
"""


class Target:
    """A small server; what it was sent is in `seen`."""

    def __init__(self):
        self.seen = queue.Queue()
        self.elsewhere = None
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                target.seen.put((self.path, dict(self.headers), body))
                status, location = target.answer(self.path)
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.origin = "http://127.0.0.1:%d" % self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever)

    def answer(self, path):
        if path.startswith("/again/"):
            left = int(path.split("/")[2])
            where = f"/again/{left - 1}" if left > 1 else "/done"
            return 307, self.origin + where
        if path == "/away":
            return 307, "http://localhost:1/"
        if path == "/elsewhere":
            return 308, self.elsewhere
        if path == "/other":
            return 303, self.origin + "/done"
        return 204, None

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@contextlib.contextmanager
def chat(*config):
    server = Hosted(config)
    folder = server.server.folder / "scripts" / "local"
    folder.mkdir(parents=True)
    (folder / "out.lua").write_text(SCRIPT)
    with server:
        yield server


def say(server, url):
    """What the command that sends to url tells who typed it."""
    async def talk():
        host, port = server.address
        where = f"ws://{host}:{port}/chat?user=ann"
        async with websockets.connect(where) as ann:
            await ann.send(f"/out {url}")
            async for text in ann:
                event = json.loads(text)
                if event["type"] in ("notice", "error"):
                    return event["text" if event["type"] == "notice"
                                 else "message"]
    return server.call(talk())


@pytest.fixture(scope="module")
def target():
    with Target() as target:
        yield target


@pytest.fixture(scope="module")
def server(target):
    with chat(f'http = {{ allow = {{ "{target.origin}" }}, '
              'allow_private = { "127.0.0.1" } }') as server:
        yield server


def test_what_is_allowed_arrives(server, target):
    assert say(server, target.origin + "/hook?token=hidden") == "true nil"
    path, fields, body = target.seen.get(timeout=20)
    assert path == "/hook?token=hidden"
    assert fields["X-Key"] == "secret-key"
    assert fields["Content-Type"] == "application/json"
    assert json.loads(body) == {"n": 1}
    line = server.logged("http.done.*status=204")
    assert "hidden" not in "".join(server.log) and "secret-key" not in line
    assert "script=local/out.lua" in line


@pytest.mark.parametrize("url", [
    "http://127.0.0.1:1/", "http://localhost/", "https://127.0.0.1/",
    "http://user@127.0.0.1/", "file:///etc/passwd", "nonsense"])
def test_other_origins_are_refused(server, url):
    assert "does not allow" in say(server, url)


def test_redirects_are_followed_three_times(server, target):
    assert say(server, target.origin + "/again/3") == "true nil"
    paths = [target.seen.get(timeout=20)[0] for _ in range(4)]
    assert paths == ["/again/3", "/again/2", "/again/1", "/done"]
    since = len(server.log)
    say(server, target.origin + "/again/4")
    server.logged("http.done.*status=307", since)
    paths = [target.seen.get(timeout=20)[0] for _ in range(4)]
    assert paths == ["/again/4", "/again/3", "/again/2", "/again/1"]


def test_a_redirect_elsewhere_is_refused(server, target):
    since = len(server.log)
    say(server, target.origin + "/away")
    assert target.seen.get(timeout=20)[0] == "/away"
    server.logged("http.failed.*http.allow", since)


def test_a_redirect_to_another_origin_takes_no_secrets_along(target):
    """What a script says to one, in a field, is not for another."""
    with Target() as other, chat(
            f'http = {{ allow = {{ "{target.origin}", "{other.origin}" }}, '
            'allow_private = { "127.0.0.1" } }') as server:
        target.elsewhere = other.origin + "/there"
        assert say(server, target.origin + "/elsewhere") == "true nil"
        assert target.seen.get(timeout=20)[1]["X-Key"] == "secret-key"
        path, fields, body = other.seen.get(timeout=20)
        assert (path, json.loads(body)) == ("/there", {"n": 1})
        assert fields["Content-Type"] == "application/json"
        assert "X-Key" not in fields


def test_a_redirect_to_a_page_is_not_posted_to(server, target):
    since = len(server.log)
    say(server, target.origin + "/other")
    server.logged("http.done.*status=303", since)
    assert target.seen.get(timeout=20)[0] == "/other"
    assert target.seen.empty()


def test_private_addresses_need_an_exception(target):
    with chat(f'http = {{ allow = {{ "{target.origin}" }} }}') as server:
        assert say(server, target.origin + "/private") == "true nil"
        server.logged("http.refused.*private")
        server.logged("http.failed")
    assert target.seen.empty()


def test_nothing_goes_out_unless_allowed(target):
    with chat() as server:
        assert "does not allow" in say(server, target.origin)


def test_what_is_allowed_is_reloaded(target):
    with chat() as server:
        server.server.config = [
            f'http = {{ allow = {{ "{target.origin}" }}, '
            'allow_private = { "127.0.0.0/8" } }']
        server.server.write_config()
        assert server.ctl("reload")[0] == 0
        assert say(server, target.origin + "/late") == "true nil"
        assert target.seen.get(timeout=20)[0] == "/late"
        server.server.config = ['http = { allow = { "no origin" } }']
        server.server.write_config()
        status, output = server.ctl("reload")
        assert status != 0 and "http.allow" in output


def test_one_that_never_answers_is_ended():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = "http://127.0.0.1:%d" % silent.getsockname()[1]
        with chat(f'http = {{ allow = {{ "{origin}" }}, '
                  'allow_private = { "127.0.0.1" } }') as server:
            assert say(server, origin) == "true nil"
            server.logged("http.failed.*[Tt]imeout", seconds=30)
