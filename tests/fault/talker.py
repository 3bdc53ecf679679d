# SPDX-License-Identifier: MIT
"""A person with a device who talks on through crashes of the server.

Messages that were not answered are sent again after each reconnection, in
their order, before anything new, with the same client_msg_id.  Anything else
is done one after the other: asked again until it is answered, or given up.
"""

import asyncio
import json
import urllib.parse

from support.changes import Changes
from support.websocket import Refused, WebSocket

from .notes import Entry, Gap, Operation, Stream

SECONDS = 30
ACK_EVERY = 8  # messages, for those who acknowledge by themselves
PAGE = 20      # of the conversation list


class Talker(Changes):
    def __init__(self, cluster, name, device, ack_client):
        super().__init__()
        self.cluster = cluster  # .up: the server's address or None; .tick()
        self.name = name
        self.device = device
        self.ack_client = ack_client
        self.stream = Stream(name, device)
        self.operations = []
        self.sends = {}         # client_msg_id -> Operation
        self.waiting = {}       # the same, not answered yet, in order
        self.answers = {}       # ref -> event, of other requests
        self.socket = None
        self.welcome = False
        self.stopped = False
        self.out = set()        # groups this person is not in
        self.seen = {}          # conversation -> (seq, from) of messages
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
        self.stream.begin(self.cluster.tick())
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
            self.stream.see(Gap(event))
        elif "ref" in event:
            self.answers[event["ref"]] = event
        elif kind in ("delivered", "read"):
            self.stream.told.append(event)
        elif "id" in event and event["conversation"] != "#lobby":
            self.see(Entry(event))
        self.changed()

    def see(self, entry):
        self.stream.see(entry)
        if entry.kind == "message":
            self.seen.setdefault(entry.conversation, []).append(
                (entry.seq, entry.sender))
        elif entry.event.get("user") == self.name:
            if entry.kind in ("left", "kicked"):
                self.out.add(entry.conversation)
            elif entry.kind == "joined":
                self.out.discard(entry.conversation)
        self._since_ack += 1
        if self.ack_client and self._since_ack >= ACK_EVERY:
            self._since_ack = 0
            self.received(entry.conversation)

    def received(self, conversation):
        self.request({"type": "received", "conversation": conversation,
                      "seq": self.stream.last_seq(conversation)})

    def sent(self, event):
        operation = self.sends[event["client_msg_id"]]
        operation.replies.append((event["seq"], event["id"], event["at"]))
        operation.done = operation.done or self.cluster.tick()
        self.waiting.pop(event["client_msg_id"], None)
        if not event.get("duplicate"):
            self.see(Entry({
                "type": "message", "from": self.name, "text": operation.text,
                **{name: event[name] for name in
                   ("conversation", "seq", "id", "at")}}))

    def refused(self, event):
        operation = self.sends.get(event.get("ref"))
        if operation is None:
            self.answers[event.get("ref")] = event
        elif event["code"] != "unavailable":
            operation.refusal = event["code"]
            self.waiting.pop(event["ref"], None)
            self.note_refusal(operation)

    def note_refusal(self, operation):
        if operation.refusal == "not_member":
            self.out.add(operation.conversation)

    # What is sent

    def write(self, request):
        if not self.socket.transport.is_closing():
            self.socket.send(json.dumps(request))

    def request(self, request):
        self._refs += 1
        ref = f"r{self._refs}"
        self.write({**request, "ref": ref})
        return ref

    async def answer(self, request):
        """The answer, an error too; None if the connection went before."""
        await self.until(lambda: self.welcome or None, SECONDS)
        socket, ref = self.socket, self.request(request)
        await self.until(
            lambda: ref in self.answers or socket.closed or None, SECONDS)
        if ref not in self.answers and not socket.closed:
            raise AssertionError(f"{self.name}: no answer to {request}")
        return self.answers.pop(ref, None)

    async def ask(self, request):
        """Asks, again after each crash, until it is answered."""
        answer = None
        while answer is None:
            answer = await self.answer(request)
        if answer["type"] == "error":
            raise AssertionError(f"{request}: {answer}")
        return answer

    async def act(self, kind, conversation, give_up=lambda: False,
                  **members):
        """Does something; returns the operation."""
        operation = Operation(kind, self.name, conversation,
                              self.cluster.tick(), **members)
        self.operations.append(operation)
        request = {"type": kind, "conversation": conversation, **members}
        if "target" in request:
            request["seq"] = request.pop("target")
        while operation.done is None and operation.refusal is None:
            await self.until(lambda: self.welcome or None, SECONDS)
            operation.asked = operation.asked or self.cluster.tick()
            operation.attempts += 1
            answer = await self.answer(request)
            if answer is None:
                if give_up():
                    break
            elif answer["type"] != "error":
                operation.done = self.cluster.tick()
            elif answer["code"] != "unavailable":
                operation.refusal = answer["code"]
                self.note_refusal(operation)
        return operation

    def put(self, operation):
        operation.asked = operation.asked or self.cluster.tick()
        operation.attempts += 1
        client_id = f"{self.name}-{operation.number}"
        self.write({"type": "send", "to": operation.conversation,
                    "text": operation.text, "ref": client_id,
                    "client_msg_id": client_id})

    def say(self, conversation, more=""):
        """A new message, if connected now."""
        if not self.welcome or self.socket.closed or conversation in self.out:
            return
        number = self.cluster.tick()
        operation = Operation("send", self.name, conversation, number,
                              text=f"w{number:08} of {self.name}{more}")
        self.operations.append(operation)
        client_id = f"{self.name}-{number}"
        self.sends[client_id] = self.waiting[client_id] = operation
        self.put(operation)

    def give_up(self):
        """Nobody will know what became of what was under way."""
        self.waiting.clear()

    async def say_again(self, operation):
        """Sends what was answered once more; returns when answered again."""
        before = len(operation.replies)
        self.put(operation)
        done = await self.until(
            lambda: len(operation.replies) > before or operation.refusal or
            None, SECONDS)
        if not done or operation.refusal:
            raise AssertionError(f"{operation}: a resend was answered with "
                                 f"{operation.refusal}")

    # What is asked in the end

    async def pages(self, request, member, place):
        """The items of all pages; `next` is the next one's `member`."""
        items = []
        while True:
            answer = await self.ask({**request, **place})
            items += answer["items"]
            if "next" not in answer or not answer["items"]:
                return {**answer, "items": items}
            place = {member: answer["next"]}

    async def list(self):
        answer = await self.pages(
            {"type": "conversations", "limit": PAGE}, "before", {})
        return answer["items"]

    async def log(self, conversation):
        """The whole log of a conversation, by pages of history."""
        answer = await self.pages(
            {"type": "history", "limit": 200, "conversation": conversation},
            "after", {"after": 0})
        return [Entry({**item, "conversation": conversation})
                for item in answer["items"]]

    async def receipts(self, conversation, seq, limit):
        return await self.pages(
            {"type": "receipts", "conversation": conversation, "seq": seq,
             "limit": limit}, "after", {})


async def gather(coroutines):
    return await asyncio.gather(*coroutines)
