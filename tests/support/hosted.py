# SPDX-License-Identifier: MIT
"""A server for tests without asyncio: its loop runs on a thread.

    with Hosted(config=['limits = { ... }']) as server:
        socket.create_connection(server.address)
        server.ctl("status")
"""

import asyncio
import contextlib
import threading

from .server import Server, ServerFault

CALL_SECONDS = 90


class Hosted:
    def __init__(self, config=(), arguments=(), auth="open", workers=2):
        self.server = Server(workers)
        self.server.config = list(config)
        self.server.arguments = list(arguments)
        self.server.auth = auth
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    @property
    def address(self):
        return self.server.host, self.server.port

    @property
    def log(self):
        return self.server.log

    def call(self, coroutine):
        """What it returns, or raises, on the server's loop."""
        return asyncio.run_coroutine_threadsafe(
            coroutine, self._loop).result(CALL_SECONDS)

    def ctl(self, *arguments):
        """(status, output) of synctalkctl."""
        return self.call(self.server.ctl(*arguments))

    def logged(self, pattern, since=0, seconds=20):
        line = self.call(self.server.logged(pattern, since, seconds))
        assert line is not None, f"no log line {pattern!r}:\n" \
            + self.server.tail()
        return line

    def __enter__(self):
        self._thread.start()
        try:
            self.call(self.server.start())
        except BaseException:
            self._end(suppress=True)
            raise
        return self

    def __exit__(self, kind, *_):
        self._end(suppress=kind is not None)

    def _end(self, suppress):
        """A fault of the server does not hide the test's own."""
        with contextlib.ExitStack() as stack:
            if suppress:
                stack.enter_context(contextlib.suppress(ServerFault))
            try:
                self.call(self.server.close())
            finally:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()
