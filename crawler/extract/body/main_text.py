"""The main text of a page, found without any rule for its outlet."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from parsel import Selector

from crawler.extract.body.script_text import read_script_text
from crawler.extract.body.story_blocks import read_story
from crawler.text.fingerprint import fold
from crawler.text.paragraphs import Paragraph, text_length

_MAX_SHORT = 1_500  # characters of a text of which the rest may be in a script
_MIN_STORY = 250  # characters of a text that may be none of the story


def read_main_text(
    root: Selector, url: str, title: str = "", standfirsts: Sequence[str] = ()
) -> list[Paragraph]:
    """Return the paragraphs of the page's main text.

    Where little is shown the text is sought in the page's scripts.

    Args:
        title: of the story; it is not part of the text.
        standfirsts: as the page states them.
    """
    site = (urlsplit(url).hostname or "").removeprefix("www.")
    own = read_story(root.root, site, title, standfirsts)
    size = text_length(own)
    if size >= _MAX_SHORT:
        return own
    state = read_script_text(root.root)
    longest = fold(max((part.text for part in own), key=len, default=""))[:60]
    if text_length(state) > 2 * size and (
        size < _MIN_STORY or longest in fold("".join(part.text for part in state))
    ):
        return state
    return own
