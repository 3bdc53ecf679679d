# SPDX-License-Identifier: MIT
"""Judges what many clients did and saw while the server was killed.

Clients note what they send and each answer; devices note, connection by
connection, what arrived and in which order.  In the end the log of each
conversation is read.  check() compares the three.  The promises:

    lost      an answered message is in the log, where the answer said
    twice     no message is in the log twice; an unanswered one at most once
    gap       seq counts from 1 without a gap, in the log and on a device
    order     one sender's messages are in the log in the order they were sent
    changed   seq, id, time and text are the same wherever they are seen
    back      times and ids ascend; where a device goes on never goes back
    alien     nothing is there that nobody sent
"""

import collections

PROMISES = ("lost", "twice", "gap", "order", "changed", "back", "alien")


class Operation:
    """One message somebody wants to send, however often it takes."""

    def __init__(self, sender, conversation, client_id, number):
        self.sender = sender
        self.conversation = conversation
        self.client_id = client_id
        self.number = number  # ascending for each sender
        self.text = f"{client_id} of {sender}"
        self.replies = []     # (seq, id, at) of each `sent`
        self.refusal = None   # code of the error that ended it

    @property
    def answered(self):
        return bool(self.replies) or self.refusal is not None


class Entry:
    """One event of a conversation, as a device or the log has it."""

    def __init__(self, event, sender=None, text=None):
        self.conversation = event["conversation"]
        self.seq = event["seq"]
        self.id = event["id"]
        self.at = event["at"]
        self.sender = sender or event.get("from")
        self.text = text or event.get("text")

    def facts(self):
        return self.id, self.at, self.sender, self.text


class Stream:
    """What one device saw: a list of entries for each connection."""

    def __init__(self, person, device):
        self.person = person
        self.device = device
        self.expects = set()  # conversations it must have got
        self.connections = []

    def begin(self):
        self.connections.append([])

    def see(self, entry):
        self.connections[-1].append(entry)

    def last_seq(self, conversation):
        """Everything up to here was seen."""
        seqs = [entry.seq for connection in self.connections
                for entry in connection
                if entry.conversation == conversation]
        return max(seqs, default=0)


class Judge:
    def __init__(self, operations, streams, logs):
        self.operations = operations
        self.streams = streams
        self.logs = logs  # conversation -> entries
        self.found = {promise: [] for promise in PROMISES}

    def blame(self, promise, text):
        self.found[promise].append(text)

    def check(self):
        """A list of sentences for each promise; all empty: it was kept."""
        self.index = {}
        self.by_text = collections.defaultdict(list)
        for conversation, log in self.logs.items():
            self.check_log(conversation, log)
        for operation in self.operations:
            self.check_operation(operation)
        self.check_order()
        self.check_aliens()
        for stream in self.streams:
            self.check_stream(stream)
        return self.found

    def check_log(self, conversation, log):
        last = None
        for position, entry in enumerate(log, 1):
            where = f"{conversation} {entry.seq}"
            if entry.seq != position:
                self.blame("gap", f"log: {where} stands at {position}")
            if last and (entry.id <= last.id or entry.at < last.at):
                self.blame("back", f"log: {where}: id or time descends")
            last = entry
            self.index[conversation, entry.seq] = entry
            if entry.sender:
                self.by_text[conversation, entry.text].append(entry)

    def check_operation(self, operation):
        name = f"{operation.client_id} in {operation.conversation}"
        stored = self.by_text[operation.conversation, operation.text]
        if len(stored) > 1:
            self.blame("twice", f"{name}: seq "
                       f"{[entry.seq for entry in stored]}")
        if operation.replies and not stored:
            self.blame("lost", f"{name}: answered with "
                       f"{operation.replies[0]}")
        if operation.refusal and stored and not operation.replies:
            self.blame("alien", f"{name}: refused, yet stored")
        for reply in operation.replies:
            if stored and reply != (stored[0].seq, stored[0].id,
                                    stored[0].at):
                self.blame("changed", f"{name}: answered {reply}, stored "
                           f"{stored[0].seq} {stored[0].facts()}")

    def check_order(self):
        last = {}
        for operation in sorted(self.operations, key=lambda o: o.number):
            stored = self.by_text[operation.conversation, operation.text]
            if not stored:
                continue
            key = operation.sender, operation.conversation
            if stored[0].seq < last.get(key, 0):
                self.blame("order", f"{operation.client_id} of "
                           f"{operation.sender}: seq {stored[0].seq} after "
                           f"{last[key]}")
            last[key] = max(stored[0].seq, last.get(key, 0))

    def check_aliens(self):
        known = {(operation.conversation, operation.text, operation.sender)
                 for operation in self.operations}
        for (conversation, text), entries in self.by_text.items():
            for entry in entries:
                if (conversation, text, entry.sender) not in known:
                    self.blame("alien", f"{conversation} {entry.seq}: "
                               f"{entry.sender}: {text!r}")

    def check_stream(self, stream):
        has, began = {}, {}
        name = f"{stream.person}/{stream.device}"
        for connection in stream.connections:
            now = {}
            for entry in connection:
                self.check_seen(name, entry, now, has, began)
        for conversation in stream.expects | set(has):
            end = len(self.logs.get(conversation, ()))
            seq = has.get(conversation, 0)
            if seq < end:
                self.blame("lost", f"{name}: has {conversation} up to {seq} "
                           f"of {end}")

    def check_seen(self, name, entry, now, has, began):
        conversation, seq = entry.conversation, entry.seq
        where = f"{name}: {conversation} {seq}"
        if conversation not in now:  # where this connection goes on
            if conversation in has and seq > has[conversation] + 1:
                self.blame("gap", f"{where} after {has[conversation]}")
            if conversation.startswith("@") and conversation not in has \
               and seq != 1:
                self.blame("gap", f"{where} is the first it got")
            if seq < began.get(conversation, 0):
                self.blame("back", f"{where}: an earlier connection began "
                           f"at {began[conversation]}")
            began[conversation] = seq
        elif seq != now[conversation] + 1:
            kind = "twice" if seq <= now[conversation] else "gap"
            self.blame(kind, f"{where} after {now[conversation]}")
        now[conversation] = seq
        has[conversation] = max(seq, has.get(conversation, 0))
        stored = self.index.get((conversation, seq))
        if stored is None:
            self.blame("alien", f"{where} is not in the log")
        elif stored.facts() != entry.facts():
            self.blame("changed", f"{where}: {entry.facts()}, stored "
                       f"{stored.facts()}")


def check(operations, streams, logs):
    return Judge(operations, streams, logs).check()
