import json
from datetime import UTC, datetime

import pytest

from crawler.article import Article
from crawler.extract.candidates import Candidates
from crawler.extract.confidence import rate_fields
from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig
from tests.quality.pages import FETCHED, Sample, samples

NOW = datetime(2024, 12, 1, tzinfo=UTC)


def article(**changes: object) -> Article:
    values: dict[str, object] = {"outlet": "x", "url": "u", "fetched": NOW, "first_seen": NOW}
    return Article(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "stated"),
    [
        ("title", "Ferry returns", {"titles": ["FERRY returns - The Post"]}),
        ("authors", ["Ana Poe"], {"authors": ["By Ana Poe"]}),
    ],
)
def test_what_another_states_too_is_likelier(field: str, value: object, stated: object) -> None:
    read = article(**{field: value}, origins={field: "jsonld"})
    assert isinstance(stated, dict)
    own, other = Candidates(origin="jsonld", **stated), Candidates(origin="meta", **stated)
    alone = rate_fields(read, [own])[field]
    assert 0 < alone < rate_fields(read, [own, other])[field] <= 1


def test_every_field_of_a_page_has_a_confidence() -> None:
    for sample in samples():
        page = FetchedPage(sample.url, sample.markup.encode(), sample.encoding, FETCHED)
        read = read_page(page, ExtractionConfig(outlet="x", languages=("en",)))
        assert read.confidence.keys() == read.origins.keys()
        assert all(0 < value <= 1 for value in read.confidence.values())


def read(sample: Sample, head: str = "") -> Article:
    markup = sample.markup.replace("</head>", f"{head}</head>", 1)
    page = FetchedPage(sample.url, markup.encode(), sample.encoding, FETCHED)
    return read_page(page, ExtractionConfig(outlet="x", languages=("en",)))


def test_without_json_ld_the_source_changes_and_not_the_value() -> None:
    """Of pages that show what their JSON-LD states."""
    same = switched = total = 0
    for sample in samples():
        if "ld+json" in sample.markup:
            continue
        linked: dict[str, object] = {
            "@type": "NewsArticle",
            "headline": sample.title,
            "datePublished": sample.date,
        }
        linked["author"] = [{"@type": "Person", "name": name} for name in sample.authors or ()]
        with_it = read(sample, f'<script type="application/ld+json">{json.dumps(linked)}</script>')
        without = read(sample)
        for name in ("title", "authors", "published"):
            if with_it.origins.get(name) != "jsonld":
                continue
            values = [getattr(article, name) for article in (with_it, without)]
            if name == "published":
                values = [value and (value.at, value.precision) for value in values]
            total += 1
            same += values[0] == values[1]
            switched += without.origins.get(name) not in ("jsonld", None)
    assert total > 60
    assert switched >= 0.95 * total
    assert same >= 0.95 * total, (same, total)
