# SPDX-License-Identifier: MIT
"""Messages by REST: sent once, paged whole, changed as they were seen."""

import asyncio
import json
import urllib.parse

from support.live import Live
from support.rest import Rest, person, served

unlimited = ("--limits", "off")


def told(answer, status, code, field=None):
    """It is a refusal of that status and code, and names the field."""
    assert answer.status == status, answer
    assert answer.type == "application/problem+json"
    assert answer.code == code, answer
    assert answer.json["status"] == status and answer.json["detail"]
    assert answer.json.get("field") == field, answer
    return answer


async def say(client, to, text, **members):
    answer = await client.post("/api/messages",
                               {"to": to, "text": text, **members})
    assert answer.status in (200, 201), answer
    return answer.json


async def page(client, conversation, **query):
    answer = await client.get("/api/messages", {
        "conversation_id": conversation, **query})
    assert answer.status == 200, answer
    return answer.json


def texts(answer):
    return [message.get("text") for message in answer["messages"]]


async def people(server, *names):
    """Who are there: a token's first use makes its account."""
    clients = [await person(server, name) for name in names]
    for one in clients:
        assert (await one.get("/api/me")).status == 200
    return clients


# ------------------------------------------------------------------- sending

@served(arguments=unlimited)
async def test_one_engine_under_rest_and_sockets(server):
    ann, bob = await people(server, "ann", "bob")
    phone = await Live.connect(bob, "phone")
    laptop = await Live.connect(bob, "laptop")
    own = await Live.connect(ann, "tablet")
    answer = await ann.post("/api/messages", {"to": "@bob", "text": " hi "})
    assert answer.status == 201
    sent = answer.json
    assert set(sent) == {"conversation", "seq", "id", "at"}
    assert answer.headers["location"] == f"/api/messages/{sent['id']}"
    for live in (phone, laptop, own):
        event = await live.gets("message", text="hi")
        assert event["seq"] == sent["seq"] and event["id"] == sent["id"]
        await live.settled()
        assert len(live.all("message")) == 1
    phone.send({"type": "send", "to": "@ann", "text": "by socket"})
    second = await phone.gets("sent")
    listed = await page(ann, "@bob")
    assert texts(listed) == ["hi", "by socket"]
    assert listed["total"] == 2 and not listed["has_more"]
    assert listed["messages"][1]["seq"] == second["seq"] == sent["seq"] + 1
    _, status = await server.ctl("status")
    assert "2" in status


@served(arguments=unlimited)
async def test_a_message_is_stored_once(server):
    ann, bob = await people(server, "ann", "bob")
    live = await Live.connect(bob)
    body = {"to": "@bob", "text": "once", "client_msg_id": "a1"}
    first = await ann.post("/api/messages", body)
    again = await ann.post("/api/messages", body)
    assert (first.status, again.status) == (201, 200)
    assert again.json == {**first.json, "duplicate": True}
    assert first.json["client_msg_id"] == "a1"
    told(await ann.post("/api/messages", {**body, "text": "other"}),
         409, "conflict")
    await live.gets("message")
    await live.settled()
    assert len(live.all("message")) == 1


@served(arguments=unlimited)
async def test_an_idempotency_key_is_kept_with_the_message(server):
    ann, _ = await people(server, "ann", "bob")
    key = {"Idempotency-Key": '"k-1"'}
    first = await ann.post("/api/messages", {"to": "@bob", "text": "once"},
                           headers=key)
    assert first.status == 201
    assert first.json["client_msg_id"] == "k-1"
    await server.kill()
    await server.start()
    ann.drop()
    again = await ann.post("/api/messages", {"to": "@bob", "text": "once"},
                           headers=key)
    assert again.status == 200
    assert again.json["seq"] == first.json["seq"]
    assert again.headers["idempotency-replayed"] == "true"
    told(await ann.post("/api/messages", {"to": "@bob", "text": "other"},
                        headers=key), 422, "conflict", "Idempotency-Key")


