# SPDX-License-Identifier: MIT
"""/openapi.json and /asyncapi.json: well made, and served as they should."""

import json
import re

import jsonschema
import pytest

from support import asyncapi, openapi
from support.rest import Rest, served
from support.server import SOURCE

PROTOCOL = (SOURCE / "docs" / "protocol.md").read_text(encoding="utf-8")
METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}
SCHEMA = jsonschema.Draft202012Validator

# What matters of https://spec.openapis.org/oas/v3.1.0, in JSON Schema.
TEXT = {"type": "string", "minLength": 1}
REFERENCE = {"type": "object", "required": ["$ref"]}
CONTENT = {"type": "object", "minProperties": 1, "additionalProperties": {
    "type": "object", "required": ["schema"],
    "properties": {"schema": {"type": "object"}}}}
PARAMETER = {
    "type": "object", "required": ["name", "in", "schema", "description"],
    "properties": {"name": TEXT, "description": TEXT,
                   "in": {"enum": ["path", "query", "header"]},
                   "schema": {"type": "object"}}}
RESPONSE = {
    "type": "object", "required": ["description"],
    "properties": {"description": TEXT, "content": CONTENT,
                   "headers": {"additionalProperties": REFERENCE}},
    "additionalProperties": False}
OPERATION = {
    "type": "object",
    "required": ["operationId", "tags", "summary", "security", "responses"],
    "properties": {
        "operationId": {"pattern": "^[a-z][A-Za-z]*$"},
        "tags": {"type": "array", "items": TEXT, "minItems": 1},
        "summary": TEXT, "description": TEXT,
        "security": {"type": "array", "maxItems": 2, "items": {
            "type": "object", "additionalProperties": False,
            "properties": {"bearer": {"type": "array", "items": TEXT}}}},
        "parameters": {"type": "array", "items": PARAMETER},
        "requestBody": {"type": "object", "required": ["content"],
                        "properties": {"content": CONTENT,
                                       "required": {"type": "boolean"}}},
        "responses": {"type": "object", "minProperties": 1,
                      "propertyNames": {"pattern": "^[1-5][0-9][0-9]$"},
                      "additionalProperties": {
                          "anyOf": [REFERENCE, RESPONSE]}}},
    "additionalProperties": False}
OPENAPI = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components", "tags"],
    "properties": {
        "openapi": {"const": "3.1.0"},
        "info": {"required": ["title", "version", "license"]},
        "paths": {"propertyNames": {"pattern": "^/"},
                  "additionalProperties": {
                      "propertyNames": {"enum": sorted(METHODS)},
                      "additionalProperties": OPERATION}},
        "components": {
            "required": ["schemas", "securitySchemes", "examples"],
            "properties": {"responses": {"additionalProperties": RESPONSE},
                           "schemas": {"propertyNames": {
                "pattern": "^[A-Za-z0-9._-]+$"}}}}}}


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def check_references(data):
    for reference in set(references(data)):
        assert reference.startswith("#/")
        target = data
        for step in reference[2:].split("/"):
            assert step in target, reference
            target = target[step]


@served()
async def test_openapi_is_well_made(server):
    document = await openapi.document(server)
    data = document.data
    jsonschema.validate(data, OPENAPI, cls=SCHEMA)
    check_references(data)
    names = [one["operationId"] for _, _, one in document.operations()]
    assert len(names) == len(set(names))
    told = {tag["name"] for tag in data["tags"]}
    shapes = set()
    for path, _, operation in document.operations():
        assert set(operation["tags"]) <= told
        within = re.findall(r"\{([^}]*)\}", path)
        named = [one["name"] for one in operation["parameters"]
                 if one["in"] == "path"]
        assert named == within, path
    for path in data["paths"]:
        shape = re.sub(r"\{[^}]*\}", "{}", path)
        assert shape not in shapes, "the same path under two names: " + path
        shapes.add(shape)


@served()
async def test_the_schemas_and_their_examples_are_valid(server):
    document = await openapi.document(server)
    for name, schema in document.data["components"]["schemas"].items():
        SCHEMA.check_schema(schema)
        for member, one in schema["properties"].items():
            for example in one.get("examples", []):
                why = document.validate(one, example)
                assert not why, f"{name}.{member}: {why}"
    for _, _, operation in document.operations():
        for one in operation["parameters"]:
            SCHEMA.check_schema(one["schema"])
            if "example" in one:
                assert not document.validate(one["schema"], one["example"])
    problem = {"$ref": "#/components/schemas/Problem"}
    for name, one in document.data["components"]["examples"].items():
        assert not document.validate(problem, one["value"])
        assert one["value"]["code"] == name


