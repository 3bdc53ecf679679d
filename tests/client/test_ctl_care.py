# SPDX-License-Identifier: MIT
"""backup, check, export and import over a store that people filled."""

import asyncio
import json
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from support.person import Person
from support.server import Server, build_folder

PROGRAM = str(build_folder() / "synctalkctl")


def run(*words, data=None, given=None):
    options = ["--data", str(data)] if data else []
    return subprocess.run([PROGRAM, *options, *map(str, words)],
                          input=given, capture_output=True, text=True,
                          timeout=60)


async def talk(server):
    ann, bob = Person("ann", "phone"), Person("bob", "desk")
    cat = Person("cat", "")
    for person in ann, bob, cat:
        await person.connect(server, {})
    for person, request in [
            (ann, {"type": "create", "conversation": "#tea",
                   "title": "Tea", "description": "Hot \u2615"}),
            (bob, {"type": "join", "conversation": "#tea"}),
            *((ann, {"type": "send", "to": "#tea", "text": f"n. {i}",
                     "client_msg_id": f"m{i}"}) for i in range(40)),
            (ann, {"type": "edit", "conversation": "#tea", "seq": 4,
                   "text": "changed"}),
            (bob, {"type": "react", "conversation": "#tea", "seq": 4,
                   "emoji": "\U0001f44d"}),
            (ann, {"type": "delete", "conversation": "#tea", "seq": 5}),
            (bob, {"type": "read", "conversation": "#tea", "seq": 9}),
            (bob, {"type": "send", "to": "@ann", "text": "psst"}),
            (ann, {"type": "send", "to": "#lobby", "text": "hello"}),
            (ann, {"type": "block", "user": "bob"}),
            (ann, {"type": "ban", "conversation": "#tea", "user": "cat"})]:
        await person.ask(request)
    for person in ann, bob, cat:
        await person.socket.close(10)


@pytest.fixture(scope="module")
def filled():
    """The data folder of a server that has ended."""
    async def fill(folder):
        server = Server()
        server.arguments += ["--limits", "off"]
        try:
            await server.start()
            await talk(server)
            await server.stop()
            shutil.copytree(server.data, folder)
        finally:
            await server.close()

    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        asyncio.run(fill(data))
        yield data


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def test_what_was_filled_is_sound(filled):
    result = run("check", data=filled)
    assert result.returncode == 0, result.stdout
    assert "all is well" in result.stdout
    found = json.loads(run("--json", "check", data=filled).stdout)
    assert found["findings"] == [] and found["people"] == 3


def test_a_round_trip_changes_nothing(filled, folder):
    first = run("export", data=filled)
    assert first.returncode == 0, first.stderr
    (folder / "lines").write_text(first.stdout)
    made = run("import", folder / "lines", data=folder / "new")
    assert made.returncode == 0, made.stderr
    assert run("export", "-", data=folder / "new").stdout == first.stdout
    assert run("check", data=folder / "new").returncode == 0
    types = {json.loads(line)["type"] for line in first.stdout.splitlines()}
    assert types >= {"person", "conversation", "event", "member", "mark",
                     "reaction", "block", "ban", "device", "end"}


def test_a_server_goes_on_with_an_import(filled, folder):
    export = run("export", data=filled).stdout

    async def go_on():
        server = Server()
        try:
            made = run("import", "-", data=server.data, given=export)
            assert made.returncode == 0, made.stderr
            await server.start()
            ann = Person("ann", "phone")
            await ann.connect(server, {})
            again = await ann.ask({"type": "send", "to": "#tea",
                                       "text": "n. 3",
                                       "client_msg_id": "m3"})
            assert again.data["duplicate"], again
            await ann.ask({"type": "send", "to": "#tea",
                               "text": "more"})
            await ann.socket.close(10)
            await server.stop()
            assert run("check", data=server.data).returncode == 0
        finally:
            await server.close()

    asyncio.run(go_on())


def test_one_person_has_what_is_theirs(filled):
    lines = [json.loads(line) for line in
             run("export", "--user", "bob", data=filled).stdout.splitlines()]
    people = [line for line in lines if line["type"] == "person"]
    assert [person["name"] for person in people] == ["bob"]
    texts = [line.get("text") for line in lines if line["type"] == "event"]
    assert "psst" in texts and "hello" not in texts
    assert run("export", "--user", "nobody", data=filled).returncode == 1


