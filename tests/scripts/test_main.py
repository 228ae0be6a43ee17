"""How the command line ends when it is told to."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import PROJECT

HIT_IN_THE_BUILDING = """
import os, selectors, sys
built = selectors.DefaultSelector
def build():
    selectors.DefaultSelector = built
    os.kill(os.getpid(), {number})
    return built()
selectors.DefaultSelector = build
sys.argv = ["dateline", "status"]
from scripts.main import main
main()
"""
"""A command that is told to stop while asyncio builds its loop."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_while_half_built_it_says_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    code = HIT_IN_THE_BUILDING.format(number=int(number))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"DATELINE_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130, done.stderr
    assert not done.stdout
    assert done.stderr.strip() in {"", "Aborted."}
