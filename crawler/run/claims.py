"""Which stories of a run have which address: no two have the same, whatever their pages call it."""

from collections import Counter

from crawler.article import CANONICAL_DOUBTED, Article
from crawler.store.collection import Document
from crawler.text.canonical import folded_words
from crawler.text.fingerprint import fold
from crawler.text.same_story import page_key
from crawler.text.urls import identity

_Story = tuple[frozenset[str], frozenset[int]]
"""By what a story is known again: the words of its headline, and its paragraphs."""


class Claims:
    """The stories of a run by their addresses, and how many leads ended in each."""

    def __init__(self) -> None:
        self._stories: dict[str, _Story] = {}
        self._pages: dict[object, str] = {}
        self._leads: Counter[str] = Counter()

    def claim(self, article: Article, own: str) -> None:
        """Give an article its `own` address back where its canonical one is another story's."""
        paragraphs = frozenset(hash(fold(text)) for text in article.body.split("\n\n"))
        story = (folded_words(article.title), paragraphs)
        first = self._stories.setdefault(identity(article.url), story)
        if article.url != own and _is_another(story, first):
            article.aliases = [alias for alias in article.aliases if alias != own]
            article.url = own
            article.origins.pop("url", None)
            article.flags.append(CANONICAL_DOUBTED)
            self._stories.setdefault(identity(own), story)
        key = (page_key(article.url, article.body), article.published and article.published.at)
        self._leads[self._pages.setdefault(key, article.url)] += 1

    def is_repeated(self, article: Article) -> bool:
        """Tell whether another lead ended in the same article: the two should look alike."""
        return self._leads[article.url] > 1

    @property
    def merged(self) -> Document | None:
        """How many leads ended in articles of other leads, too, and where most did; None if no."""
        shared = {url: leads for url, leads in self._leads.items() if leads > 1}
        if not shared:
            return None
        worst = max(shared, key=lambda url: shared[url])
        counts = {"leads": sum(shared.values()), "articles": len(shared)}
        return counts | {"worst": worst, "most": shared[worst]}


def _is_another(one: _Story, other: _Story) -> bool:
    """Tell whether less than half of the headline and of the text are the same."""
    return all(2 * len(a & b) < min(len(a), len(b)) for a, b in zip(one, other, strict=True))
