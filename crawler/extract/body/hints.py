"""Hints in the class and id of an element about its text, as many systems write them."""

import re
from functools import lru_cache
from typing import NamedTuple

NONE, WEAK, STRONG, ASIDE, COMMENTS = range(5)
"""How sure it is that a part is not of the story. `WEAK` counts only for small parts. `ASIDE` is
stated by the element itself (``aside``, ``footer``, ``figcaption``); `COMMENTS` are readers'."""

# Names are split at white space; one of these must be a word, or words, of such a name. A name is
# given a dash at either end: patterns that begin with a letter of their own are searched fast.
_STRONG = re.compile(
    r"""-(?:
    comment(?!ary)\w* | kommentar\w* | disqus | livefyre | respond | replies
    | related\w* | recommend\w* | recirc\w* | read-?(?:more|next|also) | see-?also | similar
    | more-?(?:news|stories|from|on|articles|links) | most-?(?:read|popular|viewed) | popular
    | trending | up-?next | also-?read | inline-?(?:related|links?) | further-?reading | latest\w*
    | siblings | newsletters? | subscri(?:be|ption)\w* | sign-?up | promos? | promo(?:box|tion\w*)
    | marketing | cta | donate | donation | support-(?:us|box|pay\w*) | login
    | shar(?:e|ing|er)\w* | social\w* | sociable | addthis | sharedaddy | follow-?us | follow
    | side-?bar\w* | breadcrumbs? | foot(?:er)? | nav | navbar | navigation | navi | menu\w*
    | cookies?\w* | consent | gdpr | search
    | ads? | adv | advert\w* | adsense | dfp | banner\w* | sponsor\w* | outbrain | taboola
    | pop-?up | modal | overlay | lightbox | toolbar
    | tags? | tag-?list | tag-?cloud | caption\w* | figcaption | by-?lines? | authors | bio
    | author-?(?:box|bio|info|card|profile|description|name|meta|block)? | contributors?
    | post-?meta | entry-?meta | article-?meta
    | info-?box\w* | fact-?box\w* | affiliate\w* | disclaimers? | disclosure
    | twitter-(?:tweet|video) | instagram-media | (?:tiktok|bluesky)-embed | fb-post
    | sign-?off | hidden | d-none | d-print-(?:only|block) | sr-?only | visually-?hidden
    | screen-?reader\w* | skip | print-?only | pagination | pager | copyright
    )(?=-)""",
    re.VERBOSE,
)
_WEAK = re.compile(
    r"""-(?:
    teasers? | promo\w* | meta | metadata | timestamp | date | pub-?date | time | datetime
    | publish\w* | posted-?on | kicker | eyebrow | overline | reading-?time | read-?time
    | time-?to-?read | gallery | slideshow | carousel | slider | swiper | video\w* | audio
    | image | img | photo\w* | picture | figure | media | credits? | legend
    | rating | ratings | poll | survey | quiz | tools | topics? | keywords
    | category | categories | support | membership | registration | register
    | jump | tooltip | alert | notes? | notice | error | no-?print | d-print-none | embed
    | text-xs | toc(?:-(?:list|block|box|container|wrapper))?(?=-$) | table-of-contents
    | references? | footnotes?
    | links? | list-?links | next | prev | previous | app-?download | download
    )(?=-)""",
    re.VERBOSE,
)
_COMMENTS = re.compile(r"comment|kommentar")
# Names that tell of something else: the state or layout of a part, the tags of a whole post.
_IRRELEVANT = re.compile(
    r"-(?:(?:has|no|with|without|tag|category|type|status|format|elementor|wp-container)-"
    r"|post-\d|page-(?:id|template)|w-embed|.*:)"
)
_BODY = re.compile(
    r"-(?:articlebody|(?:article|story|post|entry|news|blog)-*(?:body|content|text)"
    r"|body-?(?:text|content|copy))(?=-)"
)
_STANDFIRST = re.compile(
    r"-(?:stand-?first|dek|deck|leads?|lede|sub-?(?:title|head\w*|line)|summary|intro\w*"
    r"|excerpt|abstract|chapo|sapo|desc|description|vorspann|bajada|entradilla|sommario|occhiello"
    r"|ingress|preamble|strap-?line|synopsis|perex|epigraph|heading)(?=-)"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DASHES = re.compile("-+")
_MAX_NAMES = 400  # characters of a class that are looked at


class Hints(NamedTuple):
    """The meaning of an element's class and id for its text."""

    level: int = NONE
    body: bool = False
    """It holds the text of a story."""
    standfirst: bool = False
    why: str = ""
    """The word that says `level`."""


@lru_cache(maxsize=8192)
def read_hints(names: str) -> Hints:
    """Read the names of an element: its class and id, separated by a space."""
    level, body, standfirst, why = NONE, False, False, ""
    for name in map(_read_name, names[:_MAX_NAMES].split()):
        body = body or name.body
        standfirst = standfirst or name.standfirst
        if name.level > WEAK or (name.level == WEAK and level == NONE):
            level, why = max(level, name.level), name.why
    return Hints(level, body, standfirst, why)


@lru_cache(maxsize=8192)
def _read_name(name: str) -> Hints:
    words = f"-{name}-" if name.islower() else f"-{_CAMEL.sub('-', name)}-".lower()
    words = words.replace("_", "-")
    if "--" in words:
        words = _DASHES.sub("-", words)
    level, why = NONE, ""
    if not _IRRELEVANT.match(words):
        if found := _STRONG.search(words):
            why = found[0].strip("-")
            level = COMMENTS if _COMMENTS.match(why) else STRONG
        elif found := _WEAK.search(words):
            level, why = WEAK, found[0].strip("-")
    return Hints(level, bool(_BODY.search(words)), bool(_STANDFIRST.search(words)), why)
