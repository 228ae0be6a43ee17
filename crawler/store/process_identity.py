"""Identity of processes across machines and restarts, to tell whether one is gone."""

import os
import socket
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


def this_process() -> dict[str, Any]:
    """Return what identifies this process: ``host``, ``pid``, who gave it that number, and when.

    No clock is asked that may be set: ``started`` is in clock ticks since ``boot`` on Linux.
    """
    pid = os.getpid()
    return {"host": socket.gethostname(), "pid": pid, "started": _started(pid), "boot": _boot()}


def is_gone(process: Mapping[str, Any]) -> bool:
    """Tell whether a process is surely over; of one on another machine that is never known.

    Nor is one of another container, or of before this machine was started.
    """
    import psutil  # noqa: PLC0415 - most commands look at no other process

    if (process["host"], process.get("boot")) != (socket.gethostname(), _boot()):
        return False
    try:
        # Another process may have got the number since.
        return _started(process["pid"]) != process["started"] or (
            psutil.Process(process["pid"]).status() == psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return True


@cache
def _boot() -> str:
    """Return the start of the machine, and the space of process numbers (pid_namespaces(7))."""
    try:
        numbers = Path("/proc/self/ns/pid").readlink()
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {numbers}"
    except OSError:  # no Linux
        return ""


def _started(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:  # no such process, or no Linux
        import psutil  # noqa: PLC0415

        return psutil.Process(pid).create_time()
    return float(stat.rpartition(")")[2].split()[19])  # starttime, as of proc(5)
