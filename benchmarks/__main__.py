"""``python -m benchmarks [PART [OPTION ...]]``: measurements, each beside a peer."""

import sys
from collections.abc import Callable

from benchmarks import speed
from benchmarks.health.__main__ import main as health
from benchmarks.links import main as links
from benchmarks.quality.__main__ import main as quality
from benchmarks.requests import main as requests
from benchmarks.schedule import main as schedule
from benchmarks.similar.__main__ import main as similar
from benchmarks.sitemaps import main as sitemaps
from benchmarks.storage import main as storage


def _speed(_: list[str]) -> int:
    speed.main()
    return 0


PARTS: dict[str, Callable[[list[str]], int]] = {
    "speed": _speed,
    "quality": quality,
    "links": links,
    "sitemaps": sitemaps,
    "requests": requests,
    "storage": storage,
    "similar": similar,
    "schedule": schedule,
    "health": health,
}


def main() -> int:
    """Run the part named on the command line with its options, or all parts without any."""
    part, options = (sys.argv[1], sys.argv[2:]) if sys.argv[1:] else ("", [])
    if part and part not in PARTS:
        print(f"There is no part {part}: there are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    for name, run in PARTS.items():
        if part in ("", name):
            if not part:
                print(f"== {name}")
            if code := run(options):
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
