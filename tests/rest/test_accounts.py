# SPDX-License-Identifier: MIT
"""Accounts over REST: made, opened, changed, left."""

import asyncio
import re

import pytest

from support.person import Person
from support.rest import Rest, person, served

# Hashing is to cost next to nothing; --limits off lifts what guessing meets.
OPEN = ('accounts = { registration = "open", password_cost = 5 }',)
FREE = ("--limits", "off")
SECONDS = 10

PASSWORD = "correct horse"
HOOK = '''
return chat.on("password_reset", function(ev)
    log.warn("CODE " .. ev.user .. " " .. ev.email .. " " .. ev.code)
end)
'''


def refused(answer, status, code, field=None):
    assert answer.status == status, answer
    assert answer.type == "application/problem+json"
    assert answer.code == code
    assert answer.json.get("field") == field


async def socket(server, name, token, device="", auth=None):
    someone = Person(name, device)
    await someone.connect(server, {"token": token})
    return someone


async def closed(someone, code):
    """Its socket is closed with this code within a second or so."""
    found = await someone.socket.until(
        lambda: someone.socket.close_code or None, SECONDS)
    assert found == code, someone.socket.close_reason


def alive(someone):
    assert not someone.socket.closed


async def registered(server, name, **more):
    client = Rest(server)
    answer = await client.register(name, PASSWORD, **more)
    assert answer.status == 201, answer
    return client


# Registration

@served(OPEN, arguments=FREE)
async def test_who_registers_is_signed_in(server):
    alice = Rest(server)
    answer = await alice.register(
        "Alice", PASSWORD, email="Al.Ice@Example.COM",
        display_name="  Alice L. ", device="phone")
    assert answer.status == 201
    user = answer.json["user"]
    assert user["name"] == "alice"
    assert user["email"] == "al.ice@example.com"
    assert user["display_name"] == "Alice L."
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 600
    me = await alice.get("/api/me")
    assert me.json == user
    assert answer.headers["cache-control"] == "no-store"


BAD_REGISTRATIONS = [
    ({"password": PASSWORD}, "name"),
    ({"name": "a", "password": PASSWORD}, "name"),
    ({"name": "-alice", "password": PASSWORD}, "name"),
    ({"name": "al ice", "password": PASSWORD}, "name"),
    ({"name": "älice", "password": PASSWORD}, "name"),
    ({"name": "x" * 33, "password": PASSWORD}, "name"),
    ({"name": 7, "password": PASSWORD}, "name"),
    ({"name": "alice"}, "password"),
    ({"name": "alice", "password": "1234567"}, "password"),
    ({"name": "alice", "password": "x" * 1025}, "password"),
    ({"name": "alice", "password": None}, "password"),
    ({"name": "alice", "password": PASSWORD, "email": "alice"}, "email"),
    ({"name": "alice", "password": PASSWORD, "email": "a@b@c"}, "email"),
    ({"name": "alice", "password": PASSWORD, "email": "a b@c"}, "email"),
    ({"name": "alice", "password": PASSWORD, "email": "a@b\r\nBcc: c@d"},
     "email"),
    ({"name": "alice", "password": PASSWORD, "email": "@b"}, "email"),
    ({"name": "alice", "password": PASSWORD, "email": "a@-b"}, "email"),
    ({"name": "alice", "password": PASSWORD, "email": "a@" + "b" * 300},
     "email"),
    ({"name": "alice", "password": PASSWORD, "display_name": "a\u202eb"},
     "display_name"),
    ({"name": "alice", "password": PASSWORD, "display_name": "x" * 129},
     "display_name"),
    ({"name": "alice", "password": PASSWORD, "device": "a b"}, "device"),
]


@served(OPEN, arguments=FREE)
async def test_what_is_wrong_with_a_registration_is_told(server):
    client = Rest(server)
    for body, field in BAD_REGISTRATIONS:
        refused(await client.post("/api/register", body), 400, "bad_request",
                field)
    refused(await client.post("/api/register", b"{"), 415, "bad_request")


