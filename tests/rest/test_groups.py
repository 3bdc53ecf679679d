# SPDX-License-Identifier: MIT
"""Groups by REST: made, joined, moderated, and who may do what."""

import asyncio

from support.live import Live
from support.rest import person, served

from test_messages import people, say, told, unlimited


@served(arguments=unlimited)
async def test_a_group_from_its_beginning(server):
    ann, bob = await people(server, "ann", "bob")
    made = await ann.post("/api/groups", {
        "name": "#Tea", "title": "Tea", "description": "Leaves only",
        "private": False, "slow": 0})
    assert made.status == 201
    assert made.headers["location"] == "/api/groups/tea"
    assert made.json["conversation"] == "#tea"
    assert made.json["role"] == "owner" and made.json["title"] == "Tea"
    assert (await ann.get("/api/groups/tea")).json == made.json
    assert (await ann.get("/api/groups/%23tea")).json == made.json
    live = await Live.connect(ann)
    joined = await bob.post("/api/groups/tea/join")
    assert joined.status == 200 and joined.json["role"] == "member"
    await live.gets("joined", user="bob")
    assert (await bob.post("/api/groups/tea/join")).status == 200
    changed = await ann.patch("/api/groups/tea", {
        "title": "Green tea", "slow": 30, "description": None})
    assert changed.json["title"] == "Green tea"
    assert changed.json["slow"] == 30
    assert changed.json["description"] == "Leaves only"
    event = await live.gets("updated")
    assert event["slow"] == 30 and "description" not in event
    listed = (await bob.get("/api/groups")).json
    assert [one["conversation"] for one in listed["groups"]] == ["#tea"]
    assert (await bob.post("/api/groups/tea/leave")).status == 204
    told(await bob.get("/api/groups/tea"), 403, "not_member")
    assert (await bob.get("/api/groups")).json["groups"] == []


REFUSED_GROUPS = [
    ({}, 400, "bad_request", "name"),
    ({"name": "a"}, 400, "bad_request", "name"),
    ({"name": "a b"}, 400, "bad_request", "name"),
    ({"name": "x" * 33}, 400, "bad_request", "name"),
    ({"name": "@bob"}, 400, "bad_request", "name"),
    ({"name": "tea"}, 409, "conflict", None),
    ({"name": "cup", "title": "x" * 257}, 400, "bad_request", "title"),
    ({"name": "cup", "title": "a\nb"}, 400, "bad_request", "title"),
    ({"name": "cup", "private": "yes"}, 400, "bad_request", "private"),
    ({"name": "cup", "history": "some"}, 400, "bad_request", "history"),
    ({"name": "cup", "slow": 86401}, 400, "bad_request", "slow"),
    ({"name": "cup", "slow": -1}, 400, "bad_request", "slow"),
    ({"name": "cup", "slow": "30s"}, 400, "bad_request", "slow"),
]


@served(arguments=unlimited)
async def test_what_is_no_group(server):
    ann, bob = await people(server, "ann", "bob")
    assert (await bob.post("/api/groups", {"name": "tea"})).status == 201
    for body, status, code, field in REFUSED_GROUPS:
        told(await ann.post("/api/groups", body), status, code, field)
    assert (await ann.get("/api/groups")).json["groups"] == []
    await say(ann, "@bob", "hi")
    told(await ann.get("/api/groups/@bob"), 404, "not_found")
    told(await ann.get("/api/groups/cup"), 404, "not_found")
    # To join is not to make.
    told(await ann.post("/api/groups/cup/join"), 404, "not_found")
    told(await ann.post("/api/groups/a%20b/join"), 400, "bad_request")
    told(await ann.post("/api/groups/lobby/join"), 400, "bad_request")
    told(await ann.post("/api/groups/tea/leave"), 403, "not_member")
    told(await ann.patch("/api/groups/tea", {"title": "x"}), 403,
         "not_member")
    told(await ann.patch("/api/groups/tea", {}), 400, "bad_request")
    told(await bob.patch("/api/groups/tea", {"title": None}), 400,
         "bad_request")
    answer = await ann.delete("/api/groups/tea")
    told(answer, 405, "bad_request")
    assert answer.headers["allow"] == "GET, HEAD, PATCH, OPTIONS"


