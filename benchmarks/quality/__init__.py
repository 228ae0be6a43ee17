"""How good the generic reader is on real pages with gold, and what it costs, beside its peers."""
