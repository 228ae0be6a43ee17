"""`dateline run` for a long time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import PROJECT, Desk

pytestmark = pytest.mark.fresh


@pytest.mark.timeout(3600)
def test_memory_does_not_grow(
    desk: Desk, mongodb: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Ten thousand runs in a soak, compared with the first thousand; else four hundred."""
    soak = request.config.getoption("soak")
    some, many, seconds = (1_000, 10_000, 3500) if soak else (150, 400, 110)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.scripts.service",
            mongodb,
            desk.database.name,
            str(some),
            str(many),
        ],
        cwd=PROJECT,
        env={**os.environ, "DATELINE_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    before, after, runs = map(float, done.stdout.split())
    sys.stdout.write(f"{before:.1f} MiB after {some} runs, {after:.1f} MiB after {many}\n")
    assert runs >= many
    assert after < 1.05 * before
    (told,) = desk.database.schedules.aggregate([{"$group": {"_id": 1, "met": {"$sum": "$met"}}}])
    assert told["met"] == runs
