"""Pages that stand in place of a story: captchas, consent walls, refusals, maintenance, soft 404s.

They answer with status 200 and read like a short story. What tells them from stories that carry the
same scripts and banners is that there is no story on them.
"""

import re
from itertools import islice

from lxml import etree
from parsel import Selector

from crawler.article import Article
from crawler.extract.headline import texts_of
from crawler.text.tidy import tidy

_MAX_WORDS = 150  # words of the longest text a challenge shows, but for consent
_MAX_CONSENT_WORDS = 900  # words of the longest consent page
_MAX_TITLE = 90  # characters of the longest title of a challenge
_TITLE_PARTS = re.compile(r"\s[|–—·-]\s|[!?…,]|\.{3}|\.$")
_MAX_NOTE = 40  # words of a text that is a note in place of one
_MAX_LINES = 1_000  # paragraphs of a page without a text that are looked at
_MAX_TEXT = 4_000  # characters of a page's text that are looked at
_CAPTCHA_MARKS = re.compile(
    r"challenge-platform|/cdn-cgi/challenge|cf[-_]turnstile|challenges\.cloudflare|cf_chl_|"
    r"hcaptcha\.com|recaptcha/(?:api|enterprise)|g-recaptcha|captcha-delivery\.com|datadome|"
    r"px-captcha|perimeterx|_incapsula_resource|awswaf|perfdrive|geetest|arkoselabs|friendlycaptcha",
    re.IGNORECASE,
)
_CAPTCHA = re.compile(
    r"^(?:just a moment|one moment, please|attention required|security (?:check|verification)|"
    r"are you (?:a |an? )?(?:robot|human)|verif(?:y|ying) (?:that )?you are (?:a )?human|"
    r"(?:please )?(?:verify|confirm) (?:that )?you(?:'|’)?(?: a)?re (?:human|not a robot)|"
    r"human verification|robot check|bot (?:check|verification)|captcha|"
    r"pardon our interruption|checking (?:your browser|if the site connection is secure)|"
    r"ddos protection|please wait\W*$|un instant|nur einen moment|un momento|"
    r"sind sie ein (?:mensch|roboter)|êtes-vous un (?:humain|robot)|eres un robot)",
    re.IGNORECASE,
)
_CAPTCHA_TEXT = re.compile(
    r"(?:you are|you're|you’re) (?:not a robot|human)|not a (?:ro)?bot\b|complete the (?:captcha|"
    r"security check)|checking your browser|unusual (?:traffic|activity) from|"
    r"enable javascript and cookies to continue|kein roboter|pas un robot|no soy un robot|"
    r"slide (?:right )?to (?:complete|verify|secure)|press (?:&|and) hold",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"^(?:(?:error )?403\b|access (?:to this page )?(?:has been |is )?(?:denied|forbidden|blocked)|"
    r"forbidden|(?:sorry, )?you have been blocked|(?:the )?request (?:blocked|rejected|"
    r"could not be satisfied)|(?:error )?(?:429|451)\b|too many requests|unavailable (?:for legal "
    r"reasons|due to legal)|(?:content |this (?:page|content|site) is )?not available in your "
    r"(?:region|country|location)|zugriff verweigert|accès refusé|acceso denegado|accesso negato)",
    re.IGNORECASE,
)
_BLOCKED_TEXT = re.compile(
    r"you (?:don't|don’t|do not) have permission to access|you have been blocked|"
    r"your (?:ip|request) (?:address )?(?:has been|was) (?:blocked|rejected)|"
    r"(?:automated|bot) (?:access|traffic|requests?)|incident id|reference #|ray id|"
    r"not available in your (?:region|country|location)|european economic area|support id",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"^(?:(?:please )?(?:log|sign)[ -]?in\b|login|anmelden|anmeldung|connexion|se connecter|"
    r"iniciar sesión|accedi|create (?:a free |an )?account|subscribe to (?:continue|read)|"
    r"register to (?:continue|read))",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"^(?:(?:error|oops|sorry)?[\s!:,.|–-]*)?(?:404\b|(?:the |this |that )?(?:page|article|story|"
    r"content|requested page|page you(?:'re| are)? (?:looking for|requested))\W* ?(?:was |is "
    r"|could |can(?:'|’|no)t |can not |cannot |has |does |doesn(?:'|’)t |you |no longer "
    r"|not |be |been )+(?:found|exist|available|be found|moved|removed|expired|displayed)|"
    r"(?:we can(?:'|’)?t|we could(?:n(?:'|’)t| not)) find (?:that|this|the) page|nothing found|"
    r"page (?:not found|introuvable|non trouvée)|not found\b|seite nicht gefunden|"
    r"página no encontrada|pagina non trovata|pagina niet gevonden|página não encontrada|"
    r"sidan (?:kunde inte hittas|hittades inte)|strona nie została znaleziona)",
    re.IGNORECASE,
)
# All of what stands in place of a text: headlines and texts of stories begin like that, too.
_REMOVED = re.compile(
    r"^\W*(?:(?:article|story|post|page|content) )?(?:removed|deleted|withdrawn|retracted)\W*$|"
    r"^(?:this|the) (?:article|story|post|page|content|item) (?:has been|was|is|has) (?:since )?"
    r"(?:removed|deleted|withdrawn|retracted|taken down|unpublished|expired|no longer (?:available|"
    r"online))\b[^.]{0,60}\.?$|"
    r"^(?:dieser|der) (?:artikel|beitrag) (?:wurde|ist) (?:entfernt|gelöscht|zurückgezogen|"
    r"nicht mehr verfügbar)\W*$|"
    r"^cet article (?:a été (?:supprimé|retiré)|n(?:'|’)est plus disponible)\W*$|"
    r"^este? (?:artículo|artigo) (?:ha sido|foi) (?:eliminado|retirado|removido)\W*$|"
    r"^questo articolo è stato (?:rimosso|cancellato)\W*$|^dit artikel is verwijderd\W*$",
    re.IGNORECASE,
)
_MAINTENANCE = re.compile(
    r"^(?:(?:we(?:'|’)?(?:ll| will)|we shall) be (?:right )?back (?:soon|shortly|online)|"
    r"(?:be right )?back soon|be right back|(?:(?:scheduled|planned|routine|site|website|system|"
    r"server|under|undergoing|(?:temporarily )?down for) )+maintenance|maintenance(?: (?:mode|page|"
    r"work|in progress))?|(?:the |this |our )?(?:web)?site (?:is )?(?:under|down for|undergoing|"
    r"currently|temporarily|offline)\b|(?:error )?50[0234]\b|(?:service |(?:web)?site )?(?:is )?"
    r"temporarily unavailable|service unavailable|internal server error|bad gateway|"
    r"wartung(?:sarbeiten|smodus)?\b|(?:site )?en maintenance|(?:sitio )?en mantenimiento|"
    r"(?:site )?em manutenção|(?:sito )?in manutenzione|onderhoud\b)",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"^(?:(?:before you continue|your privacy|we value your privacy|privacy (?:settings|choices|"
    r"preferences|gate|wall)|cookie(?:s| settings| consent| preferences| wall| notice)|consent|"
    r"manage (?:your )?(?:consent|cookies|privacy)|welcome to .{2,40} with (?:advertising|ads)|"
    r"accept (?:all )?cookies|mit werbung|datenschutz|einwilligung|zustimmung|ihre privatsphäre|"
    r"votre vie privée|vos préférences|tu privacidad|la tua privacy|uw privacy|jouw privacy)\b)",
    re.IGNORECASE,
)
_CONSENT_WORDS = re.compile(
    r"\b(?:cookies?|consent\w*|partners?|vendors?|personali[sz]ed|privacy|advertising|"
    r"legitimate interests?|tracking|gdpr|ccpa|accept all|reject all|data processing|"
    r"einwilligung\w*|zustimm\w*|datenschutz\w*|werbung|consentement|vie privée|privacidad|"
    r"consentimiento|consenso|toestemming)\b",
    re.IGNORECASE,
)


