import pytest

from crawler.text.paragraphs import Paragraph, join_body, split_body, to_html


def test_a_body_and_its_structure_are_kept_in_step() -> None:
    paragraphs = [Paragraph(" On\nboard ", "h2"), Paragraph("\u200b\n\n", "p"), Paragraph("One.")]
    assert join_body(paragraphs) == ("On board\n\nOne.", ["h2", "p"])
    assert split_body(*join_body(paragraphs)) == [Paragraph("On board", "h2"), Paragraph("One.")]


def test_a_body_of_unknown_structure_is_paragraphs() -> None:
    assert split_body("One.\n\nTwo.") == [Paragraph("One."), Paragraph("Two.")]


@pytest.mark.parametrize(
    ("paragraphs", "markup"),
    [
        ([], ""),
        ([("a < b & c > d", "p")], "<p>a &lt; b &amp; c &gt; d</p>"),
        ([("a", "ul[1]/li[1]"), ("b", "ul[2]/li[1]")], "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        (
            [("a", "ul[1]/li[1]"), ("b", "ul[1]/li[1]"), ("c", "ul[1]/li[2]")],
            "<ul><li>a<br><br>b</li><li>c</li></ul>",
        ),
        # Paragraphs that were dropped leave no seam, but an empty cell stays where it was.
        (
            [("a", "table[1]/tr[2]/td[2]"), ("b", "table[1]/tr[2]/td[4]/p")],
            "<table><tr><td></td><td>a</td><td></td><td><p>b</p></td></tr></table>",
        ),
        (
            [("a", "table[1]/tr[1]/td[1]/table[1]/tr[1]/td[2]"), ("b", "table[1]/tr[1]/td[3]")],
            "<table><tr><td><table><tr><td></td><td>a</td></tr></table></td>"
            "<td></td><td>b</td></tr></table>",
        ),
    ],
)
def test_html(paragraphs: list[tuple[str, str]], markup: str) -> None:
    assert to_html([Paragraph(*paragraph) for paragraph in paragraphs]) == markup
