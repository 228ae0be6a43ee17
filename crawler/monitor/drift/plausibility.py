"""What is wrong with an article by itself, whatever its outlet is like: its values, not their
presence.
"""

import re

from crawler.article import Article
from crawler.text.fingerprint import fold

BYLINE, TITLE, TEASER, ENCODING = (
    "suspect_byline",
    "suspect_title",
    "suspect_teaser",
    "suspect_encoding",
)
"""Values of `Article.flags`: what a value is, it cannot be."""

_TEASER_WORDS = 120
_MOST_NAMES = 8  # words of one author: "the Associated Press, with reports from ..."
_DIGITS = re.compile(r"\d")
_NO_TITLE = re.compile(
    r"(?:by|von|par|por|di)\s+\w+(?:\s+[\w.'-]+){0,3}|"
    r"(?:\w{3,12},?\s+)?(?:\d{1,2}\.?\s+\w{3,12}|\w{3,12}\s+\d{1,2}),?\s+\d{4}\b.{0,30}|"
    r"\d{4}-\d\d-\d\d.{0,20}|\d{1,2}[./]\d{1,2}[./]\d{2,4}.{0,20}",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:read|continue|view|see|show|full|weiter|lire|leer|leggi|lees|läs|les)\b[\w\s]{0,30}"
    r"(?:more|story|article|reading|lesen|mehr|suite|más|tutto|verder|mer)?\W*",
    re.IGNORECASE,
)
_LOST = re.compile("\ufffd|(?<![/.&])\\?(?=[^\\W\\d_])")  # no text has a letter behind "?"
_TWICE = re.compile("[ÂÃâÐÑ][\\x80-\\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def doubts(article: Article) -> list[str]:
    """Return the flags of values that cannot be what they are given for."""
    title = article.title
    found = {
        BYLINE: any(map(_is_no_name, article.authors)),
        TITLE: bool(_NO_TITLE.fullmatch(title)) or fold(title) in map(fold, article.authors),
        TEASER: _is_teaser(article),
        ENCODING: _is_garbled(f"{title}\n{article.body}"),
    }
    return [flag for flag, is_so in found.items() if is_so]


def _is_no_name(author: str) -> bool:
    words = author.split()
    is_sentence = len(words) > _MOST_NAMES or (len(words) > 5 and author.endswith((".", "!", "?")))
    return is_sentence or len(_DIGITS.findall(author)) >= 3 or "://" in author


def _is_teaser(article: Article) -> bool:
    """Tell whether a short body breaks off, or invites to read on."""
    if len(article.body.split()) > _TEASER_WORDS:
        return False
    last = article.body.rpartition("\n\n")[2].rstrip()
    return last.rstrip("])").endswith(("...", "…")) or (
        len(last) < 60 and len(last.split()) > 1 and bool(_MORE.fullmatch(last))
    )


def _is_garbled(text: str) -> bool:
    """Tell whether more letters than a slip of the pen were lost to an encoding."""
    lost = len(_LOST.findall(text)) + len(_TWICE.findall(text))
    return lost >= 2 and lost * 1_000 > len(text) / 4