@served(OPEN, arguments=FREE)
async def test_names_and_addresses_are_unique(server):
    await registered(server, "alice", email="a@example.com")
    client = Rest(server)
    refused(await client.register("ALICE"), 409, "conflict", "name")
    refused(await client.register("bob", email="A@EXAMPLE.com"), 409,
            "conflict", "email")
    assert (await client.register("bob")).status == 201


@served(arguments=FREE)
async def test_registration_is_closed_where_tokens_are_asked_for(server):
    refused(await Rest(server).register("alice"), 403, "forbidden")


@served(('accounts = { registration = "invitation", password_cost = 5 }',),
        arguments=FREE)
async def test_an_invitation_is_good_as_often_as_it_says(server):
    status, code = await server.ctl("user", "code", "--uses", "2")
    assert status == 0
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}\n", code)
    client = Rest(server)
    refused(await client.register("ann"), 403, "forbidden", "code")
    for wrong in ("", "0000-0000-0000", "nonsense"):
        refused(await client.register("ann", code=wrong), 403, "forbidden",
                "code")
    assert (await client.register("ann", code=code.strip())).status == 201
    # A registration that fails does not use it up.
    refused(await client.register("ann", code=code.strip()), 409, "conflict",
            "name")
    loose = code.strip().lower().replace("-", " ")
    assert (await client.register("bob", code=loose)).status == 201
    refused(await client.register("cid", code=code.strip()), 403,
            "forbidden", "code")


# Signing in

@served(OPEN, arguments=FREE)
async def test_sign_in_by_name_or_address(server):
    await registered(server, "alice", email="a@example.com")
    client = Rest(server)
    for body in ({"name": "Alice"}, {"name": "A@example.com"},
                 {"email": "a@EXAMPLE.com"}):
        answer = await client.post("/api/login",
                                   {**body, "password": PASSWORD})
        assert answer.status == 200, answer
        assert set(answer.json) == {"access_token", "token_type",
                                    "expires_in", "refresh_token"}
        client.token = None


@served(OPEN, arguments=FREE)
async def test_wrong_and_unknown_are_the_same(server):
    await registered(server, "alice", email="a@example.com")
    await server.ctl("token", "carl")
    client = Rest(server)
    answers = []
    for body in ({"name": "alice"}, {"name": "a@example.com"},
                 {"name": "nobody"}, {"email": "b@example.com"},
                 {"name": "carl"}, {"name": "!"}):
        answer = await client.post("/api/login",
                                   {**body, "password": "wrong horse"})
        refused(answer, 401, "unauthorized")
        answers.append(answer.body)
    assert len(set(answers)) == 1
    for body in ({}, {"name": "alice", "email": "a@example.com"}):
        refused(await client.post("/api/login", {**body, "password": "x"}),
                400, "bad_request", "name")


@served(OPEN)
async def test_guessing_is_slowed_down_over_all_workers(server):
    """Five tries of an account, whichever worker is asked, then one a
    minute; an account that is not there is the same."""
    await registered(server, "alice")
    for name in ("alice", "nobody"):
        statuses = []
        for _ in range(7):
            client = Rest(server)  # a connection of its own: any worker
            answer = await client.post(
                "/api/login", {"name": name, "password": "wrong horse"})
            client.drop()
            statuses.append(answer.status)
        assert statuses == [401] * 5 + [429] * 2
        assert answer.code == "rate_limited"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert 0 < answer.json["retry_after_ms"] <= 60000
    # The right password waits too: what is counted is the try.
    refused(await Rest(server).login("alice"), 429, "rate_limited")


@served(OPEN)
async def test_guessing_many_accounts_is_slowed_down_by_address(server):
    statuses = []
    for n in range(24):
        client = Rest(server)
        answer = await client.post(
            "/api/login", {"name": f"name{n}", "password": "wrong horse"})
        client.drop()
        statuses.append(answer.status)
    assert 429 in statuses
    assert statuses.index(429) >= 20
    refused(answer, 429, "rate_limited")


