# SPDX-License-Identifier: MIT
"""synctalk as people use it from afar: over TLS, with a password."""

import asyncio
import json
import os
import pty

import pytest

from support import tls
from support.rest import served

TTL = 3  # seconds of an access token
CONFIG = ('accounts = { registration = "open", password_cost = 5, '
          f'access_ttl = "{TTL}s" }}',)
SECRET = "correct horse battery"


@pytest.fixture(scope="module")
def authority():
    authority = tls.Authority()
    yield authority
    authority.close()


def secured(authority, *names):
    def prepare(server):
        server.config += tls.config(authority.issue("server", names))
        server.arguments += ["--limits", "off", "--listen",
                             "https://127.0.0.1:0"]
    return prepare


def url(server):
    return f"https://127.0.0.1:{tls.port_of(server)}"


def environment(server, **more):
    env = dict(os.environ, XDG_STATE_HOME=str(server.folder))
    env.pop("SYNCTALK_TOKEN", None)
    return env | more


async def say(server, lines, **env):
    """(status, events, errors) of a client that is given lines."""
    client = await asyncio.create_subprocess_exec(
        str(server.build / "synctalk"), "--server", url(server),
        env=environment(server, **env), stdin=-1, stdout=-1, stderr=-1)
    out, err = await asyncio.wait_for(
        client.communicate("\n".join(lines).encode()), 30)
    return (client.returncode, [json.loads(line) for line in out.splitlines()],
            err.decode())


async def token(server, name="alice"):
    return (await server.ctl("token", name))[1].strip()


def test_it_talks_over_tls(authority):
    @served(CONFIG, prepare=secured(authority, "127.0.0.1"))
    async def play(server):
        # Longer than a record of TLS, both ways.
        text = "x" * 16000
        lines = [text] * 8 + ['{"type":"history","conversation":"#lobby"}']
        status, events, err = await say(
            server, lines, SYNCTALK_TOKEN=await token(server),
            SSL_CERT_FILE=str(authority.certificate))
        assert (status, err) == (0, "")
        items = events[-1]["items"]
        assert [item["text"] for item in items] == [text] * 8
    play()


@pytest.mark.parametrize(("names", "trusted", "why"), [
    (["127.0.0.1"], False, "unable to get local issuer certificate"),
    (["localhost"], True, "IP address mismatch")])
def test_it_says_nothing_to_another_server(authority, names, trusted, why):
    @served(CONFIG, prepare=secured(authority, *names))
    async def play(server):
        trust = str(authority.certificate) if trusted else "/dev/null"
        status, events, err = await say(
            server, ["hello"], SYNCTALK_TOKEN=await token(server),
            SSL_CERT_FILE=trust)
        assert (status, events) == (1, [])
        assert f"certificate is not accepted: {why}" in err
        assert not any("session.open" in line for line in server.log)
    play()


class Terminal:
    """`synctalk --password alice` on a terminal."""

    def __init__(self, server, authority):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = environment(server, TERM="xterm", LC_ALL="C.UTF-8",
                              SSL_CERT_FILE=str(authority.certificate))
            os.execve(server.build / "synctalk", [
                "synctalk", "--server", url(server), "--password", "alice"],
                env)
        self.seen = ""
        self.news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.fd, self._read)

    def _read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self.fd)
        self.seen += data.decode(errors="replace")
        self.news.set()

    async def shows(self, text):
        try:
            async with asyncio.timeout(20):
                while text not in self.seen:
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            os.kill(self.pid, 9)
            raise AssertionError(f"no {text!r} in {self.seen!r}") from None

    def type(self, text):
        os.write(self.fd, text.encode())

    async def ends(self):
        loop = asyncio.get_running_loop()
        status = await loop.run_in_executor(None, os.waitpid, self.pid, 0)
        loop.remove_reader(self.fd)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status[1])


async def account(server):
    process = await asyncio.create_subprocess_exec(
        str(server.build / "synctalkctl"), "--data", str(server.data),
        "user", "add", "alice", "--password-stdin",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL)
    await asyncio.wait_for(process.communicate(SECRET.encode() + b"\n"), 20)


async def used(server):
    """When alice's sign-in was used last; None: there is none."""
    status, text = await server.ctl("--json", "user", "show", "alice")
    assert status == 0
    sign_ins = json.loads(text)["sign_ins"]
    return sign_ins[0]["used_at"] if sign_ins else None


async def sessions(server):
    lines = (await server.ctl("--json", "sessions"))[1]
    return [session["session"] for session in json.loads(lines)["sessions"]]


def test_a_password_lasts_longer_than_its_first_token(authority):
    @served(CONFIG, prepare=secured(authority, "127.0.0.1"))
    async def play(server):
        await account(server)
        terminal = Terminal(server, authority)
        await terminal.shows("Password of alice:")
        terminal.type(SECRET + "\n")
        await terminal.shows("signed in")
        # In place: nobody came, nobody went.
        seen, before = set(), await sessions(server)
        while len(seen) < 4:
            seen.add(await used(server))
        assert await sessions(server) == before
        terminal.type("still here\r")
        await terminal.shows("✓")
        terminal.type("\x04")
        assert await terminal.ends() == 0
        assert SECRET not in terminal.seen
        assert await used(server) is None, "it has signed out"
    play()


def test_a_wrong_password_is_told(authority):
    @served(CONFIG, prepare=secured(authority, "127.0.0.1"))
    async def play(server):
        await account(server)
        terminal = Terminal(server, authority)
        await terminal.shows("Password of alice:")
        terminal.type("correct horse butter\n")
        await terminal.shows("cannot sign in: ")
        assert await terminal.ends() == 1
    play()
