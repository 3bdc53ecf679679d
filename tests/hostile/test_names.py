# SPDX-License-Identifier: MIT
"""What is shown as a name deceives nobody: no control characters, nothing
that turns the order of what is beside it around."""

import pytest

from support.rest import person, served

BAD = ["a\nb", "a\tb", "\x1b[2Ja", "a\x7f", "a\u0085b", "a\u202eb",
       "a\u2066b", "a\u2028b"]
LIMITS = ["limits = { user_message_rate = 0, address_request_rate = 0 }"]


@pytest.mark.parametrize("text", BAD)
@served(config=LIMITS)
async def test_names_that_are_shown(server, text):
    ann = await person(server, "ann")
    answer = await ann.patch("/api/me", {"display_name": text})
    assert answer.status == 400 and answer.code == "bad_request", answer
    answer = await ann.post("/api/groups", {"name": "tea", "title": text})
    assert answer.status == 400 and answer.code == "bad_request", answer
    assert "\u202e" not in server.tail() and "\x1b" not in server.tail()
