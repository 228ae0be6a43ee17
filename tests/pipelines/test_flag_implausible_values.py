"""What cannot be is marked, once."""

from pipelines.flag_implausible_values import Doubts
from tests.pipelines.steps import article, counts, step


def test_it_marks_and_stores() -> None:
    made = step(Doubts)
    doubtful = article(authors=["November 5, 2024, 06:28"])
    for _ in range(2):
        assert made.process_item(doubtful).flags == ["suspect_byline"]
    assert counts(made) == {"doubts/suspect_byline": 1}


def test_a_sound_article_stays_as_it_is() -> None:
    assert step(Doubts).process_item(article()).flags == []
