# SPDX-License-Identifier: MIT
"""A socket and a WebSocket client of which the test owns every byte.

Pongs can be withheld, reading can stop, frames can be malformed, and the
connection can be cut without a word.  Nothing is resent or hidden.
"""

import asyncio
import base64
import hashlib
import os
import struct

from .changes import Changes

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Refused(Exception):
    """The server answered the upgrade with something else than 101."""

    def __init__(self, response):
        super().__init__(f"refused with {response.status}: {response.body!r}")
        self.response = response


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # names in lower case
        self.body = body


def parse_response(data, head_only=False):
    """(Response, bytes used), or None while more bytes are needed."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    lines = bytes(data[:end]).decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    bodiless = head_only or status < 200 or status in (204, 304)
    length = 0 if bodiless else int(headers.get("content-length", 0))
    if len(data) < end + 4 + length:
        return None
    body = bytes(data[end + 4:end + 4 + length])
    return Response(status, headers, body), end + 4 + length


def mask(payload, key):
    if key == b"\0\0\0\0" or not payload:
        return payload
    repeated = (key * (len(payload) // 4 + 1))[:len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return number.to_bytes(len(payload), "big")


def frame(opcode, payload, fin=True, rsv=0, masked=True):
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 65536:
        head += struct.pack("!BH", bit | 126, len(payload))
    else:
        head += struct.pack("!BQ", bit | 127, len(payload))
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + mask(payload, key)


class Socket(Changes, asyncio.Protocol):
    """Raw bytes: what arrives is collected in `received`."""

    def __init__(self):
        super().__init__()
        self.transport = None
        self.received = bytearray()
        self.lost = False

    @classmethod
    async def connect(cls, host, port, **options):
        loop = asyncio.get_running_loop()
        _, self = await loop.create_connection(
            lambda: cls(**options), host, port)
        return self

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        self.advance()
        self.changed()

    def connection_lost(self, exc):
        self.lost = True
        self.changed()

    def advance(self):
        """Takes from `received` what is whole."""

    def write(self, data):
        self.transport.write(data)

    def stop_reading(self):
        self.transport.pause_reading()

    def read_on(self):
        self.transport.resume_reading()

    def drop(self):
        """Gone without a close frame."""
        self.transport.abort()

    async def response(self, seconds, head_only=False):
        """The next HTTP response, or None."""
        found = await self.until(
            lambda: parse_response(self.received, head_only) or
            ((None, 0) if self.lost else None), seconds)
        if not found or not found[0]:
            return None
        del self.received[:found[1]]
        return found[0]


class WebSocket(Socket):
    """After open(), each whole text message goes to on_text."""

    def __init__(self, on_text=None, pongs=True):
        super().__init__()
        self.on_text = on_text or (lambda text: None)
        self.pongs = pongs
        self.pings = []  # payloads not answered yet
        self.open_now = False
        self.close_code = None
        self.close_reason = None
        self.violation = None
        self.subprotocol = None
        self._closing = False
        self._opcode = None
        self._parts = []

    async def open(self, target, headers, seconds):
        """The upgrade; raises Refused."""
        key = base64.b64encode(os.urandom(16))
        lines = [f"GET {target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += ["Upgrade: websocket", "Connection: Upgrade",
                  "Sec-WebSocket-Version: 13",
                  "Sec-WebSocket-Key: " + key.decode(), "", ""]
        self.write("\r\n".join(lines).encode())
        answer = await self.response(seconds)
        if answer is None:
            self.drop()
            raise ConnectionError("no answer to the upgrade")
        if answer.status != 101:
            self.transport.close()
            raise Refused(answer)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        if answer.headers.get("sec-websocket-accept") != accept:
            raise ConnectionError("wrong Sec-WebSocket-Accept")
        self.subprotocol = answer.headers.get("sec-websocket-protocol")
        self.open_now = True
        self.advance()

    @property
    def closed(self):
        return self.lost or self.close_code is not None

    def advance(self):
        while self.open_now and self._one_frame():
            pass

    def _one_frame(self):
        data = self.received
        if len(data) < 2:
            return False
        length, at = data[1] & 0x7f, 2
        if length >= 126:
            width = 2 if length == 126 else 8
            if len(data) < 2 + width:
                return False
            length, at = int.from_bytes(data[2:2 + width], "big"), 2 + width
        if data[0] & 0x70 or data[1] & 0x80:
            self.violation = "a frame with reserved bits or a mask"
        if len(data) < at + length:
            return False
        first, payload = data[0], bytes(data[at:at + length])
        del data[:at + length]
        self._frame(first & 0x0f, bool(first & 0x80), payload)
        return True

    def _frame(self, opcode, fin, payload):
        if opcode == PING:
            self.pings.append(payload)
            if self.pongs:
                self.answer_pings()
        elif opcode == CLOSE:
            self._closed(payload)
        elif opcode in (TEXT, BINARY, CONTINUATION):
            self._parts.append(payload)
            if opcode != CONTINUATION:
                self._opcode = opcode
            if fin:
                whole, self._parts = b"".join(self._parts), []
                if self._opcode == TEXT:
                    self.on_text(whole.decode("utf-8"))

    def _closed(self, payload):
        self.close_code = 1005
        if len(payload) >= 2:
            self.close_code = int.from_bytes(payload[:2], "big")
        self.close_reason = payload[2:].decode("utf-8")
        if not self._closing:
            self._closing = True
            self.write(frame(CLOSE, payload[:2]))

    def answer_pings(self):
        """One pong, for the newest ping (RFC 6455, 5.5.3)."""
        if self.pings and not self.lost:
            self.write(frame(PONG, self.pings[-1]))
            self.pings.clear()

    def send(self, text):
        self.write(frame(TEXT, text.encode()))

    async def close(self, seconds, code=1000):
        """The close handshake, up to the end of the connection."""
        if not self._closing:
            self._closing = True
            self.write(frame(CLOSE, struct.pack("!H", code)))
        done = await self.until(lambda: self.lost or None, seconds)
        if not done:
            self.drop()
            raise ConnectionError("the server did not close the connection")
