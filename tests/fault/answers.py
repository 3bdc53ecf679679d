# SPDX-License-Identifier: MIT
"""Compares what the server says in the end with what the logs make of it.

Naive models: who is a member in which role, the reactions of a message, the
unread counts and the receipts are counted anew from the log of each
conversation and from the marks that each person's own list shows.
"""

import collections
import re

NAME = "a-z0-9._-"


def mentions(text, person):
    return bool(re.search(f"(?<![{NAME}])@{re.escape(person)}(?![{NAME}])",
                          text))


def fold(log):
    """The members of a group and their roles, by its log."""
    roles = {}
    for entry in log:
        user = entry.event.get("user")
        if entry.kind == "joined":
            roles[user] = entry.event.get("role", "member")
        elif entry.kind == "role":
            roles[user] = entry.event["role"]
        elif entry.kind in ("left", "kicked", "banned"):
            roles.pop(user, None)
    return roles


def reactions(log):
    """seq of a message -> emoji -> people."""
    made = collections.defaultdict(lambda: collections.defaultdict(set))
    for entry in log:
        if entry.kind != "reacted":
            continue
        people = made[entry.event["target"]][entry.event["emoji"]]
        if entry.event.get("on", True):
            people.add(entry.event["user"])
        else:
            people.discard(entry.event["user"])
    return made


