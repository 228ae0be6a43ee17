"""The authors, chosen among the names in a page's markup, in the lead and in the byline."""

import re
from collections.abc import Callable, Collection, Iterable

from crawler.extract.candidates import Candidates
from crawler.extract.people.names_and_roles import is_account, is_group, split_names
from crawler.text.dates.parser import is_date
from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

_MAX_LIST = 2_000  # characters of a list of names
_MAX_NAME = 100  # characters of a name
_NOT_AUTHORS = frozenset(
    "admin administrator author editor guest root superadmin user webadmin webmaster noauthor"
    " none null undefined anonymous".split()
)
_AGENCIES = re.compile(r"(?:agenc|agentur|agenz|agên)\w+", re.IGNORECASE)
_ADDRESS = re.compile(r"@|\[at\]|://|www\.", re.IGNORECASE)


def choose_authors(
    candidates: list[Candidates], site: Collection[str], byline: Callable[[], list[str]]
) -> tuple[list[str], str] | None:
    """Return the authors and their origin.

    People come first, from the first source that names any; then the byline the page shows; then
    what is stated though it is the outlet's own name, an organisation's or an account's.

    Args:
        site: the outlet's names, folded.
        byline: reads the names in the byline; called only where no source names a person.
    """
    weak: tuple[list[str], str] | None = None
    for part in candidates:
        if part.origin == "selector" and (names := clean_names(part.authors)):
            return names, part.origin
        people = [name for text in dict.fromkeys(part.authors) for name in _people(text, site)]
        named = [name for name in people if fold(name) not in site and not is_account(name)]
        if not all(map(is_group, named)):
            people += [name for name in clean_names(part.groups, split=False) if name not in people]
            people = [name for name in people if not is_account(name) and fold(name) not in site]
            return people, part.origin
        if not weak and (names := clean_names([*part.authors, *part.groups], split=False)):
            weak = names, part.origin
    shown = clean_names(byline())
    if len(shown) > 1:
        shown = [name for name in shown if not _AGENCIES.fullmatch(name)]
    if shown and (not weak or any(" " in name and fold(name) not in site for name in shown)):
        return shown, "generic"
    return weak


def _people(text: str, site: Collection[str]) -> list[str]:
    """Return the names in a text; beside the outlet's own a single word is where it sits."""
    names = [] if fold(text) in site else clean_names([text])
    if any(fold(name) in site for name in names):
        return [name for name in names if " " in name and fold(name) not in site]
    return names


def clean_names(texts: Iterable[str], *, split: bool = True) -> list[str]:
    """Return the names in `texts`, each once, without placeholders, addresses and dates."""
    names: dict[str, str] = {}
    for text in texts:
        if len(text) > _MAX_LIST or is_date(text):
            continue
        for name in split_names(text) if split else [tidy(text)]:
            if not _ADDRESS.search(name) and len(name) <= _MAX_NAME:
                names.setdefault(fold(name), name)
    return [name for folded, name in names.items() if folded and folded not in _NOT_AUTHORS]
