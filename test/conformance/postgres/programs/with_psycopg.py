# psycopg 3: simple and extended queries, binary results, prepared statements, pipelines, COPY, cursors, cancel.

import hashlib
import threading

import psycopg
from answers import attempt, copied, diagnosis, keywords, statements, tell, version, waiting_for

version(psycopg.__version__)


def told(error):
    if isinstance(error, psycopg.Error) and error.diag.sqlstate:
        return {"error": type(error).__name__, **diagnosis(error.diag)}
    return repr(error)


def connect():
    return psycopg.connect(**keywords(), autocommit=True)


def result(cursor):
    every = []
    while True:
        fields = [[c.name, c.type_code, c.internal_size] for c in cursor.description or []]
        rows = cursor.fetchall() if cursor.description is not None else None
        every.append([cursor.statusmessage, cursor.rowcount, fields, [list(map(repr, r)) for r in rows or []]])
        if not cursor.nextset():
            return every


def ask(mode, opened=psycopg.Connection.cursor, parameters=None, prepare=None):
    """Every statement on one connection."""
    with connect() as connection:
        notices = []
        connection.add_notice_handler(lambda diag: notices.append(diagnosis(diag)))
        for text in statements:
            notices.clear()
            sent = text if parameters is None else text.replace("%", "%%")
            with opened(connection) as cursor:
                answer = attempt(lambda: result(cursor.execute(sent, parameters, prepare=prepare)), told)
            tell(mode, text, [answer, list(notices), connection.info.transaction_status.name])


def values(mode, binary=False):
    text = "SELECT %s::int, %s::text, %s::text, %s::bool, %s::int[], %s::jsonb, %s::bytea, %s::float8, %s::numeric"
    given = (7, "zwölf ✓", None, True, [1, 2], '{"a": [1]}', b"\0\xff", 1.25, 1.5)
    with connect() as connection, connection.cursor(binary=binary) as cursor:
        tell(mode, "values of many types", attempt(lambda: result(cursor.execute(text, given)), told))
        for n in range(12):
            answer = attempt(lambda: result(cursor.execute("SELECT %s::int4 / (%s::int4 - 8)", (100, n))), told)
            tell(mode, f"the same statement, prepared on the way, {n}", answer)
        many = [(i, f"row {i}") for i in range(300)]
        cursor.execute("CREATE TEMP TABLE many (a int, b text)")
        cursor.executemany("INSERT INTO many VALUES (%s, %s) RETURNING a", many, returning=True)
        tell(mode, "executemany", result(cursor))
        tell(mode, "and its rows", result(cursor.execute("SELECT count(*), sum(a) FROM many")))


def pipelines():
    with connect() as connection:
        with connection.pipeline() as pipeline:
            cursors = [connection.execute("SELECT %s::int", (n,)) for n in range(200)]
            pipeline.sync()
            tell("pipeline", "two hundred at once", [c.fetchone() for c in cursors])

        def failing():
            with connection.pipeline():
                connection.execute("CREATE TEMP TABLE piped (a int PRIMARY KEY)")
                connection.execute("INSERT INTO piped VALUES (1)")
                connection.execute("INSERT INTO piped VALUES (1)")
                connection.execute("INSERT INTO piped VALUES (2)")

        tell("pipeline", "one of several fails", attempt(failing, told))
        tell("pipeline", "and undoes the others", attempt(lambda: result(connection.execute("TABLE piped")), told))


def copies():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied (a int, b text)")
        with cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write(copied)
        tell("copy", "in, as text", [cursor.statusmessage, cursor.rowcount])
        with cursor.copy("COPY copied (a, b) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "text"])
            for n in range(100):
                copy.write_row((n, f"binary {n}"))
        tell("copy", "in, binary", [cursor.statusmessage, cursor.rowcount])

        def refused():
            with cursor.copy("COPY copied FROM STDIN") as copy:
                copy.write("1\tfine\nno number\tbad\n")

        tell("copy", "in, with a line that is no row", attempt(refused, told))

        def abandoned():
            with cursor.copy("COPY copied FROM STDIN") as copy:
                copy.write("1\tfine\n")
                raise ValueError("enough")

        tell("copy", "in, given up", attempt(abandoned, told))
        for form in ["text", "csv", "binary"]:
            with cursor.copy(f"COPY (TABLE copied ORDER BY a, b) TO STDOUT (FORMAT {form})") as copy:
                blocks = b"".join(bytes(block) for block in copy)
            tell("copy", f"out, {form}", [len(blocks), hashlib.sha256(blocks).hexdigest(), cursor.statusmessage])
        tell("copy", "the connection goes on", result(cursor.execute("SELECT count(*) FROM copied")))


def cursors():
    with psycopg.connect(**keywords()) as connection:
        with connection.cursor("ours", scrollable=True) as cursor:
            cursor.itersize = 7
            cursor.execute("SELECT i, repeat('x', i) FROM generate_series(1, 40) i")
            rows = [cursor.fetchmany(5), cursor.fetchone()]
            cursor.scroll(3)
            tell("server cursor", "fetch, scroll, fetch", [rows, cursor.fetchall(), cursor.description[0].name])
        connection.rollback()
        with connection.transaction():
            connection.execute("CREATE TEMP TABLE kept (a int)")
            inner = attempt(lambda: nested(connection), told)
        tell("server cursor", "nested transactions", [inner, connection.execute("TABLE kept").fetchall()])


def nested(connection):
    connection.execute("INSERT INTO kept VALUES (1)")
    with connection.transaction():
        connection.execute("INSERT INTO kept VALUES (2)")
        connection.execute("SELECT 1/0")


def asynchronous():
    with connect() as listener, connect() as sender:
        listener.execute("LISTEN news")
        sender.execute("SELECT pg_notify('news', %s)", ("payload ✓",))
        heard = next(listener.notifies())
        tell("asynchronous", "a notification", [heard.channel, heard.payload])
    with connect() as running, connect() as other:
        def cancel():
            waiting_for(other.cursor(), "^SELECT pg_sleep.77.")
            running.cancel()

        thread = threading.Thread(target=cancel)
        thread.start()
        tell("asynchronous", "a cancelled statement", attempt(lambda: running.execute("SELECT pg_sleep(77)"), told))
        thread.join()
        tell("asynchronous", "the connection goes on", running.execute("SELECT 1").fetchone())


ask("simple")
ask("extended", parameters=())
ask("extended, binary results", lambda connection: connection.cursor(binary=True), ())
ask("prepared", parameters=(), prepare=True)
ask("client-side binding", psycopg.ClientCursor, ())
values("text values")
values("binary values", binary=True)
pipelines()
copies()
cursors()
asynchronous()
