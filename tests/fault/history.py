# SPDX-License-Identifier: MIT
"""Judges what many clients did and saw while the server was killed.

Clients note what they ask and each answer; devices note, connection by
connection, what arrived and in which order.  In the end the log of each
conversation is read, and what the server says of it all.  check() compares
them.  The promises:

    lost      an answered operation is in the log, where the answer said
    twice     nothing is in the log twice; what was not answered at most once
    gap       seq counts without a gap, in the log and on a device
    order     what was answered before another was asked comes before it;
              one sender's messages are in the order they were sent
    changed   an event says the same wherever it is seen
    back      times and ids ascend; where a device goes on never goes back
    alien     nothing is there that nobody did
    stale     an answered edit is what is read from then on
    secret    the text of a deleted message is never seen again
    kept      retention erases from the old end, and no more than it may
    marks     marks never go back, and are at least what was answered or told
    model     lists, roles, receipts, reactions and unread counts are what
              the logs and the marks make of them (answers.py)
"""

import collections
import math

from .answers import audit
from .notes import EVENTS, Entry, Gap, key

PROMISES = ("lost", "twice", "gap", "order", "changed", "back", "alien",
            "stale", "secret", "kept", "marks", "model")


class Judge:
    def __init__(self, operations, streams, logs, keep):
        self.operations = operations
        self.streams = streams
        self.logs = logs  # conversation -> entries
        self.keep = keep  # kind ("#", "@") -> messages that are kept
        self.found = {promise: [] for promise in PROMISES}
        self.first = {}   # conversation -> the oldest seq of its log
        self.index = {}   # (conversation, seq) -> entry, erased ones too
        self.places = collections.defaultdict(set)  # of texts
        self.versions = {}  # (conversation, seq) -> send and edits
        self.deletions = collections.defaultdict(list)
        self.events = collections.defaultdict(list)  # (conv, key) -> seqs
        self.away = collections.defaultdict(list)  # (conv, person): (from, to)

    def blame(self, promise, text):
        self.found[promise].append(text)

    def check(self):
        for conversation, log in self.logs.items():
            self.check_log(conversation, log)
        self.gather()
        self.check_messages()
        self.check_actions()
        self.check_time()
        for conversation, log in self.logs.items():
            for entry in log:
                self.check_text(f"log: {conversation} {entry.seq}", entry,
                                math.inf)
            self.check_last_texts(conversation, log)
        for stream in self.streams:
            self.check_stream(stream)
        return self.found

    # The logs

    def check_log(self, conversation, log):
        self.first[conversation] = first = log[0].seq if log else 1
        keep = self.keep.get(conversation[0])
        messages = sum(entry.kind == "message" for entry in log)
        if first > 1 and (keep is None or messages < keep):
            self.blame("kept", f"{conversation} begins at {first} with "
                       f"{messages} messages")
        last = None
        for position, entry in enumerate(log, first):
            where = f"log: {conversation} {entry.seq}"
            if entry.seq != position:
                self.blame("gap", f"{where} stands at {position}")
            if last and (entry.event["id"] <= last.event["id"] or
                         entry.event["at"] < last.event["at"]):
                self.blame("back", f"{where}: id or time descends")
            last = entry
            self.index[conversation, entry.seq] = entry

    def gather(self):
        """What was seen of erased events stands for them."""
        for entry in self.everything():
            if entry.kind == "message" and entry.text is not None:
                self.places[entry.conversation, entry.text].add(entry.seq)
            if entry.seq < self.first.get(entry.conversation, 1):
                self.index.setdefault((entry.conversation, entry.seq), entry)
        for (conversation, seq), entry in sorted(
                self.index.items(), key=lambda item: item[0]):
            self.events[conversation, key(entry.kind, entry.event)].append(
                seq)
            self.note_absence(conversation, seq, entry)

    def note_absence(self, conversation, seq, entry):
        windows = self.away[conversation, entry.event.get("user")]
        if entry.kind in ("left", "kicked"):
            windows.append((seq, math.inf))
        elif entry.kind == "joined" and windows and \
                windows[-1][1] == math.inf:
            windows[-1] = windows[-1][0], seq

    def everything(self):
        for log in self.logs.values():
            yield from log
        for stream in self.streams:
            for connection in stream.connections:
                yield from (entry for entry in connection
                            if isinstance(entry, Entry))

    def missing(self, conversation):
        """How many erased events nobody saw."""
        first = self.first.get(conversation, 1)
        return sum((conversation, seq) not in self.index
                   for seq in range(1, first))

    # Operations and the logs

    def check_messages(self):
        last, unseen = {}, collections.Counter()
        for operation in sorted(self.operations, key=lambda o: o.number):
            if operation.kind != "send":
                continue
            seqs = self.places[operation.conversation, operation.text]
            seqs = seqs | {reply[0] for reply in operation.replies}
            if len(seqs) > 1:
                self.blame("twice", f"{operation}: seq {sorted(seqs)}")
            if not seqs:
                unseen[operation.conversation, operation.person] += \
                    operation.maybe
                continue
            if operation.refusal and not operation.maybe:
                self.blame("alien", f"{operation}: refused, yet stored")
            self.check_replies(operation)
            place = operation.conversation, min(seqs)
            self.versions[place] = [operation]
            person = operation.conversation, operation.person
            if place[1] < last.get(person, 0):
                self.blame("order", f"{operation}: seq {place[1]} after "
                           f"{last[person]}")
            last[person] = max(place[1], last.get(person, 0))
        for operation in sorted(self.operations, key=lambda o: o.number):
            self.note_change(operation)
        self.check_aliens(unseen)

    def check_replies(self, operation):
        for seq, number, at in operation.replies:
            stored = self.index.get((operation.conversation, seq))
            if stored is None:
                if seq >= self.first.get(operation.conversation, 1):
                    self.blame("lost", f"{operation}: answered with {seq}")
            elif stored.facts() != {"type": "message", "id": number, "at": at,
                                    "from": operation.person}:
                self.blame("changed", f"{operation}: answered "
                           f"{seq, number, at}, stored {stored.facts()}")

    def note_change(self, operation):
        place = operation.conversation, operation.members.get("target")
        if operation.kind == "edit" and place in self.versions:
            self.versions[place].append(operation)
        if operation.kind == "delete":
            self.deletions[place].append(operation)

    def check_aliens(self, unseen):
        """`unseen` may be there, deleted before anybody saw them."""
        for (conversation, seq), entry in self.index.items():
            if entry.kind != "message" or \
               (conversation, seq) in self.versions:
                continue
            unseen[conversation, entry.sender] -= 1
            if entry.text is not None or \
               unseen[conversation, entry.sender] < 0:
                self.blame("alien", f"{conversation} {seq}: {entry.sender}: "
                           f"{entry.text!r}")

    def check_actions(self):
        asked = collections.defaultdict(list)
        for operation in self.operations:
            if operation.kind in EVENTS and operation.kind != "send":
                asked[operation.conversation, operation.key()].append(
                    operation)
        for place in asked.keys() | self.events.keys():
            kind, seqs = place[1][0], self.events.get(place, [])
            if kind in ("message", "created"):
                continue
            low = sum(operation.done is not None for operation in
                      asked[place])
            high = low + sum(operation.maybe for operation in asked[place])
            if kind == "deleted":  # a second one does nothing
                low, high = min(low, 1), min(high, 1)
            name = f"{place}: {len(seqs)} events, {low} answered"
            if low - len(seqs) > self.missing(place[0]):
                self.blame("lost", name)
            if len(seqs) > high:
                self.blame("twice" if high else "alien", name)
            if low == high == len(seqs) == len(asked[place]):
                ordered = sorted(asked[place], key=lambda o: o.asked)
                for operation, seq in zip(ordered, seqs):
                    operation.replies.append((seq, None, None))

    def check_time(self):
        """What was answered before another was asked comes before it."""
        timed = collections.defaultdict(list)
        for operation in self.operations:
            if operation.replies and operation.done is not None:
                timed[operation.conversation].append(
                    (operation.asked, operation.done,
                     operation.replies[0][0], operation))
        for rows in timed.values():
            ends = sorted((done, seq) for _, done, seq, _ in rows)
            highest = at = 0
            for asked, _, seq, operation in sorted(rows, key=lambda r: r[0]):
                while at < len(ends) and ends[at][0] < asked:
                    highest = max(highest, ends[at][1])
                    at += 1
                if seq < highest:
                    self.blame("order", f"{operation}: seq {seq}, though "
                               f"{highest} was answered before")

    # Texts

    def check_text(self, where, entry, began):
        """What a connection, or a reading, that began then may show."""
        if entry.kind not in ("message", "edited"):
            return
        seq = entry.seq if entry.kind == "message" else entry.event["target"]
        place = entry.conversation, seq
        deleted = [operation for operation in self.deletions[place]
                   if operation.done is not None and operation.done < began]
        if entry.text is None:
            if not self.deletions[place] and \
                    seq >= self.first.get(entry.conversation, 1):
                self.blame("changed", f"{where}: no text, yet not deleted")
            return
        if deleted:
            self.blame("secret", f"{where}: {entry.text!r} after {deleted[0]}")
        texts = [operation.text for operation in self.versions.get(place, ())]
        if not texts:
            return  # an alien, and blamed as one
        if entry.text not in texts:
            self.blame("changed", f"{where}: {entry.text!r}, sent {texts}")
        elif texts.index(entry.text) < self.oldest(place, entry, began):
            self.blame("stale", f"{where}: {entry.text!r} of {texts}")

    def oldest(self, place, entry, began):
        """The first of its versions that it may have."""
        known = [at for at, operation in enumerate(self.versions[place])
                 if at and operation.done is not None and
                 operation.done < began]
        if entry.kind == "edited":
            edits = self.events[place[0], ("edited", place[1])]
            known.append(edits.index(entry.seq) + 1
                         if entry.seq in edits else 0)
        return max(known, default=0)

    def check_last_texts(self, conversation, log):
        for entry in log:
            where = f"{conversation} {entry.seq}"
            if entry.kind == "edited":
                target = self.index.get((conversation, entry.event["target"]))
                if target and target.seq >= self.first[conversation] and \
                        target.text != entry.text:
                    self.blame("stale", f"{where}: {entry.text!r}, but "
                               f"{target.seq} says {target.text!r}")
            if entry.kind != "message":
                continue
            gone = self.events.get((conversation, ("deleted", entry.seq)))
            edits = self.events.get((conversation, ("edited", entry.seq)), ())
            texts = [operation.text for operation in
                     self.versions.get((conversation, entry.seq), ())]
            if gone and entry.text is not None:
                self.blame("secret", f"{where} was deleted: {entry.text!r}")
            elif not gone and entry.text is None:
                self.blame("lost", f"{where}: a tombstone without its event")
            elif entry.text in texts and \
                    texts.index(entry.text) < len(edits):
                self.blame("stale", f"{where}: {entry.text!r} after "
                           f"{len(edits)} edits")

    # The streams

    def check_stream(self, stream):
        has, began = {}, {}
        name = f"{stream.person}/{stream.device}"
        for connection in stream.connections:
            now, gone = {}, set()
            for entry in connection:
                self.check_place(stream, entry, now, has, began)
                if isinstance(entry, Entry):
                    self.check_seen(name, entry, connection.began, gone)
        for conversation in stream.expects | set(has):
            log = self.logs.get(conversation)
            end = log[-1].seq if log else 0
            seq = has.get(conversation, 0)
            if seq < end and not self.skipped(stream, conversation, seq,
                                              end + 1, False):
                self.blame("lost", f"{name}: has {conversation} up to {seq} "
                           f"of {end}")

    def skipped(self, stream, conversation, last, seq, live):
        """Whether events between two were none of this person's."""
        return any(last <= left and seq <= joined + 1 and
                   (not live or last >= left - 1) for left, joined in
                   self.away.get((conversation, stream.person), ()))

    def check_place(self, stream, entry, now, has, began):
        conversation, seq = entry.conversation, entry.seq
        where = f"{stream.person}/{stream.device}: {conversation} {seq}"
        if conversation not in now:  # where this connection goes on
            last = has.get(conversation)
            if last is None and conversation.startswith("@"):
                last = 0
            if last is not None and seq > last + 1 and not \
               self.skipped(stream, conversation, last, seq, False):
                self.blame("gap", f"{where} after {last}")
            if seq < began.get(conversation, 0):
                self.blame("back", f"{where}: an earlier connection began "
                           f"at {began[conversation]}")
            began[conversation] = seq
        elif seq <= now[conversation]:
            self.blame("twice", f"{where} after {now[conversation]}")
        elif seq != now[conversation] + 1 and not \
                self.skipped(stream, conversation, now[conversation], seq,
                             True):
            self.blame("gap", f"{where} after {now[conversation]}")
        if isinstance(entry, Gap):
            seq = entry.last
            if seq >= self.first.get(conversation, 1):
                self.blame("gap", f"{where}: a gap up to {seq}")
        now[conversation] = seq
        has[conversation] = max(seq, has.get(conversation, 0))

    def check_seen(self, name, entry, began, gone):
        where = f"{name}: {entry.conversation} {entry.seq}"
        stored = self.index.get((entry.conversation, entry.seq))
        if stored is None:
            self.blame("alien", f"{where} is not in the log")
        elif stored.facts() != entry.facts():
            self.blame("changed", f"{where}: {entry.facts()}, stored "
                       f"{stored.facts()}")
        self.check_text(where, entry, began)
        if entry.kind == "deleted":
            gone.add((entry.conversation, entry.event["target"]))
        place = entry.conversation, entry.event.get("target", entry.seq)
        if entry.text is not None and place in gone:
            self.blame("secret", f"{where}: {entry.text!r} after its "
                       "deletion")


def check(operations, streams, logs, answers, keep=None):
    """A list of sentences for each promise; all empty: it was kept."""
    judge = Judge(operations, streams, logs, keep or {})
    judge.check()
    audit(judge, answers)
    return judge.found