class Audit:
    def __init__(self, judge, answers):
        self.blame = judge.blame
        self.operations = sorted(judge.operations, key=lambda o: o.number)
        self.streams = judge.streams
        self.logs = judge.logs
        self.answers = answers
        self.roles = {conversation: fold(log)
                      for conversation, log in self.logs.items()
                      if conversation.startswith("#")}
        self.items = {(person, item["conversation"]): item
                      for person, items in answers.lists.items()
                      for item in items}

    def people(self, conversation):
        if conversation in self.roles:
            return set(self.roles[conversation])
        return set(conversation[1:].split(":"))

    def receivers(self, conversation, seq):
        """Who was in it before; who came later is sent no such message."""
        late = {entry.event["user"] for entry in self.logs[conversation]
                if entry.kind == "joined" and entry.seq > seq}
        author = next((entry.sender for entry in self.logs[conversation]
                       if entry.seq == seq), None)
        return self.people(conversation) - late - {author}

    def check(self):
        for conversation, items in self.answers.members.items():
            said = {item["user"]: item["role"] for item in items}
            self.expect(f"members of {conversation}", said,
                        self.roles[conversation])
        for person, items in self.answers.lists.items():
            self.check_list(person, items)
        for place, item in self.items.items():
            if place[1] in self.logs:
                self.check_item(*place, item)
        self.check_marks()
        self.check_flags()
        for conversation, seq, answer in self.answers.receipts:
            self.check_receipts(conversation, seq, answer)
        for conversation, log in self.logs.items():
            self.check_reactions(conversation, log)
        for search in self.answers.searches:
            self.check_search(*search)

    def expect(self, name, said, right):
        if said != right:
            self.blame("model", f"{name}: {said}, by the log {right}")

    # The conversation list

    def check_list(self, person, items):
        said = sorted(item["conversation"] for item in items
                      if item["conversation"] != "#lobby")
        right = sorted(conversation for conversation, log in
                       self.logs.items()
                       if log and person in self.people(conversation))
        self.expect(f"list of {person}", said, right)
        ids = [self.logs[item["conversation"]][-1].event["id"]
               for item in items if self.logs.get(item["conversation"])]
        self.expect(f"order of {person}'s list, by last event", ids,
                    sorted(ids, reverse=True))

    def check_item(self, person, conversation, item):
        log = self.logs[conversation]
        name = f"{conversation} in {person}'s list"
        if conversation in self.roles:
            self.expect(f"role, {name}", item["role"],
                        self.roles[conversation].get(person))
            self.expect(f"members, {name}", item["members"],
                        len(self.roles[conversation]))
        messages = [entry for entry in log if entry.kind == "message"]
        last = item.get("last_message") or {}
        if messages:
            self.expect(f"last message, {name}",
                        (last.get("seq"), last.get("text") or None),
                        (messages[-1].seq, messages[-1].text))
        unread = [entry for entry in messages
                  if entry.seq > item["read_seq"] and
                  entry.sender != person and entry.text is not None]
        self.expect(f"unread, {name}", item["unread"],
                    len(unread) if len(unread) <= 1000 else "1000+")
        if len(unread) <= 1000:
            self.expect(f"mentions, {name}", item["mentions"],
                        sum(mentions(entry.text, person)
                            for entry in unread))

    # Marks

    def check_marks(self):
        for (person, conversation), item in self.items.items():
            log = self.logs.get(conversation)
            if log and not (item["read_seq"] <= item["delivered_seq"] <=
                            log[-1].seq):
                self.blame("marks", f"{conversation}, {person}: read "
                           f"{item['read_seq']}, delivered "
                           f"{item['delivered_seq']} of {log[-1].seq}")
        for operation in self.operations:
            if operation.kind == "read" and operation.done is not None:
                self.at_least(operation.person, operation.conversation,
                              "read_seq", operation.members["seq"],
                          str(operation))
        for stream in self.streams:
            self.check_told(stream)

    def at_least(self, person, conversation, member, seq, why):
        item = self.items.get((person, conversation))
        if item and item[member] < seq:
            self.blame("marks", f"{conversation}, {person}: {member} is "
                       f"{item[member]}: {why}")

    def check_told(self, stream):
        """What a device was told of marks, connection after connection."""
        last = {}
        for event in stream.told:
            name = f"{stream.person}/{stream.device}: {event}"
            if "user" not in event:
                if not (event["read_n"] <= event["delivered_n"] <=
                        event["of_n"]):
                    self.blame("marks", name)
                continue
            place = event["type"], event["conversation"], event["user"]
            if event["seq"] < last.get(place, 0):
                self.blame("marks", f"{name} after {last[place]}")
            last[place] = event["seq"]
            self.at_least(event["user"], event["conversation"],
                          event["type"] + "_seq", event["seq"], name)

    def check_flags(self):
        """The private flag, as each person left it; None: who knows."""
        flags = {}
        for operation in self.operations:
            place = operation.person, operation.conversation
            if operation.kind == "unread":
                flag = operation.members["on"]
            elif operation.kind == "read":
                flag = False
            else:
                continue
            if operation.done is None and operation.maybe:
                flag = None
            elif operation.done is None:
                continue
            flags[place] = None if self.was_away(*place) else flag
        for place, flag in flags.items():
            item = self.items.get(place)
            if item and flag is not None and \
                    bool(item.get("marked_unread")) != flag:
                self.blame("model", f"marked unread, {place}: "
                           f"{item.get('marked_unread')}, set {flag}")

    def was_away(self, person, conversation):
        """Who comes back begins anew."""
        return any(entry.kind in ("left", "kicked") and
                   entry.event["user"] == person
                   for entry in self.logs.get(conversation, ()))

    def check_receipts(self, conversation, seq, answer):
        people = self.receivers(conversation, seq)
        name = f"receipts of {conversation} {seq}"
        said = {item["user"]: ("delivered_at" in item, "read_at" in item)
                for item in answer["items"]}
        right = {}
        for person in people:
            item = self.items.get((person, conversation))
            if item:
                right[person] = (item["delivered_seq"] >= seq,
                                 item["read_seq"] >= seq)
        self.expect(name, {person: said.get(person) for person in right},
                    right)
        self.expect(f"people, {name}", set(said), people)
        self.expect(f"counts, {name}",
                    [answer[member] for member in
                     ("delivered_n", "read_n", "of_n")],
                    [sum(has for has, _ in said.values()),
                     sum(read for _, read in said.values()), len(said)])
        for item in answer["items"]:
            if "read_at" in item and not item["delivered_at"] <= \
                    item["read_at"]:
                self.blame("marks", f"{name}: {item}")

    # Reactions and the index of words

    def check_reactions(self, conversation, log):
        made = reactions(log)
        for entry in log:
            if entry.kind != "message" or entry.text is None:
                continue
            said = {one["emoji"]: (one["n"], set(one["users"]))
                    for one in entry.event.get("reactions", ())}
            right = {emoji: (len(people), people)
                     for emoji, people in made[entry.seq].items() if people}
            self.expect(f"reactions, {conversation} {entry.seq}", said,
                        right)

    def check_search(self, conversation, seq, text, items):
        """A word of one message alone was asked for."""
        places = [(item["conversation"], item["seq"]) for item in items]
        entry = next((entry for entry in self.logs[conversation]
                      if entry.seq == seq), None)
        if entry is None or entry.text is None:
            if places:
                self.blame("secret", f"search finds {conversation} {seq}: "
                           f"{text!r}")
            return
        self.expect(f"search for {text!r}", places, [(conversation, seq)])


def audit(judge, answers):
    Audit(judge, answers).check()


def check_export(operations, logs, output):
    """What an export has though it was deleted or erased, or lacks."""
    gone, left = set(), set()
    versions = collections.defaultdict(list)
    for operation in operations:
        place = operation.conversation, operation.members.get("target")
        if operation.kind == "send" and operation.replies:
            place = operation.conversation, operation.replies[0][0]
        if operation.text is not None:
            versions[place].append(operation.text)
    for conversation, log in logs.items():
        stored = {entry.seq: entry.text for entry in log
                  if entry.kind == "message"}
        left |= {text for text in stored.values() if text is not None}
        for (where, seq), texts in versions.items():
            if where == conversation and seq is not None and \
                    stored.get(seq) is None:
                gone |= set(texts)
    return ([text for text in gone if text in output],
            [text for text in left if text not in output])
