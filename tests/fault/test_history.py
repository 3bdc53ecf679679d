# SPDX-License-Identifier: MIT
"""The judge finds each kind of broken promise, and nothing in a good run."""

import pytest

from fault.answers import check_export
from fault.history import PROMISES, check
from fault.notes import Answers, Connection, Entry, Gap, Operation, Stream

TEA, PAIR = "#tea", "@ann:bob"


def event(conversation, seq, kind, **members):
    number = seq + (100 if conversation == TEA else 200)
    return {"type": kind, "conversation": conversation, "seq": seq,
            "id": number, "at": f"2026-01-01T00:00:{seq:02}.000Z", **members}


class Run:
    """ann and bob in a group and directly; everything happens once."""

    def __init__(self):
        self.ticks = 0
        self.operations = {}
        self.logs = {TEA: [event(TEA, 1, "created", user="ann")], PAIR: []}
        self.keep = {}
        self.began = self.tick()
        self.talk()
        self.streams = [self.stream(person) for person in ("ann", "bob")]
        self.answers = Answers()
        self.answers.members[TEA] = [{"user": "ann", "role": "owner"},
                                     {"user": "bob", "role": "moderator"}]
        for person, unread in (("ann", 1), ("bob", 0)):
            self.answers.lists[person] = self.items(person, unread)
        self.answers.receipts = [(PAIR, 2, {
            "items": [{"user": "bob", "delivered_at": "1", "read_at": "2"}],
            "delivered_n": 1, "read_n": 1, "of_n": 1}), (TEA, 4, {
            "items": [], "delivered_n": 0, "read_n": 0, "of_n": 0})]
        self.answers.searches = [(TEA, 4, "two of ann", []),
                                 (TEA, 5, "new of bob", [
                                     {"conversation": TEA, "seq": 5}])]

    def talk(self):
        self.act("owns", "join", "ann", TEA, "joined", role="owner")
        self.act("bob in", "join", "bob", TEA, "joined", role="member")
        self.say("two", "ann", TEA)
        self.say("new", "bob", TEA)
        self.act("edit", "edit", "bob", TEA, "edited", target=5,
                 text="new of bob")
        self.find(TEA, 5)["text"] = "new of bob"
        self.act("react", "react", "ann", TEA, "reacted", target=5,
                 emoji="+", on=True)
        self.find(TEA, 5)["reactions"] = [
            {"emoji": "+", "n": 1, "users": ["ann"]}]
        self.act("delete", "delete", "ann", TEA, "deleted", target=4)
        del self.find(TEA, 4)["text"]
        self.act("role", "role", "ann", TEA, "role", user="bob",
                 role="moderator")
        self.act("out", "leave", "bob", TEA, "left")
        self.act("in", "join", "bob", TEA, "joined", role="member")
        self.act("again", "role", "ann", TEA, "role", user="bob",
                 role="moderator")
        for name in ("one", "more", "last"):
            self.say(name, "ann", PAIR)
        self.act("read", "read", "bob", PAIR, None, seq=3)
        self.act("flag", "unread", "bob", PAIR, None, on=True)

    def tick(self):
        self.ticks += 1
        return self.ticks

    def add(self, name, kind, person, conversation, **members):
        operation = Operation(kind, person, conversation,
                              len(self.operations), **members)
        operation.attempts, operation.asked = 1, self.tick()
        operation.done = self.tick()
        self.operations[name] = operation
        return operation

    def store(self, conversation, kind, **members):
        log = self.logs[conversation]
        stored = event(conversation, len(log) + 1, kind, **members)
        log.append(stored)
        return stored

    def act(self, name, kind, person, conversation, made, **members):
        self.add(name, kind, person, conversation, **members)
        if made:
            self.store(conversation, made, **{"user": person, **members})

    def say(self, name, person, conversation):
        text = f"{name} of {person}"
        operation = self.add(name, "send", person, conversation, text=text)
        if name == "new":
            text = "hello @ann"
            operation.members["text"] = text
        stored = self.store(conversation, "message", text=text,
                            **{"from": person})
        operation.replies.append(
            (stored["seq"], stored["id"], stored["at"]))

    def find(self, conversation, seq):
        return next(stored for stored in self.logs[conversation]
                    if stored["seq"] == seq)

    def seen(self, conversation, seq):
        """As it was when it was new."""
        stored = dict(self.find(conversation, seq))
        if (conversation, seq) == (TEA, 4):
            stored["text"] = "two of ann"
        if (conversation, seq) == (TEA, 5):
            stored["text"] = "hello @ann"
        return Entry(stored)

    def stream(self, person):
        """Two connections; the second repeats a little."""
        stream = Stream(person, "phone")
        stream.expects = {TEA, PAIR}
        end = len(self.logs[TEA])
        for began, tea, pair in ((self.began, range(2, 9), (1, 2)),
                                 (self.began + 1, range(8, end + 1), (2, 3))):
            stream.connections.append(Connection(began, [
                *(self.seen(TEA, seq) for seq in tea),
                *(self.seen(PAIR, seq) for seq in pair)]))
        other = "ann" if person == "bob" else "bob"
        stream.told = [{"type": "read", "conversation": PAIR, "seq": seq,
                        "user": other} for seq in (1, 3)]
        return stream

    def items(self, person, unread):
        read = 4 if person == "ann" else 5
        end = len(self.logs[TEA])
        return [
            {"conversation": PAIR, "unread": 0, "mentions": 0,
             "marked_unread": person == "bob",
             "delivered_seq": 3, "read_seq": 3,
             "last_message": dict(self.find(PAIR, 3))},
            {"conversation": TEA, "unread": unread, "mentions": 0,
             "role": "owner" if person == "ann" else "moderator",
             "members": 2, "delivered_seq": end, "read_seq": read,
             "last_message": dict(self.find(TEA, 5))}]

    def item(self, person, conversation):
        return next(item for item in self.answers.lists[person]
                    if item["conversation"] == conversation)

    def forget(self, conversation, seqs):
        self.logs[conversation] = [
            stored for stored in self.logs[conversation]
            if stored["seq"] not in seqs]
        for stream in self.streams:
            for connection in stream.connections:
                connection[:] = [
                    entry for entry in connection
                    if entry.conversation != conversation or
                    entry.seq not in seqs]

    def everywhere(self, conversation, seq, **members):
        """Changes an event wherever it is."""
        self.find(conversation, seq).update(members)
        for stream in self.streams:
            for connection in stream.connections:
                for entry in connection:
                    if (entry.conversation, entry.seq) == (conversation, seq):
                        entry.event.update(members)

    def later(self, stream, *events):
        """A connection that began after all that was done."""
        stream.connections.append(
            Connection(self.tick(), [Entry(one) for one in events]))

    def broken(self):
        logs = {conversation: [Entry(one) for one in log]
                for conversation, log in self.logs.items()}
        found = check(list(self.operations.values()), self.streams, logs,
                      self.answers, self.keep)
        assert tuple(found) == PROMISES
        return {promise: texts for promise, texts in found.items() if texts}


