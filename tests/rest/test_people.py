# SPDX-License-Identifier: MIT
"""Other people, whom one blocks, and one's own devices."""

from support.live import Live
from support.rest import Rest, served

from test_messages import people, say, told, unlimited


@served(arguments=unlimited)
async def test_a_profile_and_what_one_sees_of_presence(server):
    ann, bob, carol = await people(server, "ann", "bob", "carol")
    one = (await ann.get("/api/users/bob")).json
    assert one["name"] == "bob" and "status" not in one
    assert "email" not in one
    await say(bob, "@ann", "hi")
    live = await Live.connect(bob)
    assert (await ann.get("/api/users/@bob")).json["status"] == "online"
    assert "status" not in (await carol.get("/api/users/BOB")).json
    live.drop()
    await ann.put("/api/blocks/bob")
    assert "status" not in (await ann.get("/api/users/bob")).json
    assert (await ann.get("/api/users/ann")).json["name"] == "ann"
    told(await ann.get("/api/users/nobody"), 404, "not_found")
    told(await ann.get("/api/users/a%20b"), 404, "not_found")


@served(arguments=unlimited)
async def test_blocks(server):
    ann, bob, carol, dave = await people(server, "ann", "bob", "carol",
                                         "dave")
    live = await Live.connect(ann)
    for name in ("bob", "carol", "@dave"):
        assert (await ann.put("/api/blocks/" + name)).status == 204
    assert (await ann.put("/api/blocks/bob")).status == 204
    await live.gets("blocked", user="bob")
    first = (await ann.get("/api/blocks", {"limit": 2})).json
    second = (await ann.get("/api/blocks", {"limit": 2,
                                            "cursor": first["next"]})).json
    assert first["blocks"] + second["blocks"] == ["bob", "carol", "dave"]
    assert second["next"] is None
    assert (await bob.get("/api/blocks")).json["blocks"] == []
    for one in (bob, carol, dave):
        told(await one.post("/api/messages", {"to": "@ann", "text": "x"}),
             403, "blocked")
    assert (await ann.delete("/api/blocks/bob")).status == 204
    assert (await ann.delete("/api/blocks/bob")).status == 204
    await live.gets("unblocked", user="bob")
    await say(bob, "@ann", "hi")
    told(await ann.put("/api/blocks/nobody"), 404, "not_found")
    told(await ann.put("/api/blocks/a%20b"), 400, "bad_request")
    told(await ann.get("/api/blocks", {"cursor": "x"}), 400, "bad_request",
         "cursor")


@served(arguments=unlimited, config=['accounts = { registration = "open" }'])
async def test_devices_and_their_end(server):
    ann, phone = Rest(server), Rest(server)
    assert (await ann.register("ann")).status == 201
    assert (await phone.login("ann", device="phone")).status == 200
    live = await Live.connect(phone, "phone")
    listed = (await ann.get("/api/devices")).json["devices"]
    by_id = {one["id"]: one for one in listed}
    assert len(by_id) == 2 and by_id["phone"]["signed_in"]
    assert not by_id["phone"]["current"]
    own, = [one for one in listed if one["current"]]
    assert own["device"] is None and own["id"].startswith("~")
    assert own["address"] == "127.0.0.1"
    mine = (await phone.get("/api/devices")).json["devices"]
    assert [one["id"] for one in mine if one["current"]] == ["phone"]
    assert (await ann.delete("/api/devices/phone")).status == 204
    assert await live.closed() >= 4000
    told(await phone.get("/api/devices"), 401, "unauthorized")
    listed = (await ann.get("/api/devices")).json["devices"]
    assert [one["id"] for one in listed] == [own["id"]]
    for name in ("phone", "~ffff", "~", "a%20b", "~x"):
        told(await ann.delete("/api/devices/" + name), 404, "not_found")
    assert (await ann.delete("/api/devices/" + own["id"])).status == 204
    told(await ann.get("/api/devices"), 401, "unauthorized")
