"""What cannot be is marked, once."""

from pipelines.flag_implausible_values import FlagImplausibleValues
from tests.pipelines.helpers import article, counts, pipeline


def test_it_marks_and_stores() -> None:
    made = pipeline(FlagImplausibleValues)
    doubtful = article(authors=["November 5, 2024, 06:28"])
    for _ in range(2):
        assert made.process_item(doubtful).flags == ["suspect_byline"]
    assert counts(made) == {"doubts/suspect_byline": 1}


def test_a_sound_article_stays_as_it_is() -> None:
    assert pipeline(FlagImplausibleValues).process_item(article()).flags == []
