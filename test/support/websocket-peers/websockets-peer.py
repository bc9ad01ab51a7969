# The same server and the same exercise as ws-peer.ts, by Python's websockets.

import asyncio
import json
import ssl
import sys

import websockets
from websockets.version import version

HEADERS = "additional_headers" if int(version.split(".")[0]) >= 14 else "extra_headers"


async def answer(socket):
    try:
        async for message in socket:
            if message == "ping me":
                await (await socket.ping())
                await socket.send("pong came")
            elif message == "close me":
                await socket.close(4001, "as you wish")
            else:
                await socket.send(message)
    except websockets.ConnectionClosed:
        pass
    print("closed", socket.close_code, socket.close_reason, flush=True)


async def serve(port):
    async with websockets.serve(answer, "127.0.0.1", int(port), subprotocols=["chat.v2"]):
        print("listening", flush=True)
        await asyncio.Future()


async def exercise(url, token):
    def connect():
        options = {HEADERS: {"Authorization": f"Bearer {token}"}}
        context = ssl.create_default_context()
        return websockets.connect(url, ssl=context, subprotocols=["chat.v1", "chat.v2"], **options)

    async def echoes(socket, message, sent=None):
        await socket.send(message if sent is None else sent)
        return await socket.recv() == message

    async with connect() as socket:
        seen = {
            "protocol": socket.subprotocol,
            "extensions": socket.response_headers.get("Sec-WebSocket-Extensions", "")
            if hasattr(socket, "response_headers")
            else socket.response.headers.get("Sec-WebSocket-Extensions", ""),
            "text": await echoes(socket, "zwölf ✓"),
            "binary": await echoes(socket, bytes(range(256))),
            "large": await echoes(socket, "x" * 600000),
            "pieces": await echoes(socket, "abc", ["a", "b", "c"]),
        }
        await (await socket.ping())
        seen["pong"] = True
        await socket.send("ping me")
        seen["pinged"] = await socket.recv()
        await socket.send("close me")
        await socket.wait_closed()
        seen["close"] = [socket.close_code, socket.close_reason]
    async with connect() as socket:
        await socket.close(4002, "done")
    print(json.dumps(seen))


asyncio.run({"serve": serve, "exercise": exercise}[sys.argv[1]](*sys.argv[2:]))