REFUSED_SENDS = [
    ({"text": "x"}, 400, "bad_request", "to"),
    ({"to": "@bob"}, 400, "bad_request", "text"),
    ({"to": "@bob", "text": ""}, 400, "bad_request", "text"),
    ({"to": "@bob", "text": "  "}, 400, "bad_request", "text"),
    ({"to": "@bob", "text": 7}, 400, "bad_request", "text"),
    ({"to": "@bob", "text": None}, 400, "bad_request", "text"),
    ({"to": ["@bob"], "text": "x"}, 400, "bad_request", "to"),
    ({"to": "bob", "text": "x"}, 400, "bad_request", "to"),
    ({"to": "@nobody", "text": "x"}, 404, "not_found", "to"),
    ({"to": "#nowhere", "text": "x"}, 404, "not_found", "to"),
    ({"to": "@bob:carol", "text": "x"}, 403, "forbidden", "to"),
    ({"to": "@bob", "text": "x", "reply_to": 99}, 404, "not_found",
     "reply_to"),
    ({"to": "@bob", "text": "x", "reply_to": 0}, 400, "bad_request",
     "reply_to"),
    ({"to": "@bob", "text": "x", "client_msg_id": "y" * 65}, 400,
     "bad_request", "client_msg_id"),
    ({"to": "@bob", "text": "x" * 16385}, 400, "bad_request", "text"),
    ({"to": "@bob", "text": "x", "action": "yes"}, 400, "bad_request",
     "action"),
]


@served(arguments=unlimited)
async def test_what_cannot_be_sent(server):
    ann, _, _ = await people(server, "ann", "bob", "carol")
    for body, status, code, field in REFUSED_SENDS:
        told(await ann.post("/api/messages", body), status, code, field)
    assert (await ann.get("/api/conversations")).json["conversations"] == []
    await say(ann, "@bob", "x" * 16384)


@served(arguments=unlimited)
async def test_who_is_blocked_or_muted_or_out(server):
    ann, bob, _ = await people(server, "ann", "bob", "carol")
    await say(ann, "@bob", "hi")
    assert (await bob.put("/api/blocks/ann")).status == 204
    told(await ann.post("/api/messages", {"to": "@bob", "text": "x"}),
         403, "blocked")
    await bob.post("/api/groups", {"name": "tea"})
    told(await ann.post("/api/messages", {"to": "#tea", "text": "x"}),
         403, "not_member", "to")
    await bob.delete("/api/blocks/ann")
    assert (await ann.post("/api/groups/tea/join")).status == 200
    assert (await bob.put("/api/groups/tea/mutes/ann",
                          {"duration": "10m"})).status == 204
    answer = told(await ann.post("/api/messages", {"to": "#tea",
                                                   "text": "x"}),
                  403, "muted", "to")
    assert answer.json["until"].endswith("Z")


@served()
async def test_rates_are_those_of_a_socket(server):
    ann, _ = await people(server, "ann", "bob")
    live = await Live.connect(ann)
    answers = [await ann.post("/api/messages", {"to": "@bob", "text": "x"})
               for _ in range(15)]
    refused = [one for one in answers if one.status == 429]
    assert refused, "no limit"
    one = told(refused[-1], 429, "rate_limited")
    assert one.json["retry_after_ms"] > 0
    assert int(one.headers["retry-after"]) >= 1
    limit, left = one.headers["ratelimit-policy"], one.headers["ratelimit"]
    assert limit == '"requests";q=20' and left.startswith('"requests";r=')
    live.send({"type": "send", "to": "@bob", "text": "x", "ref": 1})
    assert (await live.gets("error", ref=1))["code"] == "rate_limited"


# ------------------------------------------------------------------- listing

@served(arguments=unlimited)
async def test_pages_by_offset_count_from_the_newest(server):
    ann, _ = await people(server, "ann", "bob")
    for number in range(7):
        await say(ann, "@bob", str(number))
    assert texts(await page(ann, "@bob", limit=3)) == ["4", "5", "6"]
    second = await page(ann, "@bob", limit=3, offset=3)
    assert texts(second) == ["1", "2", "3"]
    assert second["total"] == 7 and second["has_more"]
    last = await page(ann, "@bob", limit=3, offset=6)
    assert texts(last) == ["0"] and not last["has_more"]
    beyond = await page(ann, "@bob", offset=7)
    assert texts(beyond) == [] and not beyond["has_more"]
    assert beyond["before"] is None and beyond["after"] is None