@served(OPEN, arguments=FREE)
async def test_a_disabled_account_is_told_to_its_person_alone(server):
    alice = await registered(server, "alice")
    one = await socket(server, "alice", alice.token)
    await server.ctl("user", "disable", "alice")
    await closed(one, 4508)
    client = Rest(server)
    refused(await client.login("alice"), 403, "forbidden")
    refused(await client.login("alice", "wrong horse"), 401, "unauthorized")
    refused(await alice.get("/api/me"), 403, "forbidden")
    refused(await alice.post("/api/refresh", {
        "refresh_token": alice.tokens["refresh_token"]}), 401,
        "unauthorized", "refresh_token")
    await server.ctl("user", "enable", "alice")
    assert (await client.login("alice")).status == 200


@served(OPEN, arguments=FREE)
async def test_a_bcrypt_hash_is_verified_and_made_anew(server):
    hashed = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    people = server.folder / "people.csv"
    people.write_text(f"name,email,hash\nold,old@example.com,{hashed}\n")
    status, output = await server.ctl("user", "import", str(people))
    assert (status, output) == (0, "1 made, 0 refused\n")
    client = Rest(server)
    refused(await client.login("old", "U*V"), 401, "unauthorized")
    assert (await client.login("old@example.com", "U*U")).status == 200
    exported = await server.run("synctalkctl", "--data", str(server.data),
                                "export")
    assert hashed not in exported[1]
    assert "$scrypt$" in exported[1]
    assert (await client.login("old", "U*U")).status == 200


@served(OPEN, arguments=FREE)
async def test_a_hash_that_is_made_anew_keeps_nobody_out(server):
    hashed = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    people = server.folder / "people.csv"
    people.write_text(f"name,hash\nold,{hashed}\n")
    assert (await server.ctl("user", "import", str(people)))[0] == 0
    clients = [Rest(server) for _ in range(8)]
    for client in clients:
        await client.get("/api/login")
    answers = await asyncio.gather(*(client.login("old", "U*U")
                                     for client in clients))
    assert [answer.status for answer in answers] == 8 * [200]


# Refresh tokens

async def refresh(client, token):
    return await client.ask("POST", "/api/refresh", {"refresh_token": token})


@served(OPEN, arguments=FREE)
async def test_a_refresh_token_has_one_successor(server):
    alice = await registered(server, "alice")
    first = alice.tokens["refresh_token"]
    second = await refresh(alice, first)
    assert second.status == 200
    again = await refresh(alice, first)
    assert again.json["refresh_token"] == second.json["refresh_token"]
    third = await refresh(alice, second.json["refresh_token"])
    assert third.status == 200
    assert len({first, second.json["refresh_token"],
                third.json["refresh_token"]}) == 3
    alice.token = third.json["access_token"]
    assert (await alice.get("/api/me")).status == 200


@served(('accounts = { registration = "open", password_cost = 5, '
         'refresh_grace = 0 }',), arguments=FREE)
async def test_a_token_that_is_used_again_ends_its_sign_in(server):
    alice = await registered(server, "alice")
    other = Rest(server)
    await other.login("alice")
    theirs = await socket(server, "alice", alice.token, "stolen")
    mine = await socket(server, "alice", other.token, "mine")
    first = alice.tokens["refresh_token"]
    second = await refresh(alice, first)
    assert second.status == 200
    refused(await refresh(other, first), 401, "unauthorized",
            "refresh_token")
    await closed(theirs, 4506)
    refused(await refresh(other, second.json["refresh_token"]), 401,
            "unauthorized", "refresh_token")
    refused(await alice.get("/api/me"), 401, "unauthorized")
    assert (await other.get("/api/me")).status == 200
    alive(mine)


@served(OPEN, arguments=FREE)
async def test_what_is_no_refresh_token(server):
    alice = await registered(server, "alice")
    good = alice.tokens["refresh_token"]
    flipped = ("B" if good[0] == "A" else "A") + good[1:]
    for token in ("", "x", flipped, good + "A", good[:-1], good + "=",
                  alice.token, "é" * 43):
        refused(await refresh(Rest(server), token), 401, "unauthorized",
                "refresh_token")
    refused(await Rest(server).post("/api/refresh", {}), 400, "bad_request",
            "refresh_token")


@served(('accounts = { registration = "open", password_cost = 5, '
         'refresh_idle = 1 }',), arguments=FREE)
