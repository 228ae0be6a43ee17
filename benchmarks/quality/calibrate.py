"""Share of right fields, by origin and recorded confidence, on pages with gold."""

from collections import defaultdict
from pathlib import Path

from benchmarks.quality.scorer import Scorer
from crawler.reparse.corpus import as_prediction, read_article, saved_pages
from settings.base import ITEM_PIPELINES

_METRICS = {"title": "title", "authors": "authors", "published": "day"}


def calibrate(places: list[Path], scorer: Scorer) -> list[str]:
    """Return a table: field, origin, confidence recorded, pages, share of them right."""
    right: dict[tuple[str, str, float], list[float]] = defaultdict(list)
    for place in places:
        for saved in saved_pages(place):
            if not saved.path.is_file() or not any(
                map(saved.gold.get, ("title", "authors", "date"))
            ):
                continue
            article = read_article(saved.page(), ITEM_PIPELINES)
            scored = scorer.page(place.name, saved.gold, as_prediction(article))
            for name, metric in _METRICS.items():
                if name in article.origins and metric in scored:
                    key = (name, article.origins[name], article.confidence[name])
                    right[key].append(float(scored[metric]))
    return [
        f"{name:<12}{origin:<12}{confidence:6.2f}{len(values):7}{sum(values) / len(values):8.3f}"
        for (name, origin, confidence), values in sorted(right.items())
    ]
