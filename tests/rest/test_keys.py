# SPDX-License-Identifier: MIT
"""Keys of tokens: changed while people talk, and those of an application."""

import base64
import json
import signal
import subprocess
import time

from support.live import Live
from support.rest import Rest, person, served

ED25519 = ("-algorithm", "ed25519")
P256 = ("-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048")

EXPIRED = 4001  # the close code


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=data,
                          check=True, capture_output=True, timeout=60).stdout


def make_key(server, name, kind=ED25519):
    """A private key in the server's folder; its path."""
    path = server.folder / name
    openssl("genpkey", *kind, "-out", path)
    path.chmod(0o600)
    return path


def public_half(path):
    out = path.with_suffix(".pub")
    openssl("pkey", "-in", path, "-pubout", "-out", out)
    return out


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def outside_token(path, **claims):
    """As an application signs it, with Ed25519."""
    now = int(time.time())
    payload = {"iss": "https://id.example", "aud": "chat", "iat": now,
               "exp": now + 300, "nick": "ann", **claims}
    text = ".".join(base64url(json.dumps(part).encode()) for part in (
        {"alg": "EdDSA", "kid": "7"}, payload))
    data = path.with_suffix(".input")
    data.write_text(text)
    return text + "." + base64url(openssl(
        "pkeyutl", "-sign", "-rawin", "-inkey", path, "-in", data))


async def reload(server, *config, fails=False):
    server.config = list(config)
    server.write_config()
    mark = len(server.log)
    server.send_signal(signal.SIGHUP)
    line = await server.logged(r" reload\.(done|failed) ", mark, 60)
    assert line and fails == ("reload.failed" in line), line
    return line


def keys(*paths):
    listed = ", ".join(f'"{path}"' for path in paths)
    return "token = { keys = { %s } }" % listed


async def status(server, token):
    return (await Rest(server, token).get("/api/me")).status


async def shown(server):
    return (await Rest(server).get("/.well-known/jwks.json")).json["keys"]


@served()
async def test_a_key_is_changed_without_signing_anyone_out(server):
    old = (await person(server, "ann")).token
    made = server.data / "token.key"
    assert made.stat().st_mode & 0o777 == 0o600
    first, = await shown(server)
    assert first["alg"] == "EdDSA" and "d" not in first
    assert decoded(old.split(".")[0])["kid"] == first["kid"]

    new_key = make_key(server, "new.pem", P256)
    await reload(server, keys(new_key, made))
    new = (await person(server, "ann")).token
    assert decoded(new.split(".")[0])["alg"] == "ES256"
    assert [key["alg"] for key in await shown(server)] == ["ES256", "EdDSA"]
    assert await status(server, old) == 200
    assert await status(server, new) == 200

    before = await Live.connect(Rest(server, old), "before")
    since = await Live.connect(Rest(server, new), "since")
    await reload(server, keys(new_key))
    assert await before.socket.until(lambda: before.socket.close_code or None,
                                     60) == EXPIRED
    assert not since.socket.closed
    before.drop()
    since.drop()
    assert await status(server, old) == 401
    assert await status(server, new) == 200
    live = await Live.connect(Rest(server, new))
    live.drop()


@served()
async def test_a_key_that_cannot_be_used_changes_nothing(server):
    token = (await person(server, "ann")).token
    bad = make_key(server, "bad.pem")
    bad.chmod(0o644)
    line = await reload(server, keys(bad), fails=True)
    assert "chmod 600" in line
    bad.write_text("no key at all")
    bad.chmod(0o600)
    await reload(server, keys(bad), fails=True)
    await reload(server, keys(make_key(server, "weak.pem", (
        "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"))),
        fails=True)
    assert await status(server, token) == 200


@served()
async def test_an_application_signs_its_people_in(server):
    own = (await person(server, "bob")).token
    key = make_key(server, "app.pem")
    other = make_key(server, "other.pem", ED25519)
    outside = ('token = { outside_issuer = "https://id.example", '
               'outside_audience = "chat", outside_keys = "%s", '
               'outside_name_claim = "nick" }')
    await reload(server, outside % public_half(key))
    token = outside_token(key)
    answer = await Rest(server, token).get("/api/me")
    assert answer.status == 200 and answer.json["name"] == "ann"
    live = await Live.connect(Rest(server, token))
    live.drop()
    for bad in (outside_token(other), outside_token(key, aud="mail"),
                outside_token(key, iss="https://evil.example"),
                outside_token(key, nick="Ann Smith"),
                outside_token(key, exp=1), outside_token(key, nick=None)):
        assert await status(server, bad) == 401
    assert await status(server, own) == 200

    # Its key is changed; ours stays.
    await reload(server, outside % public_half(other))
    assert await status(server, token) == 401
    assert await status(server, outside_token(other)) == 200
    assert await status(server, own) == 200


@served(prepare=lambda server: server.config.append(
    keys(make_key(server, "rsa.pem", RSA))))
async def test_a_key_of_rsa(server):
    token = (await person(server, "ann")).token
    assert decoded(token.split(".")[0])["alg"] == "RS256"
    assert await status(server, token) == 200
    assert await status(server, token[:-8] + "AAAAAAAA") == 401
