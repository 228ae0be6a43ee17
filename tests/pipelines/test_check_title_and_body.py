"""An article has a title and a body, or it is none."""

import pytest
from scrapy.exceptions import DropItem

from pipelines.check_title_and_body import MAX_BODY, CheckTitleAndBody
from tests.pipelines.helpers import article, counts, pipeline


def test_what_has_both_passes() -> None:
    made, whole = pipeline(CheckTitleAndBody), article()
    assert made.process_item(whole) is whole
    assert counts(made) == {}


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ({"title": ""}, "no_title"),
        ({"title": " \u200b\u00a0"}, "no_title"),
        ({"body": ""}, "no_body"),
        ({"body": "\n\n \u200b"}, "no_body"),
        ({"title": "", "body": ""}, "no_title"),
    ],
)
def test_what_lacks_one_is_dropped_by_name(missing: dict[str, str], reason: str) -> None:
    made = pipeline(CheckTitleAndBody)
    with pytest.raises(DropItem) as caught:
        made.process_item(article(**missing))
    assert str(caught.value) == reason
    assert counts(made) == {f"rejected/{reason}": 1}


def test_a_body_without_end_is_cut_and_flagged() -> None:
    made = pipeline(CheckTitleAndBody)
    done = made.process_item(article(body="word " * (MAX_BODY // 4)))
    assert len(done.body) <= MAX_BODY
    assert done.flags == ["truncated"]
