"""The parts of listings: their links, which of those lead to stories, and the next page."""
