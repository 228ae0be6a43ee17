"""Stories whose source delivers them whole: read without fetching their pages."""

import html
import re
from dataclasses import replace
from datetime import datetime

from lxml import etree

from crawler.article import PAGE_ORIGINS, Article, Image
from crawler.errors import ParseFailure
from crawler.extract.confidence import DEFAULT_CONFIDENCE
from crawler.extract.headline import texts_of
from crawler.extract.page import FetchedPage, read_page
from crawler.extract.plausible import is_shortened
from crawler.lead import Lead, SourceContent
from crawler.outlet import ExtractionConfig, Selectors
from crawler.text.fingerprint import word_count
from crawler.text.tidy import tidy

_MIN_WORDS = 100  # words; fewer may be a teaser. WordPress cuts its own excerpts after 55.
_ENDING = 60  # characters of a text in which it says that it goes on elsewhere
_CONTINUED = re.compile(
    r"(?:(?:continue|keep) reading|read (?:more|on|the (?:full|whole) (?:article|story))"
    r"|weiterlesen|lire (?:la suite|plus)|(?:seguir|sigue) leyendo|leer más|ler mais|leia mais"
    r"|leggi tutto|continua a leggere|lees (?:meer|verder)|läs mer|læs mere|les mer|czytaj dalej"
    r"|devamını oku|читать (?:далее|дальше)|читати далі|اقرأ المزيد|مزید پڑھیں|आगे पढ़ें|续读|阅读全文"
    r"|続きを読む)\W*$",
    re.IGNORECASE,
)
# What builders of pages put around every part, where their plug-in does not work in the REST API.
_SHORTCODE = re.compile(r"\[/[a-z][a-z0-9_-]{1,40}\]")
# Parts that the most used plug-ins for subscriptions put in the place of the rest of a story, and
# WordPress's own links to it.
_GATE = re.compile(
    r"more-link|post-password-form|paywall|content-gate|locked-content|rcp_restricted"
    r"|pmpro_content|mepr-unauthorized|memberships?-restriction|swpm-(?:\w+-)?protected"
)
_LAST_TAGS = re.compile(r"</(?:body|html)\b[^<>]*>?", re.IGNORECASE)


def is_complete(content: str, excerpt: str = "") -> bool:
    """Tell whether a source delivers all of a story, as far as one can see.

    Args:
        content: as delivered, in HTML.
        excerpt: the story's summary as delivered, in HTML; some outlets deliver it twice.
    """
    tree = _parse(content)
    text = _text(tree)
    if word_count(text) < max(_MIN_WORDS, 1.5 * word_count(_text(_parse(excerpt)))):
        return False
    if is_shortened(text) or _CONTINUED.search(text[-_ENDING:]) or _SHORTCODE.search(text):
        return False
    names = (name for part in tree.iter(etree.Element) for name in map(part.get, ("class", "id")))
    return not any(name and _GATE.search(name) for name in names)


def read_source_content(lead: Lead, config: ExtractionConfig, fetched: datetime) -> Article:
    """Read a story from its lead's content, with the general rules and the outlet's own.

    Of the outlet's selectors only `drop` applies: the others name parts of its pages. Where the
    outlet does not declare where its body is, the content's furniture is left out as a page's.

    Raises:
        ParseFailure: it breaks the parser.
    """
    assert lead.content
    page = FetchedPage(lead.url, _compose(lead, lead.content), encoding="utf-8", fetched=fetched)
    article = read_content_page(page, config, lead)
    article.markup = page.body
    return article


def read_content_page(page: FetchedPage, config: ExtractionConfig, lead: Lead) -> Article:
    """Read a story from a page that `read_source_content` put together.

    Raises:
        ParseFailure: it breaks the parser.
    """
    declared = config.selectors
    selectors = Selectors(
        body="body" if declared.body else (), drop=("body > h1:first-child", *declared.drop)
    )
    try:
        article = read_page(page, replace(config, selectors=selectors), lead)
    except (MemoryError, ParseFailure):
        raise
    except Exception as error:  # it must not cost the other stories of the response
        raise ParseFailure(f"malformed_{type(error).__name__}") from error
    article.origins = {
        name: lead.origin if origin in PAGE_ORIGINS else origin
        for name, origin in article.origins.items()
    }
    article.confidence = {name: DEFAULT_CONFIDENCE[o] for name, o in article.origins.items()}
    for name in ("published", "modified"):
        if date := getattr(article, name):
            setattr(article, name, replace(date, source=article.origins[name]))
    article.charset = page.encoding
    return article


def _compose(lead: Lead, content: SourceContent) -> bytes:
    """Return a page with nothing on it but the story."""
    title = html.escape(lead.title or "")
    head = [f"<title>{title}</title>"]
    if content.standfirst:
        head.append(f'<meta name="description" content="{html.escape(content.standfirst)}">')
    if content.image:
        head.append(f'<meta property="og:image" content="{html.escape(content.image.url)}">')
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">{"".join(head)}</head><body>\n'
        f"<h1>{title}</h1>\n{_figure(content.image)}{_without_end(content.html)}\n</body></html>\n"
    ).encode(errors="replace")


def _figure(image: Image | None) -> str:
    if not (image and image.caption):
        return ""
    url, text = html.escape(image.url), html.escape(image.caption)
    return f'<figure><img src="{url}"><figcaption>{text}</figcaption></figure>\n'


def _without_end(markup: str) -> str:
    """Remove tags that end the page: the parser reads nothing behind them."""
    return _LAST_TAGS.sub("", markup)


def _parse(markup: str) -> etree._Element:
    parser = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
    text = f"<body>{_without_end(markup)}".replace("\x00", "").encode(errors="replace")
    return etree.fromstring(text, parser=parser)


def _text(tree: etree._Element) -> str:
    return tidy(" ".join(texts_of(tree)))