async def test_a_sign_in_that_is_not_used_ends(server):
    alice = await registered(server, "alice")
    while (answer := await alice.get("/api/me")).status == 200:
        pass
    refused(answer, 401, "unauthorized")
    refused(await refresh(alice, alice.tokens["refresh_token"]), 401,
            "unauthorized", "refresh_token")


# Signing out

@pytest.mark.parametrize("name", ["alice", "bob", "carol"])
@served(OPEN, arguments=FREE, workers=3)
async def test_sign_out_closes_its_sockets_on_every_worker(server, name):
    for other in ("alice", "bob", "carol"):
        await registered(server, other)
    one, two = Rest(server), Rest(server)
    await one.login(name)
    await two.login(name)
    mine = [await socket(server, name, one.token, f"d{n}") for n in range(3)]
    theirs = await socket(server, name, two.token, "laptop")
    assert (await one.post("/api/logout")).status == 204
    for each in mine:
        await closed(each, 4506)
    refused(await one.get("/api/me"), 401, "unauthorized")
    refused(await refresh(one, one.tokens["refresh_token"]), 401,
            "unauthorized", "refresh_token")
    alive(theirs)
    assert (await two.get("/api/me")).status == 200
    assert (await two.post("/api/logout", {"all": True})).status == 204
    await closed(theirs, 4506)


@served(OPEN, arguments=FREE)
async def test_sign_out_by_a_refresh_token(server):
    alice = await registered(server, "alice")
    one = await socket(server, "alice", alice.token)
    token = alice.tokens["refresh_token"]
    nobody = Rest(server)
    refused(await nobody.post("/api/logout"), 401, "unauthorized")
    refused(await nobody.post("/api/logout", {"all": True}), 401,
            "unauthorized")
    body = {"refresh_token": token}
    assert (await nobody.post("/api/logout", body)).status == 204
    await closed(one, 4506)
    # There is nothing left to end; what is asked for is so.
    assert (await nobody.post("/api/logout", body)).status == 204
    refused(await alice.get("/api/me"), 401, "unauthorized")


@served(OPEN, arguments=FREE)
async def test_a_token_of_no_sign_in_ends_with_all(server):
    robot = await person(server, "robot")
    one = await socket(server, "robot", robot.token)
    refused(await robot.post("/api/logout"), 400, "bad_request", "all")
    alive(one)
    status, _ = await server.ctl("signout", "robot")
    assert status == 0
    await closed(one, 4506)
    refused(await robot.get("/api/me"), 401, "unauthorized")


# A socket's token

@served(('accounts = { registration = "open", password_cost = 5, '
         'access_ttl = "50s" }',), arguments=FREE)
async def test_a_socket_renews_its_token_in_place(server):
    alice = await registered(server, "alice")
    one = await socket(server, "alice", alice.token)
    assert await one.socket.until(lambda: one._first("expiring"), SECONDS)
    tokens = (await refresh(alice, alice.tokens["refresh_token"])).json
    one.socket.send('{"type":"auth","token":"%s","ref":1}' %
                    tokens["access_token"])
    assert await one.socket.until(lambda: one._first("ok"), SECONDS)
    alive(one)
    bob = await registered(server, "bob")
    one.socket.send('{"type":"auth","token":"%s","ref":2}' % bob.token)
    error = await one.socket.until(lambda: one._first("error"), SECONDS)
    assert error.data["code"] == "unauthorized"
    alive(one)


@served(OPEN, arguments=FREE)
async def test_a_token_that_was_signed_out_opens_no_socket(server):
    alice, other = await registered(server, "alice"), Rest(server)
    await other.login("alice")
    await other.post("/api/logout")
    response = await Person("alice", "").refused(server,
                                                 {"token": other.token})
    assert response.status == 401
    one = await socket(server, "alice", alice.token)
    one.socket.send('{"type":"auth","token":"%s","ref":1}' % other.token)
    error = await one.socket.until(
        lambda: one._first("error") or one.socket.close_code or None,
        SECONDS)
    assert error == 4506 or error.data["code"] == "unauthorized"


# Passwords

