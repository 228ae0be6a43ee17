"""A process that does something to a database at the moment that seven others do it."""

import asyncio
import sys
from importlib import import_module
from pathlib import Path

from crawler.store.database import Database


async def main(module: str, function: str, uri: str, name: str, data: str) -> None:
    """Wait for a line of the standard input, then call the function; print what it returns."""
    work = getattr(import_module(module), function)
    database = Database(uri=uri, name=name, data=Path(data))
    await database.prepare()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{await work(database)}\n")
    await database.close()


asyncio.run(main(*sys.argv[1:]))
