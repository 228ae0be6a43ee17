"""`ReplicaSet`: three real mongods that hold the same; each can fall behind or be killed."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from crawler.mongod.embedded import mongod_program

LIMIT = 100.0
"""Seconds within which anything that is waited for must come to pass."""
QUICK = {"electionTimeoutMillis": 4_000, "heartbeatIntervalMillis": 500, "catchUpTimeoutMillis": 0}
OPTIONS = (
    *("--replSet", "r", "--bind_ip", "127.0.0.1", "--nounixsocket"),
    *("--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"),
    *("--setParameter", "enableTestCommands=1"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
)


class ReplicaSet:
    """A set of three on loopback, its files in `folder`; members are told by number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = _free_ports(3)
        self._members: dict[int, subprocess.Popen[bytes]] = {}
        self._clients: dict[int, MongoClient[dict[str, Any]]] = {
            port: MongoClient(f"127.0.0.1:{port}", directConnection=True, timeoutMS=5_000)
            for port in self._ports
        }
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        self.uri = f"mongodb://{hosts}/?replicaSet=r"

    def start(self, *members: int) -> None:
        """Start members that do not run."""
        for member in members:
            folder = self._folder / str(member)
            folder.mkdir(parents=True, exist_ok=True)
            command = [str(mongod_program()), *OPTIONS, "--port", str(self._ports[member])]
            command += ["--dbpath", str(folder), "--logpath", str(folder / "log"), "--logappend"]
            self._members[member] = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def initiate(self) -> None:
        """Make one set of them, of which the first member is primary."""
        members = [
            {"_id": number, "host": f"127.0.0.1:{port}"}  # none takes over that need not
            for number, port in enumerate(self._ports)
        ]
        config = {"_id": "r", "members": members, "settings": QUICK}
        until(lambda: all(self._hello(member) for member in range(3)))
        self._admin(0, "replSetInitiate", config)

    def settle(self) -> None:
        """Whatever has been done to the members: bring all three to the same state."""
        self.start(*(member for member in range(3) if not self._is_up(member)))
        until(lambda: all(self._hello(member) for member in range(3)))
        self.catch_up(*range(3))
        for member in range(3):
            self.fail_writes(member, 0)
        until(lambda: self.primary() is not None)
        # One that comes back says that it is a secondary before it finds that it has to forget.
        marks = MongoClient[dict[str, Any]](self.uri, w=3)["marks"]["marks"]
        marks.insert_one({})
        marks.database.client.close()
        until(lambda: self.primary() is not None and len(self.secondaries()) == 2)

    def kill(self, member: int) -> None:
        """End a member with SIGKILL."""
        self._members[member].kill()
        self._members[member].wait()

    def stop(self) -> None:
        """End all of it."""
        for client in self._clients.values():
            client.close()
        for process in self._members.values():
            process.kill()
            process.wait()

    def hold_back(self, *members: int) -> None:
        """Let members get nothing that the primary writes from now on."""
        met = {member: self._replicate(member, "alwaysOn") for member in members}
        for member, before in met.items():  # what they had asked for before still came
            options = {"timesEntered": before + 1, "maxTimeMS": LIMIT * 1000}
            self._admin(member, "waitForFailPoint", "stopReplProducer", **options)

    def catch_up(self, *members: int) -> None:
        """Let them get it again."""
        for member in members:
            self._replicate(member, "off")

    def fail_writes(self, member: int, code: int) -> None:
        """Let a member take writes and then tell that error of the server's; 0: no longer."""
        data = {
            "failCommands": ["update", "insert"],
            "writeConcernError": {"code": code, "errmsg": "as told"},
        }
        mode = "alwaysOn" if code else "off"
        self._admin(member, "configureFailPoint", "failCommand", mode=mode, data=data)

    def primary(self) -> int | None:
        """The member that takes writes, if there is one."""
        found = [member for member in range(3) if self._hello(member).get("isWritablePrimary")]
        return found[0] if len(found) == 1 else None

    def secondaries(self) -> list[int]:
        """The members that follow it, and are up to it."""
        return [member for member in range(3) if self._hello(member).get("secondary")]

    def _replicate(self, member: int, mode: str) -> int:
        """How often the member has met that point so far."""
        told = self._admin(member, "configureFailPoint", "stopReplProducer", mode=mode)
        return int(told["count"])

    def _admin(self, member: int, command: str, value: Any, **options: Any) -> dict[str, Any]:
        return self._clients[self._ports[member]].admin.command(command, value, **options)

    def _is_up(self, member: int) -> bool:
        process = self._members.get(member)
        return process is not None and process.poll() is None

    def _hello(self, member: int) -> dict[str, Any]:
        if not self._is_up(member):
            return {}
        try:
            return self._admin(member, "hello", 1)
        except PyMongoError:
            return {}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[ReplicaSet]:
    """A set that is up, until its end."""
    found = ReplicaSet(folder)
    try:
        found.start(0, 1, 2)
        found.initiate()
        yield found
    finally:
        found.stop()


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
