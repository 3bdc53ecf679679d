# SPDX-License-Identifier: MIT
"""Unix sockets, and sockets and words of a supervisor (systemd's protocols)."""

import os
import signal
import socket
import stat
import subprocess

import pytest

from support import rawhttp
from support.hosted import Hosted
from support.server import build_folder, environment

HEALTH = (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
          b"Connection: close\r\n\r\n")
SECONDS = 30


def ask_unix(path):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(SECONDS)
        peer.connect(str(path))
        rawhttp.send(peer, HEALTH)
        return rawhttp.answers(rawhttp.read_to_end(peer))[0].status


def hosted(path, *more):
    return Hosted(config=list(more),
                  arguments=["--listen", f"unix:{path}"])


def test_unix_socket(tmp_path):
    path = tmp_path / "http.sock"
    with hosted(path) as server:
        assert f"http://unix:{path}" in server.server.places
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert ask_unix(path) == 200
    assert not path.exists()


def test_mode(tmp_path):
    path = tmp_path / "http.sock"
    with hosted(path, 'socket_mode = "0600"'):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with hosted(path, 'socket_mode = "0666"'):
        assert stat.S_IMODE(path.stat().st_mode) == 0o666


def test_stale_socket_is_replaced(tmp_path):
    path = tmp_path / "http.sock"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))
        gone.listen()
    with hosted(path):
        assert ask_unix(path) == 200


def refused(tmp_path, *words, **more):
    """(status, standard error) of a server that does not start."""
    done = subprocess.run(
        [build_folder() / "synctalkd", "--data", tmp_path / "data", *words],
        capture_output=True, text=True, timeout=SECONDS, cwd=tmp_path,
        env={**environment(), **more.pop("env", {})}, **more)
    return done.returncode, done.stderr


def test_socket_in_use(tmp_path):
    path = tmp_path / "http.sock"
    with hosted(path):
        status, said = refused(tmp_path, "--listen", f"unix:{path}")
        assert status == 1
        assert f"another server listens on {path}" in said
        assert ask_unix(path) == 200


@pytest.mark.parametrize("make", ["write_text", "mkdir"])
def test_what_is_no_socket_stays(tmp_path, make):
    path = tmp_path / "precious"
    path.mkdir() if make == "mkdir" else path.write_text("data")
    status, said = refused(tmp_path, "--listen", f"unix:{path}")
    assert status == 78
    assert f"cannot listen on {path}: something else" in said
    assert path.exists()


def test_folder_is_missing(tmp_path):
    status, said = refused(tmp_path, "--listen", f"unix:{tmp_path}/a/b")
    assert status == 1
    assert f"cannot listen on {tmp_path}/a/b: No such file" in said


# systemd

class Supervised:
    """Starts the server as systemd would, with sockets at 3, 4, ..."""

    def __init__(self, tmp_path, sockets, *words, pid=None):
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.settimeout(SECONDS)
        path = tmp_path / "notify.sock"
        path.unlink(missing_ok=True)
        self.notify.bind(str(path))
        inherited = {3 + i: pair[1].fileno()
                     for i, pair in enumerate(sockets)}
        # In the child: descriptors to their places, and its own id.
        script = "import os, sys\n"
        high = {}
        for target, source in inherited.items():
            high[target] = 100 + target
            script += f"os.dup2({source}, {100 + target})\n"
        for target, source in high.items():
            script += f"os.dup2({source}, {target}, True)\n"
        script += (f"os.environ['LISTEN_PID'] = str({pid} or os.getpid())\n"
                   "os.execv(sys.argv[1], sys.argv[1:])\n")
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-c", script, build_folder() / "synctalkd",
             "--data", tmp_path / "data", *words],
            stderr=subprocess.PIPE, text=True, cwd=tmp_path,
            pass_fds=inherited.values(),
            env={**environment(), "NOTIFY_SOCKET": str(path),
                 "LISTEN_FDS": str(len(sockets)),
                 "LISTEN_FDNAMES": ":".join(name for name, _ in sockets)})

    def said(self):
        return self.notify.recv(4096).decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        _, log = self.process.communicate(timeout=SECONDS)
        self.notify.close()
        assert self.process.returncode in (0, 78), log


def bound():
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    return listening


def ask(address):
    return rawhttp.ask(address, HEALTH)[0].status


def test_socket_activation(tmp_path):
    """The words of its life, and only the sockets that were asked for."""
    with bound() as one, bound() as two, bound() as three:
        sockets = [("http", one), ("other", two), ("http", three)]
        with Supervised(tmp_path, sockets, "--listen",
                        "systemd:http") as server:
            assert server.said() == "READY=1"
            assert ask(one.getsockname()) == 200
            assert ask(three.getsockname()) == 200
            server.process.send_signal(signal.SIGHUP)
            reloading, time = server.said().split("\n")
            assert reloading == "RELOADING=1"
            assert time.startswith("MONOTONIC_USEC=") and \
                time.partition("=")[2].isdigit()
            assert server.said() == "READY=1"
            server.process.send_signal(signal.SIGTERM)
            assert server.said() == "STOPPING=1"


def test_all_sockets(tmp_path):
    path = tmp_path / "passed.sock"
    with bound() as one, socket.socket(socket.AF_UNIX) as two:
        two.bind(str(path))
        two.listen()
        with Supervised(tmp_path, [("a", one), ("b", two)], "--listen",
                        "systemd:") as server:
            assert server.said() == "READY=1"
            assert ask(one.getsockname()) == 200
            assert ask_unix(path) == 200
        # It is the supervisor's.
        assert path.exists()


@pytest.mark.parametrize("words, pid, why", [
    (["systemd:https"], None, "no socket was passed as systemd:https"),
    (["systemd:http"], 1, "no socket was passed as systemd:http"),
    (["systemd:http", "systemd:http"], None, "no socket was passed"),
])
def test_sockets_that_are_not_there(tmp_path, words, pid, why):
    listen = [word for place in words for word in ("--listen", place)]
    with bound() as one:
        with Supervised(tmp_path, [("http", one)], *listen,
                        pid=pid) as server:
            assert why in server.process.stderr.readline()
            assert server.process.wait(SECONDS) == 78


def test_descriptor_of_another_kind(tmp_path):
    with open(os.devnull) as null:
        with Supervised(tmp_path, [("http", null)], "--listen",
                        "systemd:http") as server:
            assert "no listening stream socket" in \
                server.process.stderr.readline()
            assert server.process.wait(SECONDS) == 78


def test_open_mode_is_not_for_others(tmp_path):
    """What the configuration may not say, a passed socket may not do."""
    with socket.socket() as wide:
        wide.bind(("0.0.0.0", 0))
        wide.listen()
        with Supervised(tmp_path, [("http", wide)], "--listen",
                        "systemd:http") as server:
            assert "others can reach" in server.process.stderr.readline()
            assert server.process.wait(SECONDS) == 78
