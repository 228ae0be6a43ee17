"""Values that the outlet's own selectors find in a page."""

from lxml import etree
from parsel import Selector, SelectorList

from crawler.article import Image
from crawler.extract.body.structure import read_paragraphs
from crawler.extract.candidates import Candidates
from crawler.outlet import Selectors
from crawler.text.paragraphs import Paragraph
from crawler.text.tidy import tidy

_IMAGE_ATTRIBUTES = ("data-src", "data-lazy-src", "data-original", "src")


def read_selectors(root: Selector, selectors: Selectors) -> Candidates:
    """Read what the outlet's selectors find, field by field, but for the body."""
    return Candidates(
        origin="selector",
        titles=_values(root, selectors.title),
        standfirsts=_values(root, selectors.standfirst),
        authors=_values(root, selectors.authors),
        sections=_values(root, selectors.section),
        tags=_values(root, selectors.tags),
        published=_values(root, selectors.published, "datetime"),
        modified=_values(root, selectors.modified, "datetime"),
        images=_images(root, selectors.images),
    )


def read_selected_body(root: Selector, selectors: Selectors) -> list[Paragraph]:
    """Return the paragraphs of the first body selector that yields any text."""
    dropped = {element for css in selectors.drop for element in _elements(root.css(css))}
    for css in _alternatives(selectors.body):
        found = root.css(css)
        if elements := _elements(found):
            paragraphs = read_paragraphs(_topmost(elements, dropped), dropped)
        else:
            paragraphs = [Paragraph(line) for text in found.getall() if (line := tidy(text))]
        if paragraphs:
            return paragraphs
    return []


def read_captions(root: Selector) -> dict[str, str]:
    """Return the captions of the page's figures by the addresses of their pictures."""
    found: dict[str, str] = {}
    for figure in root.root.iter("figure"):
        texts = (text for caption in figure.iter("figcaption") for text in caption.itertext())
        if caption := tidy(" ".join(texts)):
            for image in figure.iter("img"):
                found |= dict.fromkeys(_addresses(image), caption)
    return found


def _alternatives(css: str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(css, str):
        return (css,) if css else ()
    return css


def _values(root: Selector, css: str | tuple[str, ...], attribute: str = "") -> list[str]:
    """Return the texts (or, of elements that carry it, the attribute) the selectors find."""
    for alternative in _alternatives(css):
        values = [_value(found, attribute) for found in root.css(alternative)]
        if any(values):
            return [value for value in values if value]
    return []


def _value(found: Selector, attribute: str) -> str:
    if not isinstance(found.root, etree._Element):
        return tidy(str(found.root))
    if stated := found.attrib.get(attribute):
        return tidy(stated)
    return tidy(" ".join(found.xpath(".//text()[not(ancestor::script|ancestor::style)]").getall()))


def _images(root: Selector, css: str | tuple[str, ...]) -> list[Image]:
    for alternative in _alternatives(css):
        images: list[Image] = []
        for found in root.css(alternative):
            if not isinstance(found.root, etree._Element):
                images.append(Image(str(found.get())))
                continue
            caption = tidy(" ".join(found.css("figcaption ::text").getall())) or None
            for picture in found.css("img"):
                images += [Image(url, caption) for url in _addresses(picture.root)[:1]]
        if images:
            return images
    return []


def _addresses(image: etree._Element) -> list[str]:
    addresses = (image.get(name, "data:") for name in _IMAGE_ATTRIBUTES)
    return [url for url in addresses if url[:5] != "data:"]


def _elements(found: SelectorList[Selector]) -> list[etree._Element]:
    return [item.root for item in found if isinstance(item.root, etree._Element)]


def _topmost(elements: list[etree._Element], dropped: set[etree._Element]) -> list[etree._Element]:
    """Return the elements that stand neither in another of them nor in a dropped one."""
    skipped = {*elements, *dropped}
    return [
        element
        for element in elements
        if element not in dropped and skipped.isdisjoint(element.iterancestors())
    ]
