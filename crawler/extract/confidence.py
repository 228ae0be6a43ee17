"""The confidence in a field: how likely it is right, by its origin and whether another agrees.

Measured: the shares of pages on which a value was right, on the real pages with gold of the quality
benchmark; `python -m benchmarks quality --calibrate` prints them. Outlets' own selectors, what a
source of leads stated and an outlet's declarations occur on none of those pages: their values are
reasoned. A selector was written for the very field and checked on a page; a feed says what its
outlet's system does, as meta tags do; a listing shows texts cut short.
"""

from collections.abc import Sequence

from crawler.article import Article
from crawler.extract.candidates import Candidates
from crawler.text.fingerprint import fold

_ORIGINS = ("jsonld", "meta", "microdata", "generic")
_MEASURED: dict[str, dict[str, tuple[float, float]]] = {
    field: dict(zip(_ORIGINS, shares, strict=True))
    for field, shares in {
        "title": ((0.94, 0.83), (0.94, 0.88), (0.80, 0.80), (0.67, 0.67)),
        "authors": ((0.92, 0.91), (0.88, 0.84), (0.85, 0.85), (0.91, 0.81)),
        "published": ((0.94, 0.89), (0.97, 0.90), (0.97, 0.97), (0.97, 0.95)),
    }.items()
}
"""By field and origin: where another origin states the same, and where none does. On fewer than
twenty pages the two are taken together; nothing is surer than .97."""
DEFAULT_CONFIDENCE = {
    "selector": 0.98,
    **dict.fromkeys(("outlet", "text", "rest"), 0.95),
    **dict.fromkeys(("feed", "sitemap", "jsonld", "meta", "microdata", "state"), 0.9),
    "generic": 0.8,
    "listing": 0.7,
}
"""By origin, for fields and origins that no gold measures."""


def rate_fields(article: Article, candidates: Sequence[Candidates]) -> dict[str, float]:
    """Return, for each field of `article.origins`, how likely it is right: 0 to 1."""
    rated: dict[str, float] = {}
    for name, origin in article.origins.items():
        confirmed, alone = _MEASURED.get(name, {}).get(origin, (DEFAULT_CONFIDENCE[origin],) * 2)
        others = [other for other in candidates if other.origin != origin]
        rated[name] = confirmed if _is_confirmed(name, article, others) else alone
    return rated


def _is_confirmed(name: str, article: Article, others: list[Candidates]) -> bool:
    """Tell whether one of `others` states the value of a field, too."""
    if name == "title":
        wanted = [fold(article.title)]
        values = [fold(text[:500]) for other in others for text in other.titles[:5]]
    elif name == "authors":
        wanted = [fold(author) for author in article.authors]
        values = [fold(" ".join([*other.authors, *other.groups])[:2_000]) for other in others]
    elif name == "published" and article.published:
        wanted = [article.published.text[:10], f"{article.published.at:%Y-%m-%d}"]
        values = [text[:10] for other in others for text in other.published[:5]]
        return any(text in wanted for text in values)
    else:
        return False
    return any(all(text in line for text in wanted) for line in values)
