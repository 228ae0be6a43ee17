"""When a story was published: dates that a page states or prints, and which one counts."""
