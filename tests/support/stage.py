# SPDX-License-Identifier: MIT
"""Performs a conversation: a server of its own, and people at real sockets."""

import asyncio
import contextlib

from .person import Person, Unmet
from .server import Server, ServerFault
from .talk import Talk, fill
from .verbs import OPERATOR, PERSON, SERVER

TOTAL_SECONDS = 120


class Failed(AssertionError):
    pass


class Stage:
    def __init__(self, workers=2):
        self.server = Server(workers)
        self.people = {}
        self.variables = {"data": str(self.server.data)}
        self.log_mark = 0    # where `server logs` begins to look
        self.output = ""     # of the operator's last command

    async def running(self):
        """The server, started on first need."""
        if self.server.process is None:
            await self.server.start()
        return self.server

    def person(self, actor):
        if actor not in self.people:
            name, _, device = actor.partition("/")
            self.people[actor] = Person(name, device)
        return self.people[actor]

    async def connected(self, actor):
        """The person; comes in on first use."""
        person = self.person(actor)
        if person.socket is None:
            await person.connect(await self.running(), {})
        return person

    def fill(self, text):
        return fill(text, self.variables)

    async def perform(self, statement):
        table = {"server": SERVER, "operator": OPERATOR}.get(
            statement.actor, PERSON)
        for expression, verb in table:
            found = expression.fullmatch(statement.rest)
            if not found:
                continue
            words = found.groupdict()
            if statement.body is not None:
                words["body"] = statement.body
            await verb(self, statement.actor, **words)
            return
        raise Failed(f"{statement}: no such statement")

    async def play(self, talk):
        for statement in talk.statements:
            try:
                await self.perform(statement)
                self.server.check_alive()
                self.check_frames()
            except Exception as error:
                raise Failed(self.tell(statement, error)) from error

    def check_frames(self):
        for person in self.people.values():
            violation = getattr(person.socket, "violation", None)
            if violation:
                raise Unmet(f"the server sent {violation}")

    def tell(self, statement, error):
        kind = type(error).__name__
        return (f"{statement}\n{kind}: {error}\n"
                f"--- the server's log ---\n{self.server.tail()}")

    async def close(self):
        for person in self.people.values():
            if person.socket:
                person.socket.drop()
        await self.server.close()


async def play(path, workers=2):
    talk, stage = Talk(path), Stage(workers)
    try:
        await asyncio.wait_for(stage.play(talk), TOTAL_SECONDS)
    except BaseException:
        with contextlib.suppress(ServerFault):
            await stage.close()
        raise
    await stage.close()
