"""Addresses in one normal form, so that each story has one address."""

import html
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin

from yarl import URL

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_ADDRESS = 2_000
"""Characters of an address, decoded; no story's is longer, and patterns are searched in it."""

# Parameters that say how a reader came, or who the reader is, never what is read. Everything else
# is kept: `p`, `id`, `sid` or a name never seen before may be the story itself.
_TRACKING = re.compile(
    r"(?:utm_\w+|at_(?:medium|campaign|link_\w+|ptr_name|bbc_team|format)|mc_[ce]id|mkt_tok|_g[al]"
    r"|(?:fb|g|d|tt|tw|y|ys|rb_)cl(?:ick)?id|msclkid|[gw]braid|gclsrc|gad_\w+|igsh(?:id)?|srsltid"
    r"|_hs(?:enc|mi)|hsctatracking|cmp(?:id)?|__twitter_impression|wt_z?mc|wtrid|ns_(?:campaign|mchannel)"
    r"|(?:pk|piwik|mtm|matomo|itm|vero|trk)_\w+|fb_(?:action_\w+|source|ref)|ref_(?:src|url)|s_c(?:id"
    r"|ampaign)|smid|smtyp|sr_share|_?openstat|xt(?:or|ref)|ocid|ncid|icid|ito|epik|li_fat_id|spm|dicbo"
    r"|tblci|guccounter|guce_referrer(?:_sig)?|soc_(?:src|trk)|oly_(?:enc|anon)_id|_bta_(?:tid|c)"
    r"|nr_email_referer|(?:php|cgi|j)sess(?:ion)?id|aspsessionid\w*|asp\.net_sessionid|cf(?:id|token)"
    r"|oscsid|zenid|sess(?:ion)?_?(?:id|key)|sessid)(?:=.*)?"
    # Names that elsewhere may say what is read: only with values that do not.
    r"|(?:ref|source|src|from|via)=(?:rss|feeds?|atom|home(?:page)?|twitter|facebook|fb|whatsapp"
    r"|telegram|linkedin|email|(?:[\w-]{1,60}-)?newsletter|social|share|related|more)"
    # A site that the reader came from; a session; the time, so that no cache answers.
    r"|(?:ref(?:err?er)?|source|src|from|via)=(?:https?(?::|%3a)(?:/|%2f){2})?(?:[\w-]{1,63}\.){1,9}"
    r"(?!html?|php|aspx?|jpe?g|png|gif|pdf|xml|mp)[a-z]{2,24}(?:/|%2f)?"
    r"|ref(?:err?er)?=https?(?::|%3a)(?:/|%2f){2}.*|(?:s|sid|session|sess|token)=(?:[\da-f]{32}|[\da-f]{40})"
    r"|(?:_|_?ts?|_?time(?:stamp)?|nocache|cb|cachebuster|rn?d|rand(?:om)?)=1\d{9}(?:\d{3})?"
    # The same page in another dress: AMP.
    r"|amp(?:=(?:1|true|yes)?)?|outputtype=amp",
    re.ASCII | re.IGNORECASE,
)
# What tracks within the path: sessions of Java servlets, and of ASP.NET without cookies, and what
# was to follow a question mark.
_SESSION = re.compile(
    r";(?:j|php)?sess(?:ion)?id=[^/;?]*|/\(s\([a-z0-9]{24}\)\)|&utm_\w+=[^/;?&]*",
    re.ASCII | re.IGNORECASE,
)
# An ampersand, perhaps escaped once too often, and the character it may be the reference of.
_ESCAPED = re.compile(
    r"&(?:(?:amp|#0{0,4}38|#x0{0,4}26);)*+(?P<reference>(?:#\d{1,5}|#x[\da-f]{1,4});)?",
    re.IGNORECASE,
)
_SAME_FOLDER = re.compile(r"/+(?=/)|/index\.html?$", re.IGNORECASE)
STORY_NAME = re.compile(
    r"(?:article|story|post|news|item|doc|node|content|cat|page|[anp])?_?id|[adnpqy]|p(?:age|g)"
    r"|article|story|post|news|item|doc|node|key|slug|title|name|date|day|issue|edition|lang|l",
    re.IGNORECASE,
)
"""Names of parameters that tell stories apart, or one day's from another's: never a session's."""
_RANDOM = re.compile(r"[\w.-]{8,}")
# Caches that serve the AMP pages of others, whose address they carry.
_AMP_CACHE = re.compile(
    r"https?://(?:www\.google\.[a-z.]{2,6}/amp|[a-z0-9-]+\.cdn\.ampproject\.org/[cv]"
    r"|[a-z0-9-]+\.bing-amp\.com/c)/(?P<secure>s/)?(?P<rest>[a-z0-9-]+(?:\.[a-z0-9-]+)+/.*)",
    re.IGNORECASE,
)
_MOBILE_HOST = re.compile(r"(?:www|m|mobile|amp|wap|touch)\.")
# Vowel signs are no letters to `re`: a word is what stands between the signs that join words.
_WORD = re.compile(r"[^\W_][^-\s_.,;:+~!'\"()|]*")
_EXTENSION = re.compile(r"\.[a-z]{3,5}$", re.IGNORECASE)
_AMP_MARK = re.compile(r"^/amp(?=/.)|/amp/?$|\.amp(?=\.html?$|$)", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}|\[[0-9a-f:.]+\]")
# A host with escapes of what a host may have, as browsers decode it.
_AUTHORITY = re.compile(
    r"^(https?://(?:[^/?#@]*@)?)(?=[^/?#@]*%)"
    r"((?:[^/?#@%]|%(?:[89a-f][\da-f]|2[de]|3\d|[46][1-9a-f]|[57][\da]))+)(?=[/?#]|$)",
    re.ASCII | re.IGNORECASE,
)
# A letter that may consist of several code points, escaped.
_LETTERS = re.compile(r"[^%/?&=#]?(?:%[89A-F][\dA-F])+")
_PORTS = {"http": 80, "https": 443}
# Most addresses: they are in normal form, unless they track or lie in an AMP cache. Nothing is
# tried twice (`++`), for there are millions.
_PLAIN = re.compile(
    r"https?://(?P<host>(?:[a-z0-9-]{1,63}\.){1,126}[a-z]{2,63})(?!\S*/\.)"
    r"/(?:[\w/.~,+=:@-]++|%[89A-F][\dA-F])*+"
    r"(?:\?(?P<query>(?:[\w/.~,+=:@&-]++|%[89A-F][\dA-F])++))?",
    re.ASCII,
)