@served(arguments=unlimited)
async def test_what_is_not_compared_does_not_happen(server):
    ann, _ = await people(server, "ann", "bob")
    await ann.post("/api/groups", {"name": "tea"})
    tag = (await ann.get("/api/groups/tea")).headers["etag"]
    told(await ann.patch("/api/groups/tea", {"title": "x"},
                         headers={"If-Match": tag}), 400, "bad_request",
         "If-Match")
    assert (await ann.get("/api/groups/tea")).headers["etag"] == tag


@served(arguments=unlimited)
async def test_roles_and_what_they_may(server):
    ann, bob, carol, dave = await people(server, "ann", "bob", "carol",
                                         "dave")
    await ann.post("/api/groups", {"name": "tea"})
    members = "/api/groups/tea/members/"
    assert (await ann.put(members + "bob", {"role": "moderator"})
            ).status == 204
    assert (await ann.put(members + "carol")).status == 204
    listed = (await bob.get("/api/groups/tea/members")).json["members"]
    assert [(one["user"], one["role"]) for one in listed] == [
        ("ann", "owner"), ("bob", "moderator"), ("carol", "member")]
    told(await carol.put(members + "dave"), 403, "forbidden")
    told(await carol.delete(members + "bob"), 403, "forbidden")
    told(await bob.delete(members + "ann"), 403, "forbidden")
    told(await bob.patch(members + "carol", {"role": "admin"}), 403,
         "forbidden")
    told(await ann.patch(members + "dave", {"role": "admin"}), 404,
         "not_found")
    told(await ann.patch(members + "bob", {"role": "king"}), 400,
         "bad_request", "role")
    told(await ann.patch(members + "bob", {}), 400, "bad_request", "role")
    told(await ann.put(members + "nobody"), 404, "not_found")
    told(await ann.put(members + "a%20b"), 400, "bad_request")
    told(await ann.delete(members + "ann"), 409, "conflict")
    assert (await ann.patch(members + "carol", {"role": "owner"})
            ).status == 204
    assert (await ann.delete(members + "@Ann")).status == 204
    assert (await carol.delete(members + "bob")).status == 204
    told(await bob.get("/api/groups/tea/members"), 403, "not_member")
    told(await dave.get("/api/groups/tea/members"), 403, "not_member")


@served(arguments=unlimited)
async def test_invitations_bans_and_mutes(server):
    ann, bob = await people(server, "ann", "bob")
    await ann.post("/api/groups", {"name": "tea", "private": True})
    told(await bob.post("/api/groups/tea/join"), 403, "forbidden")
    assert (await ann.put("/api/groups/tea/invitations/bob")).status == 204
    listed = (await bob.get("/api/groups")).json["groups"]
    assert [(one["role"], one["by"]) for one in listed] == [
        ("invited", "ann")]
    assert (await bob.post("/api/groups/tea/leave")).status == 204
    told(await bob.post("/api/groups/tea/join"), 403, "forbidden")
    await ann.put("/api/groups/tea/invitations/bob")
    assert (await bob.post("/api/groups/tea/join")).status == 200
    mute = "/api/groups/tea/mutes/bob"
    told(await ann.put(mute, {}), 400, "bad_request", "duration")
    told(await ann.put(mute, {"duration": "soon"}), 400, "bad_request",
         "duration")
    assert (await ann.put(mute, {"duration": "1h"})).status == 204
    one = (await bob.get("/api/groups/tea")).json
    assert one["muted"] is True and one["muted_until"]
    assert (await ann.delete(mute)).status == 204
    await say(bob, "#tea", "free")
    ban = "/api/groups/tea/bans/bob"
    assert (await ann.put(ban, {"duration": "1d"})).status == 204
    banned = told(await bob.post("/api/groups/tea/join"), 403, "banned")
    assert banned.json["until"]
    assert (await ann.delete(ban)).status == 204
    assert (await ann.put(ban)).status == 204
    assert "until" not in (await bob.post("/api/groups/tea/join")).json
    assert (await ann.delete(ban)).status == 204
    told(await bob.put("/api/groups/tea/bans/ann"), 403, "not_member")
    told(await ann.put("/api/groups/tea/bans/ann"), 400, "bad_request")


