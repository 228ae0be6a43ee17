"""Parts of a page outside its story: menus, readers' comments, other stories' teasers."""

import re
from itertools import islice

from lxml import etree

# Parts of a page that are about its readers or other stories, whatever their size.
_OTHER_STORIES = re.compile(
    r"(?<![a-z])comments?(?![a-z])|comment[-_]?list|disqus|respon[ds]e|related|recommend|leserbrief"
    r"|recent[-_]|similar|forum(?!-)"
)
# Names of such parts that wrappers of the whole story bear, too.
_BOX_NAMES = re.compile(
    r"sidebar|popular|latest|trending|most-?read|promo|newsletter|copyright|calendar|event|archive"
    r"|reply|suggest|(?<!re)search|menu|carousel|slider|ticker|weather|more-(?:stories|news|on)"
    r"|read-?(?:more|also|next)"
)
# An aside that tells of the story itself: its date, its author.
_STORY_META = re.compile(r"meta|byline|dateline|(?<![a-z])(?:date|data|blogdata)(?![a-z])")
_BOX_TAGS = frozenset(("aside", "nav", "form", "select", "figure", "figcaption", "button", "label"))
_CARD_TAGS = frozenset(("li", "article"))
_STORY_PARAGRAPHS = 5  # in an element, and it holds the story


def is_box(element: etree._Element) -> bool:
    """Tell whether an element is outside the story, by its tag, its class and what it holds."""
    tag = element.tag
    marks = class_and_id(element)
    if tag == "aside" and _STORY_META.search(marks):
        return False
    if tag in _BOX_TAGS or _OTHER_STORIES.search(marks):
        return True
    if tag == "footer":
        return next(element.iterancestors("article", "main"), None) is None
    is_card = (tag in _CARD_TAGS or "teaser" in marks) and any(
        element.find(f".//{level}") is not None for level in ("h2", "h3", "h4")
    )
    if not (is_card or _BOX_NAMES.search(marks)):
        return False
    return sum(1 for _ in islice(element.iter("p"), _STORY_PARAGRAPHS)) < _STORY_PARAGRAPHS


def class_and_id(element: etree._Element) -> str:
    """Return an element's classes and id, in lower case."""
    return f"{element.get('class', '')} {element.get('id', '')}".lower()
