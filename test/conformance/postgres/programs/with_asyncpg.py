# asyncpg: everything extended and binary, with its own look-ups of types; prepared, cursors, COPY, cancel.

import asyncio
import hashlib
import io
import os
import ssl

import asyncpg
from answers import copied, keywords, statements, tell, version

version(asyncpg.__version__)


async def attempt(work):
    try:
        return await work
    except asyncpg.PostgresError as error:
        names = ["severity", "sqlstate", "message", "detail", "hint", "position", "context", "constraint_name"]
        named = {name: getattr(error, name) for name in names if getattr(error, name, None) is not None}
        return {"error": type(error).__name__, **named}
    except Exception as error:
        return repr(error)


def connect(**more):
    context = ssl.create_default_context(cafile=os.environ["PGSSLROOTCERT"])
    return asyncpg.connect(**keywords(dbname="database"), ssl=context, **more)


async def corpus():
    for mode, ask in [("simple", simple), ("prepared", prepared), ("not cached", uncached)]:
        connection = await connect(statement_cache_size=0 if mode == "not cached" else 100)
        notices = []
        connection.add_log_listener(lambda _c, notice: notices.append([notice.severity, notice.message]))
        for text in statements:
            notices.clear()
            tell(mode, text, [await attempt(ask(connection, text)), list(notices), connection.is_in_transaction()])
        await connection.close()


async def simple(connection, text):
    return await connection.execute(text)


async def prepared(connection, text):
    statement = await connection.prepare(text)
    fields = [[field.name, field.type.name] for field in statement.get_attributes()]
    rows = await statement.fetch()
    return [fields, [list(map(repr, row.values())) for row in rows], statement.get_statusmsg()]


async def uncached(connection, text):
    return [list(map(repr, row.values())) for row in await connection.fetch(text)]


async def values():
    connection = await connect()
    text = "SELECT $1::int, $2::text, $3::text, $4::bool, $5::int[], $6::jsonb, $7::bytea, $8::numeric, $9::mood, $10::things"
    row = (1, "n", None, None, None, None, None, None)
    given = (7, "zwölf ✓", None, True, [1, None], '{"a": [1]}', b"\0\xff", 1, "happy", row)
    tell("values", "many types, an enum and a row among them", repr(await attempt(connection.fetchrow(text, *given))))
    for n in range(12):
        answer = await attempt(connection.fetchval("SELECT 100 / ($1::int - 8)", n))
        tell("values", f"a cached statement, {n}", answer)
    await connection.execute("CREATE TEMP TABLE many (a int, b text)")
    await connection.executemany("INSERT INTO many VALUES ($1, $2)", [(i, f"row {i}") for i in range(1000)])
    tell("values", "executemany", repr(await connection.fetchrow("SELECT count(*), sum(a) FROM many")))
    bad = attempt(connection.executemany("INSERT INTO many VALUES ($1::int / $1::int, $2)", [(1, "a"), (0, "b"), (2, "c")]))
    tell("values", "executemany, one fails", await bad)
    tell("values", "and undoes the others", await connection.fetchval("SELECT count(*) FROM many"))
    await connection.close()


async def copies():
    connection = await connect()
    await connection.execute("CREATE TEMP TABLE copied (a int, b text)")
    tell("copy", "in", await connection.copy_to_table("copied", source=io.BytesIO(copied.encode())))
    records = [(i, f"binary {i}") for i in range(1000)]
    tell("copy", "in, binary records", await connection.copy_records_to_table("copied", records=records))
    wrong = connection.copy_to_table("copied", source=io.BytesIO(b"1\tx\nbad\ty\n"))
    tell("copy", "in, with a line that is no row", await attempt(wrong))
    for form in ["text", "csv", "binary"]:
        out = io.BytesIO()
        status = await connection.copy_from_query("TABLE copied ORDER BY a, b", output=out, format=form)
        tell("copy", f"out, {form}", [status, hashlib.sha256(out.getvalue()).hexdigest()])
    await connection.close()


async def cursors():
    connection = await connect()
    async with connection.transaction(isolation="repeatable_read"):
        rows = [r["i"] async for r in connection.cursor("SELECT i FROM generate_series(1, 130) i", prefetch=7)]
        tell("cursor", "a portal in pieces", rows)
        cursor = await connection.cursor("SELECT generate_series(1, 20) AS i")
        tell("cursor", "fetch and forward", repr([await cursor.fetch(3), await cursor.forward(4), await cursor.fetch(30)]))

    async def failing():
        async with connection.transaction():
            async with connection.transaction():
                await connection.execute("SELECT 1/0")

    tell("cursor", "an error in a nested transaction", await attempt(failing()))
    tell("cursor", "the connection goes on", await connection.fetchval("SELECT 1"))
    await connection.close()


async def asynchronous():
    listener, sender = await connect(), await connect()
    heard = asyncio.get_running_loop().create_future()
    await listener.add_listener("news", lambda _c, _pid, *rest: heard.set_result(rest))
    await sender.execute("SELECT pg_notify('news', $$payload ✓$$)")
    tell("asynchronous", "a notification", await heard)
    tell("asynchronous", "a statement out of time", await attempt(listener.fetch("SELECT pg_sleep(77)", timeout=0.5)))
    tell("asynchronous", "the connection goes on", await listener.fetchval("SELECT 1"))
    pool = await asyncpg.create_pool(
        **keywords(dbname="database"), ssl=ssl.create_default_context(cafile=os.environ["PGSSLROOTCERT"]), min_size=2, max_size=4
    )
    answers = await asyncio.gather(*(pool.fetchval("SELECT $1::int * 2", n) for n in range(100)))
    tell("asynchronous", "a pool, reset after each use", answers)
    await pool.close()
    await listener.close()
    await sender.close()


async def main():
    await corpus()
    await values()
    await copies()
    await cursors()
    await asynchronous()


asyncio.run(main())
