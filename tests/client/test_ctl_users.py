# SPDX-License-Identifier: MIT
"""synctalkctl user, token and signout, against a real server."""

import asyncio
import json
import os
import pty

from support.rest import Rest, served

CONFIG = ('accounts = { registration = "open", password_cost = 5 }',)
FREE = ("--limits", "off")
BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


async def given(server, text, *words):
    """The command with this on its standard input."""
    process = await asyncio.create_subprocess_exec(
        str(server.build / "synctalkctl"), "--data", str(server.data),
        *words, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    output, _ = await asyncio.wait_for(
        process.communicate(text.encode()), 20)
    return process.returncode, output.decode()


@served(CONFIG, arguments=FREE)
async def test_an_account_is_made_and_signs_in(server):
    status, output = await given(
        server, "secret horse\n", "user", "add", "Bob", "--email",
        "Bob@Example.com", "--display-name", "Bob B.", "--password-stdin")
    assert (status, output) == (0, "bob has an account\n")
    bob = Rest(server)
    assert (await bob.login("bob@example.com", "secret horse")).status == 200
    me = (await bob.get("/api/me")).json
    assert (me["name"], me["display_name"]) == ("bob", "Bob B.")
    status, output = await given(server, "secret horse\n", "user", "add",
                                 "bob", "--password-stdin")
    assert status == 1
    assert "bob: the name has an account already" in output


@served(CONFIG, arguments=FREE)
async def test_what_is_wrong_is_told(server):
    for text, words, status, why in (
            ("short\n", ["user", "add", "bob", "--password-stdin"], 1,
             "8 to 1024 bytes"),
            ("", ["user", "add", "bob", "--password-stdin"], 2,
             "standard input has no password"),
            ("", ["user", "add", "bob"], 2, "--password-stdin"),
            ("long enough\n", ["user", "add", "bob", "--email", "x",
                               "--password-stdin"], 1,
             "the e-mail address is none"),
            ("long enough\n", ["user", "add", "bob", "--scope", "read",
                               "--password-stdin"], 2, "--bot"),
            ("long enough\n", ["user", "passwd", "bob", "--password-stdin"],
             1, "nobody is called bob"),
            ("", ["user", "show", "bob"], 1, "nobody is called bob"),
            ("", ["user", "disable", "bob"], 1, "nobody is called bob"),
            ("", ["signout", "bob"], 1, "nobody is called bob"),
            ("", ["token", "bob", "--scope", "fly"], 1, "scope must be"),
            ("", ["user", "code", "--uses", "1000001"], 1, "uses must be"),
            ("", ["user", "import", "/nonexistent"], 1, "cannot read")):
        answer = await given(server, text, *words)
        assert answer[0] == status, (words, answer)
        assert why in answer[1], (words, answer)


@served(CONFIG, arguments=FREE)
async def test_a_password_is_typed_twice_and_not_shown(server):
    def talk(*lines):
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(str(server.build / "synctalkctl"), [
                "synctalkctl", "--data", str(server.data), "user", "add",
                "bob"])
        seen = b""
        for line in lines:
            while not seen.rstrip().endswith(b":"):
                seen += os.read(fd, 1024)
            os.write(fd, line + b"\n")
            seen += b"|"
        try:
            while more := os.read(fd, 1024):
                seen += more
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen

    loop = asyncio.get_running_loop()
    status, seen = await loop.run_in_executor(
        None, talk, b"secret horse", b"secret house")
    assert status == 2
    assert b"not the same" in seen
    status, seen = await loop.run_in_executor(
        None, talk, b"secret horse", b"secret horse")
    assert status == 0, seen
    assert b"secret" not in seen
    assert (await Rest(server).login("bob", "secret horse")).status == 200


@served(CONFIG, arguments=FREE)
async def test_accounts_are_listed_and_shown(server):
    bob = Rest(server)
    await bob.register("bob", email="b@example.com", device="phone")
    await server.ctl("user", "add", "robot", "--bot")
    await server.ctl("user", "disable", "robot")
    status, output = await server.ctl("user", "list")
    assert status == 0
    assert [(line.split()[0], line.split()[2])
            for line in output.splitlines()] == [
                ("bob", "active"), ("robot", "disabled")]
    status, output = await server.ctl("--json", "user", "list")
    assert [one["name"] for one in json.loads(output)["users"]] == [
        "bob", "robot"]
    status, output = await server.ctl("--json", "user", "show", "bob")
    shown = json.loads(output)
    assert shown["email"] == "b@example.com"
    assert shown["password"] == "set"
    (sign_in,) = shown["sign_ins"]
    assert (sign_in["device"], sign_in["address"]) == ("phone", "127.0.0.1")
    assert "$scrypt$" not in output


@served(CONFIG, arguments=FREE)
async def test_a_file_of_accounts_is_imported_and_nothing_is_lost(server):
    people = server.folder / "people.csv"
    rows = [f"user{n},user{n}@example.com,{BCRYPT}," for n in range(250)]
    rows[7] = "bad name,,,"
    rows[100] = "user3,,,"
    rows[101] = "other,USER4@example.com,,"
    rows[102] = "hashless,,$1$nonsense,"
    rows[103] = '"quoted","q@example.com",,"typed, by hand"'
    people.write_text("name,email,hash,password\n" +
                      "".join(row + "\n" for row in rows))
    status, output = await server.ctl("user", "import", str(people))
    assert status == 1
    lines = output.splitlines()
    assert lines[-1] == "246 made, 4 refused"
    assert sorted(lines[:-1]) == sorted([
        "line 9: the name must be 2 to 32 letters, digits, dots, dashes and "
        "underscores",
        "line 102, user3: the name has an account already, or was erased",
        "line 103, other: the e-mail address has an account already",
        "line 104, hashless: the hash is none that can be verified (bcrypt, "
        "scrypt)"])
    client = Rest(server)
    assert (await client.login("user249", "U*U")).status == 200
    assert (await client.login("q@example.com",
                               "typed, by hand")).status == 200


@served(CONFIG, arguments=FREE)
async def test_lines_of_json_are_imported(server):
    people = server.folder / "people.jsonl"
    people.write_text("".join(json.dumps(one) + "\n" for one in (
        {"name": "ann", "password": "long enough", "display_name": "Ann é"},
        {"name": "robot", "bot": True},
        {"name": "bob", "password": "x", "hash": BCRYPT})) + "nonsense\n")
    status, output = await server.ctl("--json", "user", "import",
                                      str(people))
    assert status == 1
    report = json.loads(output)
    assert report["made"] == 2
    assert [one["line"] for one in report["refused"]] == [4, 3] or \
        [one["line"] for one in report["refused"]] == [3, 4]
    ann = Rest(server)
    assert (await ann.login("ann", "long enough")).status == 200
    assert (await ann.get("/api/me")).json["display_name"] == "Ann é"


@served(CONFIG, arguments=FREE)
async def test_people_for_tests_have_passwords_and_tokens(server):
    status, output = await server.ctl("user", "try", "3")
    assert status == 0
    people = [json.loads(line) for line in output.splitlines()]
    assert len({one["name"] for one in people}) == 3
    for one in people:
        me = await Rest(server, one["token"]).get("/api/me")
        assert me.json["name"] == one["name"]
        answer = await Rest(server).login(one["name"], one["password"])
        assert answer.status == 200


@served(CONFIG, arguments=FREE)
async def test_no_password_is_in_the_log(server):
    await given(server, "secret horse\n", "user", "add", "bob",
                "--password-stdin")
    bob = Rest(server)
    await bob.login("bob", "secret horse")
    await bob.login("bob", "other secret")
    log = "\n".join(server.log)
    assert "admin.command" in log
    for secret in ("secret", bob.tokens["refresh_token"],
                   bob.tokens["access_token"]):
        assert secret not in log
