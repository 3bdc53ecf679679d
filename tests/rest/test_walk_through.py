# SPDX-License-Identifier: MIT
"""The first steps of docs/rest.md, done as they stand there.

What is in ```sh goes to a shell, where curl talks to the server; ```json
behind it is what the last command should answer; ```console is what wscat
shows.  "…" stands for anything: within a text, or as a member for those that
are not shown.
"""

import asyncio
import json
import re
import shutil

import pytest

from support.rest import served
from support.server import SOURCE
from support.websocket import WebSocket

SECONDS = 20
BLOCK = re.compile(r"^```(sh|json|console)\n(.*?)^```$", re.M | re.S)
VOLATILE = {"id", "at"}  # of which the kind is enough
END = "-- end --"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None,
                                reason="there is no curl")


def steps():
    text = (SOURCE / "docs" / "rest.md").read_text(encoding="utf-8")
    section = text.split("\n## First steps\n")[1].split("\n## ")[0]
    return BLOCK.findall(section)


def mismatch(wanted, found, at="$"):
    """Where what was answered is not what the document shows, or None."""
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            return f"{at}: {found!r} is no object"
        for name, one in wanted.items():
            if name == "…":
                continue
            if name not in found:
                return f"{at}.{name} is not there"
            if name in VOLATILE and type(one) is type(found[name]):
                continue
            why = mismatch(one, found[name], f"{at}.{name}")
            if why:
                return why
        more = set(found) - set(wanted)
        return f"{at}: {more} not shown" if more and "…" not in wanted \
            else None
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return f"{at}: {found!r} has not {len(wanted)} items"
        whys = (mismatch(one, found[n], f"{at}[{n}]")
                for n, one in enumerate(wanted))
        return next(filter(None, whys), None)
    if isinstance(wanted, str) and "…" in wanted:
        pattern = ".+".join(map(re.escape, wanted.split("…")))
        if isinstance(found, str) and re.fullmatch(pattern, found):
            return None
    return None if wanted == found else f"{at}: {found!r}, not {wanted!r}"


class Shell:
    """One shell for all steps, so that its variables stay."""

    async def start(self, server):
        self._process = await asyncio.create_subprocess_exec(
            "/bin/sh", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, cwd=server.folder)

    async def run(self, text):
        self._process.stdin.write(f"{text}\necho; echo '{END}'\n".encode())
        lines = []
        while True:
            line = await asyncio.wait_for(self._process.stdout.readline(),
                                          SECONDS)
            assert line, "the shell ended:\n" + "\n".join(lines)
            line = line.decode().rstrip("\n")
            if line == END:
                return "\n".join(lines).strip()
            lines.append(line)

    async def end(self):
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), SECONDS)


class Console:
    """What wscat would do."""

    def __init__(self, server, shell):
        self._server = server
        self._shell = shell
        self._socket = None
        self._heard = []

    async def perform(self, line):
        if line.startswith("$ npx wscat "):
            await self._connect(line)
        elif line.startswith("> "):
            self._socket.send(line[2:])
        elif line.startswith("< "):
            await self._hear(json.loads(line[2:]))
        else:
            await self._closed(re.match(
                r"Disconnected \(code: (\d+), …\)$", line))

    async def _connect(self, line):
        offers = await self._shell.run(
            "echo " + " ".join(re.findall(r"-s (\S+(?: \S+\))?)", line)))
        self._socket = await WebSocket.connect(
            self._server.host, self._server.port,
            on_text=lambda text: self._heard.append(json.loads(text)))
        await self._socket.open(
            re.search(r"-c ws://127\.0\.0\.1:8000(\S+)", line)[1],
            [("Host", f"{self._server.host}:{self._server.port}"),
             ("Sec-WebSocket-Protocol", ", ".join(offers.split()))], SECONDS)

    async def _hear(self, wanted):
        """The next of this type: others may come between."""
        def find():
            for event in self._heard:
                if event["type"] == wanted["type"]:
                    return event
            return None
        found = await self._socket.until(find, SECONDS)
        assert found, f"no {wanted['type']} among {self._heard}"
        self._heard.remove(found)
        assert not mismatch(wanted, found), mismatch(wanted, found)

    async def _closed(self, told):
        await self._socket.until(lambda: self._socket.closed or None, SECONDS)
        assert self._socket.close_code == int(told[1])


@served(auth="open")
async def test_the_first_steps_are_as_they_stand_there(server):
    shell = Shell()
    await shell.start(server)
    console = Console(server, shell)
    output, done = "", 0
    for kind, text in steps():
        if kind == "sh":
            output = await shell.run(text.replace(
                "http://127.0.0.1:8000",
                f"http://{server.host}:{server.port}"))
        elif kind == "json":
            found = json.loads(output.splitlines()[-1])
            why = mismatch(json.loads(text), found)
            assert not why, f"{why}\n{text}\n{output}"
            done += 1
        else:
            for line in text.splitlines():
                await console.perform(line)
                done += 1
    await shell.end()
    assert done >= 15


@pytest.mark.parametrize("wanted, found, same", [
    ({"a": 1, "…": "…"}, {"a": 1, "b": 2}, True),
    ({"a": 1}, {"a": 1, "b": 2}, False),
    ({"a": 1, "b": 2}, {"a": 1}, False),
    ({"id": 1}, {"id": 7}, True),
    ({"id": 1}, {"id": "7"}, False),
    ({"t": "ey…"}, {"t": "eyxx"}, True),
    ({"t": "ey…"}, {"t": "xx"}, False),
    ([1, 2], [1], False),
])
def test_what_differs_is_found(wanted, found, same):
    assert (mismatch(wanted, found) is None) == same
