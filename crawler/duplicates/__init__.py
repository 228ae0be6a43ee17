"""Stories that are the same again: near-duplicates, wire copy, clusters, events."""
