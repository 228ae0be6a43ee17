"""Follows redirects, with the cookies that their host sets on the way to one page.

Some sites answer every address with a redirect to itself and a cookie, and show the page to whoever
sends that back. No cookie outlives its request, and none is sent to another host.
"""

import re

from scrapy import Request
from scrapy.downloadermiddlewares import redirect
from scrapy.http import Response
from scrapy.http.cookies import CookieJar
from scrapy.utils.httpobj import urlparse_cached

COOKIES = "cookies_by_host"
"""In the ``meta`` of a request that was redirected: a jar for each host on its way."""
SENDABLE = re.compile(rb"[\x20-\x7e\x80-\xff]{0,4096}\Z")
"""A header that is sent: no page asks for a longer one, and none may hold control characters."""


class RedirectMiddleware(redirect.RedirectMiddleware):
    """Scrapy's middleware, with cookies as far as one request is redirected."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return the request for where a page has moved, or the page."""
        followed = super().process_response(request, response)
        if isinstance(followed, Request):
            jars: dict[str | None, CookieJar] = request.meta.get(COOKIES, {})
            host = urlparse_cached(request).hostname
            jars.setdefault(host, CookieJar()).extract_cookies(response, request)
            followed.meta[COOKIES] = jars
            followed.headers.pop("Cookie", None)
            if jar := jars.get(urlparse_cached(followed).hostname):
                jar.add_cookie_header(followed)
            if not SENDABLE.match(followed.headers.get("Cookie") or b""):
                del followed.headers["Cookie"]
        return followed
