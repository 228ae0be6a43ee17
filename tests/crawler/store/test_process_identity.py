"""Which process is which."""

import os
import subprocess
import sys

import psutil
import pytest

from crawler.store.process_identity import _started, is_gone, this_process


def test_this_process_is_alive() -> None:
    process = this_process()
    assert process["pid"] == os.getpid()
    assert process == this_process()
    assert not is_gone(process)


def test_one_with_a_recycled_number_is_gone() -> None:
    assert is_gone(this_process() | {"started": 1.0})


def test_of_another_machine_nothing_is_known() -> None:
    assert not is_gone(this_process() | {"started": 1.0, "host": "another.example"})
    assert not is_gone(this_process() | {"started": 1.0, "boot": "of another of that name"})


def test_a_clock_that_is_set_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is by that clock that psutil tells when a process was started."""
    process = this_process()
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 1.0)
    assert not is_gone(process)


def test_a_killed_process_is_gone_even_if_nobody_has_asked_for_its_end() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        told = this_process() | {"pid": child.pid, "started": _started(child.pid)}
        assert not is_gone(told)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
        assert is_gone(told)
    assert is_gone(told)
