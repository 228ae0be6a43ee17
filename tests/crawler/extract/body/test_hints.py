import pytest

from crawler.extract.body.hints import COMMENTS, NONE, STRONG, WEAK, read_hints


@pytest.mark.parametrize(
    ("names", "level"),
    [
        ("", NONE),
        ("story__text wide", NONE),
        ("RelatedStories", STRONG),
        ("article-newsletter_box", STRONG),
        ("c-share-bar", STRONG),
        ("site-footer", STRONG),
        ("commentList", COMMENTS),
        ("commentary", NONE),
        ("header-image", WEAK),
        ("twitter-tweet", STRONG),
        ("support-us", STRONG),
        ("wp-block-embed", WEAK),
        ("ez-toc-container", WEAK),
        ("toc-title-1", NONE),
        # What a part has or lacks is not what it is; nor are a post's own tags.
        ("has-sidebar no-comments", NONE),
        ("post-17 tag-newsletters category-related", NONE),
        ("md:hidden", NONE),
        ("w-embed", NONE),
        ("post-meta", STRONG),
    ],
)
def test_names_say_how_sure_it_is_that_a_part_is_none_of_the_story(names: str, level: int) -> None:
    assert read_hints(names).level == level


@pytest.mark.parametrize(
    ("names", "body"),
    [
        ("article-body", True),
        ("ArticleBody", True),
        ("entry__content wide", True),
        ("story-text--large", True),
        ("body", False),
        ("page-content", False),
        ("storytelling", False),
    ],
)
def test_names_tell_the_text_of_a_story(names: str, body: bool) -> None:
    assert read_hints(names).body == body


def test_names_tell_a_standfirst() -> None:
    assert read_hints("article__subtitle").standfirst
    assert read_hints("c-Standfirst").standfirst
    assert not read_hints("leadership").standfirst
