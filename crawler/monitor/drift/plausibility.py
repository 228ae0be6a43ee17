"""Implausible values of an article: a byline that is a sentence, a title that is a date."""

import re

from crawler.article import Article
from crawler.text.fingerprint import fold

_MAX_TEASER_WORDS = 120
_MAX_NAME_WORDS = 8  # words of one author: "the Associated Press, with reports from ..."
_DIGITS = re.compile(r"\d")
_DATE_OR_BYLINE = re.compile(
    r"(?:by|von|par|por|di)\s+\w+(?:\s+[\w.'-]+){0,3}|"
    r"(?:\w{3,12},?\s+)?(?:\d{1,2}\.?\s+\w{3,12}|\w{3,12}\s+\d{1,2}),?\s+\d{4}\b.{0,30}|"
    r"\d{4}-\d\d-\d\d.{0,20}|\d{1,2}[./]\d{1,2}[./]\d{2,4}.{0,20}",
    re.IGNORECASE,
)
_READ_MORE = re.compile(
    r"(?:read|continue|view|see|show|full|weiter|lire|leer|leggi|lees|läs|les)\b[\w\s]{0,30}"
    r"(?:more|story|article|reading|lesen|mehr|suite|más|tutto|verder|mer)?\W*",
    re.IGNORECASE,
)
_LOST_LETTER = re.compile("\ufffd|(?<![/.&])\\?(?=[^\\W\\d_])")  # no text has a letter behind "?"
_ENCODED_TWICE = re.compile("[ÂÃâÐÑ][\\x80-\\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def suspect_flags(article: Article) -> list[str]:
    """Return the flags (`Article.flags`) of values that cannot be what they are given for."""
    title = article.title
    found = {
        "suspect_byline": any(map(_is_not_a_name, article.authors)),
        "suspect_title": bool(_DATE_OR_BYLINE.fullmatch(title))
        or fold(title) in map(fold, article.authors),
        "suspect_teaser": _is_teaser(article),
        "suspect_encoding": _is_garbled(f"{title}\n{article.body}"),
    }
    return [flag for flag, is_so in found.items() if is_so]


def _is_not_a_name(author: str) -> bool:
    words = author.split()
    is_sentence = len(words) > _MAX_NAME_WORDS or (
        len(words) > 5 and author.endswith((".", "!", "?"))
    )
    return is_sentence or len(_DIGITS.findall(author)) >= 3 or "://" in author


def _is_teaser(article: Article) -> bool:
    """Tell whether a short body breaks off, or invites to read on."""
    if len(article.body.split()) > _MAX_TEASER_WORDS:
        return False
    last = article.body.rpartition("\n\n")[2].rstrip()
    return last.rstrip("])").endswith(("...", "…")) or (
        len(last) < 60 and len(last.split()) > 1 and bool(_READ_MORE.fullmatch(last))
    )


def _is_garbled(text: str) -> bool:
    """Tell whether more letters than a slip of the pen were lost to an encoding."""
    lost = len(_LOST_LETTER.findall(text)) + len(_ENCODED_TWICE.findall(text))
    return lost >= 2 and lost * 1_000 > len(text) / 4
