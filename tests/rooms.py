"""The rooms of `crawler/`: what each may import, and which of them know MongoDB."""

WORDS = frozenset({"article", "errors", "file_locks", "lead", "logs", "outlet"})
"""Modules directly in `crawler/` that every room but `text` may use."""

ROOMS: dict[str, frozenset[str]] = {
    room: frozenset(allowed.split())
    for room, allowed in {
        "text": "",
        "extract": "text",
        "sources": "extract text",
        "mongod": "",
        "store": "mongod text",
        "queue": "store",
        "duplicates": "store text",
        "schedule": "store",
        "outlets": "schedule sources text",
        "spider": "outlets schedule sources text",
        "fetch": "sources store",
        "monitor": "fetch queue schedule store text",
        "run": "duplicates extract fetch monitor queue schedule sources spider store text",
        "reparse": "extract queue run schedule spider store text",
        "admin": "store text",
        "commands": "run",
    }.items()
}
"""What each room may import beside `WORDS`; `spider` is a module directly in `crawler/`."""

KNOW_MONGODB = tuple(
    f"crawler.{room}"
    for room in (
        "admin.",
        "duplicates.",
        "fetch.hosts",
        "monitor.",
        "queue.",
        "reparse.",
        "schedule.schedule_store",
        "store.",
    )
)
"""What the names of modules begin with that may import pymongo and bson."""
