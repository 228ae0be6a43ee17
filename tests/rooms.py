"""The rooms of `crawler/`, and which of them know MongoDB."""

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
