# SPDX-License-Identifier: MIT
"""The reader of conversations, and every conversation's statements."""

import pathlib

import pytest

from support import pattern
from support.talk import BadTalk, Talk, fill
from support.verbs import OPERATOR, PERSON, SERVER

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "talk"


def read(tmp_path, text):
    path = tmp_path / "x.talk"
    path.write_text(text)
    return Talk(path)


def test_statements(tmp_path):
    talk = read(tmp_path, "# A promise.\n\nann  sends  a  b\n# why\n"
                "server writes script x.lua <<END\none\n\n two\nEND\n"
                "bob/phone gets x\n")
    assert talk.promise == "A promise."
    assert [(one.line, one.actor, one.rest, one.body)
            for one in talk.statements] == [
        (3, "ann", "sends a  b", None),
        (5, "server", "writes script x.lua", "one\n\n two\n"),
        (10, "bob/phone", "gets x", None)]


@pytest.mark.parametrize("text", [
    "", "ann connects\n", "# A promise.\nann\n",
    "# A promise.\nserver writes script x <<END\n"])
def test_refuses(tmp_path, text):
    with pytest.raises(BadTalk):
        read(tmp_path, text)


def test_fill():
    known = {"s": 4, "t": "x"}
    assert fill("$s $s+1 ${t}y $(a*3) $$s", known) == "4 5 xy aaa $s"
    with pytest.raises(BadTalk):
        fill("$unknown", known)


def table(actor):
    return {"server": SERVER, "operator": OPERATOR}.get(actor, PERSON)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.talk")),
                         ids=lambda path: path.stem)
def test_every_statement_is_one(path):
    for statement in Talk(path).statements:
        found = [expression.fullmatch(statement.rest)
                 for expression, _ in table(statement.actor)]
        assert any(found), str(statement)
        words = next(one for one in found if one).groupdict()
        if words.get("wanted"):
            pattern.parse(words["wanted"])
