# SPDX-License-Identifier: MIT
"""HTTP as bytes over a socket: what a server answers, taken literally."""

import contextlib
import re
import socket

SECONDS = 20
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [ -~]+\Z")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t -~]*)\Z")


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def __repr__(self):
        return f"{self.status} {self.body[:60]!r}"


def connect(address):
    peer = socket.create_connection(address, timeout=SECONDS)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def send(peer, data, step=0):
    """In pieces of step bytes; a peer that has closed is no error."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for at in range(0, len(data), step or len(data) or 1):
            peer.sendall(data[at:at + (step or len(data))])


def read_to_end(peer):
    """All bytes until the other side closes; raises if it does not."""
    data = bytearray()
    while piece := peer.recv(65536):
        data += piece
    return bytes(data)


def take_answer(data, head=False):
    """The answer that data begins with, and the rest.

    Raises ValueError unless data begins with a whole, well-formed answer.
    """
    end = data.find(b"\r\n\r\n")
    if end == -1:
        raise ValueError(f"no head in {data!r}")
    first, *lines = data[:end].split(b"\r\n")
    line = STATUS.match(first)
    if not line:
        raise ValueError(f"no status line: {first!r}")
    fields = {}
    for text in lines:
        field = FIELD.match(text)
        if not field:
            raise ValueError(f"no field: {text!r}")
        fields[field[1].decode().lower()] = field[2].decode()
    length = 0 if head else int(fields.get("content-length", 0))
    end += 4
    if len(data) < end + length:
        raise ValueError(f"a body of {length} is cut off: {data!r}")
    return (Answer(int(line[1]), fields, data[end:end + length]),
            data[end + length:])


def answers(data):
    """All answers but those of 1xx; raises ValueError at garbage."""
    found = []
    while data:
        answer, data = take_answer(data)
        if answer.status >= 200:
            found.append(answer)
    return found


def ask(address, text, step=0):
    """The answers to what is sent until the server closes."""
    with connect(address) as peer:
        send(peer, text, step)
        return answers(read_to_end(peer))
