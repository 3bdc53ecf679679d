# SPDX-License-Identifier: MIT
"""A WebSocket beside REST: what a connected device is told meanwhile."""

import json

from .websocket import WebSocket

SECONDS = 20


class Live:
    """events: all that came, in its order."""

    def __init__(self):
        self.events = []
        self.socket = None

    @classmethod
    async def connect(cls, client, device="live"):
        """As the person of a Rest client, once they are greeted."""
        self = cls()
        server = client.server
        self.socket = await WebSocket.connect(
            server.host, server.port,
            on_text=lambda text: self.events.append(json.loads(text)))
        await self.socket.open(f"/chat?device={device}", [
            ("Host", f"{server.host}:{server.port}"),
            ("Authorization", "Bearer " + client.token)], SECONDS)
        await self.gets("welcome")
        return self

    def all(self, kind, **members):
        return [event for event in self.events if event["type"] == kind and
                all(event.get(name) == value
                    for name, value in members.items())]

    async def gets(self, kind, **members):
        """The first event like that, which may still be on its way."""
        def find():
            if self.socket.closed:
                raise AssertionError(f"closed: {self.socket.close_code}")
            return next(iter(self.all(kind, **members)), None)
        event = await self.socket.until(find, SECONDS)
        assert event, f"no {kind} {members} in {self.events}"
        return event

    async def settled(self):
        """Once all that was on its way is here."""
        ref = f"settled-{len(self.events)}"
        self.send({"type": "ping", "ref": ref})
        await self.gets("pong", ref=ref)

    def send(self, request):
        self.socket.send(json.dumps(request))

    async def closed(self):
        """The code."""
        await self.socket.until(lambda: self.socket.closed or None, SECONDS)
        return self.socket.close_code

    def drop(self):
        self.socket.drop()
