"""``dateline show``: one stored article, as a reader would like to see it."""

from typing import Annotated, Any

import typer
from rich.padding import Padding
from rich.text import Text

from crawler.errors import DatelineError
from crawler.store.articles import Articles
from crawler.text.paragraphs import split_body, to_html
from crawler.text.urls import normalise
from scripts.options import StoryUrl
from scripts.output import console, print_json
from scripts.project import in_database

UTC_MINUTE = "%Y-%m-%d %H:%M UTC"
DOUBTS = {
    "another_story": "as another story",
    "shorter": "most of the text is gone",
    "older_date": "its date is gone, or older",
}
"""What is said of why a reading is not believed."""


def show(
    url: StoryUrl,
    as_json: Annotated[bool, typer.Option("--json", help="Print every field as JSON.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print its body as HTML.")] = False,
) -> None:
    """Show one stored article."""
    address = parse_url(url)
    article = in_database(lambda database: Articles(database).get(address))
    if article is None:
        raise not_stored_error(url)
    if as_json:
        print_json(article)
    elif as_html:
        typer.echo(to_html(split_body(article["body"], article["structure"])))
    else:
        print_article(article)


def parse_url(url: str) -> str:
    """Return the address a user typed, as it is stored.

    Raises:
        DatelineError: it is not a web address.
    """
    try:
        return normalise(url)
    except ValueError as error:
        raise DatelineError(
            f"{url} is not a web address ({error}); use e.g. https://example.org/story."
        ) from None


def not_stored_error(url: str) -> DatelineError:
    """Return what to raise for an address of no article."""
    return DatelineError(
        f"No article is stored for {url}: `dateline articles` lists the stored ones."
    )


def print_article(article: dict[str, Any]) -> None:
    """Print a stored article: headline, facts, body, and where each field came from."""
    console.print(Text(article["title"], style="bold"))
    if article["standfirst"]:
        console.print(Text(article["standfirst"], style="italic"))
    facts = [
        article["outlet"],
        _date("published", article["published"]),
        ", ".join(article["authors"]),
        article["section"],
        article["credit"],
        article["dateline"],
        f"{article['word_count']} words",
    ]
    console.print(Text(" | ".join(fact for fact in facts if fact), style="dim"))
    console.print(Text(article["url"], style="dim"), soft_wrap=True)
    if withdrawn := article.get("withdrawn"):
        console.print(Text(f"Withdrawn: its page is not there since {withdrawn:{UTC_MINUTE}}."))
    if doubtful := article.get("doubtful"):
        console.print(Text(_doubt_sentence(doubtful)))
    console.print()
    for paragraph in article["body"].split("\n\n"):
        console.print(Padding(Text(paragraph), (0, 0, 1, 2)))
    for image in article["images"]:
        console.print(Text(f"[{image['caption'] or 'picture'}] {image['url']}", style="dim"))
    confidence = article["confidence"]
    origins = ", ".join(
        f"{field}: {origin} ({confidence[field]:.0%})"
        if field in confidence  # an earlier version did not store it
        else f"{field}: {origin}"
        for field, origin in article["origins"].items()
    )
    console.print(Text(f"Read from {origins}", style="dim"))


def _doubt_sentence(doubtful: dict[str, Any]) -> str:
    return (
        f"Doubtful: since {doubtful['since']:{UTC_MINUTE}} its page reads otherwise, "
        f"{DOUBTS[doubtful['reason']]} (“{doubtful['title']}”; readings: {doubtful['readings']}). "
        "This is the text from before."
    )


def _date(name: str, stated: dict[str, Any] | None) -> str:
    if not stated:
        return "undated"
    form = "%Y-%m-%d" if stated["precision"] == "day" else UTC_MINUTE
    return f"{name} {stated['at']:{form}} (“{stated['text']}”)"
