#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Kills the server under load, again and again, and judges what is left.

Fifty people talk in groups and directly, 500 messages a second.  At random
moments the server is killed with SIGKILL and started again; everyone comes
back by themselves and sends again what was not answered.  In the end every
log and every device is read, and history.py says whether a promise was
broken.  Randomness comes from a seed, which is printed.
"""

import argparse
import asyncio
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from fault.history import check  # noqa: E402
from fault.talker import Talker, gather  # noqa: E402
from support.changes import Changes, pace  # noqa: E402
from support.server import Server  # noqa: E402

GROUP_SIZE = 10
PARTNERS = 3
QUIET_SECONDS = 60
RESENDS = 50
BURST = 5


class Cluster(Changes):
    """The server, up or down."""

    def __init__(self, workers):
        super().__init__()
        self.server = Server(workers)
        self.server.arguments = ["--limits", "off"]
        self.server.config = ["chat = { catch_up_limit = 1000000 }"]
        self.up = None
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
        self.cluster = Cluster(options.workers)
        self.talkers = []
        self.places = {}      # talker -> conversations it talks in
        self.members = {}     # conversation -> talkers that must have it
        self.number = 0
        self.talking = False

    # People and places

    def populate(self):
        names = [f"p{number:02}" for number in range(self.options.clients)]
        speakers = [Talker(self.cluster, name, "phone", bool(at % 2))
                    for at, name in enumerate(names)]
        listeners = [Talker(self.cluster, name, "laptop", not at % 2)
                     for at, name in enumerate(names[::5])]
        self.talkers = speakers + listeners
        for at, talker in enumerate(speakers):
            group = f"#room{at // GROUP_SIZE}"
            partners = [names[(at + far) % len(names)]
                        for far in range(1, PARTNERS + 1)]
            self.places[talker] = [group] * 2 + [
                "@" + ":".join(sorted((talker.name, partner)))
                for partner in partners]

    async def settle(self):
        """Everyone is there and in their group; conversations exist."""
        await self.quiet()  # each device is known before the first message
        for talker, places in self.places.items():
            await talker.ask({"type": "join", "conversation": places[0]})
        for talker, places in self.places.items():
            for place in places[2:]:
                self.number += 1
                talker.say(place, self.number)
        await self.quiet()
        for talker in self.talkers:
            for places in self.places.values():
                talker.stream.expects |= {
                    place for place in places
                    if talker.name in place[1:].split(":")}
        for talker, places in self.places.items():
            talker.stream.expects.add(places[0])

    # Load and crashes

    async def talk(self, talker):
        loop = asyncio.get_running_loop()
        interval = self.options.clients / self.options.rate
        due = loop.time() + self.random.uniform(0, interval)
        while self.talking:
            await pace(due)
            due = max(due + interval, loop.time() - 1)
            self.number += 1
            talker.say(self.random.choice(self.places[talker]), self.number)

    def burst(self):
        """Everyone talks at once, so that a kill meets work under way."""
        for talker, places in self.places.items():
            for _ in range(BURST):
                self.number += 1
                talker.say(self.random.choice(places), self.number)

    async def crash(self):
        loop = asyncio.get_running_loop()
        await pace(loop.time() + self.random.uniform(0.3, 1.5))
        if self.random.random() < 0.75:
            self.burst()
            await pace(loop.time() + self.random.uniform(0, 0.02))
        await self.cluster.kill()
        self.cluster.under_way += sum(len(talker.waiting)
                                      for talker in self.talkers)
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
        for talker, places in self.places.items():
            for place in places:
                readers[place] = talker
        logs = await gather([talker.log(place)
                             for place, talker in readers.items()])
        return dict(zip(readers, logs))

    async def caught_up(self, logs):
        """Each device has what the logs have; a while is given for it."""
        for talker in self.talkers:
            for place in talker.stream.expects:
                end = len(logs[place])
                await talker.until(
                    lambda: talker.stream.last_seq(place) >= end or None, 5)

    async def resend(self):
        answered = [(talker, operation) for talker in self.talkers
                    for operation in talker.operations.values()
                    if operation.replies]
        some = self.random.sample(answered, min(RESENDS, len(answered)))
        await gather([talker.say_again(operation)
                      for talker, operation in some])

    async def finish(self):
        await self.quiet()
        logs = await self.read_logs()
        await self.caught_up(logs)
        await self.resend()
        await self.cluster.stop()
        await self.cluster.start()
        await self.quiet()
        again = await self.read_logs()
        operations = [operation for talker in self.talkers
                      for operation in talker.operations.values()]
        streams = [talker.stream for talker in self.talkers]
        found = check(operations, streams, again)
        if [[entry.facts() for entry in log] for log in logs.values()] != \
           [[entry.facts() for entry in log] for log in again.values()]:
            found["changed"].append("a log reads otherwise after a restart")
        for talker in self.talkers:
            found["gap"] += talker.faults
        return operations, found

    async def run(self):
        self.populate()
        await self.cluster.start()
        lives = [asyncio.create_task(talker.run())
                 for talker in self.talkers]
        try:
            await self.settle()
            self.talking = True
            load = [asyncio.create_task(self.talk(talker))
                    for talker in self.places]
            for _ in range(self.options.rounds):
                await self.crash()
            self.talking = False
            await gather(load)
            result = await self.finish()
            await gather([talker.stop() for talker in self.talkers])
            return result
        finally:
            self.talking = False
            for talker in self.talkers:
                talker.stopped = True
            for life in lives:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)
            await self.cluster.server.close()

    def summary(self, operations, found):
        answered = sum(1 for one in operations if one.replies)
        refused = sum(1 for one in operations if one.refusal)
        broken = ", ".join(f"{len(texts)} {promise}"
                           for promise, texts in found.items())
        return (f"kill loop: seed {self.options.seed}, "
                f"{self.options.rounds} rounds, "
                f"{self.options.clients} clients, {len(operations)} sent, "
                f"{self.cluster.under_way} under way when killed, "
                f"{answered} acknowledged, {refused} refused; {broken}; "
                f"ready again in {max(self.cluster.ready_ms)} ms at most")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rounds", nargs="?", type=int, default=20)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--workers", type=int, default=2)
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
