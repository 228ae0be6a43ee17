"""Names of authors, told apart from roles, accounts, dates and the words around them."""

import re

from crawler.text.dates.parser import is_date
from crawler.text.tidy import tidy

BY = re.compile(
    r"(?:(?:(?:written|posted|reported|words|story|text|published|analysis|opinion|photos?) by"
    r"|(?:erstellt|geschrieben|verfasst|rezept|beitrag) von|(?:escrito|publicado) por"
    r"|(?:[ée]crit|publi[ée]) par|scritto da|skrevet av"
    r"|by|von|por|par|di|door|av|af|από|oleh|yazan|autor(?:in|en)?(?:/autor(?:in)?)?|author|auteur"
    r"|texte?|tekst|texto|testo|автор|текст|작성자|作者|著者|撰文|記者|文))(?:[\s:：●／/]\s*|$)",
    re.IGNORECASE,
)
"""What stands before the names in a byline."""
_NAME_SEPARATOR = re.compile(
    r"\s*[,;•·／]\s*(?:and\s|und\s|et\s)?|\s+(?:and|und|et|y|e|en|og|och|i|ve|και|и|with|&)\s+(?=\S)"
)
_REVERSED = re.compile(r"([^\W\d_]*[a-zà-ÿ]), ([^\W\d_]*[a-zà-ÿ])")  # "Doe, Jane"
_DESK = re.compile(r"(?i)\b(?:staff|team|desk|redaktion)\b")
_GROUP = re.compile(
    r"(?i)\b(?:team|staff|desk|redaktion|editorial|news|media|magazin\w*|times|zeitung|post|press"
    r"|agenc\w+|agentur\w*|channel|radio|tv|gmbh|inc|ltd|e\.\s?v|verein|university|foundation"
    r"|blog|online)\b|\w\.(?:com|org|net|de|at|ch|uk|fr)\b|blatt\b|magazin\b"
)
_ADDRESS = re.compile(r"[@?!:]|://|www\.")
_ACCOUNT = re.compile(r"[a-z][^\s]*|[!-~]*(?:\d|[a-z][A-Z])[!-~]*", re.ASCII)
_MAX_NAME = 60  # characters of a name
_MAX_WORDS = 6  # words of a name
_PARTICLES = frozenset(
    "von van de der den del della di da du dos das la le el al bin ben ibn y e af av zu zur zum"
    " ter ten the of und and for".split()
)
_NOT_NAME = re.compile(r"[?!@#©=<>{}\[\]…:：%+*\d]|://|www\.|\.(?:com|org|net|html?)\b")
_NO_NAME_WORDS = frozenset(
    "a about after ago all alle alles am and are article artikel at author authors autor "
    "autoren bio bist bluesky by close comment comments contact contributors copier copy "
    "copyright date datum email facebook folgen follow foto fotos fri friday from gesponserte "
    "getty have home image in instagram is kommentare kopieren last latest lesezeit license "
    "linkedin listen loading login mehr menu merken min mins minute minutes mon monday more "
    "my news newsletter on open partager people photo photos pinterest play post posted posts "
    "print profile published read reading recherche reddit sat saturday save search see share "
    "shares shutterstock sign source stand subscribe sun sunday teilen this threads thu "
    "thursday topics tue tuesday twitter uhr um unser update updated uppdaterad verfasst "
    "veröffentlicht video view views was website wed wednesday welcome what whatsapp who why "
    "with written you your zum zur übersicht снимка".split()
)
_DEGREES = re.compile(
    r"(?:[\s,]+(?:Ph\.?D|M\.?D|RDN?|LD|MSc?|M\.?A|B\.?A|MBA|MPH|J\.?D|Esq|RN|DDS|BSc|CP[AT]|CF[AP]"
    r"|LLM)\.?)+$"
)
_AFFILIATION = re.compile(r"(?<=\w)(?:\s*\||\s+[–—-]\s).*|\s기자$")  # "Jane Doe | Daily Post"
_ROLES = re.compile(
    r"(?i)\b(?:editor|reporter|correspondent|officer|writer|journalist|redakteur(?:in)?|head of"
    r"|director|columnist|contributor|producer|president|professor|manager|fellow|analyst|chief"
    r"|founder|korrespondent(?:in)?|reporterin|autorin|expert)\b"
)


def split_names(text: str) -> list[str]:
    """Split a byline into its names, without "by", academic degrees and, beside names, roles."""
    text = tidy(text)
    if by := BY.match(text):
        text = text[by.end() :]
    if reverse := _REVERSED.fullmatch(text):
        text = f"{reverse[2]} {reverse[1]}"
    parts = [part.strip(" .-–—:|") for part in _NAME_SEPARATOR.split(_AFFILIATION.sub("", text))]
    parts = [_DEGREES.sub("", part) for part in parts if not _DEGREES.fullmatch(" " + part)]
    names = [part for part in parts if part and not _ROLES.search(part)]
    # "Jane Doe, Lisbon": a word alone after a name is where she wrote it.
    if names and " " in names[0]:
        names = [name for name in names if " " in name or name.isupper() or not name.isascii()]
    return names or [part for part in parts if part]


def is_name(text: str, *, exact: bool = False) -> bool:
    """Tell whether a piece of visible text can be the name of a person, a desk or an agency.

    Args:
        exact: the markup says that it is one: it can be an account's name too.
    """
    words = text.split()
    if not words or len(text) < 2 or len(text) > _MAX_NAME or len(words) > _MAX_WORDS:
        return False
    if any(word.lower().strip(".,'’") in _NO_NAME_WORDS for word in words):
        return False
    if all(word.lower() in _PARTICLES for word in words) or BY.fullmatch(text):
        return False
    if exact and len(words) < 3 and not _ADDRESS.search(text) and any(map(str.isalpha, text)):
        return not is_date(text) and not text.isdigit()
    if _NOT_NAME.search(text) or is_date(text):
        return False
    if _ROLES.search(text) and not _DESK.search(text):
        return False
    return not any(word.islower() and word not in _PARTICLES for word in words)


def is_full_name(text: str) -> bool:
    """Tell whether a name has more than one word, or is in a script that does without spaces."""
    return " " in text or any(char > "\u2e80" for char in text)


def is_group(text: str) -> bool:
    """Tell whether `text` looks like the name of a desk, an outlet or an organisation."""
    return bool(_GROUP.search(text)) or len(text.split()) > _MAX_WORDS


def is_account(text: str) -> bool:
    """Tell whether `text` is an account's name rather than a person's: ``jane-doe``, ``j.doe7``."""
    return bool(_ACCOUNT.fullmatch(text))
