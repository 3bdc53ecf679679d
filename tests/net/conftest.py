# SPDX-License-Identifier: MIT
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.tls import Authority  # noqa: E402


@pytest.fixture(scope="session")
def authority():
    authority = Authority()
    yield authority
    authority.close()
