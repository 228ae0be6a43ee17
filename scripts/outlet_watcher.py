"""Watches the files in `spiders/`, for processes that stay."""

import asyncio
import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from crawler.schedule.planning import ScheduleRule
from scripts.output import notes
from scripts.project import Declared, load_settings
from settings import environment


class OutletWatcher:
    """What `spiders/` declares, read again by a new process when a file changes."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._declared = Declared({}, [])

    async def declared(self) -> Declared:
        """Return what is declared now; a file that cannot be read costs its own outlet only."""
        files = dict(_files())
        if files != self._files:
            words = (sys.executable, "-m", "scripts.main", "schedule", "--format", "json")
            process = await asyncio.create_subprocess_exec(
                *words, cwd=environment.PROJECT, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            out, errors = await process.communicate()
            if errors:
                notes.say(errors.decode().rstrip())
            if process.returncode == 0:
                read = json.loads(out)
                rules = {one["outlet"]: ScheduleRule(**one) for one in read["rules"]}
                self._declared = Declared(rules, read["broken"])
            else:  # what was declared before still holds
                self._declared = Declared(self._declared.rules, ["spiders/ cannot be read."])
            self._files = files
        return self._declared


def _files() -> Iterator[tuple[str, int]]:
    """Yield each file that declares an outlet, and when it was last changed."""
    for module in load_settings().getlist("SPIDER_MODULES"):
        found = find_spec(module)
        for folder in (found and found.submodule_search_locations) or ():
            for path in Path(folder).glob("*.py"):
                yield str(path), path.stat().st_mtime_ns