@served(arguments=unlimited)
async def test_cursors_find_each_message_once_while_more_come(server):
    ann, bob = await people(server, "ann", "bob")
    wanted = []
    for number in range(25):
        wanted.append((await say(ann, "@bob", str(number)))["id"])
    ids, query = [], {}
    while True:
        one = await page(bob, "@ann", limit=4, **query)
        ids = [message["id"] for message in one["messages"]] + ids
        if not one["has_more"]:
            break
        # Reactions and messages between two pages move nothing.
        await ann.put(f"/api/messages/{wanted[0]}/reactions/x")
        await say(ann, "@bob", "later")
        await ann.delete(f"/api/messages/{wanted[0]}/reactions/x")
        query = {"before": one["before"]}
    assert ids == wanted
    ids, after = [], (await page(bob, "@ann", limit=1, offset=24))["after"]
    count = (await page(bob, "@ann"))["total"]
    while True:
        one = await page(bob, "@ann", limit=4, after=after)
        ids += [message["id"] for message in one["messages"]]
        after = one["after"]
        if not one["has_more"]:
            break
    assert len(ids) == len(set(ids)) and ids == sorted(ids)
    assert len(ids) < count
    assert (await page(bob, "@ann", after=after))["messages"] == []
    assert (await page(bob, "@ann", after=after))["after"] == after
    assert (await ann.get("/api/messages", {"conversation_id": "@bob"})
            ).status == 200


@served(arguments=unlimited)
async def test_a_conversation_has_many_names(server):
    ann, _ = await people(server, "ann", "bob")
    await say(ann, "@bob", "hi")
    await ann.post("/api/groups", {"name": "tea"})
    await say(ann, "#tea", "cup")
    for name in ("@bob", "@ann:bob", "@bob:ann", "@BOB"):
        assert texts(await page(ann, name)) == ["hi"]
        quoted = urllib.parse.quote(name, safe="")
        one = await ann.get(f"/api/conversations/{quoted}")
        assert one.json["conversation"] == "@ann:bob"
    for name in ("tea", "#tea", "Tea"):
        assert texts(await page(ann, name)) == ["cup"]
    await say(ann, "#lobby", "all")
    assert texts(await page(ann, "lobby")) == ["all"]


REFUSED_LISTS = [
    ({}, 400, "bad_request", "conversation_id"),
    ({"conversation_id": "a b"}, 400, "bad_request", "conversation_id"),
    ({"conversation_id": "#nowhere"}, 404, "not_found", "conversation_id"),
    ({"conversation_id": "@nobody"}, 404, "not_found", "conversation_id"),
    ({"conversation_id": "@bob:carol"}, 403, "forbidden",
     "conversation_id"),
    ({"conversation_id": "@bob", "limit": "0"}, 400, "bad_request", "limit"),
    ({"conversation_id": "@bob", "limit": "201"}, 400, "bad_request",
     "limit"),
    ({"conversation_id": "@bob", "limit": "x"}, 400, "bad_request", "limit"),
    ({"conversation_id": "@bob", "offset": "-1"}, 400, "bad_request",
     "offset"),
    ({"conversation_id": "@bob", "before": "x"}, 400, "bad_request",
     "before"),
    ({"conversation_id": "@bob", "after": "m"}, 400, "bad_request", "after"),
    ({"conversation_id": "@bob", "before": "m" + "f" * 16}, 400,
     "bad_request", "before"),
    ({"conversation_id": "@bob", "offset": "1", "before": "m1"}, 400,
     "bad_request", "offset"),
    ([("conversation_id", "@bob"), ("conversation_id", "#tea")], 400,
     "bad_request", "conversation_id"),
]


@served(arguments=unlimited)
async def test_what_cannot_be_listed(server):
    ann, bob, carol = await people(server, "ann", "bob", "carol")
    await say(ann, "@bob", "hi")
    await say(carol, "@bob", "secret")
    for query, status, code, field in REFUSED_LISTS:
        told(await ann.get("/api/messages", query), status, code, field)
    await bob.post("/api/groups", {"name": "tea"})
    told(await ann.get("/api/messages", {"conversation_id": "tea"}),
         403, "not_member")


