# SPDX-License-Identifier: MIT
"""Holds what the server says over a WebSocket against /asyncapi.json."""

import functools
import json
import subprocess

import jsonschema

from .server import build_folder, environment


@functools.cache
def document():
    made = subprocess.run(
        [str(build_folder() / "synctalkd"), "--asyncapi"], check=True,
        capture_output=True, env=environment(), timeout=60)
    return json.loads(made.stdout)


def closed(schema):
    """The same, with no other members than those that are told of."""
    return {**schema, "additionalProperties": False}


@functools.cache
def _components():
    parts = document()["components"]
    return {
        "schemas": {name: closed(one) if "properties" in one else one
                    for name, one in parts["schemas"].items()},
        "messages": {name: {**one, "payload": closed(one["payload"])}
                     for name, one in parts["messages"].items()}}


@functools.cache
def _validator(message):
    if message not in _components()["messages"]:
        return None
    return jsonschema.Draft202012Validator({
        "$ref": f"#/components/messages/{message}/payload",
        "components": _components()})


def untrue(data):
    """Why this is nothing that the server says, or None."""
    validator = _validator("said." + str(data.get("type")))
    if validator is None:
        return "the document does not know this type"
    error = jsonschema.exceptions.best_match(validator.iter_errors(data))
    return f"{error.json_path}: {error.message}" if error else None
