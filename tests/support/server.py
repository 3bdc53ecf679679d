# SPDX-License-Identifier: MIT
"""Runs synctalkd for a test, in a folder of its own.

The folder holds the configuration, the data, the operator's scripts and the
whole log.  The server listens on a free port of loopback.  A server that ends
unasked, with a wrong status or after a sanitizer's report fails the test.
"""

import asyncio
import os
import pathlib
import re
import shutil
import signal
import tempfile

from .changes import Changes

READY = re.compile(r"^synctalkd: listening on (\S+)$")
PLAIN = re.compile(r"^http://(\S+):(\d+)$")
REPORT = re.compile(
    r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|"
    r"LeakSanitizer: detected|Assertion .* failed")
START_SECONDS = 30
STOP_SECONDS = 30
SOURCE = pathlib.Path(__file__).resolve().parents[2]


class ServerFault(AssertionError):
    pass


def build_folder():
    """Where the programs are: $SYNCTALK_BUILD, else the usual places."""
    named = os.environ.get("SYNCTALK_BUILD")
    places = [pathlib.Path(named)] if named else [
        pathlib.Path.cwd(), SOURCE, SOURCE / "build-test", SOURCE / "build"]
    for place in places:
        if (place / "synctalkd").exists():
            return place.resolve()
    raise ServerFault("no synctalkd: build it, or set SYNCTALK_BUILD")


def environment():
    env = dict(os.environ)
    env.setdefault("ASAN_OPTIONS", "detect_leaks=1:exitcode=99")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    env.setdefault("TSAN_OPTIONS", "exitcode=66:second_deadlock_stack=1")
    env.setdefault("TZ", "UTC")
    return env


class Server(Changes):
    def __init__(self, workers=2, prefix=()):
        super().__init__()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="synctalk-"))
        self.data = self.folder / "data"
        self.build = build_folder()
        self.config = []     # lines of the configuration file
        self.arguments = []  # beside those that a test always needs
        self.auth = "open"
        self.listen = "127.0.0.1:0"
        self.workers = workers
        self.prefix = list(prefix)  # such as taskset -c 0
        self.log = []        # lines of all runs
        self.process = None
        self.host, self.port = None, None  # of the last, self.listen
        self.places = []     # all that it says it listens at
        self._reader = None
        self._expected_end = False
        (self.folder / "scripts").mkdir()

    @property
    def running(self):
        return self.process is not None and self.process.returncode is None

    @property
    def pid(self):
        return self.process.pid

    def write_config(self):
        """Writes the file, which is read at the start and at a reload."""
        conf = self.folder / "synctalkd.conf"
        lines = [*self.config, f'auth = "{self.auth}"']
        conf.write_text("".join(line + "\n" for line in lines))
        return conf

    def command(self, *more):
        return [str(self.build / "synctalkd"), "-c",
                str(self.write_config()), "--data", str(self.data),
                "--scripts", str(self.folder / "scripts"),
                "--workers", str(self.workers), *self.arguments, *more]

    async def start(self):
        """Returns when it listens."""
        self.port = None
        self.places = []
        self._expected_end = False
        self.process = await asyncio.create_subprocess_exec(
            *self.prefix, *self.command("--listen", self.listen),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, env=environment(),
            cwd=self.folder, limit=1 << 20)
        self._reader = asyncio.create_task(self._read(self.process))
        await self.until(lambda: self.port or not self.running or None,
                          START_SECONDS)
        if not self.port:
            raise ServerFault("synctalkd did not start:\n" + self.tail())

    async def _read(self, process):
        with open(self.folder / "log", "a", encoding="utf-8") as copy:
            while line := await process.stderr.readline():
                text = line.decode("utf-8", "replace").rstrip("\n")
                copy.write(text + "\n")
                copy.flush()
                self.log.append(text)
                ready = READY.match(text)
                if ready:
                    self.places.append(ready[1])
                    self._note_place(ready[1])
                self.changed()
        await process.wait()
        self.changed()

    def _note_place(self, place):
        """--listen comes last, so that with its port all are known."""
        plain = PLAIN.match(place)
        wanted = sum(word == "--listen" for word in self.arguments) + 1
        if plain and len(self.places) >= wanted:
            self.host, self.port = plain[1], int(plain[2])

    async def logged(self, pattern, since, seconds):
        """The first log line from index `since` with pattern, or None."""
        wanted = re.compile(pattern)

        def find():
            for line in self.log[since:]:
                if wanted.search(line):
                    return line
            return None
        return await self.until(find, seconds)

    def send_signal(self, number):
        self.process.send_signal(number)

    def expect_end(self):
        self._expected_end = True

    async def ended(self, seconds=STOP_SECONDS):
        """Waits for the end; returns its status."""
        self._expected_end = True
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
        except asyncio.TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise ServerFault("synctalkd did not end:\n" +
                              self.tail()) from None
        await self._reader
        self.check_reports()
        return self.process.returncode

    async def kill(self):
        """SIGKILL, as a crash of the machine's kind."""
        self._expected_end = True
        self.process.kill()
        await self.process.wait()
        await self._reader

    async def stop(self, number=signal.SIGTERM):
        self.send_signal(number)
        status = await self.ended()
        if status != 0:
            raise ServerFault(f"synctalkd ended with {status}:\n" +
                              self.tail())

    def check_alive(self):
        """Raises if the server is gone though nobody asked it to end."""
        if self.process and not self.running and not self._expected_end:
            raise ServerFault(
                f"synctalkd ended with {self.process.returncode}:\n" +
                self.tail())
        self.check_reports()

    def check_reports(self):
        for line in self.log:
            if REPORT.search(line):
                raise ServerFault("a sanitizer reported:\n" + self.tail(80))

    def tail(self, lines=25):
        return "\n".join(self.log[-lines:]) or "(no log)"

    async def run(self, program, *arguments, seconds=30):
        """Another program of the build: (status, output)."""
        process = await asyncio.create_subprocess_exec(
            str(self.build / program), *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, env=environment(),
            cwd=self.folder)
        try:
            output, _ = await asyncio.wait_for(process.communicate(), seconds)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
            raise ServerFault(f"{program} did not end") from None
        return process.returncode, output.decode("utf-8", "replace")

    async def ctl(self, *arguments):
        return await self.run(
            "synctalkctl", "--socket", str(self.data / "synctalkd.sock"),
            *arguments)

    async def close(self):
        """Ends what still runs, and takes the folder away."""
        try:
            if self.running and not self._expected_end:
                await self.stop(signal.SIGINT)
            elif self.running:
                await self.ended()
            self.check_alive()
        finally:
            if self.running:
                await self.kill()
            shutil.rmtree(self.folder, ignore_errors=True)
