"""Values that are not what they are given for; and real ones that look odd."""

from typing import Any

import pytest

from crawler.monitor.drift.plausibility import BYLINE, ENCODING, TEASER, TITLE, doubts
from tests.pipelines.steps import article

LONG = "The ports are open again, and ships are sailing as they did before the storm. " * 12


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"authors": ["November 5, 2024, 06:28"]}, [BYLINE]),
        ({"authors": ["2024-11-05"]}, [BYLINE]),
        ({"authors": ["https://news.example/staff"]}, [BYLINE]),
        ({"authors": ["The harbour board has met again to speak of the quay."]}, [BYLINE]),
        ({"authors": ["Ida Marlowe", "BBC Radio 4"]}, []),
        ({"authors": ["Our special correspondent in the Gulf"]}, []),
        ({"title": "By Ida Marlowe"}, [TITLE]),
        ({"title": "30 November 2024"}, [TITLE]),
        ({"title": "Ida Marlowe", "authors": ["Ida Marlowe"]}, [TITLE]),
        ({"title": "By the river, a town waits"}, []),
        ({"title": "September 11: the day after"}, []),
        ({"body": "The ports are open again, as of today ..."}, [TEASER]),
        ({"body": "The ports are open.\n\nRead more"}, [TEASER]),
        ({"body": "The ports are open.\n\nContinue reading this story"}, [TEASER]),
        ({"body": f"{LONG}\n\nRead more"}, []),
        ({"body": "A short brief.\n\nIt ends as it should."}, []),
        ({"body": "Caf\ufffd owners were angry\ufffd they said."}, [ENCODING]),
        ({"body": "It?s a day for caf? owners, ?we were told? by all."}, [ENCODING]),
        ({"body": "Itâ€™s a day for cafÃ© owners."}, [ENCODING]),
        ({"body": "Who knows? Nobody does. Why not? Because."}, []),
        ({"body": "Ângela e Ãngelo estão em São Paulo, à espera."}, []),
    ],
)
def test_doubts(changes: dict[str, Any], flags: list[str]) -> None:
    assert doubts(article(**changes)) == flags
