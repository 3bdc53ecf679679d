# SPDX-License-Identifier: MIT
"""A person with a device who talks on through crashes of the server.

What was not answered is sent again after each reconnection, in its order,
before anything new, with the same client_msg_id.
"""

import asyncio
import json
import urllib.parse

from support.changes import Changes
from support.websocket import Refused, WebSocket

from .history import Entry, Operation, Stream

SECONDS = 30
ACK_EVERY = 8  # messages, for those who acknowledge by themselves


class Talker(Changes):
    def __init__(self, cluster, name, device, ack_client):
        super().__init__()
        self.cluster = cluster  # .up: the server's address or None
        self.name = name
        self.device = device
        self.ack_client = ack_client
        self.stream = Stream(name, device)
        self.operations = {}    # client_msg_id -> Operation
        self.waiting = {}       # the same, not answered yet, in order
        self.answers = {}       # ref -> event, of other requests
        self.socket = None
        self.welcome = False
        self.stopped = False
        self.faults = []
        self._refs = 0
        self._since_ack = 0

    # The connection

    async def run(self):
        """Connects again whenever the connection is gone, until stopped."""
        while not self.stopped:
            try:
                await self.session()
            except (OSError, Refused, ConnectionError):
                pass
            self.welcome = False
            self.changed()
            await self.cluster.until(
                lambda: self.stopped or self.cluster.up or None, SECONDS)

    async def session(self):
        host, port = self.cluster.up
        self.socket = await WebSocket.connect(host, port, on_text=self.text)
        self.stream.begin()
        query = {"user": self.name, "device": self.device}
        if self.ack_client:
            query["ack"] = "client"
        await self.socket.open("/chat?" + urllib.parse.urlencode(query),
                               [("Host", f"{host}:{port}")], SECONDS)
        await self.socket.until(
            lambda: self.welcome or self.socket.closed or None, SECONDS)
        if self.welcome:
            await self.socket.until(
                lambda: self.socket.closed or None, 3600)
        self.socket.drop()

    async def stop(self):
        self.stopped = True
        if self.socket and not self.socket.lost:
            await self.socket.close(SECONDS)

    # What arrives

    def text(self, text):
        event = json.loads(text)
        kind = event["type"]
        if kind == "welcome":
            for operation in list(self.waiting.values()):
                self.put(operation)
            self.welcome = True
        elif kind == "sent":
            self.sent(event)
        elif kind == "error":
            self.refused(event)
        elif kind == "gap":
            self.faults.append(f"{self.name}: {event}")
        elif "ref" in event:
            self.answers[event["ref"]] = event
        elif "seq" in event and event["conversation"] != "#lobby":
            self.see(Entry(event))
        self.changed()

    def see(self, entry):
        self.stream.see(entry)
        self._since_ack += 1
        if self.ack_client and self._since_ack >= ACK_EVERY:
            self._since_ack = 0
            self.request({"type": "received", "seq": entry.seq,
                          "conversation": entry.conversation})

    def sent(self, event):
        operation = self.operations[event["client_msg_id"]]
        operation.replies.append((event["seq"], event["id"], event["at"]))
        self.waiting.pop(operation.client_id, None)
        if not event.get("duplicate"):
            self.see(Entry(event, self.name, operation.text))

    def refused(self, event):
        operation = self.operations.get(event.get("ref"))
        if operation is None:
            self.answers[event.get("ref")] = event
        elif event["code"] != "unavailable":
            operation.refusal = event["code"]
            self.waiting.pop(operation.client_id, None)

    # What is sent

    def request(self, request):
        self._refs += 1
        ref = f"r{self._refs}"
        self.socket.send(json.dumps({**request, "ref": ref}))
        return ref

    async def ask(self, request):
        """Asks, again after each crash, until it is answered."""
        while True:
            await self.until(lambda: self.welcome or None, SECONDS)
            socket, ref = self.socket, self.request(request)
            await self.until(
                lambda: ref in self.answers or socket.closed or None, SECONDS)
            if ref in self.answers:
                answer = self.answers.pop(ref)
                if answer["type"] == "error":
                    raise AssertionError(f"{request}: {answer}")
                return answer
            if not socket.closed:
                raise AssertionError(f"{self.name}: no answer to {request}")

    def put(self, operation):
        self.socket.send(json.dumps({
            "type": "send", "to": operation.conversation,
            "text": operation.text, "ref": operation.client_id,
            "client_msg_id": operation.client_id}))

    def say(self, conversation, number):
        """A new message, if connected now."""
        if not self.welcome or self.socket.closed:
            return
        client_id = f"{self.name}-{number}"
        operation = Operation(self.name, conversation, client_id, number)
        self.operations[client_id] = operation
        self.waiting[client_id] = operation
        self.put(operation)

    async def say_again(self, operation):
        """Sends what was answered once more; returns when answered again."""
        before = len(operation.replies)
        self.put(operation)
        done = await self.until(
            lambda: len(operation.replies) > before or None, SECONDS)
        if not done:
            raise AssertionError(f"{operation.client_id}: a resend was not "
                                 "answered")

    async def log(self, conversation):
        """The whole log of a conversation, by pages of history."""
        entries, after = [], 0
        while True:
            page = await self.ask({"type": "history", "limit": 200,
                                   "conversation": conversation,
                                   "after": after})
            entries += [Entry({**item, "conversation": conversation})
                        for item in page["items"]]
            if not page["items"] or "next" not in page:
                return entries
            after = page["items"][-1]["seq"]


async def gather(coroutines):
    return await asyncio.gather(*coroutines)
