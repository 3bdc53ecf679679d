# SPDX-License-Identifier: MIT
"""Certificates: which are taken, and how they are changed while people talk."""

import contextlib
import json
import os
import shutil
import signal
import subprocess

import pytest

from support import rawhttp, tls
from support.hosted import Hosted
from support.server import build_folder, environment

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LISTEN = ["--limits", "off", "--listen", "https://127.0.0.1:0"]


@pytest.fixture(scope="module")
def good(authority):
    return authority.issue("good")


def check(tmp_path, lines):
    """(status, what --check says) of such a configuration."""
    conf = tmp_path / "synctalkd.conf"
    conf.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        [build_folder() / "synctalkd", "-c", conf, "--data",
         tmp_path / "data", "--check"], capture_output=True, text=True,
        timeout=60, env=environment())
    return done.returncode, done.stderr


def write(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return path


def test_good(tmp_path, good):
    assert check(tmp_path, tls.config(good)) == (0, "")
    # One file with all of it.
    both = write(tmp_path / "both.pem",
                 good[0].read_text() + good[1].read_text())
    lines = [f'tls = {{ certificates = {{ "{both}" }} }}']
    assert check(tmp_path, lines) == (0, "")


def bad_pairs(tmp_path, authority, good):
    certificate, key = good
    other = authority.issue("another")
    open_key = write(tmp_path / "open.key", key.read_text(), 0o644)
    group_key = write(tmp_path / "group.key", key.read_text(), 0o620)
    sealed = tmp_path / "sealed.key"
    tls.openssl("ec", "-in", key, "-aes256", "-passout", "pass:x", "-out",
                sealed)
    sealed.chmod(0o600)
    weak = tmp_path / "weak.key"
    weak_pem = tmp_path / "weak.pem"
    tls.openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout",
                weak, "-out", weak_pem, "-subj", "/CN=weak", "-addext",
                "subjectAltName=DNS:localhost")
    weak.chmod(0o600)
    text = certificate.read_text()
    cut = write(tmp_path / "cut.pem", text[:len(text) // 2])
    chain = write(tmp_path / "chain.pem", text + text[:len(text) // 2] +
                  "-----END CERTIFICATE-----\n")
    empty = write(tmp_path / "empty.pem", "")
    return [
        (certificate, other[1], f"{certificate}: the key of {other[1]} does"),
        (*authority.issue("old", days=-1), "old.pem: the certificate expired"),
        (*authority.issue("nameless", ()), "nameless.pem: the certificate "
         "has no subjectAltName"),
        (certificate, open_key, f"{open_key}: mode 0644 lets others"),
        (certificate, group_key, f"{group_key}: mode 0620 lets others"),
        (certificate, sealed, f"{sealed}: the private key is encrypted"),
        (weak_pem, weak, f"{weak_pem}: this certificate cannot be used"),
        (cut, key, f"{cut}: no certificate"),
        (chain, key, f"{chain}: certificate 2 of the chain"),
        (empty, key, f"{empty}: no certificate"),
        (key, key, f"{key}: no certificate"),
        (certificate, empty, f"{empty}: no private key"),
        (tmp_path / "missing.pem", key, "cannot read"),
        (certificate, tmp_path / "missing.key", "cannot read"),
        (certificate, tmp_path, "regular file"),
    ]


def test_bad(tmp_path, authority, good):
    for certificate, key, why in bad_pairs(tmp_path, authority, good):
        status, said = check(tmp_path, tls.config((certificate, key)))
        assert status == 78, why
        assert why in said
        # A good one before it does not help.
        status, said = check(tmp_path, tls.config(good, (certificate, key)))
        assert (status, why in said) == (78, True), said


@pytest.mark.parametrize("lines, why", [
    (['listen = { "https://127.0.0.1:0" }'], "needs a certificate"),
    (['tls = { keys = { "a", "b" } }'], "as many as tls.certificates"),
    (['listen = { "ftp://127.0.0.1:0" }'], "ADDRESS:PORT"),
    (['listen = { "https://chat.example.org:443" }'], "ADDRESS:PORT"),
    (['listen = { "https://127.0.0.1" }'], "ADDRESS:PORT"),
    (['listen = { "127.0.0.1:65536" }'], "ADDRESS:PORT"),
    (['listen = { "[127.0.0.1]:80" }'], "ADDRESS:PORT"),
    (['listen = { "::1:80" }'], "ADDRESS:PORT"),
    (['listen = { "unix:" }'], "a path of 1 to 107 bytes"),
    (['listen = { "unix:/' + "x" * 107 + '" }'], "a path of 1 to 107 bytes"),
    (['listen = { "proxy+http://127.0.0.1:0" }'], "trusted_proxies"),
    (['trusted_proxies = { "10.0.0.1/8" }'], "within 10.0.0.0/8"),
    (['trusted_proxies = { "nginx" }'], "an address or a range"),
    (['socket_mode = "660"'], "socket_mode"),
    (['socket_mode = "0668"'], "socket_mode"),
    (['process = { group = "nogroup" }'], "process.group needs"),
    (['process = { user = "nobody.here" }'], "there is no user"),
    (['process = { user = "root" }'], "root is root"),
    (['process = { user = "nobody", group = "none.here" }'],
     "there is no group"),
    (['token = { keys = { "/etc/passwd" } }'], "/etc/passwd"),
    (['token = { outside_issuer = "x", outside_keys = "/none.pem" }'],
     "/none.pem"),
    (['token = { secret_file = "/etc/passwd" }'], "/etc/passwd"),
    (['token = { keys = { "/tmp/none/new.pem" } }'], ""),
    (['origins = { "https://chat.example.org/" }'], "origins: scheme"),
    (['origins = { "*" }'], "origins: scheme"),
    (['origins = { "chat.example.org" }'], "origins: scheme"),
    (['origins = { "https://chat.example.org:8443" }'], ""),
])
def test_bad_configuration(tmp_path, lines, why):
    status, said = check(tmp_path, lines)
    assert (status == 78, why in said) == (why != "", True), said


@contextlib.contextmanager
def serving(tmp_path, pair):
    """A server with a copy of the pair, which the test changes."""
    certificate, key = tmp_path / "live.pem", tmp_path / "live.key"
    put(tmp_path, pair)
    with Hosted(config=tls.config((certificate, key)),
                arguments=LISTEN) as server:
        yield server, ("127.0.0.1", tls.port_of(server.server))


def put(tmp_path, pair):
    for source, name in zip(pair, ("live.pem", "live.key")):
        shutil.copy(source, tmp_path / "next")
        os.chmod(tmp_path / "next", 0o600)
        os.replace(tmp_path / "next", tmp_path / name)


def reload(server, event):
    since = len(server.log)
    server.server.send_signal(signal.SIGHUP)
    return server.logged(event, since)


def subject(address, authority, session=None):
    """(common name of the certificate, whether it was resumed, session)."""
    with tls.Peer(address, authority.context(), session=session) as peer:
        peer.handshake()
        ask(peer)
        names = dict(pair[0] for pair in peer.tls.getpeercert()["subject"])
        return names["commonName"], peer.tls.session_reused, peer.tls.session


def ask(peer):
    peer.write(HEALTH)
    answer, _ = rawhttp.take_answer(peer.read())
    assert answer.status == 200


def test_reload(tmp_path, authority, good):
    """New connections get the new one, old ones go on."""
    context = authority.context()
    with serving(tmp_path, good) as (server, address):
        with tls.Peer(address, context) as old:
            old.handshake()
            ask(old)
            with rawhttp.connect(address) as half:
                rawhttp.send(half, b"\x16\x03\x01\x02\x00\x01")
                put(tmp_path, authority.issue("renewed", kind="rsa"))
                reload(server, "reload.done")
                assert subject(address, authority)[0] == "renewed"
            for _ in range(3):
                ask(old)


def test_tickets_survive_a_reload(tmp_path, authority, good):
    context = authority.context()
    with serving(tmp_path, good) as (server, address):
        with tls.Peer(address, context) as peer:
            peer.handshake()
            ask(peer)
            session = peer.tls.session
        put(tmp_path, authority.issue("again"))
        reload(server, "reload.done")
        with tls.Peer(address, context, session=session) as peer:
            peer.handshake()
            ask(peer)
            assert peer.tls.session_reused


def test_broken_reload_keeps_the_old(tmp_path, authority, good):
    with serving(tmp_path, good) as (server, address):
        folder = tmp_path / "bad"
        folder.mkdir()
        for certificate, key, why in bad_pairs(folder, authority, good):
            if not (certificate.is_file() and key.is_file()):
                continue
            put(tmp_path, (certificate, key))
            if "mode" in why:
                os.chmod(tmp_path / "live.key", 0o644)
            line = reload(server, "reload.failed")
            assert "live." in line and "nothing has changed" in line
            assert subject(address, authority)[0] == "good"
        status, said = server.ctl("reload")
        assert status != 0 and "live." in said
        put(tmp_path, good)
        reload(server, "reload.done")
        assert json.loads(server.ctl("--json", "status")[1])


def test_certificates_cannot_be_taken_away(tmp_path, authority, good):
    """While the server listens with TLS it needs one."""
    with serving(tmp_path, good) as (server, address):
        server.server.config = []
        server.server.write_config()
        reload(server, "reload.failed")
        assert subject(address, authority)[0] == "good"
