"""The embedded mongod, for real: shared, private, ended with its last user, back after a crash."""

import contextlib
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pymongo
import pytest

from crawler.errors import StoreError
from crawler.file_locks import open_lock, try_lock
from crawler.mongod import embedded, supervisor
from crawler.mongod.diagnosis import diagnose

# Uses the server of the folder given until its standard input is closed, or it is killed.
USER = """
import sys
from pathlib import Path
from crawler.mongod import embedded
handle = embedded.connect(Path(sys.argv[1]))
print(embedded.status(Path(sys.argv[1])).pid, flush=True)
sys.stdin.read()
"""

Process = subprocess.Popen[str]


@pytest.fixture
def data() -> Iterator[Path]:
    """Give a data folder with a short path; its server does not survive the test."""
    with tempfile.TemporaryDirectory(prefix="dl-") as folder:
        yield Path(folder)
        embedded.stop(Path(folder))


@contextlib.contextmanager
def user(data: Path) -> Iterator[Process]:
    with subprocess.Popen(
        [sys.executable, "-c", USER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(embedded.__file__).parents[2],
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def server_pid(process: Process) -> int:
    """Wait until `process` uses the server; return mongod's pid."""
    out = pipe(process.stdout)
    assert select.select([out], [], [], 60)[0], "no answer in 60 seconds"
    return int(out.readline())


def eventually(true: Callable[[], bool]) -> bool:
    """Wait until it is so; tell whether it came to that, on however busy a machine."""
    deadline = time.monotonic() + 60
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def pid_of(data: Path) -> int:
    pid = embedded.status(data).pid
    assert pid is not None
    return pid


def supervisor_of(data: Path) -> psutil.Process:
    parent = psutil.Process(pid_of(data)).parent()
    assert parent is not None
    return parent


def client(uri: str) -> "pymongo.MongoClient[dict[str, Any]]":
    return pymongo.MongoClient(uri, serverSelectionTimeoutMS=3000, w="majority", journal=True)


def test_serves_at_once_and_only_its_owner(data: Path) -> None:
    with embedded.connect(data) as handle, client(handle.uri) as mongo:
        assert mongo.admin.command("ping") == {"ok": 1.0}
        state = embedded.status(data)
        assert (state.running, state.pinned, state.uri) == (True, False, handle.uri)
        assert state.version == mongo.server_info()["version"]
        assert state.size_bytes > state.log.stat().st_size > 0
        if sys.platform == "linux":
            assert state.users == 1

        server = psutil.Process(pid_of(data))
        assert server.net_connections("tcp") == []
        sockets = {str(c.laddr) for c in server.net_connections("unix")} - {""}
        assert sockets == {str((data / "mongodb" / "mongod.sock").resolve())}
        files = [data / "mongodb", *(data / "mongodb").rglob("*")]
        assert len(files) > 10
        assert [f for f in files if stat.S_IMODE(f.lstat().st_mode) & 0o077] == []

        began = time.process_time()
        embedded.connect(data).close()
        assert time.process_time() - began < 0.5

    handle.close()  # a second time: nothing happens
    assert eventually(lambda: not alive(server.pid))
    assert eventually(lambda: not embedded.status(data).running)
    assert not (data / "mongodb" / "mongod.sock").exists()


def test_many_at_once_share_one_server_until_the_last_is_killed(data: Path) -> None:
    with contextlib.ExitStack() as stack:
        users = [stack.enter_context(user(data)) for _ in range(6)]
        servers = {server_pid(process) for process in users}
        assert len(servers) == 1
        (server,) = servers
        if sys.platform == "linux":
            assert embedded.status(data).users == 6

        for process in users[1:]:
            process.kill()
        time.sleep(supervisor.IDLE_SECONDS + 1.5)
        assert alive(server), "stopped while one process used it"

        users[0].kill()
        assert eventually(lambda: not alive(server))


def test_whoever_comes_while_it_stops_gets_a_server(data: Path) -> None:
    embedded.connect(data).close()
    # Come again at about the moment the supervisor decides.
    for pause in (supervisor.IDLE_SECONDS + 0.15, supervisor.IDLE_SECONDS + 0.3):
        time.sleep(pause)
        with embedded.connect(data) as handle, client(handle.uri) as mongo:
            mongo.dateline.seen.insert_one({"pause": pause})
            assert mongo.dateline.seen.find_one({"pause": pause})


def test_killed_mongod_comes_back_with_what_it_acknowledged(data: Path) -> None:
    with embedded.connect(data) as handle:
        with client(handle.uri) as mongo:
            mongo.dateline.kept.insert_many([{"n": n} for n in range(500)])
        killed = pid_of(data)
        os.kill(killed, signal.SIGKILL)
        with embedded.connect(data) as again, client(again.uri) as mongo:
            assert pid_of(data) != killed
            assert mongo.dateline.kept.count_documents({}) == 500


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_killed_supervisor_leaves_no_mongod(data: Path) -> None:
    with embedded.connect(data):
        server = pid_of(data)
        supervisor_of(data).kill()
        assert eventually(lambda: not alive(server))
        with embedded.connect(data) as again, client(again.uri) as mongo:
            assert mongo.admin.command("ping") == {"ok": 1.0}


def test_mongod_that_outlived_its_supervisor_is_replaced(data: Path) -> None:
    with embedded.connect(data):
        command = psutil.Process(pid_of(data)).cmdline()
    embedded.stop(data)
    lock = open_lock(data / "mongodb" / "server.lock")
    assert try_lock(lock)
    with subprocess.Popen(command, pass_fds=(lock,), stdout=subprocess.DEVNULL) as orphan:
        os.close(lock)
        assert eventually(lambda: supervisor.is_responding(command[command.index("--bind_ip") + 1]))
        with embedded.connect(data) as handle, client(handle.uri) as mongo:
            assert mongo.admin.command("ping") == {"ok": 1.0}
            assert pid_of(data) != orphan.pid
            assert orphan.wait(60) == 0


def test_start_keeps_it_up_until_stop(data: Path) -> None:
    assert not embedded.stop(data)
    assert not embedded.status(data).running
    uri = embedded.start(data)
    assert uri == embedded.start(data)
    time.sleep(supervisor.IDLE_SECONDS + 1.5)
    state = embedded.status(data)
    assert (state.running, state.pinned, state.uri) == (True, True, uri)
    assert state.users in (0, None)
    assert embedded.stop(data)
    state = embedded.status(data)
    assert (state.running, state.pinned, state.pid, state.uri) == (False, False, None, None)
    assert not embedded.stop(data)


def test_long_log_is_set_aside(data: Path) -> None:
    log = data / "mongodb" / "log" / "mongod.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"x" * (supervisor.MAX_LOG_BYTES + 1))
    with embedded.connect(data):
        old = log.with_suffix(".log.1")
        assert old.stat().st_size == supervisor.MAX_LOG_BYTES + 1
        assert 0 < log.stat().st_size < 1_000_000
        with log.open("ab") as grown:
            grown.write(b"y" * (supervisor.MAX_LOG_BYTES + 1))
        assert eventually(lambda: log.exists() and log.stat().st_size < 1_000_000)
        assert old.stat().st_size > supervisor.MAX_LOG_BYTES + 1
        assert embedded.status(data).running


def test_long_path_has_its_socket_elsewhere(data: Path) -> None:
    deep = data / "with space, comma and é" / ("d" * 120)
    with embedded.connect(deep) as handle, client(handle.uri) as mongo:
        assert mongo.admin.command("ping") == {"ok": 1.0}
        (address,) = {c.laddr for c in psutil.Process(pid_of(deep)).net_connections("unix")} - {""}
        private = Path(str(address)).parent
        assert private.parent == Path(tempfile.gettempdir())
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert embedded.stop(deep)
    assert not private.exists()


def test_forked_child_holds_no_handle(data: Path) -> None:
    with embedded.connect(data) as handle:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(writer)
            handle.close()  # not its own: must do nothing
            os.read(reader, 1)
            os._exit(0)
        try:
            server = pid_of(data)
            handle.close()
            assert eventually(lambda: not alive(server))
        finally:
            os.close(writer)
            os.close(reader)
            os.waitpid(child, 0)


def sentence(error: pytest.ExceptionInfo[StoreError]) -> str:
    text = str(error.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as error:
        embedded.connect(tmp_path / "file" / "data")
    assert str(tmp_path / "file") in sentence(error)
    assert "choose another" in sentence(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="make it writable"):
        embedded.connect(tmp_path / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_folder_of_another_user(tmp_path: Path) -> None:
    (tmp_path / "mongodb").mkdir()
    os.chown(tmp_path / "mongodb", 65534, -1)
    with pytest.raises(StoreError, match="belongs to user number 65534"):
        embedded.connect(tmp_path)


def test_damaged_files_are_named_with_the_log(data: Path) -> None:
    with embedded.connect(data):
        pass
    embedded.stop(data)
    (data / "mongodb" / "db" / "WiredTiger.turtle").write_bytes(os.urandom(300))
    with pytest.raises(StoreError) as error:
        embedded.connect(data)
    assert "its files are damaged" in sentence(error)
    assert str(embedded.status(data).log) in sentence(error)
    shutil.rmtree(data / "mongodb" / "db")  # the remedy
    with embedded.connect(data):
        assert embedded.status(data).running


@pytest.mark.parametrize(
    ("supervisor_log", "mongod_log", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "", "the disk is full"),
        (
            "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object",
            "",
            "the system lacks the library libcurl.so.4",
        ),
        (
            "",
            '{"s":"E","msg":"DBException","attr":{"error":"UPGRADE PROBLEM: Found an invalid'
            ' featureCompatibilityVersion document"}}',
            "another version of MongoDB",
        ),
        ("", '{"s":"F","msg":"odd","attr":{"error":"Odd: quite"}}', "it logged 'Odd: quite'"),
        (
            "",
            '{"s":"E","msg":"corrupt"}\n{"s":"I","msg":"***** SERVER RESTARTED *****"}',
            "without an error message",
        ),
    ],
)
def test_diagnosis(tmp_path: Path, supervisor_log: str, mongod_log: str, told: str) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "keeper.log").write_text(supervisor_log)
    (tmp_path / "log" / "mongod.log").write_text(mongod_log)
    text = diagnose(tmp_path)
    assert told in text
    assert str(tmp_path / "log" / "mongod.log") in text