def normalise(url: str, base: str = "") -> str:
    """Return the normal form of `url`, which may be relative to `base`.

    Scheme and host are in lower case, the host in its ASCII form (IDNA), the default port, the
    fragment, credentials, session ids and tracking parameters are removed, dot segments are
    resolved and percent-encoding is normalised (RFC 3986, 6.2.2). A page of an AMP cache is that of
    its publisher. A fragment that begins with ``!`` is kept: scripts tell stories apart by it. So
    are the path, its case and its trailing slash, and every other parameter and their order.
    Normalising again changes nothing.

    Raises:
        ValueError: it is not an absolute http or https address.
    """
    plain = _PLAIN.fullmatch(url)
    if plain and plain["query"] in (None, _without_tracking(plain["query"] or "", plain["host"])):
        return _out_of_amp_cache(url)
    return _normalised(url, base)


def address(url: str, base: str = "", *, longest: int = MAX_ADDRESS) -> str | None:
    """Return the normal form of `url`; None where it has none, or is too long as stated."""
    decoded = len(url) if len(url) <= longest else len(unquote(url[: 9 * longest + 1]))
    try:
        return normalise(url, base) if decoded <= longest else None
    except ValueError:
        return None


def _normalised(url: str, base: str) -> str:
    """Normalise any address; it takes ten times as long."""
    url.encode()  # a lone surrogate has no address; yarl would drop it silently
    # Browsers read a backslash as a slash; a parser that does not would see another host.
    head, mark, query = unescaped(url.strip()).partition("?")
    joined = urljoin(base, head.replace("\\", "/") + mark + query)
    absolute = URL(_AUTHORITY.sub(lambda found: found[1] + unquote(found[2]), joined, count=1))
    host = (absolute.host_subcomponent or "").removesuffix(".")
    if absolute.scheme not in _PORTS or not _HOST.fullmatch(host):
        message = f"not an http address: {url[:200]!r}"
        raise ValueError(message)
    port = absolute.explicit_port
    kept = _without_tracking(absolute.raw_query_string, host)
    path = _without_session(absolute.raw_path)
    normal = "".join(
        (
            f"{absolute.scheme}://{host}",
            f":{port}" if port and port != _PORTS[absolute.scheme] else "",
            path or "/",
            f"?{kept}" if kept else "",
            f"#{absolute.raw_fragment}" if absolute.raw_fragment.startswith("!") else "",
        )
    )
    # What stood before a session id may have been a dot segment; `%26` or `%3B` of an ampersand's.
    if path != absolute.raw_path or unescaped(normal) != normal:
        return normalise(normal)
    return _out_of_amp_cache(normal)


