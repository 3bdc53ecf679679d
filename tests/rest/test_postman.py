# SPDX-License-Identifier: MIT
"""contrib/postman: the collection is that of today's /openapi.json."""

import json
import subprocess
import sys

from support import openapi
from support.rest import served
from support.server import SOURCE

FOLDER = SOURCE / "contrib" / "postman"
COLLECTION = FOLDER / "synctalk.postman_collection.json"


@served()
async def test_the_collection_is_current(server):
    document = await openapi.document(server)
    made = subprocess.run(
        [sys.executable, str(FOLDER / "make.py")], check=True, text=True,
        input=json.dumps(document.data), capture_output=True)
    assert made.stdout == COLLECTION.read_text(encoding="utf-8"), (
        "make it anew: synctalkd --openapi | contrib/postman/make.py >" +
        str(COLLECTION.relative_to(SOURCE)))


def requests(items):
    for item in items:
        if "request" in item:
            yield item["request"]
        else:
            yield from requests(item["item"])


@served()
async def test_what_it_asks_is_what_the_document_says(server):
    document = await openapi.document(server)
    collection = json.loads(COLLECTION.read_text(encoding="utf-8"))
    found = list(requests(collection["item"]))
    assert len(found) == len(list(document.operations()))
    for request in found:
        path = "/" + "/".join(request["url"]["path"])
        operation = document.find(request["method"], path)
        assert operation, path
        if "body" in request:
            schema = operation["requestBody"]["content"]["application/json"]
            body = json.loads(request["body"]["raw"])
            assert set(body) <= set(document.resolve(
                schema["schema"])["properties"])
