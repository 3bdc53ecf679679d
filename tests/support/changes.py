# SPDX-License-Identifier: MIT
"""Waiting for a condition instead of sleeping."""

import asyncio


class Changes:
    """Something that says when it has changed."""

    def __init__(self):
        self._waiters = []

    def changed(self):
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, find, seconds):
        """The first result of find() that is not None; None after a while.

        find() is asked now and again after each change.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            found = find()
            left = deadline - loop.time()
            if found is not None or left <= 0:
                return found
            waiter = loop.create_future()
            self._waiters.append(waiter)
            await asyncio.wait([waiter], timeout=left)


async def pace(deadline):
    """Until the loop's time is `deadline`: for load at a given rate only."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(max(0, deadline - loop.time()))
