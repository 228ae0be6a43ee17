"""Addresses in one normal form, so that one story has one address."""

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from yarl import URL

if TYPE_CHECKING:
    from tldextract import TLDExtract

# Parameters that say how a reader came, never what is read. Everything else is kept: `p`, `id`
# or a name never seen before may be the story itself.
_TRACKING = re.compile(
    r"utm_\w+|at_(?:medium|campaign|link_\w+|ptr_name|bbc_team|format)|mc_[ce]id|mkt_tok|_g[al]"
    r"|(?:fb|g|d|tt|tw|y)clid|msclkid|[gw]braid|gclsrc|igsh(?:id)?|_hs(?:enc|mi)|cmp(?:id)?"
    r"|__twitter_impression|wt_mc|ns_(?:campaign|mchannel)",
    re.ASCII | re.IGNORECASE,
)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}|\[[0-9a-f:.]+\]")
_PORTS = {"http": 80, "https": 443}


def normalise(url: str, base: str = "") -> str:
    """Return the normal form of `url`, which may be relative to `base`.

    Scheme and host are in lower case, the host in its ASCII form (IDNA), the default port, the
    fragment, credentials and tracking parameters are removed, dot segments are resolved and
    percent-encoding is normalised (RFC 3986, 6.2.2). The path, its case and its trailing slash,
    and every other parameter and their order are kept. Normalising again changes nothing.

    Raises:
        ValueError: it is not an absolute http or https address.
    """
    url.encode()  # a lone surrogate has no address; yarl would drop it silently
    # Browsers read a backslash as a slash; a parser that does not would see another host.
    head, mark, query = url.strip().partition("?")
    absolute = URL(urljoin(base, head.replace("\\", "/") + mark + query))
    host = (absolute.host_subcomponent or "").removesuffix(".")
    if absolute.scheme not in _PORTS or not _HOST.fullmatch(host):
        message = f"not an http address: {url[:200]!r}"
        raise ValueError(message)
    port = absolute.explicit_port
    parts = absolute.raw_query_string.split("&")
    kept = "&".join(part for part in parts if not _TRACKING.fullmatch(part.partition("=")[0]))
    return "".join(
        (
            f"{absolute.scheme}://{host}",
            f":{port}" if port and port != _PORTS[absolute.scheme] else "",
            absolute.raw_path or "/",
            f"?{kept}" if kept else "",
        )
    )


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