def read_challenge(root: Selector, article: Article) -> str | None:
    """Return the reason why a page is not a story, in snake_case; None where it may be one.

    ``captcha_page``, ``consent_page``, ``blocked_page``, ``login_page``, ``maintenance_page`` or
    ``soft_404``.
    """
    titles = [article.title, *root.xpath("//title//text() | //h1//text()").getall()[:5]]
    titles = [title for text in titles if (title := tidy(text)) and len(title) <= _MAX_TITLE]
    words = len(article.body.split())
    if _is_consent(titles, article.body, words):
        return "consent_page"
    if words >= _MAX_WORDS:
        return None
    # A line alone is often not found to be the text.
    note = article.body.split("\n\n") if words <= _MAX_NOTE else ()
    lines = note if words else map(_line, islice(root.root.iter("p", "h2"), _MAX_LINES))
    if any(len(line) <= 2 * _MAX_TITLE and _REMOVED.search(line) for line in lines):
        return "soft_404"
    # What the page shows beside the story it has not: a long page's texts are others' headlines.
    # Not by XPath: it sorts texts by comparing their ancestors, which may be very many.
    body = root.root.find(".//body")
    shown = "" if body is None else tidy(" ".join(texts_of(body, ("script", "style"))))
    text = f"{article.body} {shown[:_MAX_TEXT]}"
    is_bare = len(shown.split()) < _MAX_WORDS
    return _kind(root, titles, text, words, is_bare=is_bare)