@served(arguments=unlimited)
async def test_messages_of_whom_one_blocks_are_left_out(server):
    ann, bob = await people(server, "ann", "bob")
    await ann.post("/api/groups", {"name": "tea"})
    await bob.post("/api/groups/tea/join")
    said = await say(bob, "#tea", "hidden")
    await say(ann, "#tea", "seen")
    await ann.put("/api/blocks/bob")
    assert texts(await page(ann, "tea")) == ["seen"]
    told(await ann.get(f"/api/messages/{said['id']}"), 404, "not_found")
    assert texts(await page(bob, "tea")) == ["hidden", "seen"]


# ----------------------------------------------------------------- one alone

@served(arguments=unlimited)
async def test_one_message_and_its_tag(server):
    ann, bob = await people(server, "ann", "bob")
    sent = await say(ann, "@bob", "hi", client_msg_id="c1")
    path = f"/api/messages/{sent['id']}"
    mine, theirs = await ann.get(path), await bob.get(path)
    assert mine.json["client_msg_id"] == "c1"
    assert "client_msg_id" not in theirs.json
    tag = theirs.headers["etag"]
    same = await bob.get(path, headers={"If-None-Match": f'W/"x", {tag}'})
    assert (same.status, same.body) == (304, b"")
    assert same.headers["etag"] == tag
    await ann.put(path + "/reactions/" + urllib.parse.quote("👍"))
    now = await bob.get(path, headers={"If-None-Match": tag})
    assert now.status == 200 and now.headers["etag"] != tag
    assert now.json["reactions"] == [
        {"emoji": "👍", "n": 1, "users": ["ann"]}]
    await ann.delete(path + "/reactions/" + urllib.parse.quote("👍"))
    assert (await bob.get(path)).headers["etag"] == tag


@served(arguments=unlimited)
async def test_edits_of_what_was_seen(server):
    ann, bob = await people(server, "ann", "bob")
    live = await Live.connect(bob)
    path = f"/api/messages/{(await say(ann, '@bob', 'one'))['id']}"
    tag = (await ann.get(path)).headers["etag"]
    edited = await ann.patch(path, {"text": "two"},
                             headers={"If-Match": tag})
    assert edited.status == 200 and edited.json["text"] == "two"
    assert edited.json["edited_at"]
    assert (await live.gets("edited"))["text"] == "two"
    assert edited.headers["etag"] == (await ann.get(path)).headers["etag"]
    told(await ann.patch(path, {"text": "three"}, headers={"If-Match": tag}),
         412, "conflict", "If-Match")
    told(await ann.delete(path, headers={"If-Match": tag}),
         412, "conflict", "If-Match")
    told(await ann.patch(path, {"text": "three"},
                         headers={"If-Match": "W/" +
                                  edited.headers["etag"]}),
         412, "conflict", "If-Match")
    again = await ann.patch(path, {"text": "three"},
                            headers={"If-Match": "*"})
    assert again.json["text"] == "three"
    assert (await ann.patch(path, {"text": "four"})).json["text"] == "four"
    tag = (await ann.get(path)).headers["etag"]
    assert (await ann.delete(path, headers={"If-Match": tag})).status == 204
    await live.gets("deleted")
    gone = await bob.get(path)
    assert gone.json["deleted"] is True and "text" not in gone.json
    told(await ann.patch(path, {"text": "x"}), 404, "not_found")
    assert (await ann.delete(path)).status == 204


