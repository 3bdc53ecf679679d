# SPDX-License-Identifier: MIT
"""Reads a .talk file; tests/talk/README.md describes the language."""

import re

HERE = re.compile(r"^(.*?)\s*<<([A-Z]+)$")
VERB = re.compile(r"^(\S+)\s+")
VARIABLE = re.compile(
    r"\$(?:(\$)|\((.)\*(\d+)\)|\{(\w+)\}|([a-z_]\w*)([+-]\d+)?)")


class BadTalk(Exception):
    pass


class Statement:
    def __init__(self, path, line, actor, rest, body):
        self.path = path
        self.line = line    # number
        self.actor = actor  # ann, bob/phone, server, operator
        self.rest = rest    # verb and what follows
        self.body = body    # of <<END, or None

    def __str__(self):
        return f"{self.path.name}:{self.line}: {self.actor} {self.rest}"


class Talk:
    def __init__(self, path):
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines()
        if not lines or not lines[0].startswith("# "):
            raise BadTalk(f"{path.name}:1: the first line states the promise")
        self.promise = lines[0][2:]
        self.statements = list(self._statements(lines))

    def _statements(self, lines):
        numbered = iter(enumerate(lines, 1))
        for number, line in numbered:
            if not line.strip() or line.startswith("#"):
                continue
            here = HERE.match(line)
            body = None
            if here:
                line, body = here[1], self._body(numbered, number, here[2])
            words = line.split(None, 1)
            if len(words) < 2:
                raise BadTalk(f"{self.path.name}:{number}: {line!r} lacks "
                              "an actor or a verb")
            rest = VERB.sub(r"\1 ", words[1].rstrip(), count=1)
            yield Statement(self.path, number, words[0], rest, body)

    def _body(self, numbered, start, end):
        lines = []
        for _, line in numbered:
            if line == end:
                return "".join(one + "\n" for one in lines)
            lines.append(line)
        raise BadTalk(f"{self.path.name}:{start}: <<{end} has no end")


def fill(text, variables):
    """Replaces $name, ${name}, $name+1, $(x*1000) and $$."""
    def one(found):
        dollar, char, times, braced, bare, plus = found.groups()
        name = braced or bare
        if dollar:
            return "$"
        if char:
            return char * int(times)
        if name not in variables:
            raise BadTalk(f"${name} is not known; $$ is a dollar sign")
        value = variables[name]
        return str(value + int(plus) if plus else value)
    return VARIABLE.sub(one, text)
