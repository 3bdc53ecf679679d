# SPDX-License-Identifier: MIT
"""What must not be in a log is in none, at any level, in either form.

One scenario says a marked secret in every place where one can be said: then
the log is searched for the mark.
"""

import json
import re

import pytest

from support.rest import Rest, served
from support.websocket import Refused, Socket, WebSocket

MARK = "S3cret"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "
                  r"(?:debug|info|warn|error) [a-z]+[.][a-z_.]+ [^\x00-\x1f]*\Z")
READY = "synctalkd: listening on "
OPEN = ['accounts = { registration = "open" }', "limits = {"
        " address_request_rate = 0, address_connect_rate = 0 }"]
PEM = f"-----BEGIN {MARK}-----"


async def try_socket(server, target, headers=None, texts=()):
    """A WebSocket that may be refused; says the texts, and goes."""
    socket = await WebSocket.connect(server.host, server.port)
    fields = [("Host", f"{server.host}:{server.port}"),
              *(headers or {}).items()]
    try:
        await socket.open(target, fields, 20)
        for text in texts:
            socket.send(text)
        await socket.close(20)
    except (Refused, ConnectionError):
        pass
    finally:
        socket.drop()


async def say(server, data):
    """Bytes, and a wait for what is answered."""
    socket = await Socket.connect(server.host, server.port)
    socket.write(data)
    await socket.response(20)
    socket.drop()


async def rest(server):
    """Passwords, tokens, e-mail, texts, queries: good ones and bad ones."""
    ann = Rest(server)
    password, email = f"{MARK}-password", f"{MARK}@example.org"
    answer = await ann.register("ann", password, email=email)
    assert answer.status == 201, answer
    assert (await ann.login("ann", f"wrong {MARK}")).status == 401
    assert (await ann.login(email, password)).status == 200
    refresh = ann.tokens["refresh_token"]
    answer = await ann.post("/api/refresh", {"refresh_token": refresh})
    assert answer.status == 200
    await ann.post("/api/refresh", {"refresh_token": f"{MARK}refresh"})
    await ann.post("/api/password", {"password": password,
                                     "new_password": f"{MARK} another"})
    await ann.login("ann", f"{MARK} another")
    await ann.patch("/api/me", {"about": f"{MARK} about",
                                "display_name": f"{MARK} name"})
    bob = Rest(server)
    assert (await bob.register("bob", password)).status == 201
    answer = await ann.post("/api/messages", {
        "to": "@bob", "text": f"{MARK} text",
        "client_msg_id": f"{MARK}-id"})
    assert answer.status == 201, answer
    await ann.post("/api/messages", {"to": "@nobody", "text": f"{MARK} no"})
    await ann.post("/api/messages", b'{"to": "@bob", "text": "' +
                   MARK.encode() + b"}", headers={
                       "Content-Type": "application/json"})
    for token in (f"{MARK}.{MARK}.{MARK}", f"{MARK}"):
        answer = await ann.ask("GET", "/api/me", token=token)
        assert answer.status == 401
    await ann.get("/api/messages", {"conversation_id": "@bob",
                                    "before": MARK})
    for target in (f"/nowhere?token={MARK}&{MARK}",
                   f"http://localhost/?access_token={MARK}"):
        await say(server, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n"
                  f"Cookie: session={MARK}\r\n"
                  f"Referer: http://localhost/?{MARK}\r\n\r\n".encode())
    ann.drop()
    bob.drop()
    return [ann.token, refresh, ann.tokens["refresh_token"], bob.token]


async def sockets(server, token):
    lines = [json.dumps({"type": "send", "to": "@bob", "text": f"{MARK} 1"}),
             json.dumps({"type": "send", "to": "#lobby", "text": MARK * 9000}),
             json.dumps({"type": "search", "query": MARK}),
             json.dumps({"type": "edit", "conversation": "@bob", "seq": 1,
                         "text": f"{MARK} edited"}),
             json.dumps({"type": f"{MARK}"}), f'{{"type": "{MARK}',
             f"@bob {MARK} 2", f"/{MARK} 3", f"//{MARK} 4", f"{MARK} 5",
             f"/dm bob {MARK} 6", f"/topic {MARK}", f"/me {MARK}"]
    bearer = {"Authorization": f"Bearer {token}"}
    await try_socket(server, f"/chat?{MARK}={MARK}", bearer, lines)
    await try_socket(server, "/chat?format=text", bearer, lines)
    await try_socket(server, "/chat", {"Authorization": f"Bearer {MARK}"})
    await try_socket(server, "/chat", {"Authorization": f"Basic {MARK}"})
    await try_socket(server, "/chat", {
        "Sec-WebSocket-Protocol": f"synctalk.v1, bearer.{MARK}"})
    await try_socket(server, "/chat", texts=[
        json.dumps({"type": "auth", "token": f"{MARK}.x.y"})])
    await try_socket(server, "/chat", texts=[
        json.dumps({"type": "auth", "token": token}), *lines])
    await try_socket(server, "/chat", texts=[f"{MARK} is no message"])
    await try_socket(server, f"/chat?user={MARK}&device={MARK}%0a")


async def garbage(server):
    """Bytes that could forge a line, and a request that is refused."""
    for data in (b"GET /%0aforged HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"GET /\x1b[2J" + MARK.encode() + b" HTTP/1.1\r\n\r\n",
                 b"BREW /" + MARK.encode() + b" HTTP/1.1\r\n\r\n",
                 PEM.encode() + b"\r\n"):
        await say(server, data)


def check_lines(server, as_json):
    for line in server.log:
        if line.startswith(READY):
            continue
        if as_json:
            assert set(json.loads(line)) == {"time", "level", "event",
                                             "text"}, line
        else:
            assert LINE.match(line), line


@pytest.mark.parametrize("as_json", [False, True])
@served(config=OPEN + ['log = { level = "debug" }'], auth="token",
        prepare=lambda server: server.config.append(
            'lmdb = { min_free = 0 }'))
async def test_no_secret_is_logged(server, as_json):
    if as_json:
        await server.stop()
        server.arguments.append("--log-json")
        server.log.clear()
        await server.start()
    tokens = await rest(server)
    status, made = await server.ctl("token", "ann")
    assert status == 0
    await server.ctl("ban", "192.0.2.1", "--reason", MARK)
    await sockets(server, made.strip())
    await garbage(server)
    # Each part of it has been logged.
    for event in ("http.request", "session.open", "session.close",
                  "client.close", "admin.command"):
        assert await server.logged(event, 0, 20), event
    await server.stop()
    log = "\n".join(server.log)
    assert MARK.lower() not in log.lower()
    for token in [*tokens, made.strip()]:
        for part in token.split("."):
            assert len(part) < 20 or part not in log
    check_lines(server, as_json)