@served(OPEN, arguments=FREE)
async def test_a_new_password_ends_the_other_sign_ins(server):
    alice, other = await registered(server, "alice"), Rest(server)
    await other.login("alice")
    mine = await socket(server, "alice", alice.token, "a")
    theirs = await socket(server, "alice", other.token, "b")
    change = {"password": PASSWORD, "new_password": "staple battery"}
    for wrong, status, code, field in (
            ({"password": "wrong horse"}, 403, "forbidden", "password"),
            ({"new_password": "short"}, 400, "bad_request", "new_password"),
            ({"new_password": None}, 400, "bad_request", "new_password")):
        refused(await alice.post("/api/password", {**change, **wrong}),
                status, code, field)
    assert (await alice.post("/api/password", change)).status == 204
    await closed(theirs, 4506)
    refused(await other.get("/api/me"), 401, "unauthorized")
    alive(mine)
    assert (await alice.get("/api/me")).status == 200
    client = Rest(server)
    refused(await client.login("alice"), 401, "unauthorized")
    assert (await client.login("alice", "staple battery")).status == 200


@served(OPEN, arguments=FREE)
async def test_who_has_no_password_sets_none_by_a_token(server):
    robot = await person(server, "robot")
    for path, body in (("/api/password", {"new_password": "staple battery"}),
                       ("/api/me/deactivate", {})):
        refused(await robot.post(path, {"password": "", **body}), 400,
                "bad_request", "password")
        refused(await robot.post(path, {"password": "anything", **body}),
                409, "conflict", "password")


@served(OPEN, arguments=FREE)
async def test_without_a_script_no_code_is_sent(server):
    await registered(server, "alice", email="a@example.com")
    refused(await Rest(server).post("/api/password/reset",
                                    {"name": "alice"}), 503, "unavailable")


def with_hook(server):
    folder = server.folder / "scripts" / "local"
    folder.mkdir(parents=True)
    (folder / "reset.lua").write_text(HOOK)


@served(OPEN, arguments=FREE, prepare=with_hook)
async def test_a_lost_password_is_set_by_a_code(server):
    alice = await registered(server, "alice", email="a@example.com")
    await registered(server, "bob")
    one = await socket(server, "alice", alice.token)
    client = Rest(server)
    answers = set()
    for body in ({"name": "bob"}, {"name": "nobody"}, {"name": "!"},
                 {"email": "b@example.com"}, {"email": "A@example.com"}):
        answer = await client.post("/api/password/reset", body)
        assert answer.status == 202
        answers.add(answer.body)
    assert len(answers) == 1
    line = await server.logged("CODE ", 0, SECONDS)
    name, email, code = line.split("CODE ")[1].strip('"').split()
    assert (name, email) == ("alice", "a@example.com")
    confirm = {"name": "alice", "code": code, "password": "new horse"}
    for wrong in ({"code": "0000-0000-0000"}, {"code": "x"},
                  {"name": "bob"}, {"name": "nobody"}):
        refused(await client.post("/api/password/reset/confirm",
                                  {**confirm, **wrong}), 403, "forbidden",
                "code")
    assert (await client.post("/api/password/reset/confirm",
                              confirm)).status == 204
    await closed(one, 4506)
    refused(await client.post("/api/password/reset/confirm", confirm), 403,
            "forbidden", "code")
    refused(await client.login("alice"), 401, "unauthorized")
    assert (await client.login("alice", "new horse")).status == 200
    codes = [line for line in server.log if "CODE " in line]
    assert len(codes) == 1


@served(OPEN, arguments=FREE, prepare=with_hook)
async def test_a_code_is_void_after_five_wrong_ones(server):
    await registered(server, "alice", email="a@example.com")
    client = Rest(server)
    await client.post("/api/password/reset", {"name": "alice"})
    line = await server.logged("CODE ", 0, SECONDS)
    confirm = {"name": "alice", "code": line.split("CODE ")[1].strip('"').split()[2],
               "password": "new horse"}
    for n in range(5):
        refused(await client.post(
            "/api/password/reset/confirm",
            {**confirm, "code": f"0000-0000-000{n}"}), 403, "forbidden",
            "code")
    refused(await client.post("/api/password/reset/confirm", confirm), 403,
            "forbidden", "code")


# Keys

