"""The table of causes and reasons: the meaning of their names, and which reason has which cause.

A reason says why one address, source or host was not read; the ledger and run documents state it. A
cause says what is wrong with an outlet; run documents and alerts state that.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal, NamedTuple

Cause = Literal[
    "feed_gone", "feed_frozen", "selector_dead", "fields_swapped", "teaser", "blocked",
    "consent_page", "captcha_page", "soft_404", "pages_gone", "moved", "date_format",
    "wrong_offset", "encoding", "site_down", "nothing_published", "few_leads", "source_cut",
    "merged_stories", "doubtful_readings", "unreadable", "other",
]  # fmt: skip

CAUSES: Mapping[Cause, str] = {
    "feed_gone": "A source is gone",
    "feed_frozen": "A source shows nothing new",
    "selector_dead": "A rule of the outlet finds nothing any more",
    "fields_swapped": "A rule of the outlet finds something else",
    "teaser": "There is a teaser in place of the story",
    "blocked": "We are blocked",
    "consent_page": "There is a consent page in place of stories",
    "captcha_page": "There is a captcha in place of stories",
    "soft_404": "Stories answer with a page that says they are not there",
    "pages_gone": "Stories that its sources show are not there",
    "moved": "It has moved to another domain",
    "date_format": "Its dates are written in another way",
    "wrong_offset": "Its times are wrong by a constant",
    "encoding": "Its text is in another encoding than it says",
    "site_down": "The site is down",
    "nothing_published": "Nothing is published",
    "few_leads": "Most entries of a source make no lead",
    "source_cut": "A source ends in the middle",
    "merged_stories": "Many stories end in one article",
    "doubtful_readings": "Stored stories say less than before",
    "unreadable": "Its pages cannot be read",
    "other": "It is not what it was",
}


UNREAD_OUTCOMES = frozenset({"failed", "empty", "retired"})
"""Outcomes of a source that was not read."""


class Reason(NamedTuple):
    """The meaning of a reason."""

    sentence: str
    cause: Cause = "unreadable"
    """The cause where an outlet's stories or sources end for this reason."""


REASONS = {
    # A stored story was looked at again.
    "same": Reason("It was read again, and nothing in it had changed."),
    "not_modified": Reason("Its server said that it had not changed (304)."),
    "withdrawn": Reason("Its page was not there any more; the article stays."),
    "doubtful": Reason(
        "Its page says less than it did, or another thing: the article stays until that has lasted."
    ),
    "known": Reason("It was settled before, and not fetched."),
    "as_before": Reason("Its site still said the same of it as when it was tried last."),
    # It is not a story of the outlet.
    "out_of_range": Reason("It was published outside the bounds of the run (--since, --until)."),
    "not_html": Reason("It is not a page: its server calls it something other than HTML."),
    "robots_disallowed": Reason("The robots.txt of its site forbids us to read it.", "blocked"),
    "offsite": Reason("It leads to a site that is not the outlet's."),
    "private_address": Reason("Its host leads into a private network: we do not connect to one."),
    # It could not be fetched.
    "redirected_away": Reason("It redirects to a page that is not a story.", "pages_gone"),
    "dns": Reason("The name of its host could not be resolved.", "site_down"),
    "timeout": Reason("Its server took too long to answer.", "site_down"),
    "connection_refused": Reason("Its server refused the connection.", "site_down"),
    "connection_lost": Reason("The connection to its server was lost.", "site_down"),
    "truncated": Reason("Its page ended before it was whole.", "site_down"),
    "too_large": Reason("Its page is larger than we read."),
    "too_many_redirects": Reason("It redirects too many times."),
    "browser_timeout": Reason("The browser waited for its page too long."),
    "browser_error": Reason("The browser could not open its page."),
    "stopped": Reason("The run ended while it waited for its turn."),
    "clock": Reason("The clock of this machine was far behind that of its server."),
    "retry_later": Reason("Its host was not to be asked just then.", "site_down"),
    "stay_away": Reason("Its host refuses whatever we ask for."),
    # It could not be read.
    "parse_timeout": Reason("Reading its page took longer than a page may take."),
    "parse_memory": Reason("Reading its page took more memory than a page may take."),
    "parse_crash": Reason("The process that read its page did not survive it."),
    "no_title": Reason("Its page shows no headline.", "selector_dead"),
    "no_body": Reason("Its page shows no text of a story.", "selector_dead"),
    "only_boilerplate": Reason("Nothing in its text is of the story.", "selector_dead"),
    "consent_page": Reason("Its page asked for consent to cookies.", "consent_page"),
    "captcha_page": Reason("Its page asked for a proof that we are human.", "captcha_page"),
    "blocked_page": Reason("Its page said that we are blocked.", "blocked"),
    "login_page": Reason("Its page asked for a login.", "blocked"),
    "maintenance_page": Reason("Its page said that work goes on at its site.", "site_down"),
    "soft_404": Reason("Its page said that it is not there, but with status 200.", "soft_404"),
    "another_story": Reason(
        "Its page shows another story than its source: it is stored so if that lasts a day.",
        "pages_gone",
    ),
    "broken_template": Reason(  # the stories before show the cause
        "It does not read as its outlet's stories do: its page waits for `reparse`.", "other"
    ),
    "unstorable": Reason("MongoDB refuses it for what is in it (`dateline quarantine`)."),
    # It was asked for.
    "retry": Reason("Somebody asked for it to be tried again (`dateline retry`)."),
}

