"""Which process is which, among all that ever ran on any machine."""

import os
import socket
from collections.abc import Mapping
from typing import Any

import psutil


def this_process() -> dict[str, Any]:
    """What identifies this process: ``host``, ``pid`` and when it was ``started``."""
    process = psutil.Process()
    return {"host": socket.gethostname(), "pid": os.getpid(), "started": process.create_time()}


def is_gone(process: Mapping[str, Any]) -> bool:
    """Whether a process is surely over: one of another machine never is, as far as we know."""
    if process["host"] != socket.gethostname():
        return False
    try:
        found = psutil.Process(process["pid"])
        # Another process may have got the number since; the clock may have been set by a little.
        return abs(found.create_time() - process["started"]) >= 2 or (
            found.status() == psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return True