def test_good_run():
    assert Run().broken() == {}


def unknown(run, name):
    operation = run.operations[name]
    operation.done, operation.replies = None, []


def test_unanswered_may_be_stored_or_not():
    run = Run()
    for name in ("last", "edit", "delete", "react", "again", "read"):
        unknown(run, name)
    for kind, members in (("send", {"text": "never"}),
                          ("edit", {"target": 5, "text": "never"}),
                          ("react", {"target": 5, "emoji": "-"})):
        run.add("another " + kind, kind, "bob", TEA, **members).done = None
    assert run.broken() == {}


def test_unanswered_may_be_deleted_unseen():
    run = Run()
    unknown(run, "two")
    for stream in run.streams:
        for connection in stream.connections:
            for entry in connection:
                if entry.text == "two of ann":
                    entry.text = None
    assert run.broken() == {}


def erase(run):
    """The oldest direct message, after all have it."""
    run.logs[PAIR] = run.logs[PAIR][1:]


def test_retention():
    run = Run()
    erase(run)
    run.keep = {"@": 2}
    laptop = Stream("bob", "laptop")
    laptop.begin(run.tick())
    laptop.see(Gap({"conversation": PAIR, "from": 1, "to": 1}))
    laptop.see(run.seen(PAIR, 2))
    laptop.see(run.seen(PAIR, 3))
    run.streams.append(laptop)
    assert run.broken() == {}


def test_absence_is_no_gap():
    run = Run()
    second = run.streams[1].connections[1]
    second[:] = [entry for entry in second if entry.conversation == PAIR or
                 entry.seq >= 12]
    assert run.broken() == {}


# Faults: each is planted into a good run.

def lose_a_message(run):
    run.forget(PAIR, {3})


def lose_a_deletion(run):
    run.logs[TEA][7] = event(TEA, 8, "updated", user="ann")


def lose_a_role(run):
    run.forget(TEA, {12})


