"""Near-duplicates: copies of wire stories across outlets, and stories of one event."""
