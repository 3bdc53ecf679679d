# SPDX-License-Identifier: MIT
"""Every operation of /openapi.json does what it is for, once."""

import re

from support import openapi
from support.rest import Rest, served

PASSWORD = "correct horse battery"
OTHER = "staple battery horse"

# For a test, and nowhere else: the code is a secret.
TELLS_THE_CODE = """
return chat.on("password_reset", function(ev)
	log.info("code is " .. ev.code)
end)
"""


def scripts(server):
    local = server.folder / "scripts" / "local"
    local.mkdir()
    (local / "codes.lua").write_text(TELLS_THE_CODE)


async def good(asked, status):
    answer = await asked
    assert answer.status == status, answer
    return answer.json


async def accounts(alice, bob):
    await good(alice.register("alice", PASSWORD, email="alice@example.com"),
               201)
    await good(bob.register("bob", PASSWORD), 201)
    await good(alice.login("alice@example.com", PASSWORD), 200)
    tokens = await good(alice.post("/api/refresh", {
        "refresh_token": alice.tokens["refresh_token"]}), 200)
    alice.token = tokens["access_token"]
    await good(alice.get("/.well-known/jwks.json"), 200)
    await good(alice.post("/api/password", {
        "password": PASSWORD, "new_password": OTHER}), 204)


async def lost_password(server, alice):
    since = len(server.log)
    await good(alice.post("/api/password/reset",
                          {"email": "alice@example.com"}), 202)
    line = await server.logged(r"code is (\S+)", since, 20)
    assert line, server.tail()
    await good(alice.post("/api/password/reset/confirm", {
        "name": "alice", "password": PASSWORD,
        "code": re.search(r"code is ([A-Z0-9-]+)", line)[1]}), 204)
    await good(alice.login("alice", PASSWORD), 200)


async def profile(alice):
    assert (await good(alice.get("/api/me"), 200))["name"] == "alice"
    me = await good(alice.patch("/api/me", {"display_name": "Alice"}), 200)
    assert me["display_name"] == "Alice"
    devices = await good(alice.get("/api/devices"), 200)
    assert devices["devices"], devices
    one = devices["devices"][0]
    await good(alice.delete(f"/api/devices/{one['id']}"), 204)


async def people(alice):
    user = await good(alice.get("/api/users/bob"), 200)
    assert user["name"] == "bob"
    await good(alice.put("/api/blocks/bob"), 204)
    assert await good(alice.get("/api/blocks"), 200)
    await good(alice.delete("/api/blocks/bob"), 204)


async def messages(alice, bob):
    sent = await good(alice.post("/api/messages", {
        "to": "@bob", "text": "kettle"}), 201)
    place = f"/api/messages/{sent['id']}"
    page = await good(bob.get("/api/messages",
                              {"conversation_id": "@alice"}), 200)
    assert [one["text"] for one in page["messages"]] == ["kettle"]
    read = await good(bob.post("/api/messages/read", query={
        "conversation_id": "@alice"}), 200)
    assert read == {"success": True, "marked": 1}
    assert await good(alice.get(f"{place}/receipts"), 200)
    edited = await alice.patch(place, {"text": "the kettle"})
    assert edited.status in (200, 204), edited
    assert (await good(bob.get(place), 200))["text"] == "the kettle"
    await good(bob.put(f"{place}/reactions/%F0%9F%91%8D"), 204)
    await good(bob.delete(f"{place}/reactions/%F0%9F%91%8D"), 204)
    assert await good(alice.get("/api/conversations"), 200)
    assert await good(alice.get("/api/conversations/@bob"), 200)
    await good(alice.put("/api/conversations/@bob/unread"), 204)
    await good(alice.delete("/api/conversations/@bob/unread"), 204)
    await good(alice.get("/api/search", {"query": "kettle"}), 200)
    await good(alice.delete(place), 204)


async def groups(alice, bob):
    await good(alice.post("/api/groups", {"name": "tea"}), 201)
    place = "/api/groups/tea"
    assert await good(alice.get("/api/groups"), 200)
    await good(alice.patch(place, {"title": "Tea"}), 200)
    assert (await good(alice.get(place), 200))["title"] == "Tea"
    await good(alice.put(f"{place}/invitations/bob"), 204)
    await good(bob.post(f"{place}/join"), 200)
    await good(alice.patch(f"{place}/members/bob", {"role": "moderator"}),
               204)
    assert await good(alice.get(f"{place}/members"), 200)
    await good(alice.put(f"{place}/mutes/bob", {"duration": "10m"}), 204)
    await good(alice.delete(f"{place}/mutes/bob"), 204)
    sent = await good(alice.post("/api/messages", {
        "to": "#tea", "text": "draft"}), 201)
    assert await good(
        alice.get(f"/api/messages/{sent['id']}/versions"), 200)
    await good(bob.post(f"{place}/leave"), 204)
    await good(alice.put(f"{place}/members/bob"), 204)
    await good(alice.delete(f"{place}/members/bob"), 204)
    await good(alice.put(f"{place}/bans/bob"), 204)
    await good(alice.delete(f"{place}/bans/bob"), 204)


async def documents(alice):
    for path in ("/api/server", "/openapi.json", "/asyncapi.json"):
        await good(alice.get(path), 200)


async def events(alice):
    page = await good(alice.get("/api/events", {
        "poll": 1, "device": "poller"}), 200)
    assert set(page) == {"events", "last_event_id", "epoch"}


async def farewell(alice, bob):
    await good(bob.post("/api/me/deactivate", {"password": PASSWORD}), 204)
    await good(bob.login("bob", PASSWORD), 200)
    await good(bob.post("/api/logout"), 204)
    await good(alice.delete("/api/me", {"password": PASSWORD}), 202)


@served(config=['accounts = { registration = "open" }',
                'chat = { keep_versions = true }'],
        arguments=["--limits", "off"], prepare=scripts)
async def test_every_operation_is_done(server):
    document = await openapi.document(server)
    document.done.clear()
    alice, bob = Rest(server), Rest(server)
    await documents(alice)
    await accounts(alice, bob)
    await people(alice)
    await messages(alice, bob)
    await groups(alice, bob)
    if document.find("GET", "/api/events"):
        await events(alice)
    await profile(alice)
    await lost_password(server, alice)
    await farewell(alice, bob)
    told = {one["operationId"] for _, _, one in document.operations()}
    assert document.done == told