@served()
async def test_the_documents_are_for_everybody(server):
    rest = Rest(server)
    for path in ("/openapi.json", "/asyncapi.json"):
        answer = await rest.get(path, headers={
            "Origin": "https://elsewhere.example"})
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        etag = answer.headers["etag"]
        again = await rest.get(path, headers={"If-None-Match": etag})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == etag
        other = await rest.get(path, headers={"If-None-Match": '"1"'})
        assert other.status == 200
        head = await rest.head(path)
        assert (head.status, head.body) == (200, b"")
        printed = await server.run("synctalkd", "--" + path[1:-5])
        assert json.loads(printed[1]) == answer.json


# AsyncAPI


def test_asyncapi_is_well_made():
    data = asyncapi.document()
    assert data["asyncapi"] == "3.0.0"
    check_references(data)
    for name, one in data["components"]["messages"].items():
        SCHEMA.check_schema(one["payload"])
        assert one["payload"]["properties"]["type"]["const"] == one["name"]
        assert name.split(".")[1] == one["name"]
    said = [one for one in data["operations"].values()
            if one["action"] == "send"]
    asked = [one for one in data["operations"].values()
             if one["action"] == "receive"]
    assert said and asked
    assert all(len(one["messages"]) == 1 for one in said + asked)


def rows(section):
    """(types, cells) of a table of the protocol's document."""
    text = PROTOCOL.split(f"\n## {section}\n")[1].split("\n## ")[0]
    for line in text.splitlines():
        if not line.startswith("| `"):
            continue
        first, *cells = line.strip("|").split("|")
        yield re.findall(r"`([a-z_]+)`", first), cells


def words(text):
    return set(re.findall(r"`([a-z_]+)`", text))


def members(prefix, kind):
    messages = asyncapi.document()["components"]["messages"]
    return set(messages[f"{prefix}.{kind}"]["payload"]["properties"]) - \
        {"type"}


def test_what_is_asked_is_what_the_protocol_says():
    told = set()
    update = None
    for kinds, cells in rows("What a client asks"):
        wanted = words(cells[0].split(":")[0]) | {"ref"}
        if "the same" in cells[0]:
            wanted |= update
        for kind in kinds:
            told.add(kind)
            assert members("asked", kind) == wanted | (
                {"device", "ack"} if kind == "auth" else set()), kind
        if kinds == ["create"]:
            update = wanted
    messages = asyncapi.document()["components"]["messages"]
    assert told == {one.split(".")[1] for one in messages
                    if one.startswith("asked.")}


def test_what_is_said_is_what_the_protocol_says():
    told = {kind for kinds, _ in rows("What the server says")
            for kind in kinds}
    asked = {kind for kinds, _ in rows("What a client asks")
             for kind in kinds}
    schemas = asyncapi.document()["components"]["schemas"]
    settings = {"title", "description", "private", "history", "slow"}
    for kinds, cells in rows("What the server says"):
        text = words(cells[0])
        known = told | asked
        for kind in kinds:
            found = members("said", kind)
            payload = asyncapi.document()["components"]["messages"][
                f"said.{kind}"]["payload"]
            known |= found
            for reference in references(payload["properties"]):
                part = schemas[reference.split("/")[-1]]
                known |= set(part.get("properties", ()))
            for one in payload["properties"].values():
                known |= set(one.get("enum", ()))
            missing = found - text
            if kind == "created":
                missing -= settings
            assert not missing, f"{kind}: not in the document: {missing}"
        assert text <= known, text - known
    messages = asyncapi.document()["components"]["messages"]
    assert told == {one.split(".")[1] for one in messages
                    if one.startswith("said.")}


def test_an_item_of_the_list_is_what_the_protocol_says():
    text = set()
    for kinds, cells in rows("First load"):
        text |= set(kinds) | words(cells[0])
    schemas = asyncapi.document()["components"]["schemas"]
    found = set(schemas["Conversation"]["properties"])
    assert found <= text, found - text
    assert set(schemas["Other"]["properties"]) <= text


def test_untrue_frames_are_found():
    message = {"type": "message", "conversation": "#tea", "seq": 1, "id": 1,
               "from": "ann", "text": "x", "at": "2026-11-22T01:27:08.123Z"}
    assert asyncapi.untrue(message) is None
    assert "seq" in asyncapi.untrue({**message, "seq": "1"})
    assert "extra" in asyncapi.untrue({**message, "extra": 1})
    del message["from"]
    assert "from" in asyncapi.untrue(message)
    assert asyncapi.untrue({"type": "massage"})


@pytest.mark.parametrize("body, why", [
    ({}, "required"), ({"type": "about:blank", "title": "x", "status": 400,
                     "code": "bad_request", "more": 1}, "more")])
@served()
async def test_untrue_answers_are_found(server, body, why):
    document = await openapi.document(server)
    assert why in document.validate(
        {"$ref": "#/components/schemas/Problem"}, body)
