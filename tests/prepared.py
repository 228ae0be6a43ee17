"""`Prepared`: one database for many tests, which finds it empty and as Dateline lays it out."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

from pymongo import MongoClient

from crawler.store.database import Database

Document = dict[str, Any]


class Prepared:
    """A database that is emptied after each test, for to make one takes ten times as long."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._client = MongoClient[Document](uri, tz_aware=True)
        self._prepare()

    def empty(self) -> None:
        """Take out all documents, or the database itself where it is not as it was laid out."""
        database = self._client[self.name]
        if self._layout() == self._laid_out:
            for name in self._laid_out:
                database[name].delete_many({})
            database.meta.insert_many(self._meta)
        else:
            self.renew()

    def renew(self) -> None:
        """Begin another database, of which no process knows that still goes on."""
        self._client.drop_database(self.name)
        self._prepare()

    def close(self) -> None:
        """Remove the database and end the connection."""
        self._client.drop_database(self.name)
        self._client.close()

    def _prepare(self) -> None:
        self.name = new_name()
        asyncio.run(self._lay_out())
        self._laid_out = self._layout()
        self._meta = list(self._client[self.name].meta.find())

    async def _lay_out(self) -> None:
        database = Database(uri=self._uri, name=self.name, data=Path("unused"))
        try:
            await database.prepare()
        finally:
            await database.close()

    def _layout(self) -> dict[str, tuple[Any, Any]]:
        """The options and the indexes of each collection."""
        database = self._client[self.name]
        return {
            found["name"]: (found, list(database[found["name"]].list_indexes()))
            for found in database.list_collections()
        }


def new_name() -> str:
    """A name that no database has."""
    return f"test_{uuid4().hex}"