def unescaped(url: str) -> str:
    """Return an address without escapes of HTML, as far as they can be no part of it."""
    return _ESCAPED.sub(lambda found: html.unescape("&" + (found["reference"] or "")), url)


def _out_of_amp_cache(url: str) -> str:
    """Return the publisher's address of a page in an AMP cache; any other as it is."""
    cached = _AMP_CACHE.fullmatch(url)
    return normalise(f"http{'s' * bool(cached['secure'])}://{cached['rest']}") if cached else url


def _without_tracking(query: str, host: str) -> str:
    own = {f"ref={label}" for label in host.split(".")} if "ref=" in query.lower() else set()
    parts = (part for part in query.split("&") if part and part.lower() not in own)
    return "&".join(part for part in parts if not _TRACKING.fullmatch(part))


def is_random(part: str) -> bool:
    """Tell whether a part of a query may be a session's number, which tells no stories apart."""
    name, _, value = part.partition("=")
    is_number = any(map(str.isdigit, value)) and _RANDOM.fullmatch(value)
    return bool(is_number) and not STORY_NAME.fullmatch(name)


def without_added_session(url: str, asked: str) -> str:
    """Return `asked` where a redirect has only added a session's number to it, else `url`."""
    (path, _, query), (own_path, _, own_query) = (one.partition("?") for one in (url, asked))
    added = [part for part in query.split("&") if part not in own_query.split("&")]
    kept = set(filter(None, own_query.split("&"))) <= set(query.split("&"))
    return asked if path == own_path and kept and added and all(map(is_random, added)) else url


def _without_session(path: str) -> str:
    """Remove session ids from a path, also those that appear when one is removed."""
    while (shorter := _SESSION.sub("", path)) != path:
        path = shorter
    return path


@lru_cache(maxsize=4096)
def identity(url: str) -> str:
    """Return what two addresses of one page have in common; it is not an address itself.

    They may differ in scheme, in ``www.``, in slashes, in ``index.html``, in Unicode's composition,
    and in being the mobile or the AMP version, as far as their form tells.

    Args:
        url: normalised.
    """
    address, mark, query = url.partition("://")[2].partition("?")
    host, slash, path = address.partition("/")
    path = _SAME_FOLDER.sub("", slash + path)
    plain = _AMP_MARK.sub("", path)
    if plain != path and names_one_page(plain):
        path = plain
    return _LETTERS.sub(_composed, f"{_without_mobile_host(host)}{path.rstrip('/')}{mark}{query}")


def _composed(letters: re.Match[str]) -> str:
    text = unicodedata.normalize("NFC", unquote(letters[0], errors="surrogateescape"))
    return quote(text, safe="!$'()*+,;:@~", errors="surrogateescape")


@lru_cache(maxsize=1024)
def _without_mobile_host(host: str) -> str:
    # An outlet may be called m.example: only what stands before a registered domain is dress.
    dressed = _MOBILE_HOST.match(host) and registered_domain(host) != host
    return _MOBILE_HOST.sub("", host, count=1) if dressed else host


def path_of(url: str) -> str:
    """Return what addresses have in common that only their hosts and queries tell apart."""
    return identity(url).partition("?")[0].partition("/")[2]


def names_one_page(url: str) -> bool:
    """Tell whether the path ends in a name for one story, and not for a section or a script."""
    last = unquote(url.partition("?")[0].rstrip("/").rpartition("/")[2])
    return bool(re.search(r"\d", last)) or len(words_of(last)) > 2


def words_of(name: str) -> list[str]:
    """Return the words of the last segment of a path, without an extension."""
    return _WORD.findall(_EXTENSION.sub("", name))


@lru_cache(maxsize=4096)
def registered_domain(host_or_url: str) -> str:
    """Return the domain somebody registered, e.g. ``example.co.uk`` for ``www.example.co.uk``.

    The list of public suffixes is the one shipped with `tldextract`; nothing is fetched. Of a
    host under no known suffix the last two labels are taken (the list's default rule, ``*``); an
    IP address, or a name of one label, is returned as it is.
    """
    parts = _suffixes()(host_or_url)
    if parts.suffix or not parts.subdomain:
        return parts.top_domain_under_public_suffix or parts.domain or parts.suffix
    return f"{parts.subdomain.rpartition('.')[2]}.{parts.domain}"


def same_site(a: str, b: str) -> bool:
    """Tell whether two addresses or hosts belong to one registered domain."""
    return registered_domain(a) == registered_domain(b)


@cache
def _suffixes() -> "TLDExtract":
    # Imported late: it takes 0.2 s, and only processes that compare sites need it.
    from tldextract import TLDExtract  # noqa: PLC0415

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
