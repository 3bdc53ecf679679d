#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs a short set of measurements of synctalkd beside the floor.

The peer is pinned to the first core and the load to the second; floor and
server take turns in one run, so that their ratio means something on a noisy
machine.  Prints one line of JSON for each measurement, then one for each
ratio.  Server CPU a message is the figure to judge by.  Build with
optimisation and without sanitizers.
"""

import argparse
import asyncio
import json
import os
import pathlib
import re
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.server import Server, build_folder  # noqa: E402

# What uWebSockets costs in CPU, as a multiple of the floor; measured once.
UWEBSOCKETS = {"direct 1000x1": 1.02, "direct 200x8": 7.0,
               "fanout 1000x1": 1.02, "fanout 1000x4": 1.04}

# name, mode, arguments; those that the floor can do too come first.
RELAYED = [
    ("direct 1000x1", "direct", "--connections 1000 --in-flight 1"),
    ("direct 200x8", "direct", "--connections 200 --in-flight 8"),
    ("fanout 1000x1", "fanout", "--connections 1001 --in-flight 1"),
    ("fanout 1000x4", "fanout", "--connections 1001 --in-flight 4"),
]
OWN = [
    ("direct 2000/s", "direct", "--connections 200 --rate 2000"),
    ("direct 20000/s", "direct", "--connections 200 --rate 20000"),
    ("queue and drain", "drain",
     "--connections 200 --count 1000 --in-flight 8"),
    ("handshake", "handshake", "--connections 64 --count 10000"),
    ("idle 10000", "idle", "--connections 10000"),
]

# What receipts cost: the same load with receivers that confirm otherwise.
RECEIPTS = [
    ("receipts direct 200x8", "direct", "--connections 200 --in-flight 8"),
    ("receipts fanout 1000x1", "fanout", "--connections 1001 --in-flight 1"),
    ("receipts fanout 1000x4", "fanout", "--connections 1001 --in-flight 4"),
]
CROWD = ("receipts crowd 10000", "crowd", "--count 10000 --in-flight 64")


def pinned(core):
    cores = sorted(os.sched_getaffinity(0))
    if not shutil.which("taskset") or len(cores) < 2:
        return []
    return ["taskset", "-c", str(cores[core])]


def show(line):
    print(json.dumps(line), flush=True)


def fdatasync_ms(folder, times=200):
    """Of 4 KiB on the disk that the server writes to."""
    taken = []
    fd = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(times):
        began = time.monotonic()
        os.pwrite(fd, b"x" * 4096, 0)
        os.fdatasync(fd)
        taken.append((time.monotonic() - began) * 1000)
    os.close(fd)
    taken.sort()
    show({"mode": "fdatasync", "p50_ms": round(taken[times // 2], 3),
          "p99_ms": round(taken[times * 99 // 100], 3)})


async def measure(build, name, peer, mode, arguments, seconds):
    """Runs bench; prints and returns its lines, with name and peer."""
    port, pid, dialect = peer["port"], peer["pid"], peer["dialect"]
    process = await asyncio.create_subprocess_exec(
        *pinned(1), str(build / "tests/bench/bench"), mode,
        "--port", str(port), "--pid", str(pid), "--dialect", dialect,
        "--seconds", str(seconds), *arguments.split(),
        stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    lines = []
    for text in output.decode().splitlines():
        lines.append({"name": name, "peer": peer["name"], **json.loads(text)})
        show(lines[-1])
    if process.returncode != 0:
        sys.exit(f"bench {mode} against {peer['name']} failed")
    return lines


async def with_floor(build, name, mode, arguments, seconds):
    process = await asyncio.create_subprocess_exec(
        *pinned(0), str(build / "tests/bench/floor"), mode,
        stderr=asyncio.subprocess.PIPE)
    line = (await process.stderr.readline()).decode()
    peer = {"name": "floor", "pid": process.pid, "dialect": "raw",
            "port": re.search(r":(\d+)$", line)[1]}
    try:
        return await measure(build, name, peer, mode, arguments, seconds)
    finally:
        process.kill()
        await process.wait()


async def with_server(build, name, mode, arguments, seconds, store,
                      config=()):
    server = Server(workers=1, prefix=pinned(0))
    server.arguments = ["--limits", "off", "--store", store]
    server.config = ['log = { level = "warn" }', *config]
    try:
        await server.start()
        peer = {"name": f"synctalkd {store}", "pid": server.pid,
                "dialect": "synctalk", "port": server.port}
        return await measure(build, name, peer, mode, arguments, seconds)
    finally:
        await server.close()


def ratio(name, ours, floor):
    line = {"ratio": name, "peer": ours["peer"],
            "cpu_to_floor": round(ours["server_cpu_us"] /
                                  floor["server_cpu_us"], 2),
            "rate_to_floor": round(ours["per_s"] / floor["per_s"], 2)}
    line["cpu_to_uwebsockets"] = round(
        line["cpu_to_floor"] / UWEBSOCKETS[name], 2)
    return line


async def receipts(build, name, mode, arguments, seconds):
    """Acknowledged by pongs alone, then otherwise; lines of the ratios."""
    lines = {}
    for how in ("pong", "received", "read"):
        measured = await with_server(
            build, name, mode, f"{arguments} --confirm {how}", seconds,
            "lmdb")
        lines[how] = measured[0]
    return [{"ratio": name, "confirm": how,
             "cpu_to_pong": round(lines[how]["server_cpu_us"] /
                                  lines["pong"]["server_cpu_us"], 2),
             "rate_to_pong": round(lines[how]["per_s"] /
                                   lines["pong"]["per_s"], 2)}
            for how in ("received", "read")]


async def run(options):
    build = build_folder()
    chosen = re.compile(options.only)
    ratios = []
    server = Server()
    fdatasync_ms(server.folder)
    await server.close()
    for name, mode, arguments in RELAYED:
        if not chosen.search(name):
            continue
        floor = await with_floor(build, name, mode, arguments,
                                 options.seconds)
        for store in ("lmdb", "memory"):
            ours = await with_server(build, name, mode, arguments,
                                     options.seconds, store)
            ratios.append(ratio(name, ours[0], floor[0]))
    for name, mode, arguments in OWN:
        if chosen.search(name):
            await with_server(build, name, mode, arguments, options.seconds,
                              "lmdb")
    for name, mode, arguments in RECEIPTS:
        if chosen.search(name):
            ratios += await receipts(build, name, mode, arguments,
                                     options.seconds)
    name, mode, arguments = CROWD
    if chosen.search(name):
        await with_server(
            build, name, mode, arguments, options.seconds, "memory",
            ["chat = { catch_up_limit = 1 }",
             "limits = { group_members = 10001 }"])
    for line in ratios:
        show(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="measurements whose name has it")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
