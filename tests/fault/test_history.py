# SPDX-License-Identifier: MIT
"""The judge finds each kind of broken promise, and nothing in a good run."""

import pytest

from fault.history import Entry, Operation, PROMISES, Stream, check


def entry(seq, text, sender="ann", **other):
    return Entry({"conversation": "#tea", "seq": seq, "id": 100 + seq,
                  "at": f"2026-01-01T00:00:0{seq}.000Z", "from": sender,
                  "text": text, **other})


class Run:
    """Three messages by ann, seen by bob over two connections."""

    def __init__(self):
        self.operations = [Operation("ann", "#tea", f"c{n}", n)
                           for n in (1, 2, 3)]
        self.log = [entry(n, self.operations[n - 1].text)
                    for n in (1, 2, 3)]
        for operation, stored in zip(self.operations, self.log):
            operation.replies.append((stored.seq, stored.id, stored.at))
        self.stream = Stream("bob", "phone")
        for connection in ((1, 2), (2, 3)):
            self.stream.begin()
            for n in connection:
                self.stream.see(entry(n, self.operations[n - 1].text))

    def broken(self):
        found = check(self.operations, [self.stream], {"#tea": self.log})
        assert tuple(found) == PROMISES
        return {promise for promise, texts in found.items() if texts}


def test_good_run():
    assert Run().broken() == set()


def test_unanswered_may_be_stored_or_not():
    run = Run()
    run.operations[2].replies = []
    run.operations.append(Operation("ann", "#tea", "c4", 4))
    assert run.broken() == set()


def lose(run):
    run.log.pop()
    run.stream.connections[1].pop()


def store_twice(run):
    run.log.append(entry(4, run.operations[1].text))
    run.stream.see(entry(4, run.operations[1].text))


def leave_a_gap_in_the_log(run):
    run.log[2].seq = 4
    run.operations[2].replies = [(4, 103, run.log[2].at)]
    run.stream.connections[1].pop()


def skip_on_a_device(run):
    run.stream.connections[0] = [entry(1, run.operations[0].text)]
    run.stream.connections[1] = [entry(3, run.operations[2].text)]


def skip_within_a_connection(run):
    run.stream.connections[0] = [entry(1, run.operations[0].text),
                                 entry(3, run.operations[2].text)]


def see_twice(run):
    run.stream.see(entry(3, run.operations[2].text))


def miss_the_end(run):
    run.stream.connections[1].pop()


def get_nothing_at_all(run):
    run.stream.connections = []
    run.stream.expects = {"#tea"}


def swap_order(run):
    run.operations[0].number, run.operations[2].number = 3, 1


def change_the_time(run):
    run.stream.connections[1][0].at = "2026-01-01T00:00:09.000Z"


def change_the_answer(run):
    run.operations[0].replies.append((2, 102, run.log[1].at))


def let_time_go_back(run):
    run.log[1].at = run.stream.connections[0][1].at = \
        run.stream.connections[1][0].at = "2025-01-01T00:00:00.000Z"
    run.operations[1].replies = [(2, 102, run.log[1].at)]


def let_a_cursor_go_back(run):
    run.stream.begin()
    for n in (1, 2, 3):
        run.stream.see(entry(n, run.operations[n - 1].text))


def store_what_nobody_sent(run):
    run.log.append(entry(4, "spam", sender="eve"))
    run.stream.see(entry(4, "spam", sender="eve"))


def store_what_was_refused(run):
    run.operations[0].replies = []
    run.operations[0].refusal = "blocked"


@pytest.mark.parametrize("breaking, promise", [
    (lose, "lost"), (store_twice, "twice"),
    (leave_a_gap_in_the_log, "gap"), (skip_on_a_device, "gap"),
    (skip_within_a_connection, "gap"), (see_twice, "twice"),
    (miss_the_end, "lost"), (get_nothing_at_all, "lost"),
    (swap_order, "order"),
    (change_the_time, "changed"), (change_the_answer, "changed"),
    (let_time_go_back, "back"), (let_a_cursor_go_back, "back"),
    (store_what_nobody_sent, "alien"), (store_what_was_refused, "alien")])
def test_finds(breaking, promise):
    run = Run()
    breaking(run)
    assert promise in run.broken()
