#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Kills the server under load, again and again, and judges what is left.

Fifty people talk in groups and directly, 500 messages a second; beside that
they edit, delete, react, read, come, go, are kicked and given roles, while
retention erases what is old.  At random moments the server is killed with
SIGKILL and started again; everyone comes back by themselves and goes on with
what was not answered.  In the end every log, every device, every list and the
receipts are read, and history.py says whether a promise was broken.
Randomness comes from a seed, which is printed.
"""

import argparse
import asyncio
import collections
import itertools
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from fault.answers import check_export  # noqa: E402
from fault.deeds import Doer  # noqa: E402
from fault.history import check  # noqa: E402
from fault.notes import Answers  # noqa: E402
from fault.talker import Talker, gather  # noqa: E402
from support.changes import Changes, pace  # noqa: E402
from support.server import Server  # noqa: E402

GROUP_SIZE = 10
PARTNERS = 3
QUIET_SECONDS = 60
RESENDS = 50
BURST = 5
DEEDS = 0.4           # seconds between two of one person
MENTIONS = 0.2        # of the messages in a group
SAMPLES = 30          # receipts, and searches
RECEIPTS_PAGE = 4
FORGETFUL = 0.1       # who does not go on with what was not answered
REFUSALS = {"not_member", "not_found"}  # for deeds that met each other


class Cluster(Changes):
    """The server, up or down."""

    def __init__(self, workers, keep):
        super().__init__()
        self.server = Server(workers)
        self.server.arguments = ["--limits", "off"]
        self.server.config = ["chat = { catch_up_limit = 1000000 }"]
        if keep:
            self.server.config.append(
                f"retention = {{ direct_messages = {keep}, "
                'sweep = "1s" }')
        self.up = None
        self.tick = itertools.count(1).__next__
        self.ready_ms = []
        self.under_way = 0  # messages without an answer at the kills

    async def start(self):
        began = time.monotonic()
        await self.server.start()
        self.ready_ms.append(int((time.monotonic() - began) * 1000))
        self.up = self.server.host, self.server.port
        self.changed()

    async def kill(self):
        self.server.check_alive()
        self.up = None
        await self.server.kill()

    async def stop(self):
        self.up = None
        await self.server.stop()


class Loop:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.cluster = Cluster(options.workers, options.keep)
        self.talkers = []
        self.doers = {}       # talker -> Doer, of those who speak
        self.talking = False

    # People and places

    def populate(self):
        names = [f"p{number:02}" for number in range(self.options.clients)]
        for at, name in enumerate(names):
            talker = Talker(self.cluster, name, "phone", bool(at % 2))
            pairs = [tuple(sorted((name, names[(at + far) % len(names)])))
                     for far in range(1, PARTNERS + 1)]
            group = f"#room{at // GROUP_SIZE}"
            places = [group] * 2 + [f"@{one}:{other}" for one, other in pairs]
            self.doers[talker] = Doer(talker, self.random, places, group)
        speakers = list(self.doers)
        for at in range(0, len(names), GROUP_SIZE):
            self.arrange(speakers[at:at + GROUP_SIZE])
        self.talkers = speakers + [
            Talker(self.cluster, name, "laptop", not at % 2)
            for at, name in enumerate(names[::5])]

    def arrange(self, talkers):
        """Of a group: the first owns it, the last come and go."""
        owner = self.doers[talkers[0]]
        owner.staff = {one.name: "member" for one in talkers[1:-5]}
        owner.guests = [one.name for one in talkers[-4:-2]]
        for talker in talkers[-2:]:
            self.doers[talker].leaves = True

    async def settle(self):
        """Everyone is there and in their group; conversations exist."""
        await self.quiet()  # each device is known before the first message
        for talker, doer in self.doers.items():
            await talker.act("join", doer.group)
        for talker, doer in self.doers.items():
            for place in doer.places[2:]:
                talker.say(place)
        await self.quiet()
        for talker in self.talkers:
            for doer in self.doers.values():
                talker.stream.expects |= {
                    place for place in doer.places
                    if talker.name in place[1:].split(":") or
                    (place[0] == "#" and doer.talker.name == talker.name)}

    # Load and crashes

    def say(self, talker):
        place, more = self.random.choice(self.doers[talker].places), ""
        if place[0] == "#" and self.random.random() < MENTIONS:
            more = " to @" + self.random.choice(self.talkers).name
        talker.say(place, more)

    async def talk(self, talker):
        loop = asyncio.get_running_loop()
        interval = self.options.clients / self.options.rate
        due = loop.time() + self.random.uniform(0, interval)
        while self.talking:
            await pace(due)
            due = max(due + interval, loop.time() - 1)
            self.say(talker)

    async def do(self, doer):
        loop = asyncio.get_running_loop()
        while self.talking:
            await pace(loop.time() + self.random.uniform(0, 2 * DEEDS))
            await doer.step()
        while doer.group in doer.talker.out:
            await doer.return_home()

    def burst(self):
        """Everyone talks at once, so that a kill meets work under way."""
        for talker in self.doers:
            for _ in range(BURST):
                self.say(talker)

    async def crash(self):
        loop = asyncio.get_running_loop()
        await pace(loop.time() + self.random.uniform(0.3, 1.5))
        if self.random.random() < 0.75:
            self.burst()
            await pace(loop.time() + self.random.uniform(0, 0.02))
        await self.cluster.kill()
        for talker in self.talkers:
            self.cluster.under_way += len(talker.waiting)
            if self.random.random() < FORGETFUL:
                talker.give_up()
        await self.cluster.start()

    async def quiet(self):
        """Nothing is waiting for an answer."""
        for talker in self.talkers:
            done = await talker.until(
                lambda: True if talker.welcome and not talker.waiting
                else None, QUIET_SECONDS)
            if not done:
                raise AssertionError(
                    f"{talker.name}: {len(talker.waiting)} messages are not "
                    "answered: " + self.cluster.server.tail())

    # The end

    async def read_logs(self):
        readers = {}
        for talker, doer in self.doers.items():
            for place in doer.places:
                readers[place] = talker
        logs = await gather([talker.log(place)
                             for place, talker in readers.items()])
        return dict(zip(readers, logs))

    async def eventually(self, what, ask, fits):
        """Asks until the answer fits; what comes by and by is waited for."""
        loop = asyncio.get_running_loop()
        end = loop.time() + QUIET_SECONDS
        while True:
            answer = await ask()
            if fits(answer):
                return answer
            if loop.time() > end:
                raise AssertionError(f"{what}: still {str(answer)[:2000]}")
            await pace(loop.time() + 0.2)

    def swept(self, logs):
        keep = self.options.keep
        return all(sum(entry.kind == "message" for entry in log) <= keep
                   for place, log in logs.items()
                   if keep and place[0] == "@")

    async def caught_up(self, logs):
        """Each device has what the logs have; a while is given for it."""
        for talker in self.talkers:
            for place in talker.stream.expects:
                end = logs[place][-1].seq
                await talker.until(
                    lambda: talker.stream.last_seq(place) >= end or None, 5)
                if talker.ack_client:
                    talker.received(place)

    async def resend(self, logs):
        answered = [(talker, operation) for talker in self.talkers
                    for operation in talker.sends.values()
                    if operation.replies and operation.replies[0][0] >=
                    logs[operation.conversation][0].seq]
        some = self.random.sample(answered, min(RESENDS, len(answered)))
        await gather([talker.say_again(operation)
                      for talker, operation in some])

    async def list(self, talker, logs):
        """With the marks of all that was delivered."""
        ends = {place: max((entry.seq for entry in log
                            if entry.actor != talker.name), default=0)
                for place, log in logs.items()}
        return await self.eventually(
            f"list of {talker.name}", talker.list,
            lambda items: all(item["delivered_seq"] >=
                              ends.get(item["conversation"], 0)
                              for item in items))

    async def ask_all(self, logs):
        answers = Answers()
        lists = await gather([self.list(talker, logs)
                              for talker in self.doers])
        for (talker, doer), items in zip(self.doers.items(), lists):
            answers.lists[talker.name] = items
            if doer.group not in answers.members:
                answer = await talker.ask({"type": "members",
                                           "conversation": doer.group})
                answers.members[doer.group] = answer["items"]
        for _ in range(SAMPLES):
            await self.ask_one(answers, logs)
        return answers

    async def ask_one(self, answers, logs):
        """About one message, by somebody who may."""
        talker, doer = self.random.choice(list(self.doers.items()))
        inside = {one["user"] for one in answers.members[doer.group]}
        place = self.random.choice([
            place for place in doer.places
            if place != doer.group or talker.name in inside])
        entry = self.random.choice([one for one in logs[place]
                                    if one.kind == "message"])
        answers.receipts.append((place, entry.seq, await talker.receipts(
            place, entry.seq, RECEIPTS_PAGE)))
        text = self.text_of(place, entry)
        if text is None:
            return
        answer = await self.eventually(
            f"search for {text}", lambda: talker.ask(
                {"type": "search", "query": text.split()[0]}),
            lambda answer: entry.text is None or answer["items"])
        answers.searches.append((place, entry.seq, text, answer["items"]))

    def text_of(self, place, entry):
        """What it says, or what it said when its author sent it."""
        if entry.text is not None:
            return entry.text
        return next((operation.text for talker in self.talkers
                     for operation in talker.sends.values()
                     if operation.conversation == place and
                     (entry.seq, entry.event["id"], entry.event["at"]) in
                     operation.replies), None)

    async def finish(self):
        await self.quiet()
        logs = await self.eventually("retention", self.read_logs, self.swept)
        await self.caught_up(logs)
        await self.resend(logs)
        await self.cluster.stop()
        await self.cluster.start()
        await self.quiet()
        again = await self.read_logs()
        answers = await self.ask_all(again)
        operations = [operation for talker in self.talkers
                      for operation in talker.operations]
        streams = [talker.stream for talker in self.talkers]
        keep = {"@": self.options.keep} if self.options.keep else {}
        found = check(operations, streams, again, answers, keep)
        if [[entry.event for entry in log] for log in logs.values()] != \
           [[entry.event for entry in log] for log in again.values()]:
            found["changed"].append("a log reads otherwise after a restart")
        found["model"] += [f"refused with {one.refusal}: {one}"
                           for one in operations
                           if one.refusal and one.refusal not in REFUSALS]
        return operations, found, again

    async def on_data(self, command):
        return await self.cluster.server.run(
            "synctalkctl", "--data", str(self.cluster.server.data), command,
            seconds=QUIET_SECONDS)

    async def check_data(self, operations, logs, found):
        """What the programs that look into the store say of what is left."""
        status, output = await self.on_data("check")
        if status != 0:
            found["model"].append(f"synctalkctl check: {output}")
        status, output = await self.on_data("export")
        if status != 0:
            found["model"].append(f"synctalkctl export: {output}")
        there, lacking = check_export(operations, logs, output)
        found["secret"] += [f"export: {text!r}" for text in there]
        found["lost"] += [f"export: {text!r}" for text in lacking]

    async def run(self):
        self.populate()
        await self.cluster.start()
        lives = [asyncio.create_task(talker.run())
                 for talker in self.talkers]
        try:
            await self.settle()
            self.talking = True
            load = [asyncio.create_task(self.talk(talker))
                    for talker in self.doers]
            load += [asyncio.create_task(self.do(doer))
                     for doer in self.doers.values()]
            for _ in range(self.options.rounds):
                await self.crash()
            self.talking = False
            await gather(load)
            operations, found, logs = await self.finish()
            await gather([talker.stop() for talker in self.talkers])
            await self.cluster.stop()
            await self.check_data(operations, logs, found)
            return operations, found
        finally:
            self.talking = False
            for talker in self.talkers:
                talker.stopped = True
            for life in lives:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)
            await self.cluster.server.close()

    def summary(self, operations, found):
        made = collections.Counter(one.kind for one in operations)
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(made.items()))
        answered = sum(one.done is not None for one in operations)
        refused = sum(one.refusal is not None for one in operations)
        broken = ", ".join(f"{len(texts)} {promise}"
                           for promise, texts in found.items())
        return (f"kill loop: seed {self.options.seed}, "
                f"{self.options.rounds} rounds, "
                f"{self.options.clients} clients, {kinds}; "
                f"{self.cluster.under_way} messages under way when killed, "
                f"{answered} acknowledged, {refused} refused; {broken}; "
                f"ready again in {max(self.cluster.ready_ms)} ms at most")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rounds", nargs="?", type=int, default=20)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=int, default=10, metavar="N",
                        help="messages of a direct conversation; 0: all")
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1 << 32))
    return parser.parse_args(arguments)


def run(arguments):
    """(the summary line, what was found): printed as it goes."""
    options = parse(arguments)
    print(f"kill loop: seed {options.seed}", flush=True)
    loop = Loop(options)
    operations, found = asyncio.run(loop.run())
    for promise, texts in found.items():
        for text in texts[:10]:
            print(f"{promise}: {text}")
    line = loop.summary(operations, found)
    print(line, flush=True)
    return line, found


if __name__ == "__main__":
    _, broken = run(sys.argv[1:])
    sys.exit(1 if any(broken.values()) else 0)
