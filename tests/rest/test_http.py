# SPDX-License-Identifier: MIT
"""What all of REST has in common: tags, gzip, other origins, methods."""

import asyncio
import gzip
import json
import re

from support.rest import SECONDS, Answer, Rest, person, served
from support.server import SOURCE
from support.websocket import Socket

from test_messages import people, say, told, unlimited

ORIGIN = "https://app.example"
origins = [f'origins = {{ "{ORIGIN}" }}']


async def raw(client, method, path, **fields):
    """The answer as it came, packed if it is."""
    server = client.server
    lines = [f"{method} {path} HTTP/1.1", "Host: x",
             "Authorization: Bearer " + client.token]
    lines += [f"{name.replace('_', '-')}: {value}"
              for name, value in fields.items()]
    socket = await Socket.connect(server.host, server.port)
    socket.write("\r\n".join([*lines, "", ""]).encode())
    response = await socket.response(SECONDS, method == "HEAD")
    socket.drop()
    return response


@served(arguments=unlimited)
async def test_gzip_where_it_pays(server):
    ann, _ = await people(server, "ann", "bob")
    await say(ann, "@bob", "tea " * 500)
    path = "/api/messages?conversation_id=@bob"
    plain = await raw(ann, "GET", path)
    assert "content-encoding" not in plain.headers
    packed = await raw(ann, "GET", path, Accept_Encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 4
    # Another encoding is another tag; either will do for a condition.
    tags = plain.headers["etag"], packed.headers["etag"]
    assert tags[0] != tags[1]
    for tag in tags:
        for coding in ("gzip", "identity"):
            same = await raw(ann, "GET", path, If_None_Match=tag,
                             Accept_Encoding=coding)
            assert (same.status, same.body) == (304, b"")
    for refused in ("identity", "gzip;q=0", "br", "gzip;q=0.1, identity",
                    "*;q=0", "gzip;q=x"):
        answer = await raw(ann, "GET", path, Accept_Encoding=refused)
        assert "content-encoding" not in answer.headers, refused
    head = await raw(ann, "HEAD", path, Accept_Encoding="gzip")
    assert head.body == b""
    assert head.headers["content-length"] == str(len(packed.body))
    small = await raw(ann, "GET", "/api/blocks", Accept_Encoding="gzip")
    assert "content-encoding" not in small.headers


@served(arguments=unlimited, config=['accounts = { registration = "open" }'])
async def test_what_has_a_token_in_it_is_never_packed(server):
    nobody = Rest(server)
    answer = await nobody.ask("POST", "/api/register", {
        "name": "ann", "password": "correct horse"},
        headers={"Accept-Encoding": "gzip"})
    assert answer.status == 201 and answer.json["access_token"]
    assert "content-encoding" not in answer.headers
    assert "etag" not in answer.headers


@served(arguments=unlimited)
async def test_head_and_options(server):
    ann, _ = await people(server, "ann", "bob")
    got, head = (await ann.get("/api/conversations"),
                 await ann.head("/api/conversations"))
    assert (head.status, head.body) == (200, b"")
    for name in ("content-length", "content-type", "etag"):
        assert head.headers[name] == got.headers[name]
    answer = await ann.options("/api/messages")
    assert answer.status == 204
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    refused = told(await ann.put("/api/messages", {}), 405, "bad_request")
    assert refused.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    told(await ann.get("/api/nothing"), 404, "not_found")
    for path in ("/api/messages/1/reactions", "/api/users", "/api/groups/",
                 "/api/groups//members"):
        assert (await ann.get(path)).status in (404, 405), path
    told(await ann.get("/api/users/%zz"), 400, "bad_request")
    told(await ann.get("/api/users/%00"), 400, "bad_request")
    told(await ann.get("/api/users/%ff"), 400, "bad_request")


@served(arguments=unlimited)
async def test_what_is_accepted(server):
    ann, _ = await people(server, "ann", "bob")
    for accept in ("application/json", "*/*", "application/*",
                   "text/html, application/json;q=0.1", "APPLICATION/JSON",
                   "text/html;q=1, */*;q=0.1"):
        answer = await ann.get("/api/me", headers={"Accept": accept})
        assert answer.status == 200, accept
    for accept in ("text/html", "application/json;q=0", "text/*",
                   "application/json;q=0, */*"):
        told(await ann.get("/api/conversations", headers={"Accept": accept}),
             406, "bad_request")


@served(arguments=unlimited, config=origins)
async def test_pages_of_listed_origins(server):
    ann, _ = await people(server, "ann", "bob")
    for origin, allowed in ((ORIGIN, True), ("https://evil.example", False),
                            (ORIGIN + ".evil", False), ("null", False),
                            ("http://app.example", False)):
        answer = await ann.get("/api/conversations",
                               headers={"Origin": origin})
        assert answer.status == 200
        assert answer.headers.get("access-control-allow-origin") == (
            ORIGIN if allowed else None)
        assert "access-control-allow-credentials" not in answer.headers
        refused = await ann.get("/api/nothing", headers={"Origin": origin})
        assert ("access-control-allow-origin" in refused.headers) is allowed
        asked = await Rest(server).options("/api/messages/1", {
            "Origin": origin, "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,if-match"})
        assert asked.status == 204
        assert ("access-control-allow-methods" in asked.headers) is allowed
        if allowed:
            assert "PATCH" in asked.headers["access-control-allow-methods"]
            fields = asked.headers["access-control-allow-headers"].lower()
            for field in ("authorization", "content-type", "if-match",
                          "idempotency-key"):
                assert field in fields
            exposed = answer.headers["access-control-expose-headers"]
            for field in ("ETag", "Location", "RateLimit", "Retry-After"):
                assert field in exposed
    nowhere = await ann.get("/api/conversations")
    assert "access-control-allow-origin" not in nowhere.headers
    assert "Origin" in (await raw(ann, "GET", "/api/conversations")
                        ).headers["vary"]


@served()
async def test_without_a_list_no_origin_may_read(server):
    ann, _ = await people(server, "ann", "bob")
    answer = await ann.get("/api/conversations", headers={"Origin": ORIGIN})
    assert answer.status == 200
    assert not [name for name in answer.headers
                if name.startswith("access-control")]


@served()
async def test_nobody_is_let_in_without_a_token(server):
    nobody = Rest(server)
    openapi = json.loads((await server.run("synctalkd", "--openapi"))[1])
    asked = 0
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            if not operation["security"] or {} in operation["security"]:
                continue
            asked += 1
            answer = await nobody.ask(
                method.upper(), path.replace("{", "").replace("}", ""),
                b"not json", token=None)
            assert answer.status == 401, (method, path, answer)
            assert answer.headers["www-authenticate"] == "Bearer"
    assert asked > 30
    ann = await person(server, "ann")
    for token in ("x", ann.token + "x", ann.token[:-4], "a.b.c"):
        told(await nobody.ask("GET", "/api/me", token=token), 401,
             "unauthorized")


# So slow that nothing comes back while the test runs.
slow = ["limits = { user_message_rate = 0.001, user_message_burst = 60 }"]


@served(config=slow)
async def test_what_a_request_costs(server):
    ann, _ = await people(server, "ann", "bob")

    def left(answer):
        return int(re.search(r";r=(\d+);", answer.headers["ratelimit"])[1])

    async def costs(asked):
        nonlocal before
        answer = await asked
        assert answer.status < 300, answer
        before, was = left(answer), before
        return was - before
    before = left(await ann.get("/api/blocks"))
    assert before == 58  # people() asked once
    assert await costs(ann.post("/api/groups", {"name": "tea"})) == 1
    for path in ("/api/conversations", "/api/devices", "/api/users/bob",
                 "/api/blocks", "/api/groups/tea", "/api/groups",
                 "/api/groups/tea/members", "/api/me"):
        assert await costs(ann.get(path)) == 1, path
    assert await costs(ann.patch("/api/me", {"about": "tea"})) == 1
    assert await costs(ann.get("/api/search", {"query": "tea"})) == 1
    assert await costs(ann.get("/api/messages",
                               {"conversation_id": "tea"})) == 1
    member = "/api/groups/tea/members/bob"
    assert await costs(ann.put(member, {"role": "admin"})) == 1
    assert await costs(ann.patch(member, {"role": "member"})) == 1
    sent = await ann.post("/api/messages", {"to": "#tea", "text": "x"})
    before = left(sent) + 1
    path = sent.headers["location"]
    assert await costs(ann.get(path)) == 2  # with the one before
    # A look, and a text, which is judged as a message is.
    assert await costs(ann.patch(path, {"text": "y"},
                                 headers={"If-Match": "*"})) == 2
    assert await costs(ann.post("/api/messages/read", None,
                                {"conversation_id": "tea"})) == 1
    for _ in range(60):
        answer = await ann.get("/api/messages/1")
        if answer.status == 429:
            break
    told(answer, 429, "rate_limited")
    assert left(answer) == 0


FEW = 10
few = [f"limits = {{ address_request_rate = 0.001,"
       f" address_request_burst = {FEW} }}"]


@served(config=few)
async def test_what_costs_its_person_nothing_costs_the_address(server):
    """What is refused before it is counted, and what is over the limit."""
    reader = Rest(server)
    status, output = await server.ctl("token", "ann", "--scope", "read")
    assert status == 0
    reader.token = output.split()[0]
    statuses = [(await reader.get("/api/blocks")).status
                for _ in range(FEW + 2)]
    assert statuses[0] == 403 and statuses[-1] == 429


@served(config=few + origins)
async def test_a_page_learns_when_it_may_go_on(server):
    nobody = Rest(server)
    for _ in range(FEW + 2):
        answer = await nobody.get("/api/me", headers={"Origin": ORIGIN})
        assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.status == 429 and answer.headers["vary"] == "Origin"


@served(config=[few[0].replace("}", ", user_message_rate = 0.001 }")])
async def test_who_asks_on_over_the_limit_is_left_to_the_address(server):
    ann = await person(server, "ann")
    while True:
        answer = await ann.get("/api/me")
        if answer.status == 429:
            break
        assert answer.status == 200
    assert "ratelimit" in answer.headers
    for _ in range(FEW + 2):
        answer = await ann.get("/api/me")
    assert answer.status == 429 and "ratelimit" not in answer.headers


@served(arguments=unlimited)
async def test_paths_and_numbers_that_are_none(server):
    ann, _ = await people(server, "ann", "bob")
    for method, path in (
            ("GET", "/api/conversations/%FF"), ("GET", "/api/messages/%FF"),
            ("GET", "/api/users/%C3%28"), ("PUT", "/api/blocks/%FF"),
            ("PUT", "/api/messages/1/reactions/%FF"),
            ("DELETE", "/api/devices/%FF"), ("GET", "/api/groups/a%00")):
        told(await ann.ask(method, path), 400, "bad_request")
    for path in ("/api/conversations", "/api/groups", "/api/blocks",
                 "/api/groups/tea/members"):
        for text in ("%095", "+5", "%2B5", "5%20", "0x5", "-", "", "1e1"):
            told(await raw_query(ann, path, f"limit={text}"), 400,
                 "bad_request", "limit")
    for path, cursor in (("/api/conversations", "c"), ("/api/groups", "g"),
                         ("/api/blocks", "b")):
        for value in ("ffffffffffffffff", "20000000000000", "-1", "1g", ""):
            told(await ann.get(path, {"cursor": cursor + value}), 400,
                 "bad_request", "cursor")
        assert (await ann.get(path, {"cursor": cursor + "1" * 13})
                ).status == 200
    for name in ("before", "after"):
        answer = await ann.get("/api/messages", {
            "conversation_id": "lobby", name: "mffffffffffffffff"})
        told(answer, 400, "bad_request", name)
        assert "earlier answer" in answer.json["detail"]


async def raw_query(client, path, query):
    response = await raw(client, "GET", f"{path}?{query}")
    return Answer(response.status, response.headers, response.body)


@served(arguments=unlimited)
async def test_the_same_key_at_once(server):
    ann, _ = await people(server, "ann", "bob")
    others = [Rest(server, ann.token) for _ in range(8)]
    answers = await asyncio.gather(*(
        one.post("/api/groups", {"name": "tea"},
                 headers={"Idempotency-Key": "k"}) for one in others))
    done = [one for one in answers if one.status == 201]
    first = [one for one in done
             if "idempotency-replayed" not in one.headers]
    assert len(first) == 1
    for one in answers:
        if one.status != 201:
            told(one, 409, "conflict", "Idempotency-Key")
        else:
            assert one.body == first[0].body


@served(arguments=unlimited)
async def test_no_body_and_no_token_is_in_the_log(server):
    ann, _ = await people(server, "ann", "bob")
    await say(ann, "@bob", "very secret text")
    await ann.get("/api/search", {"query": "verysecretwords"})
    await ann.post("/api/messages", {"to": "@nobody", "text": "alsosecret"})
    log = "\n".join(server.log)
    for word in ("very secret", "verysecret", "alsosecret", ann.token):
        assert word not in log


@served()
async def test_the_guide_names_each_request(server):
    guide = (SOURCE / "docs" / "rest.md").read_text(encoding="utf-8")
    openapi = json.loads((await server.run("synctalkd", "--openapi"))[1])
    for path, item in openapi["paths"].items():
        path = re.sub(r"\{(\w+)\}", lambda name: name[1].upper(), path)
        for method in item:
            assert f"`{method.upper()} {path}`" in guide, (method, path)