def header_of(token):
    import base64
    import json
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@served(OPEN, arguments=FREE)
async def test_the_public_keys_are_published(server):
    alice = await registered(server, "alice")
    answer = await Rest(server).get("/.well-known/jwks.json")
    assert answer.status == 200
    assert answer.type == "application/jwk-set+json"
    (key,) = answer.json["keys"]
    header = header_of(alice.token)
    assert key["kid"] == header["kid"]
    assert key["alg"] == header["alg"] == "EdDSA"
    assert "d" not in key


@served(OPEN, arguments=FREE)
async def test_a_change_of_keys_signs_nobody_out(server):
    """Two keys are live: the new one signs, the old one is still good."""
    alice = await registered(server, "alice")
    one = await socket(server, "alice", alice.token)
    old = server.data / "token.key"
    new = server.folder / "new.key"
    server.config.append(f'token = {{ keys = {{ "{new}", "{old}" }} }}')
    server.write_config()
    process = await asyncio.create_subprocess_exec(
        "openssl", "genpkey", "-algorithm", "ed25519", "-out", str(new))
    assert await process.wait() == 0
    new.chmod(0o600)
    status, output = await server.ctl("reload")
    assert status == 0, output
    keys = (await alice.get("/.well-known/jwks.json")).json["keys"]
    assert len(keys) == 2
    assert (await alice.get("/api/me")).status == 200
    former = alice.token
    await alice.login("alice")
    assert header_of(alice.token)["kid"] != header_of(former)["kid"]
    for token in (former, alice.token):
        alice.token = token
        assert (await alice.get("/api/me")).status == 200
    alive(one)
    # The old one is taken out: what it signed is good no more.
    server.config[-1] = f'token = {{ keys = {{ "{new}" }} }}'
    server.write_config()
    status, output = await server.ctl("reload")
    assert status == 0, output
    assert (await alice.get("/api/me")).status == 200
    alice.token = former
    refused(await alice.get("/api/me"), 401, "unauthorized")


# Bots

@served(OPEN, arguments=FREE)
async def test_a_bot_does_what_its_scopes_let_it(server):
    status, token = await server.ctl("user", "add", "robot", "--bot",
                                     "--scope", "read")
    assert status == 0, token
    robot = Rest(server, token.strip())
    me = await robot.get("/api/me")
    assert me.json["bot"] is True
    refused(await robot.patch("/api/me", {"about": "x"}), 403, "forbidden")
    refused(await robot.post("/api/password", {
        "password": "x", "new_password": "staple battery"}), 403,
        "forbidden")
    refused(await robot.delete("/api/me", {"password": "x"}), 403,
            "forbidden")
    one = await socket(server, "robot", token.strip())
    one.socket.send('{"type":"send","to":"#lobby","text":"hi","ref":1}')
    error = await one.socket.until(lambda: one._first("error"), SECONDS)
    assert error.data["code"] == "forbidden"
    refused(await robot.post("/api/logout", {"all": True}), 403,
            "forbidden", "all")
    refused(await Rest(server).login("robot", "anything"), 401,
            "unauthorized")


# Names of the open mode

@served(('accounts = { password_cost = 5 }',), auth="open", arguments=FREE)
async def test_a_claimed_name_needs_a_token(server):
    """In open mode a name alone is not enough for one that has a password,
    and a name that someone uses is not claimed by registering it."""
    guest = Person("guest", "")
    await guest.connect(server, {})
    refused(await Rest(server).register("guest"), 409, "conflict", "name")
    alice = Rest(server)
    assert (await alice.register("alice")).status == 201
    response = await Person("alice", "").refused(server, {})
    assert response.status == 401
    assert b"/api/login" in response.body
    await socket(server, "alice", alice.token)
    # The operator hands a name over: who used it is out.
    password = server.folder / "password"
    password.write_text("guest horse\n")
    process = await asyncio.create_subprocess_exec(
        str(server.build / "synctalkctl"), "--data", str(server.data),
        "user", "passwd", "guest", "--password-stdin",
        stdin=password.open())
    assert await process.wait() == 0
    await closed(guest, 4506)
    assert (await Person("guest", "").refused(server, {})).status == 401
    assert (await Rest(server).login("guest", "guest horse")).status == 200
