# SPDX-License-Identifier: MIT
"""A program in a terminal of its own: what it shows, what one types."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import termios

from .changes import Changes
from .server import environment

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>()][0-9A-B]?)")


class Terminal(Changes):
    """24 lines of 80 columns."""

    def __init__(self):
        super().__init__()
        self.shown = ""  # all of it, without escape sequences
        self.process = None
        self._raw = b""
        self._master = None

    async def start(self, *command, **more):
        """more: environment variables."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, 80, 0, 0))
        env = {**environment(), "TERM": "xterm", "LC_ALL": "C.UTF-8", **more}
        self.process = await asyncio.create_subprocess_exec(
            *command, stdin=slave, stdout=slave, stderr=slave, env=env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def _read(self):
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other side is closed
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self._raw += data
        self.shown = ESCAPES.sub("", self._raw.decode("utf-8", "replace"))
        self.changed()

    def type(self, text):
        os.write(self._master, text.encode())

    async def shows(self, pattern, seconds=15):
        """Waits until it has shown pattern."""
        found = await self.until(lambda: re.search(pattern, self.shown),
                                 seconds)
        assert found, f"never showed {pattern!r}:\n{self.shown}"
        return found

    async def ended(self, seconds=15):
        return await asyncio.wait_for(self.process.wait(), seconds)

    async def close(self):
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        if self._master is not None:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
