"""How well breakages of outlets are found: broken runs of newsworld, and healthy years."""
