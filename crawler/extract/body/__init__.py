"""The body of a story: which blocks of a page are its text, and what each of them is."""
