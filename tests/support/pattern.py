# SPDX-License-Identifier: MIT
"""What an event is compared with: JSON with a few extras.

    {"text":"hello"}   members that must be there, others may be
    [1, 2] [1, ...]    exactly these elements; or at least these, first
    $s                 the first time: remembers; later: must be the same
    $s+1, $s-2         the remembered number and a bit
    >$s, >=3, <10      compares numbers, or strings such as times
    /regex/            a string in which it is found
    *                  anything, but there
    absent             the member is not there
"""

import json
import re


class BadPattern(Exception):
    pass


class Absent:
    def __repr__(self):
        return "absent"


class Any:
    def __repr__(self):
        return "*"


class Regex:
    def __init__(self, source):
        self.source = source

    def __repr__(self):
        return f"/{self.source}/"


class Variable:
    def __init__(self, name, plus):
        self.name = name
        self.plus = plus

    def __repr__(self):
        return f"${self.name}" + (f"{self.plus:+d}" if self.plus else "")


class Compare:
    def __init__(self, sign, node):
        self.sign = sign
        self.node = node

    def __repr__(self):
        return f"{self.sign}{self.node!r}"


ELLIPSIS = object()
TOKEN = re.compile(r"""\s*(?:
    (?P<string>"(?:[^"\\]|\\.)*") |
    (?P<regex>/(?:[^/\\]|\\.)*/) |
    (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) |
    \$(?P<variable>[a-z_]\w*)(?P<plus>[+-]\d+)? |
    (?P<word>true|false|null|absent|\*|\.\.\.) |
    (?P<compare>[<>]=?) |
    (?P<mark>[][{}:,])
    )""", re.VERBOSE)
WORDS = {"true": True, "false": False, "null": None, "absent": Absent(),
         "*": Any(), "...": ELLIPSIS}


class Parser:
    def __init__(self, text):
        self.text = text
        self.at = 0
        self.token = None
        self.step()

    def step(self):
        rest = self.text[self.at:]
        if not rest.strip():
            self.token = None
            return
        self.token = TOKEN.match(rest)
        if not self.token:
            raise BadPattern(f"cannot read {rest!r}")
        self.at += self.token.end()

    def is_mark(self, mark):
        return bool(self.token) and self.token["mark"] == mark

    def expect(self, mark):
        if not self.is_mark(mark):
            raise BadPattern(f"expected {mark!r} before "
                             f"{self.text[self.at:]!r}")
        self.step()

    def list_of(self, end, read):
        self.step()
        items = []
        while not self.is_mark(end):
            if items:
                self.expect(",")
            items.append(read())
        self.step()
        return items

    def member(self):
        if not self.token or not self.token["string"]:
            raise BadPattern(f"expected a member before "
                             f"{self.text[self.at:]!r}")
        name = json.loads(self.token["string"])
        self.step()
        self.expect(":")
        return name, self.value()

    def value(self):
        if self.is_mark("{"):
            return dict(self.list_of("}", self.member))
        if self.is_mark("["):
            return self.list_of("]", self.value)
        token = self.token
        if not token or token["mark"]:
            raise BadPattern(f"expected a value in {self.text!r}")
        self.step()
        if token["compare"]:
            return Compare(token["compare"], self.value())
        if token["word"]:
            return WORDS[token["word"]]
        if token["variable"]:
            return Variable(token["variable"], int(token["plus"] or 0))
        if token["regex"]:
            return Regex(token["regex"][1:-1].replace("\\/", "/"))
        return json.loads(token["string"] or token["number"])


def parse(text):
    parser = Parser(text)
    node = parser.value()
    if parser.token:
        raise BadPattern(f"too much in {text!r}")
    return node


def resolve(node, variables):
    if isinstance(node, Variable):
        if node.name not in variables:
            raise BadPattern(f"${node.name} is not known yet")
        known = variables[node.name]
        return known + node.plus if node.plus else known
    return node


def compare(node, value, variables):
    limit = resolve(node.node, variables)
    number = (int, float)
    if not (isinstance(value, str) and isinstance(limit, str)) and \
       not (isinstance(value, number) and isinstance(limit, number)):
        return False
    return {"<": value < limit, "<=": value <= limit,
            ">": value > limit, ">=": value >= limit}[node.sign]


def match_members(node, value, variables):
    if not isinstance(value, dict):
        return f"{value!r} is not an object"
    for name, wanted in node.items():
        if isinstance(wanted, Absent):
            if name in value:
                return f"{name} is there: {value[name]!r}"
        elif name not in value:
            return f"{name} is missing"
        else:
            why = match(wanted, value[name], variables)
            if why:
                return f"{name}: {why}"
    return None


def match_elements(node, value, variables):
    if not isinstance(value, list):
        return f"{value!r} is not an array"
    wanted = node
    if node and node[-1] is ELLIPSIS:
        wanted = node[:-1]
        value = value[:len(wanted)]
    if len(wanted) != len(value):
        return f"{len(value)} elements instead of {len(wanted)}"
    for index, one in enumerate(wanted):
        why = match(one, value[index], variables)
        if why:
            return f"[{index}]: {why}"
    return None


def match(node, value, variables):
    """None if value fits, else why not.  Binds into variables."""
    if isinstance(node, dict):
        return match_members(node, value, variables)
    if isinstance(node, list):
        return match_elements(node, value, variables)
    if isinstance(node, Any):
        return None
    if isinstance(node, Variable) and node.name not in variables:
        if node.plus:
            raise BadPattern(f"${node.name} is not known yet")
        variables[node.name] = value
        return None
    if isinstance(node, Regex):
        fits = isinstance(value, str) and re.search(node.source, value)
    elif isinstance(node, Compare):
        fits = compare(node, value, variables)
    else:
        wanted = resolve(node, variables)
        fits = value == wanted and \
            isinstance(value, bool) == isinstance(wanted, bool)
        node = wanted
    return None if fits else f"{value!r} instead of {node!r}"
