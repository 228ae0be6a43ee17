"""The parts of feeds: feedparser driven, the link to a story, the names of authors."""
