"""Text in the form it is stored: one Unicode form, no invisible characters, plain spaces."""

import html
import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
# Controls that are not white space, soft hyphen, zero-width characters, bidirectional controls
# (which can make text read other than it is stored: CVE-2021-42574), and non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# ZWNJ and ZWJ change what is read only after a letter of a joining script (Hebrew to Khmer and
# Mongolian; not Hangul) or within an emoji sequence.
_IDLE_JOINER = re.compile(
    "(?<![\u0590-\u10ff\u1200-\u1cff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
# Entities that stand in text: somebody escaped it twice.
_ENTITY = re.compile("&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# A control character of C1, or what a UTF-8 sequence looks like as one of the single-byte
# encodings: it begins with the letter that a leading byte is there and goes on with one that a
# continuation byte is. Ordinary text has such pairs too (`É…`): ftfy tells them apart.
_BROKEN = re.compile(
    "[\x80-\x9f]|[Â-ôĂăĆ-ĐĘ-ĚĹ-ŇŐőŘ-ŮŰűŢţΒ-ΩВ-ЯБа-р]"
    "[\x80-¿Œ-œŠšŸŹ-žƒˆˇ˘˛˜˝–—‘’‚“”„†‡•…‰‹›€™ĄąĽľŁłŚśŞşŤťĞğİı΄-ΏЀ-ЏѐёЎѓ-џҐґ№]"
)
# C1 controls are never meant: they are windows-1252 taken for ISO 8859-1, as browsers know of
# numeric references (HTML Standard, 13.2.5.80).
_C1 = {
    byte: bytes((byte,)).decode("cp1252", errors="replace").replace("\ufffd", "")
    for byte in range(0x80, 0xA0)
}
_MAX_MENDED = 20_000  # characters of a line
# Marks on one letter, and what else is neither letter nor space. So many in a row are no text, and
# normal forms take time with the square of their number (Unicode UAX #15, Stream-Safe Text Format).
_MARKS_RUN = re.compile(r"[^\w\s\x00-\x7f]{2,}")
_MAX_RUN = 1_000
_MAX_ROUNDS = 5  # times that text may be encoded or escaped wrongly


def tidy(text: str) -> str:
    """Make `text` one clean line.

    The result is in Unicode normal form C, with lone surrogates replaced by U+FFFD, control,
    zero-width and bidirectional characters removed and every run of white space made one space.
    Entities that are escaped twice, and UTF-8 that was taken for another encoding, are mended.
    """
    if not _may_be_broken(text):
        # What is to be removed is not printable, nor is any space but the common one.
        if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
            text = " ".join(text.split())
        if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
            return text
    for _ in range(_MAX_ROUNDS):
        line = " ".join(_remove_invisible(_mend(text)).split())
        if line == text or not _may_be_broken(line):
            break
        text = line
    return line


def limit_runs(text: str) -> str:
    """Return `text` without what no one can read and what is slow to bring into a normal form."""
    if len(text) <= _MAX_RUN or text.isascii():
        return text
    return _MARKS_RUN.sub(lambda run: run[0][:_MAX_RUN], text)


def _may_be_broken(text: str) -> bool:
    if len(text) > _MAX_MENDED:
        return False
    if "&" in text and _ENTITY.search(text):
        return True
    return not text.isascii() and _BROKEN.search(text) is not None


def _mend(text: str) -> str:
    """Undo a second escaping and a second encoding."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if text.isascii() or len(text) > _MAX_MENDED or not _BROKEN.search(text):
        return text
    # Imported late: few texts need it.
    from ftfy import fix_encoding  # noqa: PLC0415

    return fix_encoding(text).translate(_C1)


def _remove_invisible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    if _SURROGATE.search(text):  # pairs of them are characters
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _IDLE_JOINER.sub("", unicodedata.normalize("NFC", _INVISIBLE.sub("", limit_runs(text))))
    return unicodedata.normalize("NFC", text)
