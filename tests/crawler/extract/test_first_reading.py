"""Which first readings are of another story than was shown, and which are to be checked once more.

Headlines and addresses are invented, as all here.
"""

from typing import Any

import pytest

from crawler.extract.first_reading import is_questionable, shows_another_story
from crawler.lead import Lead, LeadOrigin
from tests.crawler.store_fixture import article

SITE = "https://news.example"
PIER = "Pier closes for repairs"
TEXT = (
    "The pier is shut until May, its owner said. Divers found that repairs cost more than planned."
)


def lead(path: str, title: str | None = None, origin: LeadOrigin = "feed") -> Lead:
    return Lead(url=f"{SITE}{path}", title=title, origin=origin)


MAYOR = lead("/mayor-resigns-after-vote", "Mayor resigns after long vote")


@pytest.mark.parametrize(
    ("shown", "canonical", "is_another"),
    [
        (MAYOR, "/mayor-resigns-after-vote", True),
        (lead("/?p=120", "Mayor resigns after long vote"), "/?p=120", True),
        (lead("/noticias/120", "La alcaldesa dimite tras la votación"), "/noticias/120", True),
        # A headline in another script tells nothing.
        (lead("/120", "Мэр ушла в отставку"), "/120", False),
        (lead("/mayor-resigns-after-vote", "Мэр ушла в отставку"), "/120", True),
        # Without a headline of its source, the page has to call itself another one.
        (lead("/mayor-resigns-after-vote"), "/pier-closes-for-repairs", True),
        (lead("/mayor-resigns-after-vote"), "/mayor-resigns-after-vote", False),
        (lead("/bagian-dermaga-ditutup-lama"), "/bagian-dermaga-ditutup-lama", False),
        # The headline, or the address, is the one that was shown.
        (lead("/mayor-resigns-after-vote", PIER), "/pier-closes-for-repairs", False),
        (lead("/pier-closes-for-repairs", "Watch: all of it live"), "/pier", False),
        (lead("/120", "Pier to close"), "/120", False),
        # What was shown is in the text: the headline is new.
        (lead("/120", "Divers found more planned repairs"), "/120", False),
        # Nothing was shown that tells stories apart.
        (lead("/120"), "/120", False),
        (lead("/120", "Live"), "/120", False),
        (lead("/120", "Click here to read all of it", "listing"), "/120", False),
    ],
)
def test_what_was_shown_is_not_there(shown: Lead, canonical: str, is_another: bool) -> None:
    read = article(url=f"{SITE}{canonical}", title=PIER, body=TEXT)
    assert shows_another_story([PIER], read, shown) is is_another


@pytest.mark.parametrize(
    ("shown", "changes", "is_doubted"),
    [
        (lead("/pier-closes-for-repairs", PIER), {}, False),
        (lead("/120"), {}, False),
        (lead("/120"), {"word_count": 12}, True),
        (lead("/120"), {"flags": ["suspect_teaser"]}, True),
        (lead("/120"), {"flags": ["date_conflict"]}, True),
        (lead("/120"), {"flags": ["suspect_byline"]}, False),
        (lead("/mayor-resigns-after-vote"), {}, True),
        (lead("/120", "Pier closes for a party"), {}, True),
        (lead("/120", "Pier closes for repairs this week"), {}, False),
    ],
)
def test_what_is_to_be_read_once_more(
    shown: Lead, changes: dict[str, Any], is_doubted: bool
) -> None:
    known: dict[str, Any] = {"title": PIER, "body": TEXT, "word_count": 400}
    read = article(**known | changes)
    assert is_questionable(read, shown) is is_doubted
