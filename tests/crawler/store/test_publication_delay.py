"""Which articles tell how late their outlet's stories are stored."""

from datetime import timedelta
from typing import Any

import pytest

from crawler.store.publication_delay import delay_of
from crawler.store.schema import document
from tests.crawler.store_fixture import AT, article, stamp

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "delay"),
    [
        ({}, 3600),
        ({"published": stamp(precision="minute")}, 3600),
        ({"published": stamp(precision="day")}, None),
        ({"published": stamp(flags=("ambiguous",))}, None),
        ({"published": stamp(AT + 2 * HOUR)}, None),  # ahead
        ({"published": stamp(AT - 2 * HOUR)}, None),  # before its outlet was collected
        ({"published": None}, None),
        ({"flags": ["update_shown"]}, None),
    ],
)
def test_what_tells_of_freshness(changes: dict[str, Any], delay: float | None) -> None:
    assert delay_of(document(article(**changes)), AT - HOUR, AT + HOUR) == delay
    assert delay_of(document(article()), None, AT + HOUR) is None
