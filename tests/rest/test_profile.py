# SPDX-License-Identifier: MIT
"""One's own profile: /api/me, and the ways out."""

import asyncio

from support.person import Person
from support.rest import Rest, person, served

OPEN = ('accounts = { registration = "open", password_cost = 5 }',)
FREE = ("--limits", "off")
SECONDS = 10
PASSWORD = "correct horse"


def refused(answer, status, code, field=None):
    assert answer.status == status, answer
    assert answer.code == code
    assert answer.json.get("field") == field


@served(OPEN, arguments=FREE)
async def test_the_profile_is_changed_member_by_member(server):
    alice = await person(server, "alice", PASSWORD)
    first = await alice.get("/api/me")
    assert first.json["display_name"] is None
    changed = await alice.patch("/api/me", {
        "display_name": " Alice ", "about": "one\ntwo",
        "avatar_url": "https://example.com/a.png"})
    assert changed.status == 200
    assert changed.json["display_name"] == "Alice"
    assert changed.json["about"] == "one\ntwo"
    again = await alice.patch("/api/me", {"about": None})
    assert again.json["about"] is None
    assert again.json["display_name"] == "Alice"
    assert (await alice.get("/api/me")).json == again.json


BAD_CHANGES = [
    ({"display_name": "x" * 129}, "display_name"),
    ({"display_name": "a\nb"}, "display_name"),
    ({"display_name": "a\u2066b"}, "display_name"),
    ({"display_name": 7}, "display_name"),
    ({"about": "x" * 1025}, "about"),
    ({"about": "a\tb\u0007"}, "about"),
    ({"avatar_url": "http://example.com/"}, "avatar_url"),
    ({"avatar_url": "javascript:alert(1)"}, "avatar_url"),
    ({"avatar_url": 'https://e.com/"onload='}, "avatar_url"),
    ({"avatar_url": "https://e.com/" + "x" * 1024}, "avatar_url"),
    ({"email": "nonsense", "password": PASSWORD}, "email"),
]


@served(OPEN, arguments=FREE)
async def test_what_is_wrong_with_a_change_is_told(server):
    alice = await person(server, "alice", PASSWORD)
    for body, field in BAD_CHANGES:
        refused(await alice.patch("/api/me", body), 400, "bad_request",
                field)
    nobody = Rest(server)
    refused(await nobody.get("/api/me"), 401, "unauthorized")
    refused(await nobody.patch("/api/me", {}), 401, "unauthorized")


@served(OPEN, arguments=FREE)
async def test_an_address_changes_with_the_password_alone(server):
    alice = await person(server, "alice", PASSWORD)
    await Rest(server).register("bob", PASSWORD, email="b@example.com")
    email = {"email": "a@example.com"}
    refused(await alice.patch("/api/me", email), 403, "forbidden",
            "password")
    refused(await alice.patch("/api/me", {**email, "password": "wrong"}),
            403, "forbidden", "password")
    answer = await alice.patch("/api/me", {**email, "password": PASSWORD})
    assert answer.json["email"] == "a@example.com"
    refused(await alice.patch("/api/me", {
        "email": "b@example.com", "password": PASSWORD}), 409, "conflict",
        "email")
    assert (await Rest(server).login("a@example.com")).status == 200
    answer = await alice.patch("/api/me", {
        "email": None, "password": PASSWORD})
    assert answer.json["email"] is None
    refused(await Rest(server).login("a@example.com"), 401, "unauthorized")


@served(OPEN, arguments=FREE)
async def test_a_change_of_what_was_not_seen_is_refused(server):
    alice = await person(server, "alice", PASSWORD)
    tag = (await alice.get("/api/me")).headers["etag"]
    answer = await alice.patch("/api/me", {"about": "one"},
                               headers={"If-Match": tag})
    assert answer.status == 200
    assert answer.headers["etag"] != tag
    for stale in (tag, '"x"', "W/" + answer.headers["etag"], '""'):
        refused(await alice.patch("/api/me", {"about": "two"},
                                  headers={"If-Match": stale}), 412,
                "conflict", "If-Match")
    for good in (answer.headers["etag"], "*"):
        answer = await alice.patch("/api/me", {"about": "three"},
                                   headers={"If-Match": good})
        assert answer.status == 200
    assert answer.json["about"] == "three"


async def closed(someone, code):
    found = await someone.socket.until(
        lambda: someone.socket.close_code or None, SECONDS)
    assert found == code, someone.socket.close_reason


@served(OPEN, arguments=FREE)
async def test_a_deactivated_account_sleeps_until_signing_in(server):
    alice = await person(server, "alice", PASSWORD)
    one = Person("alice", "")
    await one.connect(server, {"token": alice.token})
    refused(await alice.post("/api/me/deactivate", {"password": "wrong"}),
            403, "forbidden", "password")
    answer = await alice.post("/api/me/deactivate", {"password": PASSWORD})
    assert answer.status == 204
    await closed(one, 4506)
    refused(await alice.get("/api/me"), 401, "unauthorized")
    made = await person(server, "alice")
    refused(await made.get("/api/me"), 401, "unauthorized")
    client = Rest(server)
    refused(await client.login("alice", "wrong horse"), 401, "unauthorized")
    assert (await client.login("alice")).status == 200
    assert (await client.get("/api/me")).status == 200


@served(OPEN, arguments=FREE)
async def test_who_erases_themselves_is_gone(server):
    alice = await person(server, "alice", PASSWORD)
    one = Person("alice", "")
    await one.connect(server, {"token": alice.token})
    refused(await alice.delete("/api/me", {"password": "wrong"}), 403,
            "forbidden", "password")
    refused(await alice.delete("/api/me", {}), 400, "bad_request",
            "password")
    answer = await alice.delete("/api/me", {"password": PASSWORD})
    assert answer.status == 202
    refused(await alice.get("/api/me"), 401, "unauthorized")
    assert await server.logged("erase.done.*alice", 0, SECONDS)
    assert await one.socket.until(lambda: one.socket.closed or None, SECONDS)
    client = Rest(server)
    refused(await client.login("alice"), 401, "unauthorized")
    refused(await client.register("alice"), 409, "conflict", "name")


@served(OPEN, arguments=FREE)
async def test_of_two_changes_at_once_both_are_answered(server):
    alice = await person(server, "alice", PASSWORD)
    other = Rest(server, alice.token)
    answers = await asyncio.gather(
        alice.patch("/api/me", {"about": "one"}),
        other.patch("/api/me", {"display_name": "two"}))
    assert [answer.status for answer in answers] == [200, 200]
    me = (await alice.get("/api/me")).json
    assert (me["about"], me["display_name"]) == ("one", "two")
