# Python's `websockets`: `serve` echoes and prints its port; `call URL` says what it hears, a line each.

import asyncio
import sys

import websockets


async def echo(socket):
    try:
        async for message in socket:
            await socket.send(message)
    except websockets.ConnectionClosedError:
        pass
    print("closed", socket.close_code, socket.close_reason, flush=True)


async def serve():
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


async def call(url):
    async with websockets.connect(url, subprotocols=["chat"]) as socket:
        print("extensions", len(socket.extensions), flush=True)
        await socket.send("hello")
        print(await socket.recv(), flush=True)
        await socket.send(["one ", "two ", "three"])
        print(await socket.recv(), flush=True)
        payload = bytes(range(256)) * 1000
        await socket.send(payload)
        print(await socket.recv() == payload, flush=True)
        pong = await socket.ping("p")
        await asyncio.wait_for(pong, 5)
        print("pong", flush=True)
        await socket.close(4002, "bye")
        print("closed", socket.close_code, socket.close_reason, flush=True)


asyncio.run(serve() if sys.argv[1] == "serve" else call(sys.argv[2]))
