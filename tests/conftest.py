# SPDX-License-Identifier: MIT
"""Each tests/talk/*.talk is a test."""

import asyncio
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.stage import Failed, play  # noqa: E402
from support.talk import BadTalk  # noqa: E402


def pytest_collect_file(parent, file_path):
    if file_path.suffix == ".talk":
        return TalkFile.from_parent(parent, path=file_path)
    return None


class TalkFile(pytest.File):
    def collect(self):
        yield TalkItem.from_parent(self, name=self.path.stem)


class TalkItem(pytest.Item):
    def runtest(self):
        asyncio.run(play(self.path))

    def repr_failure(self, excinfo, style=None):
        if excinfo.errisinstance((Failed, BadTalk)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, 0, self.path.stem
