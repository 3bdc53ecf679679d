# SPDX-License-Identifier: MIT
"""REST as an app speaks it: JSON over one connection that is kept.

    ann = Rest(server, "ann")
    ann.post("/api/messages", {"to": "@bob", "text": "hi"}).expect(201)["id"]
"""

import http.client
import json
import urllib.parse

SECONDS = 20


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.fields = {name.lower(): value
                       for name, value in response.getheaders()}
        self.vary = response.headers.get_all("Vary") or []
        self.body = response.read()
        self.type = self.fields.get("content-type", "")
        self.json = (json.loads(self.body) if self.body and
                     self.type.endswith("json") and
                     "content-encoding" not in self.fields else None)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"

    def __getitem__(self, member):
        return self.json[member]

    def expect(self, status):
        assert self.status == status, repr(self)
        return self

    def refused(self, status, code, field=None):
        """A problem of that status and code, which names the field."""
        assert self.status == status, repr(self)
        assert self.type == "application/problem+json", self.type
        assert self.json["code"] == code, repr(self)
        assert self.json["status"] == status
        assert self.json["detail"], repr(self)
        assert self.json.get("field") == field, repr(self)
        return self


def token_of(server, name, *arguments):
    status, output = server.ctl("token", name, *arguments)
    assert status == 0, output
    return output.strip().splitlines()[-1]


class Rest:
    """One person's client; without a name, nobody's."""

    def __init__(self, server, name=None, token=None, scope=()):
        self.server, self.name = server, name
        self.token = token
        if name and not token:
            self.token = token_of(server, name, *scope)
        self._connection = None

    def ask(self, method, path, body=None, raw=None, **fields):
        """body is sent as JSON, raw as it is; `If_Match="x"` is a field."""
        headers = {name.replace("_", "-"): value
                   for name, value in fields.items() if value is not None}
        if self.token:
            headers.setdefault("Authorization", "Bearer " + self.token)
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                *self.server.address, timeout=SECONDS)
        self._connection.request(method, path, raw, headers)
        answer = Answer(self._connection.getresponse())
        if answer.fields.get("connection") == "close":
            self.close()
        return answer

    def get(self, path, query=None, **fields):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.ask("GET", path, **fields)

    def post(self, path, body=None, **fields):
        return self.ask("POST", path, body, **fields)

    def put(self, path, body=None, **fields):
        return self.ask("PUT", path, body, **fields)

    def patch(self, path, body=None, **fields):
        return self.ask("PATCH", path, body, **fields)

    def delete(self, path, **fields):
        return self.ask("DELETE", path, **fields)

    def say(self, to, text, **members):
        """A message: what was answered."""
        answer = self.post("/api/messages", {"to": to, "text": text,
                                             **members})
        assert answer.status in (200, 201), repr(answer)
        return answer

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None
