# SPDX-License-Identifier: MIT
"""Events by HTTP: a reader of server-sent events, and long poll.

The parser is that of WHATWG HTML section 9.2.6, written from it, and is fed
as many bytes at a time as a test wants.
"""

import http.client
import json
import urllib.parse

from . import rawhttp
from .person import Person


class Parser:
    def __init__(self):
        self.last_id = ""
        self.retry = None
        self.comments = 0
        self.marks = 0  # blocks that only tell an id
        self._line = bytearray()
        self._id, self._type, self._data = "", "", []
        self._told_id = False

    def feed(self, data):
        """The events that end in data: (type, id, data)."""
        for byte in data:
            if byte != 0x0a:
                self._line.append(byte)
                continue
            line, self._line = self._line.decode(), bytearray()
            event = self._take(line)
            if event:
                yield event

    def _take(self, line):
        assert not line.endswith("\r")
        if not line:
            return self._dispatch()
        if line.startswith(":"):
            self.comments += 1
            return None
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._type = value
        elif name == "data":
            self._data.append(value)
        elif name == "id":
            self._id, self._told_id = value, True
        elif name == "retry":
            self.retry = int(value)
        else:
            raise AssertionError(f"no field of an event: {line!r}")
        return None

    def _dispatch(self):
        self.last_id = self._id
        kind, data = self._type, "\n".join(self._data)
        self.marks += self._told_id and not data
        self._type, self._data, self._told_id = "", [], False
        return (kind or "message", self.last_id, data) if data else None


def target(query):
    return "/api/events?" + urllib.parse.urlencode(query)


class Stream:
    """GET /api/events as it comes, read `step` bytes at a time."""

    def __init__(self, address, step=65536, fields=(), **query):
        self.parser = Parser()
        self.events = []
        self.step = step
        self.peer = rawhttp.connect(address)
        lines = [f"GET {target(query)} HTTP/1.1", f"Host: {address[0]}",
                 "Accept: text/event-stream", *fields]
        rawhttp.send(self.peer, ("\r\n".join(lines) + "\r\n\r\n").encode())
        data = bytearray()
        while b"\r\n\r\n" not in data:
            piece = self.peer.recv(1)
            assert piece, f"closed after {bytes(data)!r}"
            data += piece
        self.answer, _ = rawhttp.take_answer(bytes(data), head=True)

    def _read(self):
        """False: the server has closed."""
        piece = self.peer.recv(self.step)
        for kind, event_id, data in self.parser.feed(piece):
            event = json.loads(data)
            assert event["type"] == kind
            self.events.append((event, event_id))
        return bool(piece)

    def next(self, kind=None, **wanted):
        """The next event like that, with its id in `_id`."""
        while True:
            while self.events:
                event, event_id = self.events.pop(0)
                if (kind is None or event["type"] == kind) and all(
                        event.get(key) == value
                        for key, value in wanted.items()):
                    return {**event, "_id": event_id}
            assert self._read(), f"closed before {kind} {wanted}"

    def live(self):
        """Until all that was missed is told; what is the last id then."""
        while not self.parser.marks:
            assert self._read(), "closed before it was live"
        return self.parser.last_id

    def until(self, found):
        while not found():
            assert self._read(), "closed"

    def to_end(self):
        """All events until the server closes."""
        while self._read():
            pass
        return [event for event, _ in self.events]

    def close(self):
        self.peer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Poller:
    """Long poll over one connection, which goes on where it was."""

    def __init__(self, address, fields=None, **query):
        self.http = http.client.HTTPConnection(*address, timeout=30)
        self.fields, self.query = fields or {}, query
        self.last_id = None

    def ask(self, poll=20):
        query = {**self.query, "poll": poll}
        if self.last_id is not None:
            query["last_event_id"] = self.last_id
        self.http.request("GET", target(query), headers=self.fields)
        answer = self.http.getresponse()
        return answer.status, json.loads(answer.read())

    def poll(self, seconds=20):
        status, answer = self.ask(seconds)
        assert status == 200, answer
        assert set(answer) == {"events", "last_event_id", "epoch"}
        self.last_id = answer["last_event_id"]
        return answer["events"]

    def close(self):
        self.http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Talker:
    """Somebody on a WebSocket, for a test without asyncio."""

    def __init__(self, hosted, name, **options):
        self.hosted = hosted
        self.person = Person(name, None)
        self.person.device = options.pop("device", None)
        hosted.call(self.person.connect(hosted.server, options))

    def ask(self, **request):
        answer = self.hosted.call(self.person.ask(request))
        return answer

    def gets(self, kind, **wanted):
        return self.hosted.call(self.person.gets(kind, wanted, {}))
