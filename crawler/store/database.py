"""The connection to MongoDB, and the collections, validators and indexes Dateline needs in it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pymongo
from bson.errors import BSONError
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    DocumentTooLarge,
    InvalidName,
    InvalidOperation,
    InvalidURI,
    PyMongoError,
)
from pymongo.errors import ConfigurationError as MongoConfigurationError

from crawler.errors import ConfigurationError, StoreError
from crawler.mongod import embedded
from crawler.store.address import address_of, spool_of
from crawler.store.collection import CALL_MS, Collection, Document, server_errors
from crawler.store.schema import AGES, EXPIRY, INDEXES, RETIRED, VALIDATORS, VERSION

T = TypeVar("T")
logger = logging.getLogger(__name__)
# Its debug log prints whole documents, and every packet of its heartbeat.
logging.getLogger("pymongo").setLevel(logging.WARNING)

SELECTION_MS = 3_000
"""How long to look for a server before giving up."""
MANY = 100_000
"""Documents of which an index is not made at once."""
PAUSE = 1.0
"""Seconds between two attempts while the server is away."""

POISON = (BulkWriteError, DocumentTooLarge, BSONError, InvalidOperation, ValueError, OverflowError)
"""What a single document can be guilty of, as against a server that does not answer."""


class Database:
    """One MongoDB database, reached asynchronously; writes are acknowledged once durable.

    Args:
        uri: a MongoDB connection string; empty: Dateline's own server is started in `data`.
        name: the database's name.
        data: the folder Dateline's own server keeps its files in, and runs what waits for it.

    Raises:
        ConfigurationError: `uri` or `name` is malformed.
        StoreError: Dateline's own server does not start.
    """

    def __init__(self, *, uri: str, name: str, data: Path) -> None:
        self._lease = None if uri else embedded.connect(data)
        self.address = address_of(uri)
        try:
            self._client: AsyncMongoClient[Document] = AsyncMongoClient(
                self._lease.uri if self._lease else uri,
                serverSelectionTimeoutMS=SELECTION_MS,
                timeoutMS=CALL_MS,
                # Whatever the address says: what is acknowledged stays, and so does what is read.
                w="majority",
                journal=True,
                readConcernLevel="majority",
                readPreference="primary",
                tz_aware=True,
                datetime_conversion="DATETIME_CLAMP",
                appname="dateline",
            )
        except (InvalidURI, MongoConfigurationError, ValueError) as error:
            raise ConfigurationError(
                f"MONGODB_URI cannot be used ({error}): write mongodb://HOST:PORT, or unset it."
            ) from None
        try:
            self._database: AsyncDatabase[Document] = self._client[name]
        except InvalidName as error:
            raise ConfigurationError(
                f"MONGODB_DATABASE={name} is no name of a database ({error}): use letters and "
                "digits."
            ) from None
        self.spool = spool_of(uri, name, data)
        """Folder of what waits for this database."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Database":
        """Connect to the database that the settings name."""
        uri, name = settings["MONGODB_URI"], settings["MONGODB_DATABASE"]
        return cls(uri=uri, name=name, data=Path(settings["DATA"]))

    def __getitem__(self, collection: str) -> Collection:
        return Collection(self._database[collection], self.address)

    @property
    def name(self) -> str:
        """The database's name."""
        return self._database.name

    @property
    def election(self) -> object:
        """Of a replica set the election its primary has won; of a single server none."""
        return self._client.topology_description.max_election_id

    async def prepare(self) -> None:
        """See that the server answers and create what is missing in the database.

        Raises:
            StoreError: the server cannot be reached or refuses, or the database is of another
                version.
        """
        await self.ping()
        if await self.version() < VERSION:
            raise StoreError(
                f"The database {self._database.name} is as an earlier version of Dateline has left "
                "it: run `dateline db migrate`, best after `dateline db backup FILE`."
            )
        await self.lay_out()

    async def ping(self) -> None:
        """See that the server answers, within `SELECTION_MS`.

        Raises:
            StoreError: it does not.
        """
        # A read is tried again until its time is up, so here it is given little.
        with server_errors(self.address), pymongo.timeout(SELECTION_MS / 1000):
            await self._database.command("ping")

    async def version(self) -> int:
        """Return the version of the database's schema; an empty one has the newest.

        Raises:
            StoreError: it is newer than this code; or the server does not answer.
        """
        with server_errors(self.address):
            if (found := await self._version()) is None:
                # Whether it is empty is asked first: what fills it meanwhile is of its version.
                is_empty = not [
                    n for n in VALIDATORS if await self._database[n].find_one({}, ["_id"])
                ]
                found = await self._version() or VERSION * is_empty
        if found > VERSION:
            raise StoreError(
                f"The database {self._database.name} is of a newer Dateline (schema {found}; this "
                f"one knows {VERSION}): install that, or set MONGODB_DATABASE to another name."
            )
        return found

    async def _version(self) -> int | None:
        schema = await self._database["meta"].find_one({"_id": "schema"}) or {}
        if schema.get("restoring"):
            raise StoreError(
                f"A backup was being restored into {self._database.name}, and part of it is there: "
                "run `dateline db restore FILE` again, which begins anew."
            )
        return schema.get("version")

    async def stamp(self, version: int) -> None:
        """Note the version of the database's schema; one that is noted is never set back."""
        with server_errors(self.address):
            if (await self._version() or 0) < version:
                await self._database["meta"].update_one(
                    {"_id": "schema"}, {"$max": {"version": version}}, upsert=True
                )

    async def lay_out(self) -> None:
        """Create what is missing, and note that the database is of the newest version.

        Raises:
            StoreError: the server does not answer or refuses.
        """
        with server_errors(self.address):
            existing = {
                info["name"]: info.get("options", {})
                async for info in await self._database.list_collections()
            }
            for name, indexes in INDEXES.items():
                if name not in existing:
                    await self._create(name)
                there = await self._database[name].index_information()
                if missing := [index for index in indexes if index.document["name"] not in there]:
                    await self._index(name, missing)
                for retired in there.keys() & RETIRED.get(name, ()):
                    await self._drop_index(name, retired)
            for name, validator in VALIDATORS.items():
                wanted: Document = {"validator": validator, "validationLevel": "strict"}
                if not wanted.items() <= existing.get(name, {}).items():
                    await self._database.command("collMod", name, **wanted)
        await self.stamp(VERSION)

    async def _create(self, name: str) -> None:
        try:
            await self._database.create_collection(name, check_exists=False)
        except PyMongoError as error:
            if getattr(error, "code", None) != 48:  # NamespaceExists: another run was quicker
                raise

    async def retain(self, collection: str, days: int) -> None:
        """Let the server delete each document of one of `AGES` after so many days; 0: never."""
        seconds = days * 86_400 or None
        with server_errors(self.address):
            indexes = await self._database[collection].index_information()
            if indexes.get(EXPIRY, {}).get("expireAfterSeconds") == seconds:
                return
            await self._drop_index(collection, EXPIRY)
            if seconds:
                index = IndexModel(AGES[collection], expireAfterSeconds=seconds, name=EXPIRY)
                await self._index(collection, [index])

    async def _index(self, collection: str, indexes: list[IndexModel]) -> None:
        """Make indexes, in whatever time it takes."""
        if (count := await self._database[collection].estimated_document_count()) > MANY:
            logger.warning("Indexing %d %s: it may take minutes.", count, collection)
        with pymongo.timeout(0):
            await self._database[collection].create_indexes(indexes)

    async def _drop_index(self, collection: str, name: str) -> None:
        """Drop an index, if it is there."""
        try:
            await self._database[collection].drop_index(name)
        except PyMongoError as error:
            if getattr(error, "code", None) != 27:  # IndexNotFound: dropped before
                raise

    async def close(self) -> None:
        """Close the connection; Dateline's own server stops when nobody uses it any more."""
        with suppress(TimeoutError):  # a server that hangs is not waited for to say goodbye
            await asyncio.wait_for(self._client.close(), timeout=5)
        if self._lease:
            self._lease.close()


class Patience:
    """Makes calls again while the server is away, for a time.

    Args:
        seconds: for which a server that is away is waited for.
        stopped: tells whether whoever waits is about to end, and waits no more.
    """

    def __init__(self, seconds: float = 0, stopped: Callable[[], bool] = lambda: False) -> None:
        self.seconds = seconds
        self._stopped = stopped

    async def retry(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, again and again while the server is away; it may have taken effect before.

        Raises:
            StoreError: it stays away.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            try:
                return await call()
            except StoreError:
                if self._stopped() or loop.time() - began > self.seconds:
                    raise
            await asyncio.sleep(PAUSE)


def plain(database: Database) -> AsyncDatabase[Document]:
    """Return the driver's own handle: for what cares for whole databases (`crawler.admin`)."""
    return database._database
