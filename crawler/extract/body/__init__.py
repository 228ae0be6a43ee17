"""The body of a story: the blocks of a page that are its text, and the kind of each."""
