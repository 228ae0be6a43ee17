"""How outlets are found, and how what they declare is checked."""
