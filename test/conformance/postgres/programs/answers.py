# What the Python programs share: the statements to ask, and how an answer is told.

import json
import os
import re
import sys
import time

statements = sys.stdin.read().split("\0")
# Those of a thing that the driver itself must not send again in the same words.
copied = "".join(f"{i}\trow {i} ✓\n" for i in range(2000))


def version(text):
    print(json.dumps({"version": text}))


def tell(mode, case, answer):
    told = {"mode": mode, "case": case, "answer": answer}
    print(json.dumps(told, ensure_ascii=False, default=str), flush=True)


def keywords(**names):
    """The connection's parts under the driver's names for them."""
    own = {
        "host": os.environ["PGHOST"],
        "port": int(os.environ["PGPORT"]),
        "user": os.environ["PGUSER"],
        "password": os.environ["PGPASSWORD"],
        "dbname": os.environ["PGDATABASE"],
    }
    return {names.get(name, name): value for name, value in own.items()}


def attempt(work, told=repr):
    """What the work gives, or how it fails."""
    try:
        return work()
    except Exception as error:
        return told(error)


def diagnosis(diag):
    names = [
        *["severity", "sqlstate", "message_primary", "message_detail", "message_hint"],
        *["statement_position", "context", "schema_name", "table_name", "column_name"],
        *["datatype_name", "constraint_name", "source_function"],
    ]
    said = {name: getattr(diag, name) for name in names if getattr(diag, name) is not None}
    # The schema of temporary tables has the connection's number in its name.
    return {name: re.sub(r"^pg_temp_\d+$", "pg_temp", text) for name, text in said.items()}


def waiting_for(cursor, text):
    """Until another connection of the server runs it."""
    found = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query ~ %s AND pid <> pg_backend_pid()"
    while True:
        cursor.execute(found, [text])
        if cursor.fetchone():
            return
        time.sleep(0.02)
