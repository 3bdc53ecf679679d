# SPDX-License-Identifier: MIT
"""REST for tests: a server of one's own, and people who ask it.

    @served()
    async def test_a_message_is_read(server):
        alice = await person(server, "alice")
        answer = await alice.post("/api/messages", {"to": "@bob", "text": "hi"})
        assert answer.status == 201
        assert answer.json["conversation"] == "@alice:bob"

Each answer is held against /openapi.json: what the server says of itself is
true wherever a test looks.
"""

import asyncio
import gzip
import inspect
import json
import urllib.parse
import zlib

from . import openapi
from .server import Server
from .websocket import Socket

SECONDS = 20  # how long an answer may take


def served(config=(), auth="token", workers=2, arguments=(), prepare=None):
    """A test that is given a running server of its own, as its first
    argument.  prepare(server) may set more before the start."""
    def decorate(test):
        async def play(named):
            server = Server(workers)
            server.auth = auth
            server.config += config
            server.arguments += arguments
            try:
                if prepare:
                    prepare(server)
                await server.start()
                await test(server, **named)
                server.check_alive()
            finally:
                await server.close()

        def run(**named):
            asyncio.run(asyncio.wait_for(play(named), 120))
        parameters = list(inspect.signature(test).parameters.values())
        run.__signature__ = inspect.Signature(parameters[1:])
        run.__name__, run.__doc__ = test.__name__, test.__doc__
        run.__module__ = test.__module__
        run.pytestmark = getattr(test, "pytestmark", [])
        return run
    return decorate


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # names in lower case
        self.body = body        # bytes, unpacked
        self.type = headers.get("content-type", "").split(";")[0].strip()
        self.json = None
        if body and (self.type == "application/json" or
                     self.type.endswith("+json")):
            self.json = json.loads(body)

    @property
    def code(self):
        """The protocol's error code, of a problem."""
        return self.json.get("code") if isinstance(self.json, dict) else None

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:500]!r}>"


class Rest:
    """Asks over one connection that is kept, and opened again on need."""

    def __init__(self, server, token=None, name=None):
        self.server = server
        self.token = token
        self.name = name
        self.tokens = None  # the answer of a registration or a login
        self._socket = None

    def drop(self):
        if self._socket:
            self._socket.drop()
            self._socket = None

    async def get(self, path, query=None, headers=()):
        return await self.ask("GET", path, None, query, headers)

    async def head(self, path, query=None, headers=()):
        return await self.ask("HEAD", path, None, query, headers)

    async def options(self, path, headers=()):
        return await self.ask("OPTIONS", path, None, None, headers)

    async def post(self, path, body=None, query=None, headers=()):
        return await self.ask("POST", path, body, query, headers)

    async def put(self, path, body=None, query=None, headers=()):
        return await self.ask("PUT", path, body, query, headers)

    async def patch(self, path, body=None, query=None, headers=()):
        return await self.ask("PATCH", path, body, query, headers)

    async def delete(self, path, body=None, query=None, headers=()):
        return await self.ask("DELETE", path, body, query, headers)

    async def ask(self, method, path, body=None, query=None, headers=(),
                  token=None):
        """body: bytes as they are, or what becomes JSON.  headers: a dict or
        pairs; one with the value None is left out."""
        target = path
        if query:
            target += "?" + urllib.parse.urlencode(query)
        fields = {"Host": f"{self.server.host}:{self.server.port}"}
        if token or self.token:
            fields["Authorization"] = "Bearer " + (token or self.token)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields["Content-Type"] = "application/json"
        if body is not None or method in ("POST", "PUT", "PATCH"):
            fields["Content-Length"] = str(len(body or b""))
        fields.update(headers)
        answer = await self.exchange(method, target, fields, body or b"")
        await openapi.check(self.server, method, path, answer)
        return answer

    async def exchange(self, method, target, fields, body):
        lines = [f"{method} {target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in fields.items()
                  if value is not None]
        data = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        kept = self._socket is not None and not self._socket.lost
        for again in (kept, False):
            if self._socket is None or self._socket.lost:
                self._socket = await Socket.connect(self.server.host,
                                                    self.server.port)
            self._socket.write(data)
            response = await self._socket.response(SECONDS, method == "HEAD")
            if response or not again:
                break
        if not response:
            raise AssertionError(f"{method} {target}: no answer\n" +
                                 self.server.tail())
        if response.headers.get("connection", "").lower() == "close":
            self.drop()
        return Answer(response.status, response.headers,
                      unpack(response))

    # What most tests begin with

    async def register(self, name, password="correct horse", **more):
        answer = await self.post("/api/register", {
            "name": name, "password": password, **more})
        self._signed_in(name, answer)
        return answer

    async def login(self, name, password="correct horse", **more):
        answer = await self.post("/api/login", {
            "name": name, "password": password, **more})
        self._signed_in(name, answer)
        return answer

    def _signed_in(self, name, answer):
        if answer.status in (200, 201):
            self.name, self.tokens = name, answer.json
            self.token = answer.json["access_token"]


def unpack(response):
    coding = response.headers.get("content-encoding", "identity")
    if coding == "gzip" and response.body:
        return gzip.decompress(response.body)
    if coding == "deflate" and response.body:
        return zlib.decompress(response.body)
    return response.body


async def person(server, name, password=None):
    """Somebody with a token: registered if there is a password, else one
    that the operator made."""
    client = Rest(server)
    if password is not None:
        answer = await client.register(name, password)
        assert answer.status == 201, answer
        return client
    status, output = await server.ctl("token", name)
    assert status == 0, output
    client.name, client.token = name, output.split()[0]
    return client
