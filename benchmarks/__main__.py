"""``python -m benchmarks [PART]``: measurements, each beside a peer in the same run."""

import sys

from benchmarks import speed

PARTS = {"speed": speed.main}


def main() -> int:
    """Run the part named on the command line, or all of them."""
    wanted = sys.argv[1:] or list(PARTS)
    for part in wanted:
        if part not in PARTS:
            print(f"There is no part {part}: there are {', '.join(PARTS)}.", file=sys.stderr)
            return 2
    for part in wanted:
        print(f"== {part}")
        PARTS[part]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
