# SPDX-License-Identifier: MIT
"""A server that has no descriptors left refuses, and comes back."""

import contextlib
import os
import resource

from support import rawhttp
from support.hosted import Hosted

HEALTH = (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
          b"Connection: close\r\n\r\n")
ROOM = 12  # connections that there are still descriptors for, about


def test_who_is_too_many_is_closed_and_the_rest_served():
    with Hosted(arguments=["--limits", "off"], workers=1) as server:
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(rawhttp.connect(server.address))
            pid = server.server.pid
            used = max(map(int, os.listdir(f"/proc/{pid}/fd")))
            _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE,
                             (used + ROOM, hard))
            # One after the other is taken, until one is closed unheard.
            for _ in range(2 * ROOM):
                one = stack.enter_context(rawhttp.connect(server.address))
                if closed(one):
                    break
            else:
                raise AssertionError("nobody was refused")
            assert closed(stack.enter_context(
                rawhttp.connect(server.address))), "nor is the next left"
            first.sendall(HEALTH)
            assert first.recv(64).startswith(b"HTTP/1.1 200 ")
        # It serves again as soon as it has seen that they are gone.
        for _ in range(1000):
            with rawhttp.connect(server.address) as later:
                if not closed(later):
                    return
        raise AssertionError("it did not come back")


def closed(one):
    """Is it hung up, rather than asked to go on?"""
    one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        return one.recv(64) == b""
    except ConnectionError:
        return True
