"""The same story again: an invented press with gold, and how much of it is found."""
