import time

import pytest

from crawler.text.boilerplate import clean_body, is_furniture, move_credit
from crawler.text.paragraphs import Paragraph


def ps(*texts: str) -> list[Paragraph]:
    return [Paragraph(text) for text in texts]


@pytest.mark.parametrize(
    "paragraph",
    [
        *("ALSO READ: Ferry strike ends", "Also read:Ferry strike ends", "Read more: The strike"),
        *("Read also", "READ | Ferry strike ends", "ALSO READ Ferry strike ends", "Read More »"),
        *("Advertisement", "Advertisements", "- Advertisement -", "Story continues below"),
        *("Article continues below this advertisement", "1 min read", "5 mins read"),
        *("Reading time: 3 minutes", "Share this", "Tweet", "Share on Facebook", "Email Print"),
        *("Click to share on X (Opens in new window)", "Previous Story", "Next Story", "Go toTop"),
        *("Back to top", "Subscribe to our newsletter for more.", "Follow us on Instagram!"),
        *("Sign up for our daily newsletter", "Join our WhatsApp channel", "Photo: A. Person"),
        *("(File photo)", "Related stories", "You may also like", "Leave a comment"),
        *("Lesen Sie auch: Die Fähre", "Lea también: El barco", "Lire aussi : Le bac", "関連記事"),
        *("Czytaj także: Prom", "Читайте также: Паром", "Leia mais", "Leggi anche"),
        *(
            "© 2024 Harbour Post",
            "Copyright 2024 Harbour Post. All rights reserved.",
            "Foto: A. P.",
        ),
        *("Last updated: 30 November 2024 08:15", "Aktualisiert am 30.11.2024", "Got a tip? Write"),
        *("Contact J. Person at person@post.example.", "For more stories like this, see here."),
        *("J. Person may be reached at person@post.example", "Get in touch with our news team"),
        "Never miss a ferry by signing up to our list",
        *("Lesen Sie auch die folgenden Beiträge:", "Explore further", "Über die Autorin"),
        *("REQUIRED READING: The strike", "MIRA: La huelga", "Publicité", "© Harbour Post Ltd."),
        *("— A. Person (@person) November 30, 2024", "For the full timetable, click here."),
        *(
            "MORE: The strike",
            "[Want more of it in your inbox? Sign up.]",
            "MORE ON IT: http://a.b",
        ),
        "person@post.example (END)",
        "Our pages are open to you. We’d like to hear from you at a@b.example.",
        *("This article is for subscribers", "This story is only available to our members."),
        *("To continue reading, take out a subscription.", "Please continue reading"),
        *(
            "Already a subscriber? Sign in",
            "Already registered?",
            "Unlimited access to every story",
        ),
        *("You can cancel at any time in the first month.", "To keep reading this story, log in"),
        *("Empfohlener redaktioneller Inhalt", "***Please sign up for our newsletter"),
        *("Follow the Post’s full coverage at http://a.example", "Reach A. Person on Twitter"),
        *("Möchten Sie den Artikel teilen?", "Compartir en Facebook", "—Contact A at a@b.example"),
    ],
)
def test_furniture(paragraph: str) -> None:
    assert is_furniture(paragraph)
    assert clean_body(ps("The ferry sailed.", paragraph)).dropped == ps(paragraph)


@pytest.mark.parametrize(
    "paragraph",
    [
        "Read more books, the minister said.",
        "Also read were the names of the crew.",
        "Advertisements for the job were placed on Monday.",
        "Share prices fell.",
        "Already a member of the council, she will stand again.",
        "To continue reading the will, the lawyer sat down.",
        "Unlimited access to water is a right, the court held.",
        "This article of the treaty is for members to sign.",
        "Subscribe to nothing, the captain told passengers.",
        "Follow the money, she wrote on Facebook.",
        "Find us a way out, they pleaded.",
        "Photographs of the pier were shared on X.",
        "Next story to tell: the pier.",
        "November 30, 2024 was the day the ferry sank.",
        "The island can be reached by ferry or on foot.",
        "Published in 1897, the novel tells of a ferry.",
        "Lea: Ich komme mit der Fähre.",
        "All rights were reserved for the crew.",
        "Foto ist kein Verb.",
        "Mira: ich komme mit der Fähre.",
        "Partager un bac ne suffit pas, dit-elle.",
        "— Harbour (the old one) was shut.",
    ],
)
def test_true_sentences_survive(paragraph: str) -> None:
    assert clean_body(ps(paragraph)).body == ps(paragraph)


