"""What each reason means that the ledger gives for what became of an address, in a sentence."""

from http import HTTPStatus

SENTENCES = {
    # A story that is stored was looked at again.
    "same": "It was read again, and nothing in it had changed.",
    "not_modified": "Its server said that it had not changed (304).",
    "withdrawn": "Its page was not there any more; the article stays.",
    "known": "It was settled before, and not fetched.",
    # It is none of ours.
    "out_of_range": "It was published outside the bounds of the run (--since, --until).",
    "not_html": "It is no page: its server calls it something other than HTML.",
    "robots_disallowed": "The robots.txt of its site forbids us to read it.",
    "offsite": "It leads to a site that is not the outlet's.",
    "private_address": "Its host leads into a private network, to which we do not connect.",
    # It could not be fetched.
    "redirected_away": "It redirects to a page that is no story of the outlet's.",
    "dns": "The name of its host could not be resolved.",
    "timeout": "Its server took too long to answer.",
    "connection_refused": "Its server refused the connection.",
    "connection_lost": "The connection to its server was lost.",
    "truncated": "Its page ended before it was whole.",
    "too_large": "Its page is larger than we read.",
    "too_many_redirects": "It redirects too many times.",
    "browser_timeout": "The browser waited for its page too long.",
    "browser_error": "The browser could not open its page.",
    "stopped": "The run ended while it waited for its turn.",
    "retry_later": "Its host was not to be asked just then.",
    "stay_away": "Its host refuses whatever we ask for.",
    # It could not be read.
    "parse_timeout": "Reading its page took longer than a page may take.",
    "parse_memory": "Reading its page took more memory than a page may take.",
    "parse_crash": "The process that read its page did not survive it.",
    "no_title": "Its page shows no headline.",
    "no_body": "Its page shows no text of a story.",
    "consent_page": "Its page asked for consent to cookies in place of the story.",
    "captcha_page": "Its page asked for a proof that we are no machine.",
    "blocked_page": "Its page said that we are blocked.",
    "login_page": "Its page asked for a login in place of the story.",
    "soft_404": "Its page said that there is no such page, but with status 200.",
    "broken_template": "It does not read as its outlet's stories do: its page waits for `reparse`.",
    "only_boilerplate": "Nothing in its text is of the story.",
    "unstorable": "MongoDB refuses it for what is in it (`dateline quarantine`).",
    # It was asked for.
    "retry": "Somebody asked for it to be tried again (`dateline retry`).",
}
FAMILIES = {
    "robots_": "The robots.txt of its site could not be read ({rest}), which forbids everything.",
    "pipeline_": "A step after the reading broke over it ({rest}): please report it.",
    "callback_": "The spider broke over it ({rest}): please report it.",
    "malformed_": "What its source delivered of it cannot be read ({rest}).",
    "error_": "It could not be fetched ({rest}).",
}
"""By what the reason begins with."""


def sentence(reason: str) -> str | None:
    """What a reason means; None: there is no such reason."""
    if reason in SENTENCES:
        return SENTENCES[reason]
    if reason.startswith("http_") and reason[5:].isdecimal():
        return f"Its server answered {_status(int(reason[5:]))}."
    for prefix, meaning in FAMILIES.items():
        if reason.startswith(prefix) and reason != prefix:
            return meaning.format(rest=reason.removeprefix(prefix))
    return None


def _status(code: int) -> str:
    try:
        return f"{code} ({HTTPStatus(code).phrase})"
    except ValueError:
        return str(code)
