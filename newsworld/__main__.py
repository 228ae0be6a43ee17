"""``python -m newsworld``: print the address of a local web and serve it until ended."""

import argparse
import os
import signal
import threading
from datetime import UTC, datetime

from newsworld.server import serve
from newsworld.world import NOW, World


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m newsworld", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=int, default=28, help="how far back stories go")
    parser.add_argument("--per-day", type=int, default=8, help="stories of an outlet, about")
    parser.add_argument("--press", type=int, default=0, help="generated outlets besides")
    parser.add_argument("--press-stories", type=int, default=500, help="of each, at first")
    parser.add_argument("--now", default=NOW.isoformat(), help="ISO 8601; UTC if without offset")
    parser.add_argument("--attached", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    try:
        now = datetime.fromisoformat(options.now)
        now = now if now.tzinfo else now.replace(tzinfo=UTC)
        world = World(
            options.seed,
            now,
            options.days,
            options.per_day,
            press=options.press,
            press_stories=options.press_stories,
        )
    except ValueError as error:
        parser.error(str(error))
    if options.attached:
        threading.Thread(target=_end_with_standard_input, daemon=True).start()
    serve(world, options.port, lambda address: print(address, flush=True))


def _end_with_standard_input() -> None:
    while os.read(0, 1024):  # Not sys.stdin, whose lock would be held at exit.
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