def test_what_goes_before_and_after_the_story() -> None:
    cleaned = clean_body(
        ps(
            *("November 30, 2024", "2 min read", "The Ferry Is Late", "", "Latest News"),
            *("It left at nine.", "On November 30, 2024:", "SPONSORED by Nobody", "It came back."),
            *("THE FERRY IS LATE!", "latest news", "Another story."),
        ),
        drop=(r"^sponsored by",),
        cut=(r"Latest News",),
        title="The ferry is late",
    )
    assert cleaned.body == ps("It left at nine.", "On November 30, 2024:", "It came back.")
    assert cleaned.dropped[-2:] == ps("latest news", "Another story.")


def test_a_cut_matches_whole_paragraphs_only() -> None:
    body = ps("It left.", "Latest news from the pier is good.")
    assert clean_body(body, cut=("latest news",)).body == body


def test_a_note_about_the_author_ends_no_story() -> None:
    body = ps("It left.", "Jane Doe is the captain.", "It sank.", "All swam.")
    note = ps("Jane Doe, is a writer in Oslo.", "Jane Doe writes about ferries.")
    cleaned = clean_body([*body, *note], authors=["Ann (A.) Poe", "Jane Doe"])
    assert (cleaned.body, cleaned.dropped) == (body, note[::-1])
    assert clean_body([*body, *note]).body == [*body, *note]
    assert clean_body(body[:2], authors=["Jane Doe"]).body == body[:2]


def test_what_announces_nothing_ends_no_story() -> None:
    body = ps("It left.", "They said:", "It sank.", "All swam.")
    assert clean_body([*body, *ps("More photos:", "Share this")]).body == body


def test_what_a_paragraph_is_stays_with_it() -> None:
    body = [Paragraph("Tweet"), Paragraph("Port(Harbour Post)- OSLO:", "h2"), Paragraph("x", "pre")]
    cleaned = clean_body(body).body
    assert cleaned == body[1:]
    assert move_credit(cleaned, CREDIT)[0] == body[2:]


def test_cleaning_again_changes_nothing() -> None:
    once = clean_body(ps("A\u00a0 b.", "Tweet", "November 30, 2024", "C."), cut=("d",)).body
    assert clean_body(once, cut=("d",)).body == once


CREDIT = r"(?P<credit>[A-Z]\w*\(Harbour Post\)-)\s*(?:(?P<dateline>[A-Z]+):)?"


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        (
            ["Port(Harbour Post)- OSLO: It left.", "Second."],
            (["It left.", "Second."], "Port(Harbour Post)-", "OSLO"),
        ),
        (["Port(Harbour Post)- It left."], (["It left."], "Port(Harbour Post)-", None)),
        (["Port(Harbour Post)-", "It left."], (["It left."], "Port(Harbour Post)-", None)),
        (
            ["It left.", "Port(Harbour Post)- says so."],
            (["It left.", "Port(Harbour Post)- says so."], "Port(Harbour Post)-", None),
        ),
        (["It left."], (["It left."], None, None)),
    ],
)
def test_move_credit(
    paragraphs: list[str], expected: tuple[list[str], str | None, str | None]
) -> None:
    body, credit, dateline = move_credit(ps(*paragraphs), CREDIT)
    assert ([part.text for part in body], credit, dateline) == expected


def test_without_a_pattern_there_is_no_credit() -> None:
    assert move_credit(ps("It left."), "") == (ps("It left."), None, None)


def test_patterns_take_linear_time() -> None:
    words = (
        "read ",
        "subscribe to ",
        "follow x on ",
        "get newsletters ",
        "photo ",
        "- ",
        "a",
        "min ",
    )
    lines = [(word * 1_000_000)[:length] for word in words for length in (299, 1_000_000)]
    start = time.process_time()
    for line in lines:
        is_furniture(line)
    assert time.process_time() - start < 0.1
