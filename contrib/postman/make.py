#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the Postman collection (format 2.1) of an OpenAPI document.

    synctalkd --openapi | contrib/postman/make.py \
        >contrib/postman/synctalk.postman_collection.json

The collection's variables are `url` and `token`; `register` and `login` set
the token.
"""

import json
import re
import sys

SCHEMA = ("https://schema.getpostman.com/json/collection/v2.1.0/"
          "collection.json")
KEEP_THE_TOKEN = [
    "const answer = pm.response.json();",
    "if (answer.access_token)",
    "    pm.collectionVariables.set('token', answer.access_token);",
    "if (answer.refresh_token)",
    "    pm.collectionVariables.set('refresh_token', answer.refresh_token);",
]


class Collection:
    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]

    def example(self, schema):
        """A value of the schema: its example, or the plainest one."""
        if "$ref" in schema:
            return self.body(self.schemas[schema["$ref"].split("/")[-1]])
        if schema.get("examples"):
            return schema["examples"][0]
        if schema.get("enum"):
            return schema["enum"][0]
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        return {"string": "", "integer": schema.get("minimum", 0),
                "boolean": False, "array": [], "object": {}}[kind]

    def body(self, schema):
        """The members that are needed, and those that have an example."""
        return {name: self.example(one)
                for name, one in schema["properties"].items()
                if name in schema["required"] or one.get("examples")}

    def url(self, path, operation):
        named = {"path": [], "query": []}
        for one in operation["parameters"]:
            if one["in"] not in named:
                continue
            value = one.get("example", "")
            entry = {"key": one["name"], "value": str(value),
                     "description": one["description"]}
            if one["in"] == "query" and not one.get("required"):
                entry["disabled"] = True
            named[one["in"]].append(entry)
        steps = [re.sub(r"\{(.*)\}", r":\1", step)
                 for step in path.strip("/").split("/")]
        asked = [f"{one['key']}={one['value']}" for one in named["query"]
                 if not one.get("disabled")]
        raw = "{{url}}/" + "/".join(steps)
        return {"raw": raw + ("?" + "&".join(asked) if asked else ""),
                "host": ["{{url}}"], "path": steps,
                **({"query": named["query"]} if named["query"] else {}),
                **({"variable": named["path"]} if named["path"] else {})}

    def item(self, path, method, operation):
        request = {
            "method": method.upper(),
            "description": operation.get("description",
                                         operation["summary"]),
            "header": [], "url": self.url(path, operation)}
        if not operation["security"]:
            request["auth"] = {"type": "noauth"}
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"][
                "application/json"]["schema"]
            request["header"] = [{"key": "Content-Type",
                                  "value": "application/json"}]
            text = json.dumps(self.example(schema), indent=4,
                              ensure_ascii=False)
            request["body"] = {"mode": "raw", "raw": text, "options": {
                "raw": {"language": "json"}}}
        made = {"name": operation["summary"], "request": request,
                "response": []}
        if operation["operationId"] in ("register", "login", "refresh"):
            made["event"] = [{"listen": "test", "script": {
                "type": "text/javascript", "exec": KEEP_THE_TOKEN}}]
        if operation["operationId"] == "refresh":
            request["body"]["raw"] = json.dumps(
                {"refresh_token": "{{refresh_token}}"}, indent=4)
        return made

    def folders(self):
        for tag in self.document["tags"]:
            items = [self.item(path, method, operation)
                     for path, methods in self.document["paths"].items()
                     for method, operation in methods.items()
                     if operation["tags"] == [tag["name"]]]
            yield {"name": tag["name"], "description": tag["description"],
                   "item": items}

    def make(self):
        info = self.document["info"]
        return {
            "info": {"name": info["title"],
                     "description": info["description"],
                     "schema": SCHEMA},
            "auth": {"type": "bearer", "bearer": [
                {"key": "token", "value": "{{token}}", "type": "string"}]},
            "variable": [
                {"key": "url", "value": "http://127.0.0.1:8000"},
                {"key": "token", "value": ""},
                {"key": "refresh_token", "value": ""}],
            "item": list(self.folders())}


def made(document):
    return json.dumps(Collection(document).make(), indent=1,
                      ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(made(json.load(sys.stdin)))