def undelete(run):
    run.logs[TEA][3]["text"] = "two of ann"


def delete_without_a_word(run):
    del run.logs[TEA][4]["text"]
    run.add("x", "delete", "bob", TEA, target=5).done = None


def store_twice(run):
    run.store(PAIR, "message", text="more of ann", **{"from": "ann"})


def react_twice(run):
    run.store(TEA, "reacted", user="ann", target=5, emoji="+", on=True)


def do_an_unanswered_one_twice(run):
    run.add("x", "role", "ann", TEA, user="bob", role="admin").done = None
    for _ in range(2):
        run.store(TEA, "role", user="bob", role="admin")


def leave_a_gap_in_the_log(run):
    del run.logs[TEA][4]


def skip_on_a_device(run):
    del run.streams[0].connections[0][5:]
    del run.streams[0].connections[1][:3]


def skip_within_a_connection(run):
    del run.streams[0].connections[0][2]


def skip_more_than_the_absence(run):
    run.streams[1].connections[0][-3:] = []
    run.streams[1].connections[1][:4] = []


def leave_out_what_is_kept(run):
    stream = run.streams[1]
    stream.connections[0] = Connection(run.began)
    stream.connections[1] = Connection(run.began, [
        Gap({"conversation": PAIR, "from": 1, "to": 2}), run.seen(PAIR, 3)])


def see_twice(run):
    run.streams[1].connections[1].append(run.seen(PAIR, 3))


def miss_the_end(run):
    run.streams[1].connections[1].pop()


def get_nothing_at_all(run):
    run.streams[1].connections = []


def swap_order(run):
    one, last = run.operations["one"], run.operations["last"]
    one.number, last.number = last.number, one.number


def answer_before_it_happened(run):
    """The reaction was answered before the edit was asked."""
    edit, react = run.operations["edit"], run.operations["react"]
    edit.asked, react.asked = react.asked, edit.asked
    edit.done, react.done = react.done, edit.done


def change_the_time(run):
    run.streams[0].connections[0][0].event["at"] = "2026-01-01T00:00:09.000Z"


def change_the_emoji(run):
    run.streams[0].connections[0][5].event["emoji"] = "-"


def change_the_text(run):
    run.streams[0].connections[0][3].text = "hello @bob"


def change_the_answer(run):
    run.operations["one"].replies.append((1, 202, run.logs[PAIR][0]["at"]))


def let_time_go_back(run):
    run.everywhere(TEA, 8, at="2025-01-01T00:00:00.000Z")


def let_a_cursor_go_back(run):
    run.later(run.streams[0], *(run.logs[PAIR][at] for at in range(3)))


def store_what_nobody_sent(run):
    run.store(PAIR, "message", text="spam", **{"from": "eve"})


def do_what_nobody_asked(run):
    run.store(TEA, "kicked", user="bob", by="ann")


def store_what_was_refused(run):
    unknown(run, "one")
    run.operations["one"].refusal = "blocked"


def do_what_was_refused(run):
    unknown(run, "react")
    run.operations["react"].refusal = "not_member"


def forget_an_edit(run):
    run.logs[TEA][4]["text"] = run.logs[TEA][5]["text"] = "hello @ann"


def show_the_old_text_later(run):
    run.later(run.streams[0], *(
        one if one["seq"] != 5 else {**one, "text": "hello @ann"}
        for one in run.logs[TEA] if one["seq"] > 1))
    run.streams[0].connections = run.streams[0].connections[-1:]


def show_deleted_text_later(run):
    stream = Stream("bob", "laptop")
    run.later(stream, *(
        one if one["seq"] != 4 else {**one, "text": "two of ann"}
        for one in run.logs[TEA]), *run.logs[PAIR])
    run.streams.append(stream)


def repeat_deleted_text(run):
    run.operations["late"] = Operation("edit", "ann", TEA, 99, target=4,
                                       text="two of ann, late")
    run.streams[0].connections[1][1:1] = [Entry(event(
        TEA, 9, "edited", user="ann", target=4, text="two of ann, late"))]


def find_deleted_text(run):
    run.answers.searches[0][3].append({"conversation": TEA, "seq": 4})


def lose_from_the_index(run):
    run.answers.searches[1][3].clear()


def erase_too_much(run):
    erase(run)
    run.keep = {"@": 3}


def erase_from_the_wrong_kind(run):
    erase(run)
    run.keep = {"#": 1}


def erase_from_the_middle(run):
    del run.logs[PAIR][1]
    run.keep = {"@": 1}


def lose_a_mark(run):
    run.item("bob", PAIR)["read_seq"] = 2


