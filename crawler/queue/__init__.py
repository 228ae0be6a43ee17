"""The way into MongoDB: a durable spool on disk, and the writer that empties it."""