ACCOUNTS = [
    {"type": "account", "user": "ann", "claimed": True,
     "email": "ann@example.org", "password": "$scrypt$ln=15$salt$key",
     "display_name": "Ann \u00c4", "avatar_url": "https://example.org/a",
     "about": "Hello", "bot": True,
     "banned_until": "forever", "reason": "spam",
     "tokens_from": "2026-11-22T01:27:08.123456Z",
     "created_at": "2026-11-21T01:27:08.123456Z",
     "updated_at": "2026-11-22T01:27:08.123457Z"},
    {"type": "account", "user": "bob", "disabled": True,
     "deactivated": True, "created_at": "2026-11-21T01:27:08.123456Z",
     "updated_at": "2026-11-21T01:27:08.123456Z"},
    {"type": "range", "range": "192.0.2.0/24",
     "at": "2026-11-21T01:27:08.123456Z",
     "until": "2026-12-21T01:27:08.123456Z", "reason": "spam"},
    {"type": "range", "range": "2001:db8::/64",
     "at": "2026-11-21T01:27:08.123456Z", "until": "forever"},
    {"type": "lockdown"},
]


def with_accounts(filled, accounts):
    """Lines of an export, with these where they belong."""
    lines = [json.loads(line) for line in
             run("export", data=filled).stdout.splitlines()]
    after = max(i for i, line in enumerate(lines)
                if line["type"] == "person") + 1
    lines[after:after] = accounts
    lines[-1]["lines"] = len(lines)
    return "".join(json.dumps(line, separators=(",", ":"),
                              ensure_ascii=False) + "\n" for line in lines)


def test_accounts_make_the_round_trip(filled, folder):
    lines = with_accounts(filled, ACCOUNTS)
    made = run("import", "-", data=folder / "new", given=lines)
    assert made.returncode == 0, made.stderr
    assert run("export", data=folder / "new").stdout == lines
    assert run("check", data=folder / "new").returncode == 0
    own = run("export", "--user", "ann", data=folder / "new").stdout
    assert "ann@example.org" in own and "scrypt" not in own
    assert "192.0.2" not in own and "lockdown" not in own


@pytest.mark.parametrize("account, says", [
    ({"user": "nobody"}, "is a person that no line before it has"),
    ({"user": "bob", "email": "ann@example.org"}, "do not fit together"),
    ({"user": "bob", "email": "x" * 255}, '"email" is no text, or too long'),
    ({"user": "bob", "claimed": 1}, '"claimed" is neither true nor false'),
    ({"user": "bob", "banned_until": "soon"}, '"banned_until" is no time'),
])
def test_a_damaged_account_makes_nothing(filled, folder, account, says):
    lines = with_accounts(filled, ACCOUNTS[:1] +
                          [{"type": "account", **account}])
    made = run("import", "-", data=folder / "new", given=lines)
    assert made.returncode == 1
    assert says in made.stderr, made.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("spoil, says", [
    (lambda lines: lines[:-1], "ends without its last line"),
    (lambda lines: lines[:-4] + lines[-3:], "some are missing"),
    (lambda lines: lines[1:], "line 1"),
    (lambda lines: lines[:2] + ["{"] + lines[2:], "line 3"),
    (lambda lines: lines[:2] + ['{"type":"x"}'] + lines[2:], "line 3"),
    (lambda lines: lines + lines[-1:], "the export has ended"),
    (lambda lines: [line.replace('"seq":7,', '"seq":8,') for line in lines],
     "is not the next"),
    (lambda lines: [line.replace('"title":"Tea"', '"private":1,"title":"Tea"')
                    for line in lines],
     "neither true nor false"),
    (lambda lines: [line.replace('"flags":["tombstone"]',
                                 '"flags":"tombstone"') for line in lines],
     '"flags" is no list'),
    (lambda lines: [line.replace("#tea", r"#te\u001ba") for line in lines],
     "is none of a conversation"),
    (lambda lines: [line.replace('"@ann:bob"', '"@bob:ann"')
                    for line in lines], "is none of a conversation"),
    (lambda lines: [line for line in lines
                    if '"lobby' not in line and "#lobby" not in line],
     "conversations are in their order"),
    (lambda lines: [line.replace('"device":"phone"', '"device":"a b"')
                    for line in lines], "no name of a device"),
    (lambda lines: [lines[0], '{"type":"end","lines":2}'],
     "without #lobby"),
    (lambda lines: [line.replace('"read_seq":9', '"read_seq":9999')
                    for line in lines], "do not fit together"),
])
def test_a_damaged_export_makes_nothing(filled, folder, spoil, says):
    lines = run("export", data=filled).stdout.splitlines()
    (folder / "lines").write_text("\n".join(spoil(lines)) + "\n")
    result = run("import", folder / "lines", data=folder / "new")
    assert result.returncode == 1
    assert says in result.stderr, result.stderr
    assert [path.name for path in folder.iterdir()] == ["lines"]


