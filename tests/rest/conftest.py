# SPDX-License-Identifier: MIT
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.hosted import Hosted  # noqa: E402


@pytest.fixture(scope="module")
def server():
    """One for all tests of a file; each uses names of its own."""
    with Hosted(arguments=["--limits", "off"]) as hosted:
        yield hosted
