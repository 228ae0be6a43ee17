"""Names of months, in the languages and calendars of the world's news."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

Calendar = Literal["gregorian", "persian", "hijri"]
Month = tuple[Calendar, int]

# What outlets print and the CLDR does not hold, or in another case of grammar.
_FURTHER_NAMES = """
1 jänner jän genn styczniu januári janvāris sausis ژانویه ژانویهٔ جنوری يناير كانون‌الثاني জানুয়ারি
2 febr fevr feb. luty فوریه فروری фев ফেব্রুয়ারি
3 mrz mär maerz marz mars marec مارچ мар
4 apr avr abr অপ্রিল اپریل آوریل apríl
5 mai may maj máj مه مئی мая
6 jun juin giu czerwiec haziran ژوئن جون июн
7 jul juil lug lipca ژوئیه جولای جولائی июл
8 aug aout ago sierpień اوت آگوست اگست авг
9 sept sep set сент сен
10 okt oct ott out září اکتبر اکتوبر окт
11 nov nov. نومبر нояб ноя
12 dez dec dic déc دسمبر дек
"""
_PERSIAN = """
1 فروردین حمل farvardin
2 اردیبهشت ثور ordibehesht
3 خرداد جوزا khordad
4 تیر سرطان tir
5 مرداد امرداد اسد mordad
6 شهریور سنبله shahrivar
7 مهر میزان mehr
8 آبان عقرب aban
9 آذر قوس azar
10 دی جدی dey
11 بهمن دلو bahman
12 اسفند حوت esfand
"""
_HIJRI = """
1 محرم المحرم محرم‌الحرام muharram
2 صفر safar
3 ربيع‌الأول ربیع‌الاول rabi‌al-awwal
4 ربيع‌الآخر ربيع‌الثاني ربیع‌الثانی rabi‌al-thani
5 جمادى‌الأولى جمادی‌الاول جمادی‌الاولیٰ jumada‌al-awwal jumada‌al-ula
6 جمادى‌الآخرة جمادى‌الثانية جمادی‌الثانی jumada‌al-thani jumada‌al-akhirah
7 رجب رجب‌المرجب rajab
8 شعبان shaban sha'ban
9 رمضان رمضان‌المبارک ramadan
10 شوال شوال‌المکرم shawwal
11 ذو‌القعدة ذي‌القعدة ذیقعد ذوالقعدہ dhu‌al-qadah dhu‌al-qi'dah
12 ذو‌الحجة ذي‌الحجة ذی‌الحجہ ذوالحجہ dhu‌al-hijjah
"""
# Marks that are written or left out at will; those of the scripts of India are letters.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640.'’ʼ\\s\u200c\u200d-]")
_EQUIVALENT = str.maketrans(
    {"ı": "i", "ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ە": "ه", "ة": "ه", "ھ": "ه", "ے": "ی"}
)

_HEBREW_IN = "ב"  # "in", written in one with the month in Hebrew, where no month begins so


def fold_word(word: str) -> str:
    """Reduce a word to what its spellings have in common: no case, accents, points or spaces."""
    folded = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", folded)).translate(_EQUIVALENT)


@lru_cache(8192)
def month_named(word: str, language: str | None) -> Month | None:
    """Return the month a word or abbreviation names, in `language` before English and others.

    Those of ``cldr.tsv`` are tried last, in its order: pages state no language, or a wrong one.
    """
    key = fold_word(word).removeprefix(_HEBREW_IN)
    if len(key) < 2:
        return None
    for names in (_names_in(language), _names_in("en"), _table_names()):
        if month := names.get(key):
            return month
    return _all_languages().get(key) if len(key) > 2 or not key.isascii() else None


def _names_in(language: str | None) -> dict[str, Month]:
    base, _, region = (language or "en").replace("-", "_").partition("_")
    names = _months()
    return names.get(f"{base.lower()}_{region}") or names.get(base.lower(), {})


@cache
def _months() -> dict[str, dict[str, Month]]:
    return {
        language: {
            name: ("gregorian", number)
            for number, names in enumerate(fields, 1)
            for name in names.split()
        }
        for (language, kind), fields in cldr_words().items()
        if kind == "months"
    }


@cache
def cldr_words() -> dict[tuple[str, str], list[str]]:
    """Return the Unicode CLDR's words for dates (Unicode License V3), by language and kind.

    Kinds are ``months``: the folded names of each month, separated by spaces; ``minute``, ``hour``
    and ``day``: how "so many ago" is written, ``{0}`` for the number, or ``2=`` before all of it.
    """
    lines = resources.files(__package__).joinpath("cldr.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {(language, kind): fields for language, kind, *fields in rows}


@cache
def _table_names() -> dict[str, Month]:
    tables: tuple[tuple[Calendar, str], ...] = (
        ("hijri", _HIJRI),
        ("persian", _PERSIAN),
        ("gregorian", _FURTHER_NAMES),
    )
    return {
        fold_word(word): (calendar, int(line.split()[0]))
        for calendar, table in tables
        for line in table.strip().splitlines()
        for word in line.split()[1:]
    }


@cache
def _all_languages() -> dict[str, Month]:
    return {k: v for names in reversed(_months().values()) for k, v in names.items()}
