# SPDX-License-Identifier: MIT
"""Holds answers against /openapi.json."""

import json
import re

import jsonschema

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")


class Untrue(AssertionError):
    """The document says otherwise."""


def closed(schemas):
    """The same, with no other members than those that are told of."""
    return {name: {"additionalProperties": False, **schema}
            if schema.get("properties") else schema
            for name, schema in schemas.items()}


class Document:
    def __init__(self, data):
        self.data = data
        self._components = {"schemas": closed(data["components"]["schemas"])}
        self.done = set()  # operationIds that were seen to succeed
        self._operations = []
        self._validators = {}
        for path, item in data["paths"].items():
            words = re.split(r"\{[^}]*\}", path)
            pattern = "[^/]+".join(re.escape(word) for word in words)
            # A path of words goes before one with parameters.
            self._operations.append((len(words), re.compile(pattern), item))
        self._operations.sort(key=lambda one: one[0])

    def operations(self):
        for path, item in self.data["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def find(self, method, path):
        """The operation, or None; of HEAD that of GET."""
        method = "get" if method == "HEAD" else method.lower()
        for _, pattern, item in self._operations:
            if pattern.fullmatch(path) and method in item:
                return item[method]
        return None

    def resolve(self, value):
        while isinstance(value, dict) and "$ref" in value:
            target = self.data
            for step in value["$ref"][2:].split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def validate(self, schema, instance):
        """Why the instance is not of the schema, or None."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**schema, "components": self._components}
            self._validators[key] = jsonschema.Draft202012Validator(
                whole, format_checker=jsonschema.FormatChecker())
        error = jsonschema.exceptions.best_match(
            self._validators[key].iter_errors(instance))
        return f"{error.json_path}: {error.message}" if error else None

    def check(self, method, path, answer):
        """Why the answer is none that the document tells of, or None."""
        operation = self.find(method, path)
        if operation is None or method == "OPTIONS":
            if answer.status in (204, 404, 405):
                return None
            return "the document does not know this operation"
        responses = operation["responses"]
        response = self.resolve(responses.get(str(answer.status)))
        if response is None:
            return "the document does not tell of this status"
        if answer.status < 300:
            self.done.add(operation["operationId"])
        content = response.get("content")
        if method == "HEAD" or answer.status == 304:
            return None if not answer.body else "there is a body"
        if not content:
            return None if not answer.body else "there is a body"
        if answer.type not in content:
            return f"{answer.type!r} is none of {list(content)}"
        for name in response.get("headers", {}):
            header = self.resolve(response["headers"][name])
            if header.get("required") and name.lower() not in answer.headers:
                return f"there is no field {name}"
        schema = content[answer.type].get("schema")
        if schema is None or answer.json is None:
            return None
        return self.validate(schema, answer.json)


_documents = {}  # by the program that made them


async def document(server):
    program = server.build / "synctalkd"
    if program not in _documents:
        status, output = await server.run("synctalkd", "--openapi")
        assert status == 0, output
        _documents[program] = Document(json.loads(output))
    return _documents[program]


async def check(server, method, path, answer):
    why = (await document(server)).check(method, path, answer)
    if why:
        raise Untrue(f"{method} {path}: {why}\n{answer}")
