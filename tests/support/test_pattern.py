# SPDX-License-Identifier: MIT
"""The patterns of conversations."""

import pytest

from support.pattern import BadPattern, match, parse


@pytest.mark.parametrize("source, value", [
    ('{"a":1}', {"a": 1, "b": 2}),
    ('{}', {"a": 1}),
    ('[1, 2]', [1, 2]),
    ('[1, ...]', [1, 2, 3]),
    ('[]', []),
    ('[...]', [1]),
    ('{"a":{"b":"x"}}', {"a": {"b": "x", "c": 1}}),
    ('/^h.*o$/', "hello"),
    ('/a\\/b/', "a/b"),
    ('{"a":*}', {"a": None}),
    ('{"a":absent}', {"b": 1}),
    ('>=3', 3), ('<10', 9.5),
    ('>"2026-01-01"', "2026-01-02"),
    ('true', True), ('null', None), ('-1.5', -1.5),
    ('"\\u00e9\\n"', "é\n"),
])
def test_fits(source, value):
    assert match(parse(source), value, {}) is None


@pytest.mark.parametrize("source, value", [
    ('{"a":1}', {"a": 2}),
    ('{"a":1}', {}),
    ('{"a":1}', [1]),
    ('[1, 2]', [1, 2, 3]),
    ('[1, 2]', [2, 1]),
    ('[1, ...]', []),
    ('/x/', "hello"),
    ('/x/', 5),
    ('{"a":*}', {}),
    ('{"a":absent}', {"a": None}),
    ('>3', 3), ('<10', "9"),
    ('1', True), ('true', 1), ('0', False),
    ('"1"', 1),
])
def test_does_not_fit(source, value):
    assert match(parse(source), value, {})


def test_variables():
    known = {}
    assert match(parse('{"seq":$s}'), {"seq": 4}, known) is None
    assert known == {"s": 4}
    assert match(parse('{"seq":$s+1}'), {"seq": 5}, known) is None
    assert match(parse('{"seq":$s-2}'), {"seq": 2}, known) is None
    assert match(parse('{"seq":>$s}'), {"seq": 5}, known) is None
    assert match(parse('{"seq":$s}'), {"seq": 5}, known)


@pytest.mark.parametrize("source", [
    '', '{', '{"a"}', '{"a":}', '[1', '[1 2]', '{a:1}', '1 2', '"x', '$', '@'])
def test_refuses(source):
    with pytest.raises(BadPattern):
        parse(source)


def test_refuses_what_is_not_known():
    with pytest.raises(BadPattern):
        match(parse('$s+1'), 5, {})
