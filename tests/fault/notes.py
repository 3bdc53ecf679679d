# SPDX-License-Identifier: MIT
"""What clients note of what they asked, were answered and saw.

Moments are ticks of one counter: the clients run in one process.
"""

# What an event has that is not the same at all times and for everyone.
FLEETING = {"conversation", "seq", "text", "client_msg_id", "history", "ref",
            "edited_at", "deleted", "duplicate", "reactions"}

# Operation -> the event that it makes.
EVENTS = {"send": "message", "edit": "edited", "delete": "deleted",
          "react": "reacted", "role": "role", "kick": "kicked",
          "join": "joined", "leave": "left"}


class Operation:
    """Something that somebody wants done, however often it is asked."""

    def __init__(self, kind, person, conversation, number, **members):
        self.kind = kind
        self.person = person
        self.conversation = conversation
        self.number = number   # ascending for each person
        self.members = members  # of the request
        self.attempts = 0
        self.asked = None      # tick of the first attempt
        self.done = None       # tick of the first good answer
        self.replies = []      # (seq, id, at) of each `sent`
        self.refusal = None    # code of the error that ended it

    @property
    def text(self):
        return self.members.get("text")

    @property
    def maybe(self):
        """Nobody can know whether it was done."""
        return self.done is None and not (self.refusal and
                                          self.attempts <= 1)

    def key(self):
        """What tells its event from others, in its conversation."""
        user = self.members.get("user", self.person)
        return key(EVENTS.get(self.kind), {"user": user, **self.members})

    def __str__(self):
        return (f"{self.kind} {self.number} of {self.person} in "
                f"{self.conversation} {self.members}")


def key(kind, event):
    if kind in ("edited", "deleted"):
        return kind, event["target"]
    if kind == "reacted":
        return (kind, event["target"], event["user"], event["emoji"],
                event.get("on", True))
    if kind == "role":
        return kind, event["user"], event["role"]
    return kind, event.get("user")


class Entry:
    """One event of a conversation, as a device or the log has it."""

    def __init__(self, event):
        self.event = event
        self.kind = event["type"]
        self.conversation = event["conversation"]
        self.seq = event["seq"]
        self.sender = event.get("from")
        self.text = event.get("text")

    @property
    def actor(self):
        """Who did it."""
        return self.event.get("by") or self.event.get("user") or self.sender

    def facts(self):
        return {name: value for name, value in self.event.items()
                if name not in FLEETING}


class Gap:
    """A notice that events were left out."""

    def __init__(self, event):
        self.conversation = event["conversation"]
        self.seq, self.last = event["from"], event["to"]


class Connection(list):
    """The entries and gaps that came over it."""

    def __init__(self, began, entries=()):
        super().__init__(entries)
        self.began = began


class Stream:
    """What one device saw."""

    def __init__(self, person, device):
        self.person = person
        self.device = device
        self.expects = set()  # conversations it must have got
        self.connections = []
        self.told = []        # of others' marks: the events, in order

    def begin(self, tick):
        self.connections.append(Connection(tick))

    def see(self, entry):
        self.connections[-1].append(entry)

    def last_seq(self, conversation):
        """Everything up to here was seen."""
        return max((entry.seq for connection in self.connections
                    for entry in connection
                    if entry.conversation == conversation), default=0)


class Answers:
    """What the server says in the end, to fresh requests."""

    def __init__(self):
        self.lists = {}     # person -> items of all pages of conversations
        self.members = {}   # group -> items of members
        self.receipts = []  # (conversation, seq, the answer)
        self.searches = []  # (conversation, seq, its last text, the items)
