"""Values that are not what they are given for; and real ones that look odd."""

from typing import Any

import pytest

from crawler.monitor.drift.plausibility import suspect_flags
from tests.pipelines.helpers import article

LONG = "The ports are open again, and ships are sailing as they did before the storm. " * 12


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"authors": ["November 5, 2024, 06:28"]}, ["suspect_byline"]),
        ({"authors": ["2024-11-05"]}, ["suspect_byline"]),
        ({"authors": ["https://news.example/staff"]}, ["suspect_byline"]),
        (
            {"authors": ["The harbour board has met again to speak of the quay."]},
            ["suspect_byline"],
        ),
        ({"authors": ["Ida Marlowe", "BBC Radio 4"]}, []),
        ({"authors": ["Our special correspondent in the Gulf"]}, []),
        ({"title": "By Ida Marlowe"}, ["suspect_title"]),
        ({"title": "30 November 2024"}, ["suspect_title"]),
        ({"title": "Ida Marlowe", "authors": ["Ida Marlowe"]}, ["suspect_title"]),
        ({"title": "By the river, a town waits"}, []),
        ({"title": "September 11: the day after"}, []),
        ({"body": "The ports are open again, as of today ..."}, ["suspect_teaser"]),
        ({"body": "The ports are open.\n\nRead more"}, ["suspect_teaser"]),
        ({"body": "The ports are open.\n\nContinue reading this story"}, ["suspect_teaser"]),
        ({"body": f"{LONG}\n\nRead more"}, []),
        ({"body": "A short brief.\n\nIt ends as it should."}, []),
        ({"body": "Caf\ufffd owners were angry\ufffd they said."}, ["suspect_encoding"]),
        ({"body": "It?s a day for caf? owners, ?we were told? by all."}, ["suspect_encoding"]),
        ({"body": "Itâ€™s a day for cafÃ© owners."}, ["suspect_encoding"]),
        ({"body": "Who knows? Nobody does. Why not? Because."}, []),
        ({"body": "Ângela e Ãngelo estão em São Paulo, à espera."}, []),
    ],
)
def test_implausible_values_are_flagged(changes: dict[str, Any], flags: list[str]) -> None:
    assert suspect_flags(article(**changes)) == flags
