# SPDX-License-Identifier: MIT
"""A forgotten password: the code goes out by contrib/lua/reset_mail.lua."""

import asyncio
import http.client
import json
import pathlib
import re

import pytest
import websockets

from net.test_http_post import Target
from support.hosted import Hosted

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / (
    "contrib/lua/reset_mail.lua")
EMAIL, OLD, NEW = "ann@mail.example", "old password", "new password"


def post(server, path, body):
    connection = http.client.HTTPConnection(*server.address, timeout=60)
    try:
        connection.request("POST", path, json.dumps(body),
                           {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else None
    finally:
        connection.close()


@pytest.fixture
def target():
    with Target() as target:
        yield target


def hosted(*config, script=None):
    server = Hosted(config=[
        'accounts = { registration = "open", password_cost = 10 }',
        'log = { level = "debug" }', *config], auth="token")
    if script is not None:
        folder = server.server.folder / "scripts" / "local"
        folder.mkdir(parents=True)
        (folder / "reset_mail.lua").write_text(script)
    return server


def test_the_code_arrives_and_opens(target):
    script = SAMPLE.read_text().replace(
        "https://api.mail.example", target.origin)
    with hosted(f'http = {{ allow = {{ "{target.origin}" }}, '
                'allow_private = { "127.0.0.1" } }', script=script) as server:
        status, made = post(server, "/api/register", {
            "name": "ann", "email": EMAIL, "password": OLD})
        assert status == 201

        async def reset_while_online():
            host, port = server.address
            async with websockets.connect(
                    f"ws://{host}:{port}/chat", extra_headers={
                        "Authorization": "Bearer " + made["access_token"]}
            ) as ann:
                assert json.loads(await ann.recv())["type"] == "welcome"
                run = asyncio.get_running_loop().run_in_executor
                status, _ = await run(None, post, server,
                                      "/api/password/reset",
                                      {"email": EMAIL.upper()})
                assert status == 202
                path, fields, body = await run(None, target.seen.get,
                                               True, 30)
                assert fields["Authorization"] == "Bearer your key"
                mail = json.loads(body)
                assert mail["to"] == EMAIL
                code = re.search(r"^(\S+) lets you", mail["text"], re.M)[1]
                status, _ = await run(
                    None, post, server, "/api/password/reset/confirm",
                    {"name": "ann", "code": code, "password": NEW})
                assert status == 204
                await ann.wait_closed()
                return code, ann.close_code

        code, close_code = asyncio.run(reset_while_online())
        assert close_code == 4506
        assert post(server, "/api/login",
                    {"name": "ann", "password": OLD})[0] == 401
        assert post(server, "/api/login",
                    {"name": "ann", "password": NEW})[0] == 200
        status, _ = post(server, "/api/password/reset/confirm", {
            "name": "ann", "code": code, "password": OLD})
        assert status != 204, "a code was good twice"
        server.logged("http.done")
        log = "\n".join(server.log)
        for secret in (code, EMAIL, OLD, NEW, made["refresh_token"]):
            assert secret not in log


def test_nobody_learns_who_has_an_account(target):
    script = SAMPLE.read_text().replace(
        "https://api.mail.example", target.origin)
    with hosted(f'http = {{ allow = {{ "{target.origin}" }}, '
                'allow_private = { "127.0.0.1" } }', script=script) as server:
        post(server, "/api/register", {
            "name": "ann", "email": EMAIL, "password": OLD})
        known = post(server, "/api/password/reset", {"email": EMAIL})
        unknown = post(server, "/api/password/reset",
                       {"email": "nobody@mail.example"})
        assert known == unknown and known[0] == 202


def test_a_failing_script_is_not_told_to_the_person(target):
    with hosted(script='return chat.on("password_reset", function()'
                ' error("broken") end)') as server:
        post(server, "/api/register", {
            "name": "ann", "email": EMAIL, "password": OLD})
        assert post(server, "/api/password/reset",
                    {"email": EMAIL})[0] == 202
        server.logged("script.*password_reset.*broken")
        server.logged("reset.failed.*user=ann")


def test_without_a_script_no_codes_are_sent():
    with hosted() as server:
        status, problem = post(server, "/api/password/reset",
                               {"name": "ann"})
        assert status == 503 and "operator" in problem["detail"]
