"""Writes ``crawler/text/dates/cldr.tsv`` from Babel's copy of the Unicode CLDR: ``make cldr``.

Run it after a new release of Babel; a test compares the table with Babel's data.
"""

from pathlib import Path

from babel import Locale
from babel.dates import get_month_names

from crawler.text.dates.months import fold_word

TABLE = Path(__file__).resolve().parent.parent / "crawler/text/dates/cldr.tsv"
# Earlier ones are believed first where a page's own language does not have a word.
LANGUAGES = (
    "en de fr es it pt nl pl cs sk hu ro sv da nb nn fi is et lv lt sl hr sr sr_Latn bs mk bg el tr"
    " az sq ru uk be kk ky uz ka hy he ar ar_SY ar_DZ ar_MA fa ps ur hi bn ta te ml kn mr gu pa ne"
    " si th lo my km vi id ms fil sw am ca gl eu cy ga af mn ja ko zh zh_Hant"
).split()

NUMBERS = {"one": 1, "two": 2}


def months_of(locale: Locale) -> list[str]:
    """Return for each month its folded names."""
    names: list[dict[str, None]] = [{} for _ in range(12)]
    for width in ("wide", "abbreviated"):
        for context in ("stand-alone", "format"):
            for number, month in get_month_names(width, context, locale).items():
                name = fold_word(month)
                if len(name) > 1 and not name.isdigit():
                    names[number - 1][name] = None
    return [" ".join(found) for found in names]


def ago_of(locale: Locale, unit: str) -> list[str]:
    """Return patterns of "so many units ago": ``{0}`` for the number, or ``2=`` before it."""
    fields = locale._data["date_fields"]
    patterns: dict[str, None] = {}
    for width in ("", "-short", "-narrow"):
        for count, pattern in fields.get(unit + width, {}).get("past", {}).items():
            text = pattern.casefold()
            # Those like "-5 h" are not of running text.
            if "{0}" in text and not text.startswith(("-", "\u2212")):
                patterns[text] = None
            elif "{0}" not in text and count in NUMBERS:
                patterns[f"{NUMBERS[count]}={text}"] = None
    return list(patterns)


def table() -> str:
    """Return the text of the file: a language, what follows, and its values a line."""
    lines = []
    for language in LANGUAGES:
        locale = Locale.parse(language)
        if any(months := months_of(locale)):
            lines.append([language, "months", *months])
        lines += [[language, unit, *ago_of(locale, unit)] for unit in ("minute", "hour", "day")]
    return "".join("\t".join(line) + "\n" for line in lines)


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