@served(arguments=unlimited)
async def test_members_page_by_page(server):
    names = [f"p{number:02}" for number in range(11)]
    ann, *others = await people(server, "ann", *names)
    await ann.post("/api/groups", {"name": "tea"})
    await asyncio.gather(*(one.post("/api/groups/tea/join")
                           for one in others))
    seen, cursor = [], None
    while True:
        query = {"limit": 4, **({"cursor": cursor} if cursor else {})}
        one = (await ann.get("/api/groups/tea/members", query)).json
        seen += [member["user"] for member in one["members"]]
        cursor = one["next"]
        if cursor is None:
            break
        # Who goes meanwhile shifts nothing.
        if len(seen) == 4:
            await ann.delete("/api/groups/tea/members/p00")
    assert seen == ["ann", *names]
    told(await ann.get("/api/groups/tea/members", {"cursor": "c1"}), 400,
         "bad_request", "cursor")
    told(await ann.get("/api/groups/tea/members", {"limit": 0}), 400,
         "bad_request", "limit")


@served(arguments=unlimited)
async def test_a_post_is_done_once_with_a_key(server):
    ann, bob = await people(server, "ann", "bob")
    body = {"name": "tea", "title": "Tea"}

    async def make(client, what, key):
        return await client.post("/api/groups", what,
                                 headers={"Idempotency-Key": key})
    first = await make(ann, body, "k1")
    again = await make(ann, body, '"k1"')
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    told(await make(ann, {"name": "cup"}, "k1"), 422, "conflict",
         "Idempotency-Key")
    # Keys are one's own, and what was refused may be tried again.
    told(await make(bob, body, "k1"), 409, "conflict")
    assert (await make(bob, {"name": "mug"}, "k1")).status == 201
    for key in ("", "a b", "x" * 65, '"'):
        told(await make(ann, body, key), 400, "bad_request",
             "Idempotency-Key")
    left = await ann.post("/api/groups/tea/leave",
                          headers={"Idempotency-Key": "k2"})
    assert left.status == 204
    left = await ann.post("/api/groups/tea/leave",
                          headers={"Idempotency-Key": "k2"})
    assert left.status == 204
    assert left.headers["idempotency-replayed"] == "true"


async def scoped(server, name, scopes):
    client = await person(server, name)
    status, output = await server.ctl("token", name, "--scope", scopes)
    assert status == 0, output
    client.token = output.split()[0]
    return client


@served(arguments=unlimited)
async def test_a_token_does_what_its_scopes_say(server):
    ann, _ = await people(server, "ann", "bob")
    await ann.post("/api/groups", {"name": "tea"})
    sent = await say(ann, "@bob", "hi")
    path = f"/api/messages/{sent['id']}"
    reads = await scoped(server, "ann", "read")
    sends = await scoped(server, "ann", "send")
    groups = await scoped(server, "ann", "groups")
    assert (await reads.get(path)).status == 200
    for refused in (
            await reads.post("/api/messages", {"to": "@bob", "text": "x"}),
            await reads.post("/api/groups", {"name": "cup"}),
            await reads.put("/api/blocks/bob"),
            await reads.get("/api/devices"),
            await sends.get(path), await sends.get("/api/conversations"),
            await groups.post("/api/messages", {"to": "@bob", "text": "x"})):
        told(refused, 403, "forbidden")
    assert (await sends.patch(path, {"text": "two"})).status == 204
    made = await groups.post("/api/groups", {"name": "cup"})
    assert made.json == {"conversation": "#cup", "kind": "group"}
    assert (await groups.patch("/api/groups/cup", {"title": "C"})
            ).status == 200
