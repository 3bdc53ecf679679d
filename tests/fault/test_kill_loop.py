# SPDX-License-Identifier: MIT
"""Three rounds of the kill loop; `kill_loop.py 20` is the whole of it."""

from fault import kill_loop


def test_nothing_acknowledged_is_lost():
    line, found = kill_loop.run(["3"])
    assert not any(found.values()), line
