"""What `spiders/` declares, for processes that stay: as its files are now, not as they were."""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from crawler.schedule import Rule
from scripts.project import Declared, declared, load_settings, notes, print_json
from settings import environment


class Outlets:
    """Read anew by a process of its own when a file changes."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._declared = Declared({}, [])

    async def declared(self) -> Declared:
        """As the files are now; what cannot be read is told, and costs its own outlet only."""
        files = dict(_files())
        if files != self._files:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "scripts.outlets",
                cwd=environment.PROJECT, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            out, told = await process.communicate()
            if told:
                notes.print(told.decode().rstrip(), markup=False, soft_wrap=True)
            if process.returncode == 0:
                read = json.loads(out)
                rules = {one["outlet"]: Rule(**one) for one in read["rules"]}
                self._declared = Declared(rules, read["broken"])
            else:  # what was declared before still holds
                self._declared = Declared(self._declared.rules, ["spiders/ cannot be read."])
            for sentence in self._declared.broken:
                notes.fail(sentence)
            self._files = files
        return self._declared


def _files() -> Iterator[tuple[str, int]]:
    """Each file that declares an outlet, and when it was last changed."""
    for module in load_settings().getlist("SPIDER_MODULES"):
        found = find_spec(module)
        for folder in (found and found.submodule_search_locations) or ():
            for path in Path(folder).glob("*.py"):
                yield str(path), path.stat().st_mtime_ns


if __name__ == "__main__":
    found = declared()
    print_json({"rules": [asdict(one) for one in found.rules.values()], "broken": found.broken})
