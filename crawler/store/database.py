"""The connection to MongoDB, and the collections, validators and indexes Dateline needs in it."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import pymongo
from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, InvalidURI, PyMongoError
from pymongo.errors import ConfigurationError as MongoConfigurationError
from pymongo.uri_parser import parse_uri

from crawler.errors import ConfigurationError, StoreError
from crawler.store import embedded
from crawler.store.schema import ARTICLE_SCHEMA

Document = dict[str, Any]
T = TypeVar("T")

# Its debug log prints whole documents, and every packet of its heartbeat.
logging.getLogger("pymongo").setLevel(logging.WARNING)

SELECTION_MS = 3_000
"""How long to look for a server before giving up."""
CALL_MS = 10_000
"""How long any one call may take: a frozen server must not freeze a run."""
PAUSE = 1.0
"""Seconds between two attempts while the server is away."""

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before any date of ours: what is later than this has one."""

INDEXES: dict[str, list[IndexModel]] = {
    "articles": [
        IndexModel([("aliases", ASCENDING)]),
        IndexModel([("published.at", DESCENDING)]),
        IndexModel([("outlet", ASCENDING), ("published.at", DESCENDING)]),
        IndexModel([("outlet", ASCENDING), ("first_seen", DESCENDING)]),
    ],
    "revisions": [IndexModel([("article", ASCENDING), ("seen_first", ASCENDING)])],
    "leads": [
        IndexModel([("identities", ASCENDING)]),
        IndexModel([("outlet", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)]),
        # Of stored stories those alone that are looked at again: soon they are a small part of all.
        IndexModel(
            [("outlet", ASCENDING), ("due", ASCENDING)],
            partialFilterExpression={"state": "stored", "due": {"$gt": EVER}},
        ),
    ],
    "runs": [IndexModel([("outlet", ASCENDING), ("started", DESCENDING)])],
    "pages": [
        # With the sizes, which `dateline status` adds up without a look at the pages.
        IndexModel([(name, ASCENDING) for name in ("outlet", "fetched", "size", "packed")])
    ],
    "dictionaries": [IndexModel([("outlet", ASCENDING), ("made", DESCENDING)])],
    "outlets": [],
    "blocks": [IndexModel([("outlet", ASCENDING), ("learnt", ASCENDING)])],
    "windows": [],
    "quarantine": [
        IndexModel([("outlet", ASCENDING), ("at", DESCENDING)]),
        IndexModel([("lead", ASCENDING)]),
    ],
    "profiles": [],
    "hosts": [],
    "sketches": [
        IndexModel([("keys", ASCENDING)]),
        IndexModel([("language", ASCENDING), ("seen", DESCENDING)]),
        IndexModel([("copy", ASCENDING)]),
        IndexModel([("story", ASCENDING)]),
    ],
}
RETIRED = {"leads": ("aliases_1", "outlet_1_state_1_due_1")}
"""Indexes of earlier versions, by name."""


class Database:
    """One MongoDB database, reached asynchronously; writes are acknowledged once durable.

    Args:
        uri: a MongoDB connection string; empty: Dateline's own server is started in `data`.
        name: the database's name.
        data: the folder Dateline's own server keeps its files in, and runs what waits for it.
        patience: seconds for which `patiently` waits for a server that is away.
        stopped: tells whether what uses the database is about to end, and waits no more.

    Raises:
        ConfigurationError: `uri` is malformed.
        StoreError: Dateline's own server does not start.
    """

    def __init__(
        self,
        *,
        uri: str,
        name: str,
        data: Path,
        patience: float = 0,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.patience = patience
        self._stopped = stopped
        self._lease = None if uri else embedded.connect(data)
        self.address = _address(uri) if uri else "Dateline's own server"
        try:
            self._client: AsyncMongoClient[Document] = AsyncMongoClient(
                self._lease.uri if self._lease else uri,
                serverSelectionTimeoutMS=SELECTION_MS,
                timeoutMS=CALL_MS,
                w="majority",
                journal=True,
                tz_aware=True,
                datetime_conversion="DATETIME_CLAMP",
                appname="dateline",
            )
        except (InvalidURI, MongoConfigurationError, ValueError) as error:
            raise ConfigurationError(
                f"MONGODB_URI cannot be used ({error}): write mongodb://HOST:PORT, or unset it."
            ) from None
        self._database: AsyncDatabase[Document] = self._client[name]
        place = blake2b(self.address.encode(), digest_size=4).hexdigest()
        self.spool = data / "spool" / f"{name}-{place}"
        """Folder of what waits for this database."""

    def __getitem__(self, collection: str) -> AsyncCollection[Document]:
        return self._database[collection]

    async def prepare(self) -> None:
        """See that the server answers and create what is missing in the database.

        Raises:
            StoreError: the server cannot be reached or refuses.
        """
        with self.calls():
            # A read is tried again until its time is up, so here it is given little.
            with pymongo.timeout(SELECTION_MS / 1000):
                await self._database.command("ping")
            existing = {
                info["name"]: info.get("options", {})
                async for info in await self._database.list_collections()
            }
            for name, indexes in INDEXES.items():
                if name not in existing:
                    await self._create(name)
                if indexes:
                    await self[name].create_indexes(indexes)
                for retired in RETIRED.get(name, ()):
                    await self.drop_index(name, retired)
            if existing.get("articles", {}).get("validator") != ARTICLE_SCHEMA:
                # Moderate: an article of an older form may be updated before it is complete.
                await self._database.command(
                    "collMod", "articles", validator=ARTICLE_SCHEMA, validationLevel="moderate"
                )

    async def _create(self, name: str) -> None:
        try:
            await self._database.create_collection(name, check_exists=False)
        except PyMongoError as error:
            if getattr(error, "code", None) != 48:  # NamespaceExists: another run was quicker
                raise

    async def drop_index(self, collection: str, name: str) -> None:
        """Drop an index, if it is there."""
        try:
            await self[collection].drop_index(name)
        except PyMongoError as error:
            if getattr(error, "code", None) != 27:  # IndexNotFound: dropped before
                raise

    @contextmanager
    def calls(self) -> Iterator[None]:
        """Around calls to the server: what is its fault becomes one sentence.

        Raises:
            StoreError: the server does not answer, or refuses for reasons of its own.
            BulkWriteError: one of the documents written is at fault.
        """
        try:
            yield
        except BulkWriteError:
            raise
        except PyMongoError as error:
            what = re.split(r", Timeout:| \(configured timeouts", str(error))[0][:200]
            raise StoreError(
                f"MongoDB at {self.address} cannot be used ({what}): "
                "start it, or correct MONGODB_URI, or unset it to use Dateline's own."
            ) from error

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
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
                if self._stopped() or loop.time() - began > self.patience:
                    raise
            await asyncio.sleep(PAUSE)

    async def close(self) -> None:
        """Close the connection; Dateline's own server stops when nobody uses it any more."""
        await self._client.close()
        if self._lease:
            self._lease.close()


def _address(uri: str) -> str:
    """Hosts and ports of a connection string, without its user and password."""
    try:
        nodes = parse_uri(uri, validate=False)["nodelist"]
    except (InvalidURI, MongoConfigurationError, ValueError) as error:
        raise ConfigurationError(
            f"MONGODB_URI is no MongoDB address ({str(error).split(':')[0]}): "
            "write mongodb://HOST:PORT, or leave it unset to use Dateline's own server."
        ) from None
    return ",".join(f"{host}:{port}" if port else str(host) for host, port in nodes)
