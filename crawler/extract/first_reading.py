"""What a story's first reading may be instead of it: there is nothing yet to compare it with."""

from collections.abc import Iterable

from crawler.article import DATE_CONFLICT, Article
from crawler.lead import Lead
from crawler.text.canonical import folded_words, is_canonical
from crawler.text.same_story import MIN_STORY
from crawler.text.urls import path_of

MIN_SHOWN = 3
"""Words of a headline, or in an address, that tell which story it is."""
_MAX_TEXT = 20_000  # characters of a text that are looked at
_DOUBTS = frozenset({"suspect_teaser", DATE_CONFLICT})
_NONE: frozenset[str] = frozenset()


def shows_another_story(titles: Iterable[str], article: Article, lead: Lead) -> bool:
    """Tell whether a page clearly is of another story than its source has shown.

    Neither the words of the headline there nor those in the address are in one of its own `titles`.
    That alone is not clear: headlines change, and addresses are often in another language. So most
    of the words of both are not in its text, either, or its canonical link leads to another story.
    What is in another script than the headline tells nothing. Of 399 real stories the address is as
    strange to headline and text in twelve, and of 387 pairs of stories of one corpus and language
    the other one is in 364.
    """
    own = list(map(folded_words, titles))
    stated, named = (words if _share_a_script(words, own[0]) else _NONE for words in _shown(lead))
    if not (stated or named) or any(
        _is_in(words, title) for title in own for words in (stated, named)
    ):
        return False
    is_foreign = bool(stated) and not _is_in_text([stated, named], article)
    return is_foreign or not is_canonical(article.url, lead.url)


def is_questionable(article: Article, lead: Lead) -> bool:
    """Tell whether a story may be more, or another, than its first reading: one more tells."""
    if article.word_count < MIN_STORY or not _DOUBTS.isdisjoint(article.flags):
        return True
    shown, title = _shown(lead), folded_words(article.title)
    is_reworded = bool(shown[0] - title and title - shown[0])
    strange = [words for words in shown if words and not _is_in(words, title)]
    return is_reworded or any(not _is_in_text([words], article) for words in strange)


def _shown(lead: Lead) -> list[frozenset[str]]:
    """Return the words by which a source has shown a story, and those in its address; if enough."""
    stated = lead.title if lead.origin != "listing" else None  # a link may just say "read it here"
    found = map(folded_words, (stated or "", path_of(lead.url).rpartition("/")[2]))
    return [words if len(words) >= MIN_SHOWN else _NONE for words in found]


def _share_a_script(some: frozenset[str], others: frozenset[str]) -> bool:
    return not {word.isascii() for word in some}.isdisjoint(word.isascii() for word in others)


def _is_in(shown: frozenset[str], title: frozenset[str]) -> bool:
    return bool(shown) and 4 * len(shown & title) >= len(shown)


def _is_in_text(shown: Iterable[frozenset[str]], article: Article) -> bool:
    """Tell whether most of the words of one of the sets are in the story's text."""
    text = folded_words(article.body, _MAX_TEXT)
    return any(words and 4 * len(words & text) >= 3 * len(words) for words in shown)
