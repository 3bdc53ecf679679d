# SPDX-License-Identifier: MIT
"""One device of one person in a conversation, and what it has seen."""

import json
import time
import urllib.parse

from . import asyncapi, pattern
from .websocket import Refused, Socket, WebSocket

SECONDS = 15  # how long anything may take

# What comes by itself, in no order that a scenario could know.
AMBIENT = {"welcome", "presence", "typing", "joined", "left", "created",
           "delivered", "read", "blocked", "unblocked", "updated", "role",
           "ok", "pong", "expiring"}


class Unmet(AssertionError):
    """What a statement expects is not so."""


class Event:
    def __init__(self, data):
        self.data = data
        self.type = data.get("type")
        self.taken = False

    def __str__(self):
        mark = "  " if self.taken else "* "
        return mark + json.dumps(self.data, ensure_ascii=False)[:300]


class Person:
    def __init__(self, name, device):
        self.name = name
        self.device = device
        self.pongs = True
        self.readable = False
        self.token = None
        self.socket = None
        self.response = None
        self.events = []
        self.last = -1  # index of the event taken last
        self._refs = 0

    # Connecting

    def target(self, options):
        if "at" in options:
            return options["at"]
        query = {}
        if not options.get("nameless") and "token" not in options:
            query["user"] = self.name
        if self.device:
            query["device"] = self.device
        if options.get("ack"):
            query["ack"] = "client"
        if options.get("format"):
            query["format"] = "text"
        return "/chat" + ("?" + urllib.parse.urlencode(query) if query else "")

    def headers(self, options, server):
        host = options.get("host", f"{server.host}:{server.port}")
        headers = [("Host", host)]
        protocols = options.get("offering")
        if "token" in options:
            token = options["token"]
            if options.get("subprotocol"):
                protocols = f"synctalk.v1, bearer.{token}"
            else:
                headers.append(("Authorization", f"Bearer {token}"))
        if protocols:
            headers.append(("Sec-WebSocket-Protocol", protocols))
        if "origin" in options:
            headers.append(("Origin", options["origin"]))
        return headers

    async def connect(self, server, options):
        if options.get("device"):
            self.device = options["device"]
        self.readable = bool(options.get("format"))
        self.events, self.last = [], -1
        self.socket = await WebSocket.connect(
            server.host, server.port, on_text=self._text, pongs=self.pongs)
        await self.socket.open(self.target(options),
                               self.headers(options, server), SECONDS)
        if not options.get("nameless"):
            await self.welcomed()

    async def welcomed(self):
        if self.readable:
            return
        found = await self.socket.until(
            lambda: self._first("welcome") or self._over(), SECONDS)
        if not found or found is True:
            raise Unmet("no welcome" + self.story())

    async def refused(self, server, options):
        """Connects; returns the HTTP response that refuses it."""
        try:
            await self.connect(server, options)
        except Refused as refusal:
            return refusal.response
        raise Unmet("was not refused")

    async def open_socket(self, server):
        self.socket = await Socket.connect(server.host, server.port)

    def _text(self, text):
        if self.readable:
            for line in text.splitlines():
                self.events.append(Event({"type": "text", "text": line}))
            return
        data = json.loads(text)
        if not isinstance(data, dict):
            raise Unmet(f"{self.name} got no object: {text[:200]!r}")
        why = asyncapi.untrue(data)
        if why:
            raise Unmet(f"/asyncapi.json tells of nothing like {text[:200]}: "
                        f"{why}")
        self.events.append(Event(data))

    # What has been seen

    def _first(self, kind):
        for event in self.events:
            if event.type == kind and not event.taken:
                return event
        return None

    def _over(self):
        return True if self.socket.closed else None

    def story(self):
        lines = [str(event) for event in self.events[-20:]]
        if self.socket and isinstance(self.socket, WebSocket):
            if self.socket.closed:
                lines.append(f"(closed: {self.socket.close_code} "
                             f"{self.socket.close_reason!r})")
            if self.socket.violation:
                lines.append(f"(violation: {self.socket.violation})")
        name = self.name + ("/" + self.device if self.device else "")
        return f"\n{name} has (* = not taken yet):\n" + \
            "\n".join(lines or ["(nothing)"])

    def take(self, event):
        event.taken = True
        self.last = self.events.index(event)

    def _candidates(self, kind, wanted):
        """Of this type; answers of other requests and messages of other
        conversations are left for other statements."""
        def other(event):
            if not isinstance(wanted, dict):
                return False
            return any(
                isinstance(wanted.get(name), str) and
                event.data.get(name) != wanted[name]
                for name in ("conversation", "ref"))
        return [event for event in self.events
                if event.type == kind and not event.taken
                and not other(event)]

    def pick(self, kind, wanted, variables):
        """The event meant, or None; raises when it is there but wrong."""
        for event in self._candidates(kind, wanted):
            trial = dict(variables)
            why = pattern.match(wanted, event.data, trial)
            if not why:
                variables.update(trial)
                self.take(event)
                return event
            if kind not in AMBIENT:
                raise Unmet(f"{why}\nin {event}" + self.story())
        return None

    async def gets(self, kind, wanted, variables, seconds=SECONDS):
        found = await self.socket.until(
            lambda: self.pick(kind, wanted, variables) or self._over(),
            seconds)
        if found is True:
            found = self.pick(kind, wanted, variables)
        if not found:
            raise Unmet(f"no such {kind}" + self.story())
        return found

    async def next(self, kind, wanted, variables):
        """The very next event after the one taken last."""
        at = self.last + 1
        await self.socket.until(
            lambda: len(self.events) > at or self._over(), SECONDS)
        if len(self.events) <= at:
            raise Unmet("nothing came" + self.story())
        event = self.events[at]
        if event.type != kind:
            raise Unmet(f"{event.type} came instead" + self.story())
        why = pattern.match(wanted, event.data, variables)
        if why:
            raise Unmet(why + self.story())
        self.take(event)

    def surprise(self):
        for event in self.events:
            if not event.taken and event.type not in AMBIENT:
                return event
        return None

    async def nothing(self, seconds):
        """Nothing but ambient events, now and for a while."""
        found = await self.socket.until(self.surprise, seconds)
        if found:
            raise Unmet(f"got {found}" + self.story())

    async def nothing_like(self, kind, wanted, variables, seconds):
        def fits(event):
            return not pattern.match(wanted, event.data, dict(variables))

        def find():
            for event in self._candidates(kind, wanted):
                if fits(event):
                    return event
            return None
        found = await self.socket.until(find, seconds)
        if found:
            raise Unmet(f"got {found}" + self.story())

    # Acting

    async def ask(self, request):
        """Sends a request; returns its answer, which is not an error."""
        self._refs += 1
        ref = f"harness-{self._refs}"
        self.socket.send(json.dumps({**request, "ref": ref}))

        def answered():
            for event in self.events:
                if event.data.get("ref") == ref:
                    return event
            return self._over()
        answer = await self.socket.until(answered, SECONDS)
        if answer in (None, True):
            raise Unmet("no answer" + self.story())
        if answer.type == "error":
            raise Unmet(f"refused: {answer}" + self.story())
        self.take(answer)
        return answer

    async def ask_until(self, request, wanted, variables):
        """For what the server does in its own time."""
        end = time.monotonic() + SECONDS
        while True:
            answer = await self.ask(request)
            trial = dict(variables)
            why = pattern.match(wanted, answer.data, trial)
            if not why:
                variables.update(trial)
                return
            if time.monotonic() > end:
                raise Unmet(f"{why}\nin {answer}" + self.story())

    async def say(self, text):
        """Sends a line and waits until it is committed."""
        before = len(self.events)
        self.socket.send(text)

        def answered():
            for event in self.events[before:]:
                if event.type in ("sent", "error") and not event.taken:
                    return event
            return self._over()
        answer = await self.socket.until(answered, SECONDS)
        if answer in (None, True) or answer.type == "error":
            raise Unmet("was not sent" + self.story())
        self.take(answer)

    async def nothing_else(self):
        """Up to the answer of a ping nothing came but ambient events."""
        await self.ask({"type": "ping"})
        found = self.surprise()
        if found:
            raise Unmet(f"got {found}" + self.story())

    async def closed(self, code):
        await self.socket.until(self._over, SECONDS)
        if not self.socket.closed:
            raise Unmet("is still connected" + self.story())
        if code is not None and self.socket.close_code != code:
            raise Unmet(f"closed with {self.socket.close_code} instead of "
                        f"{code}" + self.story())
