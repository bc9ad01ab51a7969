# psycopg2, on libpq's simple queries: results, notices, COPY, named cursors, transactions, notifications, cancel.

import io
import select
import threading

import psycopg2
import psycopg2.extras
from answers import attempt, copied, diagnosis, keywords, statements, tell, version, waiting_for

version(psycopg2.__version__.split()[0])


def told(error):
    if isinstance(error, psycopg2.Error) and error.pgcode:
        return {"error": type(error).__name__, "text": error.pgerror, **diagnosis(error.diag)}
    return repr(error)


def connect():
    connection = psycopg2.connect(**keywords())
    connection.autocommit = True
    return connection


def told_value(value):
    return repr(bytes(value)) if isinstance(value, memoryview) else repr(value)


def result(cursor):
    fields = [[c.name, c.type_code, c.internal_size, c.precision, c.scale] for c in cursor.description or []]
    rows = [list(map(told_value, row)) for row in cursor.fetchall()] if cursor.description else []
    return [cursor.statusmessage, cursor.rowcount, fields, rows]


def ask(connection, text, values=None):
    def work():
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            return result(cursor)

    return attempt(work, told)


def corpus():
    connection = connect()
    for text in statements:
        del connection.notices[:]
        tell("simple", text, [ask(connection, text), list(connection.notices), connection.info.transaction_status])
    values = (7, "zwölf ✓ 'quoted' \\", None, True, [1, 2], psycopg2.Binary(b"\0\xff\\"), 1.25)
    tell("simple", "values of many types", ask(connection, "SELECT %s, %s, %s, %s, %s, %s, %s", values))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE many (a int, b text)")
        psycopg2.extras.execute_values(cursor, "INSERT INTO many VALUES %s", [(i, f"row {i}") for i in range(500)])
        tell("simple", "execute_values", [cursor.statusmessage, cursor.rowcount])
        psycopg2.extras.execute_batch(cursor, "UPDATE many SET b = %s WHERE a = %s", [(f"new {i}", i) for i in range(300)])
        tell("simple", "execute_batch", [cursor.statusmessage, cursor.rowcount])
    tell("simple", "and their rows", ask(connection, "SELECT count(*), min(b) FROM many"))
    connection.close()


def copies():
    connection = connect()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied (a int, b text)")
        cursor.copy_from(io.StringIO(copied), "copied")
        tell("copy", "in", [cursor.statusmessage, cursor.rowcount])
        bad = attempt(lambda: cursor.copy_expert("COPY copied FROM STDIN", io.StringIO("1\tx\nbad\ty\n")), told)
        tell("copy", "in, with a line that is no row", bad)
        out = io.StringIO()
        cursor.copy_expert("COPY (TABLE copied ORDER BY a) TO STDOUT (FORMAT csv, HEADER)", out)
        tell("copy", "out", [cursor.statusmessage, out.getvalue()])
    connection.close()


def transactions():
    connection = psycopg2.connect(**keywords())
    tell("transaction", "an isolation level", attempt(lambda: connection.set_session("serializable", readonly=True), told))
    tell("transaction", "is in force", ask(connection, "SHOW transaction_isolation"))
    connection.rollback()
    connection.set_session("read committed", readonly=False)
    with connection.cursor("ours") as cursor:
        cursor.itersize = 9
        cursor.execute("SELECT i FROM generate_series(1, 30) i")
        tell("transaction", "a named cursor", [cursor.fetchmany(4), [row[0] for row in cursor]])
    tell("transaction", "an error", ask(connection, "SELECT 1/0"))
    tell("transaction", "fails what follows", ask(connection, "SELECT 1"))
    connection.rollback()
    tell("transaction", "until it is rolled back", ask(connection, "SELECT 1"))
    connection.rollback()
    connection.tpc_begin(connection.xid(1, "global", "branch"))
    tell("transaction", "two-phase commit", attempt(connection.tpc_prepare, told))
    connection.close()


def asynchronous():
    listener, sender = connect(), connect()
    ask(listener, "LISTEN news")
    ask(sender, "NOTIFY news, 'payload ✓'")
    while not listener.notifies:
        select.select([listener], [], [], 10)
        listener.poll()
    tell("asynchronous", "a notification", [listener.notifies[0].channel, listener.notifies[0].payload])

    def cancel():
        with sender.cursor() as cursor:
            waiting_for(cursor, "^SELECT pg_sleep.77.")
        listener.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    tell("asynchronous", "a cancelled statement", ask(listener, "SELECT pg_sleep(77)"))
    thread.join()
    lobject = attempt(lambda: large_object(), told)
    tell("asynchronous", "a large object, by function calls of the protocol", lobject)


def large_object():
    connection = psycopg2.connect(**keywords())
    stored = connection.lobject(0, "wb")
    stored.write(b"large" * 1000)
    stored.close()
    read = connection.lobject(stored.oid, "rb")
    size = len(read.read())
    read.unlink()
    connection.rollback()
    return size


corpus()
copies()
transactions()
asynchronous()