def _line(element: etree._Element) -> str:
    return tidy(element.text or "")


def _kind(root: Selector, titles: list[str], text: str, words: int, *, is_bare: bool) -> str | None:
    def titled(pattern: re.Pattern[str]) -> bool:
        return any(_is_whole_title(pattern, title) for title in titles)

    if titled(_CAPTCHA) and (is_bare or _CAPTCHA_TEXT.search(text) or _has_captcha(root)):
        return "captcha_page"
    if titled(_BLOCKED) and (is_bare or _BLOCKED_TEXT.search(text)):
        return "blocked_page"
    if titled(_MISSING):
        return "soft_404"
    if titled(_MAINTENANCE) and is_bare and not _is_called_article(root):
        return "maintenance_page"
    if titled(_LOGIN) and bool(root.xpath("//input[@type='password' or @type='email']")):
        return "login_page"
    if is_bare and _CAPTCHA_TEXT.search(text) and _has_captcha(root):
        return "captcha_page"
    if is_bare and words < 60 and _has_captcha(root) and not _is_called_article(root):
        return "captcha_page"
    if is_bare and _BLOCKED_TEXT.search(text) and not _is_called_article(root):
        return "blocked_page"
    return None


def _is_whole_title(pattern: re.Pattern[str], title: str) -> bool:
    """Tell whether a title says that and little more: headlines begin like that, too."""
    match = pattern.match(title)
    rest = _TITLE_PARTS.split(title[match.end() :], maxsplit=1)[0] if match else ":"
    return not rest.startswith(":") and len(rest.split()) <= 3


def _is_called_article(root: Selector) -> bool:
    """Tell whether the markup calls the page a story."""
    kinds = root.xpath("//meta[@property='og:type']/@content").getall()
    return (
        "article" in kinds
        or bool(root.xpath("//article"))
        or "NewsArticle"
        in str(root.xpath("//script[@type='application/ld+json']/text()").get() or "")
    )


def _has_captcha(root: Selector) -> bool:
    places = "//script/@src|//iframe/@src|//form/@action|//*/@class|//*/@id|//script/text()"
    return any(_CAPTCHA_MARKS.search(text[:20_000]) for text in root.xpath(places).getall())


def _is_consent(titles: list[str], body: str, words: int) -> bool:
    """Tell whether a text is about cookies, and nothing else."""
    if not words or words > _MAX_CONSENT_WORDS:
        return False
    share = len(_CONSENT_WORDS.findall(body)) / words
    titled = any(map(_CONSENT.match, titles))  # a long title may name the outlet
    return share > (0.03 if titled else 0.1) and (titled or words < _MAX_WORDS)
