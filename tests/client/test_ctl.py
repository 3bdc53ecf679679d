# SPDX-License-Identifier: MIT
"""synctalkctl against a socket that says what the test wants."""

import json
import pathlib
import socket
import subprocess
import tempfile
import threading

from support.server import build_folder

PROGRAM = str(build_folder() / "synctalkctl")


def ask(answer, *words):
    """Runs it; gives its result and the request that came."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "synctalkd.sock")
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        requests = []

        def serve():
            peer, _ = server.accept()
            with peer:
                requests.append(json.loads(peer.makefile("rb").readline()))
                for piece in answer:
                    peer.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        result = run("--data", folder, *words)
        thread.join()
        server.close()
    return result, requests[0]


def run(*words):
    return subprocess.run(
        [PROGRAM, *words], capture_output=True, text=True, timeout=20
    )


def test_the_answer_is_printed():
    answer = b'{"ok":true,"text":"one\\ntwo","data":{"n":1}}\n'
    result, request = ask([answer], "status")
    assert (result.returncode, result.stdout) == (0, "one\ntwo\n")
    assert request == {"command": "status", "arguments": {}}
    result, _ = ask([answer], "--json", "status")
    assert json.loads(result.stdout) == {"n": 1}


def test_arguments_travel():
    answer = b'{"ok":true,"text":"aa.bb.cc"}\n'
    result, request = ask([answer], "token", "alice", "--ttl", "12h")
    assert result.stdout == "aa.bb.cc\n"
    arguments = {"name": "alice", "ttl_s": 43200}
    assert request == {"command": "token", "arguments": arguments}


def test_an_answer_in_pieces_is_one_answer():
    text = "é" * 200000
    answer = json.dumps({"ok": True, "text": text}).encode() + b"\n"
    pieces = [answer[:1], answer[1:70000], answer[70000:]]
    result, _ = ask(pieces, "sessions")
    assert result.stdout == text + "\n"


def test_a_refusal_is_told():
    answer = b'{"ok":false,"error":"nobody is called bob"}\n'
    result, _ = ask([answer], "kick", "bob")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "synctalkctl: nobody is called bob\n"


def test_no_answer_is_told():
    for pieces in ([], [b'{"ok":true'], [b"nonsense\n"]):
        result, _ = ask(pieces, "status")
        assert result.returncode == 1
        assert result.stderr.startswith("synctalkctl: ")


def test_no_server_is_told():
    result = run("--socket", "/nonexistent/socket", "status")
    assert result.returncode == 1
    assert "no server listens at /nonexistent/socket" in result.stderr
    assert "--socket" in result.stderr


def test_a_wrong_command_line_is_2():
    for words in ([], ["stats"], ["token"], ["--nope"], ["status", "x"]):
        result = run(*words)
        assert result.returncode == 2, words
        assert result.stderr.startswith(("synctalkctl: ", PROGRAM))
