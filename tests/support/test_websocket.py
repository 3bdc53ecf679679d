# SPDX-License-Identifier: MIT
"""The client against another implementation of WebSocket."""

import asyncio
import http

import pytest

from support.websocket import BINARY, Refused, TEXT, WebSocket, frame

websockets = pytest.importorskip("websockets")
SECONDS = 10


def with_server(talk):
    """Runs talk(socket, texts) against an echoing server."""
    async def echo(peer):
        async for message in peer:
            await peer.send(message)

    async def run():
        async with websockets.serve(echo, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            texts = []
            socket = await WebSocket.connect("127.0.0.1", port,
                                             on_text=texts.append)
            await socket.open("/", [("Host", f"127.0.0.1:{port}")], SECONDS)
            await talk(socket, texts)
    asyncio.run(run())


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 300000])
def test_sizes(size):
    async def talk(socket, texts):
        socket.send("x" * size)
        await socket.until(lambda: texts or None, SECONDS)
        assert texts == ["x" * size]
        await socket.close(SECONDS)
        assert socket.close_code == 1000
    with_server(talk)


def test_fragments():
    async def talk(socket, texts):
        socket.write(frame(TEXT, "é".encode()[:1], fin=False))
        socket.write(frame(9, b"between"))
        socket.write(frame(0, "é".encode()[1:]))
        await socket.until(lambda: texts or None, SECONDS)
        assert texts == ["é"]
        assert socket.violation is None
    with_server(talk)


def test_malformed():
    async def talk(socket, _):
        socket.write(frame(BINARY, b"x", rsv=2))
        await socket.until(lambda: socket.closed or None, SECONDS)
        assert socket.close_code == 1002
    with_server(talk)


def test_refused():
    async def run():
        async def refuse(path, headers):
            return http.HTTPStatus.NOT_FOUND, [], b"no\n"
        async with websockets.serve(lambda peer: None, "127.0.0.1", 0,
                                    process_request=refuse) as server:
            port = server.sockets[0].getsockname()[1]
            socket = await WebSocket.connect("127.0.0.1", port)
            with pytest.raises(Refused) as refusal:
                await socket.open("/", [("Host", "x")], SECONDS)
            assert refusal.value.response.status == 404
    asyncio.run(run())
