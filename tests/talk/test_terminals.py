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
                XDG_STATE_HOME=f"{state}/{name}")
            await terminal.shows(r"#lobby")
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