PASSED_OVER: Mapping[str, tuple[str, str]] = {
    "not_a_story": ("do not match `stories`", "correct that pattern"),
    "other_host": ("lie on other hosts", "correct `home`, or name these hosts in `domains`"),
    "repeated": ("are the address of another entry", "declare another source"),
    "no_address": ("have no address", "declare another source"),
    "bad_address": ("have no address of the web", "declare another source"),
    "cut_off": ("end in the middle", "see whether its server sends all of it"),
    "too_long": ("have an address that is too long", "declare another source"),
}
"""Reasons why entries of a source made no lead: what is said of them, and the remedy."""
UNREADABLE_ENTRIES = frozenset({"no_address", "bad_address", "too_long"})
"""Those of them that a sound source gives for few entries."""

FAMILIES = {
    "robots_": "The robots.txt of its site could not be read ({rest}), which forbids everything.",
    "pipeline_": "A pipeline step failed on it ({rest}): please report it.",
    "callback_": "The spider failed on it ({rest}): please report it.",
    "malformed_": "What its source delivered of it cannot be read ({rest}).",
    "error_": "It could not be fetched ({rest}).",
}
"""Sentences for reasons that begin so."""


def find_reason(name: str) -> Reason | None:
    """Look up what a reason means; return None where there is no such reason."""
    if name in REASONS:
        return REASONS[name]
    if name.startswith("http_") and name[5:].isdecimal():
        return _of_status(int(name[5:]))
    for prefix, sentence in FAMILIES.items():
        if name.startswith(prefix) and (rest := name.removeprefix(prefix)):
            cause = cause_of_failure(rest) if prefix == "robots_" else "unreadable"
            return Reason(sentence.format(rest=rest), cause)
    return None


def cause_of_failure(reason: str) -> Cause:
    """Return the cause where a story, source or host was not read for this reason."""
    found = find_reason(reason)
    return found.cause if found else "unreadable"


def _of_status(code: int) -> Reason:
    try:
        answer = f"{code} ({HTTPStatus(code).phrase})"
    except ValueError:
        answer = str(code)
    cause: Cause = "site_down" if code // 100 == 5 else "unreadable"
    if code in (401, 402, 403, 429, 451):
        cause = "blocked"
    elif code in (404, 410):
        cause = "pages_gone"
    return Reason(f"Its server answered {answer}.", cause)
