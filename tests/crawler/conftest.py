"""An empty database for each test, reached as Dateline reaches it."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from crawler.mongod.embedded import mongod_program
from crawler.store.collection import Document
from tests.crawler.store_fixture import Store
from tests.forked import Server
from tests.prepared import new_name


@pytest.fixture
def store(mongodb: str, database: str, tmp_path: Path, server: Server) -> Iterator[Store]:
    """A database with nothing in it; not even laid out where the test is marked `fresh`."""
    with MongoClient[dict[str, Any]](mongodb, tz_aware=True) as client:
        yield Store(mongodb, database, tmp_path / "data", client[database], server)


@pytest.fixture
def target(store: Store, tmp_path: Path) -> Iterator[Store]:
    """Another database on the same server, not yet there."""
    name = new_name()
    with MongoClient[dict[str, Any]](store.uri, tz_aware=True) as client:
        yield Store(store.uri, name, tmp_path, client[name], store.server)
        client.drop_database(name)


@pytest.fixture(scope="session")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a replica set of one member."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("replicated")
    command = [
        str(mongod_program()),
        "--replSet",
        "r",
        "--port",
        str(port),
        "--bind_ip",
        "127.0.0.1",
    ]
    command += ["--dbpath", str(folder), "--nounixsocket", "--logpath", str(folder / "log")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            address = f"127.0.0.1:{port}"
            with MongoClient[Document](address, directConnection=True) as client:
                member = {"_id": 0, "host": address}
                client.admin.command("replSetInitiate", {"_id": "r", "members": [member]})
                deadline = time.monotonic() + 20
                while not client.admin.command("hello")["isWritablePrimary"]:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            yield f"mongodb://{address}/?replicaSet=r"
        finally:
            server.terminate()
