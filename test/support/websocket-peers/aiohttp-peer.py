# The same server and the same exercise as ws-peer.ts, by Python's aiohttp, which has no way to send a message in pieces.

import asyncio
import json
import ssl
import sys

from aiohttp import ClientSession, WSMsgType, web


async def answer(request):
    socket = web.WebSocketResponse(protocols=["chat.v2"], autoping=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type == WSMsgType.PING:
            await socket.pong(message.data)
        elif message.type == WSMsgType.PONG:
            await socket.send_str("pong came")
        elif message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        elif message.data == "ping me":
            await socket.ping(b"now")
        elif message.data == "close me":
            await socket.close(code=4001, message=b"as you wish")
        else:
            await socket.send_str(message.data)
    print("closed", socket.close_code, flush=True)
    return socket


async def serve(port):
    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(port)).start()
    print("listening", flush=True)
    await asyncio.Future()


async def exercise(url, token):
    options = {
        "headers": {"Authorization": f"Bearer {token}"},
        "protocols": ["chat.v1", "chat.v2"],
        "ssl": ssl.create_default_context(),
        "compress": 15,
        "autoping": False,
    }
    async with ClientSession() as session:
        async with session.ws_connect(url, **options) as socket:

            async def receive(kind):
                while True:
                    message = await socket.receive(20)
                    if message.type == kind:
                        return message
                    if message.type == WSMsgType.PING:
                        await socket.pong(message.data)

            seen = {"protocol": socket.protocol, "extensions": socket.compress or ""}
            await socket.send_str("zwölf ✓")
            seen["text"] = (await receive(WSMsgType.TEXT)).data == "zwölf ✓"
            await socket.send_bytes(bytes(range(256)))
            seen["binary"] = (await receive(WSMsgType.BINARY)).data == bytes(range(256))
            await socket.send_str("x" * 600000)
            seen["large"] = (await receive(WSMsgType.TEXT)).data == "x" * 600000
            await socket.ping(b"there?")
            seen["pong"] = (await receive(WSMsgType.PONG)).data == b"there?"
            await socket.send_str("ping me")
            seen["pinged"] = (await receive(WSMsgType.TEXT)).data
            await socket.send_str("close me")
            last = await receive(WSMsgType.CLOSE)
            seen["close"] = [last.data, last.extra]
        async with session.ws_connect(url, **options) as socket:
            await socket.close(code=4002, message=b"done")
    print(json.dumps(seen))


asyncio.run({"serve": serve, "exercise": exercise}[sys.argv[1]](*sys.argv[2:]))
