# SPDX-License-Identifier: MIT
"""The evening the README promises, in two terminals, through a crash."""

import asyncio
import contextlib
import tempfile

from support.server import Server
from support.terminal import Terminal


@contextlib.asynccontextmanager
async def evening():
    """A server, and a way to sit down at a terminal."""
    server, terminals = Server(), []
    with tempfile.TemporaryDirectory(prefix="synctalk-state-") as state:
        async def sit_down(name):
            terminal = Terminal()
            terminals.append(terminal)
            await terminal.start(
                str(server.build / "synctalk"), "--server",
                f"http://{server.host}:{server.port}", name,
                XDG_STATE_HOME=f"{state}/{name}", NO_COLOR="1")
            await terminal.shows(r"signed in")
            return terminal
        try:
            await server.start()
            yield server, sit_down
        finally:
            for terminal in terminals:
                await terminal.close()
            await server.close()


def test_two_terminals_and_a_crash():
    async def run():
        async with evening() as (server, sit_down):
            alice = await sit_down("alice")
            bob = await sit_down("bob")
            alice.type("hello everyone\r")
            await bob.shows(r"alice: hello everyone")
            bob.type("@alice hello alice\r")
            await alice.shows(r"bob: hello alice")
            bob.type("/quit\r")
            assert await bob.ended() == 0
            alice.type("@bob one\r")
            alice.type("@bob two\r")
            await alice.shows(r"two")
            server.listen = f"{server.host}:{server.port}"
            await server.kill()
            alice.type("@bob three\r")  # nobody is there: it waits
            await server.start()
            again = await sit_down("bob")
            await again.shows(r"(?s)alice: one.*alice: two.*alice: three")
            assert again.shown.count("alice: one") == 1
            alice.type("\x04")
            assert await alice.ended() == 0
    asyncio.run(run())


def test_two_terminals_know_what_became_of_each_message():
    async def run():
        async with evening() as (_, sit_down):
            alice = await sit_down("alice")
            bob = await sit_down("bob")
            alice.type("@bob first\r@bob second\r")
            await alice.shows(r"@bob you: second ✓✓\r\n")
            await bob.shows(r"#lobby \(@alice 2\)> ")
            bob.type("\x0e")  # Ctrl-N
            await bob.shows(r"── @alice: 2 unread ──\r\n.* @alice: first")
            await alice.shows(r"@bob you: second ✓✓ read\r\n")
            alice.type("/to @bob\r/edit 1 the first\r/delete 2\r")
            await bob.shows(r"@alice: the first \(edited\)\r\n")
            await bob.shows(r"@alice: \(deleted\)\r\n")
            bob.type("/react 1 👍\r")
            await alice.shows(r"@bob you: the first \(edited\) \[👍\]")
            alice.type("/receipts 1\r")
            await alice.shows(r"@bob 1: 1 delivered, 1 read, of 1")
    asyncio.run(run())


def test_a_terminal_comes_back_to_what_it_missed():
    async def run():
        async with evening() as (_, sit_down):
            alice = await sit_down("alice")
            alice.type("/join tea\r")
            await alice.shows(r"#tea> ")
            bob = await sit_down("bob")
            bob.type("/join tea\r")
            await bob.shows(r"#tea> ")
            alice.type("/quit\r")
            assert await alice.ended() == 0
            bob.type("tea, @alice?\rnone left\r/edit 3 tea, @Alice!\r")
            await bob.shows(r"#tea you: none left ✓\r\n")
            alice = await sit_down("alice")
            await alice.shows(r"#lobby \(#tea 2!\)> ")
            alice.type("/to #tea\r")
            await alice.shows(r"── #tea: 2 unread, 1 for you ──")
            await bob.shows(r"#tea you: none left ✓✓ read\r\n")
    asyncio.run(run())