@served(arguments=unlimited)
async def test_of_edits_at_once_one_wins(server):
    ann, _ = await people(server, "ann", "bob")
    others = [Rest(server, ann.token) for _ in range(8)]
    path = f"/api/messages/{(await say(ann, '@bob', 'one'))['id']}"
    tag = (await ann.get(path)).headers["etag"]
    answers = await asyncio.gather(*(
        one.patch(path, {"text": f"by {number}"}, headers={"If-Match": tag})
        for number, one in enumerate(others)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] + [412] * 7


@served(arguments=unlimited)
async def test_what_is_not_ones_own(server):
    ann, bob, eve = await people(server, "ann", "bob", "eve")
    sent = await say(ann, "@bob", "hi")
    path = f"/api/messages/{sent['id']}"
    told(await bob.patch(path, {"text": "x"}), 403, "forbidden")
    told(await bob.delete(path), 403, "forbidden")
    for name in (path, path + "/receipts", path + "/versions"):
        told(await eve.get(name), 404, "not_found")
    told(await eve.patch(path, {"text": "x"}), 404, "not_found")
    told(await eve.delete(path), 404, "not_found")
    told(await eve.put(path + "/reactions/x"), 404, "not_found")
    for name in ("0", "99999", "-1", "x", "1e3", "9" * 20, "%00"):
        answer = await ann.get("/api/messages/" + name)
        assert answer.status in (400, 404), answer
    told(await ann.patch(path, {}), 400, "bad_request", "text")
    told(await ann.patch(path, {"text": " "}), 400, "bad_request", "text")
    told(await ann.put(path + "/reactions/a%20b"), 400, "bad_request")
    told(await ann.get(path + "/versions"), 403, "forbidden")
    joined = await ann.post("/api/groups", {"name": "tea"})
    assert joined.status == 201
    # An event that is no message has a number too, but no page of its own.
    told(await ann.get(f"/api/messages/{sent['id'] + 1}"), 404, "not_found")


@served(arguments=unlimited, config=["chat = { keep_versions = true }"])
async def test_receipts_and_versions(server):
    ann, bob, carol = await people(server, "ann", "bob", "carol")
    await ann.post("/api/groups", {"name": "tea"})
    for one in (bob, carol):
        await one.post("/api/groups/tea/join")
    sent = await say(ann, "#tea", "one")
    path = f"/api/messages/{sent['id']}"
    answer = await bob.post("/api/messages/read", None,
                            {"conversation_id": "tea"})
    assert answer.json == {"success": True, "marked": 1}
    listed = (await ann.get(path + "/receipts")).json
    assert (listed["read_n"], listed["of_n"]) == (1, 2)
    by_name = {one["user"]: one for one in listed["receipts"]}
    assert "read_at" in by_name["bob"] and "read_at" not in by_name["carol"]
    first = (await ann.get(path + "/receipts", {"limit": 1})).json
    second = (await ann.get(path + "/receipts", {
        "limit": 1, "cursor": first["next"]})).json
    assert second["next"] is None
    assert {first["receipts"][0]["user"],
            second["receipts"][0]["user"]} == {"bob", "carol"}
    told(await ann.get(path + "/receipts", {"cursor": "c1"}), 400,
         "bad_request", "cursor")
    await ann.patch(path, {"text": "two"})
    versions = (await ann.get(path + "/versions")).json
    assert [one["text"] for one in versions["versions"]] == ["one"]
    assert versions["has_more"] is False
    told(await bob.get(path + "/versions"), 403, "forbidden")


# ------------------------------------------------------------- what is unread

@served(arguments=unlimited)
async def test_reading_tells_how_much_was_unread(server):
    ann, bob = await people(server, "ann", "bob")
    live = await Live.connect(ann)
    for number in range(3):
        await say(ann, "@bob", str(number))
    one = (await bob.get("/api/conversations/@ann")).json
    assert (one["unread"], one["role"], one["kind"]) == (3, "member",
                                                         "direct")
    assert one["last_message"]["text"] == "2"
    path, place = "/api/messages/read", {"conversation_id": "@ann"}
    assert (await bob.post(path, {"seq": 1}, place)).json["marked"] == 3
    assert (await live.gets("read", seq=1))["user"] == "bob"
    assert (await bob.post(path, None, place)).json["marked"] == 2
    assert (await bob.post(path, None, place)).json["marked"] == 0
    assert (await bob.put("/api/conversations/@ann/unread")).status == 204
    listed = (await bob.get("/api/conversations", {"unread": "true"})).json
    assert listed["conversations"][0]["marked_unread"] is True
    assert (await bob.delete("/api/conversations/@ann/unread")).status == 204
    listed = (await bob.get("/api/conversations", {"unread": "true"})).json
    assert listed["conversations"] == []
    told(await bob.post(path, None, {"conversation_id": "#nowhere"}), 404,
         "not_found", "conversation_id")
    told(await bob.post(path, {"seq": 0}, place), 400, "bad_request", "seq")
    told(await bob.post(path, None), 400, "bad_request", "conversation_id")
    told(await bob.post(path, None, {"conversation_id": "lobby"}), 400,
         "bad_request", "conversation_id")


@served(arguments=unlimited)
async def test_conversations_page_by_page(server):
    ann, *others = await people(server, "ann", *(f"p{n}" for n in range(5)))
    for one in others:
        await say(one, "@ann", "hi")
    names, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        listed = (await ann.get("/api/conversations", query)).json
        names += [one["conversation"] for one in listed["conversations"]]
        cursor = listed["next"]
        if cursor is None:
            break
    assert names == [f"@ann:p{n}" for n in (4, 3, 2, 1, 0)]
    told(await ann.get("/api/conversations", {"cursor": "m1"}), 400,
         "bad_request", "cursor")
    told(await ann.get("/api/conversations", {"unread": "maybe"}), 400,
         "bad_request", "unread")
    told(await ann.get("/api/conversations/@nobody"), 404, "not_found")
    told(await ann.get("/api/conversations/@p1:p2"), 403, "forbidden")


@served(arguments=unlimited)
async def test_search(server):
    ann, bob = await people(server, "ann", "bob")
    for number in range(3):
        await say(ann, "@bob", f"kettle {number}")
    await say(bob, "@ann", "nothing")

    async def found(**query):
        return (await bob.get("/api/search", {"query": "kettle",
                                              **query})).json
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 20
    while len((await found())["messages"]) < 3:  # the index follows
        assert loop.time() < deadline
    first = await found(limit=2, conversation_id="@ann")
    assert [one["text"] for one in first["messages"]] == ["kettle 2",
                                                          "kettle 1"]
    second = await found(limit=2, cursor=first["next"])
    assert [one["text"] for one in second["messages"]] == ["kettle 0"]
    assert (await found(query="kettle from:bob"))["messages"] == []
    told(await bob.get("/api/search"), 400, "bad_request", "query")
    told(await bob.get("/api/search", {"query": "before:never"}), 400,
         "bad_request", "query")
    told(await bob.get("/api/search", {"query": "x", "cursor": "c1"}), 400,
         "bad_request", "cursor")


# ---------------------------------------------------------------- bad bodies

BAD_BODIES = [
    (b"", 400, "bad_request"),
    (b"{", 400, "bad_request"),
    (b"[]", 400, "bad_request"),
    (b"null", 400, "bad_request"),
    (b'"x"', 400, "bad_request"),
    (b'{"to":"@bob","text":"x"} x', 400, "bad_request"),
    (b'{"to":"@bob","text":"x","text":"y"}', 400, "bad_request"),
    (b'{"to":"@bob","text":"\xff"}', 400, "bad_request"),
    (b'{"to":"@bob","text":"\\ud800"}', 400, "bad_request"),
    (b'{"to":"@bob","text":"a\\u0000b"}', 400, "bad_request"),
    (b'{"to":"@bob","text":NaN}', 400, "bad_request"),
    (b'{"a":' + b"[" * 30000 + b"]" * 30000 + b"}", 400, "bad_request"),
]


@served(arguments=unlimited)
async def test_a_body_that_is_no_object(server):
    ann, _ = await people(server, "ann", "bob")
    for body, status, code in BAD_BODIES:
        answer = await ann.post("/api/messages", body, headers={
            "Content-Type": "application/json"})
        told(answer, status, code, answer.json.get("field"))
    assert (await say(ann, "@bob", "still here"))["seq"] == 1


@served(arguments=unlimited)
async def test_a_body_has_its_type_and_its_size(server):
    ann, _ = await people(server, "ann", "bob")
    body = json.dumps({"to": "@bob", "text": "x"}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded",
                 "application/jsonx", None):
        told(await ann.post("/api/messages", body,
                            headers={"Content-Type": kind}),
             415, "bad_request")
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        assert (await ann.post("/api/messages", body,
                               headers={"Content-Type": kind})
                ).status == 201
    large = Rest(server, ann.token)
    answer = await large.exchange("POST", "/api/messages", {
        "Host": "x", "Authorization": "Bearer " + ann.token,
        "Content-Type": "application/json",
        "Content-Length": str(1 << 20)}, b"")
    assert (answer.status, answer.code) == (413, "too_large"), answer