def test_damage_is_found(filled, folder):
    shutil.copytree(filled, folder / "data")
    path = folder / "data" / "data.mdb"
    content = path.read_bytes()
    assert b"n. 20" in content
    path.write_bytes(content.replace(b"n. 20", b"N. 20"))
    result = run("check", data=folder / "data")
    assert result.returncode == 1
    assert "#tea" in result.stdout and "damaged" in result.stdout


@pytest.mark.parametrize("words", [["check"], ["export"]])
def test_a_store_that_is_cut_off_is_told(filled, folder, words):
    shutil.copytree(filled, folder / "data")
    path = folder / "data" / "data.mdb"
    path.write_bytes(path.read_bytes()[:3 * 4096])
    result = run(*words, data=folder / "data")
    assert result.returncode == 1
    assert "data.mdb is cut off" in result.stderr, result.stderr


def test_a_backup_has_another_epoch(filled, folder):
    assert run("backup", folder / "copy", data=filled).returncode == 0

    async def epoch(data):
        server = Server()
        try:
            shutil.copytree(data, server.data)
            await server.start()
            _, text = await server.ctl("--json", "status")
            return json.loads(text)["epoch"]
        finally:
            await server.close()

    assert asyncio.run(epoch(filled)) != asyncio.run(epoch(folder / "copy"))


def test_what_is_made_is_for_nobody_else(filled, folder):
    def mode(name):
        return oct((folder / name).stat().st_mode & 0o777)

    assert run("backup", folder / "copy", data=filled).returncode == 0
    assert run("export", folder / "lines", data=filled).returncode == 0
    assert run("import", folder / "lines",
               data=folder / "new").returncode == 0
    for name in "copy/data.mdb", "lines", "new/data.mdb":
        assert mode(name) == "0o600", name
    for name in "copy", "new":
        assert mode(name) == "0o750", name  # as the server's, for its socket


@pytest.mark.parametrize("words", [["check"], ["--json", "check"], ["export"]])
def test_what_cannot_be_written_is_told(filled, words):
    with open("/dev/full", "w") as full:
        result = subprocess.run([PROGRAM, "--data", str(filled), *words],
                                stdout=full, stderr=subprocess.PIPE,
                                text=True, timeout=60)
    assert result.returncode == 1 and "cannot write" in result.stderr


def test_nothing_is_replaced(filled, folder):
    (folder / "there").mkdir()
    for words in (["backup", folder / "there"], ):
        result = run(*words, data=filled)
        assert result.returncode == 1 and "exists" in result.stderr
    (folder / "file").write_text("mine")
    result = run("export", folder / "file", data=filled)
    assert result.returncode == 1 and "exists" in result.stderr
    assert (folder / "file").read_text() == "mine"


def test_an_erasure_goes_on_after_a_crash():
    async def crash_in_the_middle():
        server = Server()
        server.arguments += ["--limits", "off"]
        try:
            await server.start()
            ann = Person("ann", "")
            await ann.connect(server, {})
            for i in range(300):
                await ann.ask({"type": "send", "to": "#lobby",
                               "text": f"a secret {i}"})
            asking = asyncio.create_task(server.ctl("erase", "ann", "--yes"))
            # What she is signed in with ends once her erasure has begun.
            assert await server.logged("reason=kicked", 0, 20)
            await server.kill()
            await asking
            await server.start()
            assert await server.logged("erase.done user=ann", 0, 20)
            status, output = await server.ctl("erase", "ann", "--yes")
            assert status == 1 and "was erased before" in output
            await server.stop()
            assert run("check", data=server.data).returncode == 0
            assert "secret" not in run("export", data=server.data).stdout
        finally:
            await server.close()

    asyncio.run(crash_in_the_middle())
