"""Names of months, in the languages and calendars of the world's news."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names

Calendar = Literal["gregorian", "persian", "hijri"]
Month = tuple[Calendar, int]

# Where a name is not of the page's own language, it may be of one of these: on pages that state
# no language, or a wrong one. Earlier ones are believed first.
_LANGUAGES = (
    "en de fr es it pt nl pl cs sk hu ro sv da nb nn fi is et lv lt sl hr sr sr_Latn bs mk bg el tr"
    " az sq ru uk be kk ky uz ka hy he ar ar_SY ar_DZ ar_MA fa ps ur hi bn ta te ml kn mr gu pa ne"
    " si th lo my km vi id ms fil sw am ca gl eu cy ga af mn"
).split()
# What outlets print and the CLDR does not hold, or in another case of grammar.
_MORE = """
1 jänner jän january genn styczniu januári janvāris sausis ژانویه ژانویهٔ جنوری يناير كانون‌الثاني
2 febr fevr feb. luty فوریه فروری фев
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
_SAME = str.maketrans(
    {"ı": "i", "ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ە": "ه", "ة": "ه", "ھ": "ه", "ے": "ی"}
)


def fold(word: str) -> str:
    """Reduce a word to what its spellings have in common: no case, accents, points or spaces."""
    folded = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", folded)).translate(_SAME)


@lru_cache(8192)
def month_named(word: str, language: str | None) -> Month | None:
    """Return the month a word or abbreviation names, in `language` before English and others."""
    key = fold(word)
    if len(key) < 2:
        return None
    for names in (_names_in(language), _names_in("en"), _printed()):
        if month := names.get(key):
            return month
    return _anywhere().get(key) if len(key) > 2 or not key.isascii() else None


def _names_in(language: str | None) -> dict[str, Month]:
    base, _, region = (language or "en").replace("-", "_").partition("_")
    return _cldr(base.lower()) if not region else _cldr(f"{base.lower()}_{region}")


@cache
def _cldr(name: str) -> dict[str, Month]:
    try:
        locale = Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return _cldr(name.partition("_")[0]) if "_" in name else {}
    return {
        key: ("gregorian", number)
        for width in ("wide", "abbreviated")
        for context in ("stand-alone", "format")
        for number, month in get_month_names(width, context, locale).items()
        if len(key := fold(month)) > 1 and not key.isdigit()
    }


@cache
def _printed() -> dict[str, Month]:
    tables: tuple[tuple[Calendar, str], ...] = (
        ("hijri", _HIJRI),
        ("persian", _PERSIAN),
        ("gregorian", _MORE),
    )
    return {
        fold(word): (calendar, int(line.split()[0]))
        for calendar, table in tables
        for line in table.strip().splitlines()
        for word in line.split()[1:]
    }


@cache
def _anywhere() -> dict[str, Month]:
    return {k: v for language in reversed(_LANGUAGES) for k, v in _cldr(language).items()}