def mark_more_than_there_is(run):
    run.item("bob", PAIR)["delivered_seq"] = 4


def read_without_delivery(run):
    run.item("bob", PAIR)["delivered_seq"] = 2


def let_a_mark_go_back(run):
    run.streams[0].told.reverse()


def lose_what_was_told(run):
    run.item("ann", PAIR)["read_seq"] = 2


def count_more_readers_than_there_are(run):
    run.streams[0].told.append({
        "type": "read", "conversation": TEA, "seq": 5, "delivered_n": 1,
        "read_n": 2, "of_n": 1})


def lose_the_flag(run):
    run.item("bob", PAIR)["marked_unread"] = False


def change_a_role(run):
    run.answers.members[TEA][1]["role"] = "admin"


def keep_a_member(run):
    run.answers.members[TEA].append({"user": "eve", "role": "member"})


def miscount_unread(run):
    run.item("ann", TEA)["unread"] = 2


def miscount_mentions(run):
    run.item("ann", TEA)["read_seq"] = 3
    run.logs[TEA][4]["text"] = run.logs[TEA][5]["text"] = "new of @ann"
    run.operations["edit"].members["text"] = "new of @ann"


def list_twice(run):
    run.answers.lists["ann"] += run.answers.lists["ann"]


def list_in_another_order(run):
    run.answers.lists["bob"].reverse()


def show_another_last_message(run):
    run.item("ann", PAIR)["last_message"] = run.logs[PAIR][1]


def forget_a_reader(run):
    del run.answers.receipts[0][2]["items"][0]["read_at"]


def miscount_readers(run):
    run.answers.receipts[0][2]["read_n"] = 0


def lose_a_reaction(run):
    del run.logs[TEA][4]["reactions"]


@pytest.mark.parametrize("breaking, promise", [
    (lose_a_message, "lost"), (lose_a_deletion, "lost"),
    (lose_a_role, "lost"), (delete_without_a_word, "lost"),
    (miss_the_end, "lost"), (get_nothing_at_all, "lost"),
    (store_twice, "twice"), (react_twice, "twice"),
    (do_an_unanswered_one_twice, "twice"), (see_twice, "twice"),
    (leave_a_gap_in_the_log, "gap"), (skip_on_a_device, "gap"),
    (skip_within_a_connection, "gap"), (skip_more_than_the_absence, "gap"),
    (leave_out_what_is_kept, "gap"), (erase_from_the_middle, "gap"),
    (swap_order, "order"), (answer_before_it_happened, "order"),
    (change_the_time, "changed"), (change_the_emoji, "changed"),
    (change_the_text, "changed"), (change_the_answer, "changed"),
    (let_time_go_back, "back"), (let_a_cursor_go_back, "back"),
    (store_what_nobody_sent, "alien"), (do_what_nobody_asked, "alien"),
    (store_what_was_refused, "alien"), (do_what_was_refused, "alien"),
    (forget_an_edit, "stale"), (show_the_old_text_later, "stale"),
    (undelete, "secret"), (show_deleted_text_later, "secret"),
    (repeat_deleted_text, "secret"), (find_deleted_text, "secret"),
    (erase_too_much, "kept"), (erase_from_the_wrong_kind, "kept"),
    (lose_a_mark, "marks"), (mark_more_than_there_is, "marks"),
    (read_without_delivery, "marks"), (let_a_mark_go_back, "marks"),
    (lose_what_was_told, "marks"),
    (count_more_readers_than_there_are, "marks"),
    (lose_the_flag, "model"), (change_a_role, "model"),
    (keep_a_member, "model"), (miscount_unread, "model"),
    (miscount_mentions, "model"), (list_twice, "model"),
    (list_in_another_order, "model"), (show_another_last_message, "model"),
    (forget_a_reader, "model"), (miscount_readers, "model"),
    (lose_a_reaction, "model"), (lose_from_the_index, "model")])
def test_finds(breaking, promise):
    run = Run()
    breaking(run)
    assert promise in run.broken()


def test_export():
    run = Run()
    logs = {conversation: [Entry(one) for one in log]
            for conversation, log in run.logs.items()}
    texts = {entry.text for log in logs.values() for entry in log
             if entry.kind == "message" and entry.text}
    output = "\n".join(sorted(texts))
    operations = list(run.operations.values())
    assert check_export(operations, logs, output) == ([], [])
    there, lacking = check_export(operations, logs, "two of ann")
    assert there == ["two of ann"]
    assert set(lacking) == texts
