import runpy
from datetime import datetime
from pathlib import Path

import pytest

from crawler.text.dates.relative import read_relative_time

NOW = datetime(2025, 6, 1, 12, 0)
PROJECT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "vor 2 Stunden", "06-01 10:00"),
        ("de", "vor einer Stunde", "06-01 11:00"),
        ("fr", "Publié il y a 3 heures", "06-01 09:00"),
        ("es", "hace 5 minutos", "06-01 11:55"),
        ("pt-BR", "há 2 dias", "05-30"),
        ("it", "2 ore fa", "06-01 10:00"),
        ("nl", "2 uur geleden", "06-01 10:00"),
        ("pl", "2 godziny temu", "06-01 10:00"),
        ("sv", "för 2 timmar sedan", "06-01 10:00"),
        ("no", "2 timer siden", "06-01 10:00"),
        ("da", "for 2 timer siden", "06-01 10:00"),
        ("fi", "2 tuntia sitten", "06-01 10:00"),
        ("cs", "před 2 hodinami", "06-01 10:00"),
        ("hu", "2 órája", "06-01 10:00"),
        ("el", "πριν από 2 ώρες", "06-01 10:00"),
        ("tr", "2 saat önce", "06-01 10:00"),
        ("ru", "2 часа назад", "06-01 10:00"),
        ("uk", "2 години тому", "06-01 10:00"),
        ("he", "לפני שעתיים", "06-01 10:00"),
        ("ar", "قبل ساعتين", "06-01 10:00"),
        ("fa", "2 ساعت پیش", "06-01 10:00"),
        ("hi", "2 घंटे पहले", "06-01 10:00"),
        ("th", "2 ชั่วโมงที่ผ่านมา", "06-01 10:00"),
        ("vi", "2 giờ trước", "06-01 10:00"),
        ("id", "2 jam yang lalu", "06-01 10:00"),
        ("ja", "3時間前", "06-01 09:00"),
        ("ko", "5분 전", "06-01 11:55"),
        ("zh-CN", "2小时前", "06-01 10:00"),
        ("xx", "an hour ago", "06-01 11:00"),
        ("en", "5 mins ago", "06-01 11:55"),
        ("en", "just now", "06-01 12:00"),
        ("de", "Gestern, 10:30 Uhr", "05-31 10:30"),
        ("fr", "hier à 10h30", "05-31 10:30"),
        ("fr", "Aujourd’hui", "06-01"),
        ("es", "ayer", "05-31"),
        ("sv", "i går 10:30", "05-31 10:30"),
        ("ru", "сегодня, 10:30", "06-01 10:30"),
        ("ar", "أمس 10:30", "05-31 10:30"),
        ("zh", "昨天 10:30", "05-31 10:30"),
        ("ja", "昨日", "05-31"),
        ("en", "Yesterday at 4:15 pm", "05-31 16:15"),
        ("en", "10:30 today", "06-01 10:30"),
        ("en", "5 mins", None),
        ("en", "in 2 hours", None),
        ("en", "2 weeks ago", None),
        ("en", "9 days ago", None),
        ("en", "Yesterday, 10:30 GMT", None),
        ("en", "What she had told them all was 2 hours ago", None),
        ("de", "Heute war ein guter Tag im Jahr 2024", None),
        ("de", "heutige Lage", None),
        ("fr", "2 hours ago in Paris and 3 in Rome", None),
    ],
)
def test_dates_told_from_now(language: str, text: str, expected: str | None) -> None:
    ago = read_relative_time(text, language, NOW)
    shown = ago and (f"{ago.local:%m-%d}" if ago.precision == "day" else f"{ago.local:%m-%d %H:%M}")
    assert shown == expected


def test_the_table_is_that_of_the_pinned_babel() -> None:
    generator = runpy.run_path(str(PROJECT / "deploy/cldr.py"))
    assert generator["TABLE"].read_text("utf-8") == generator["table"](), "run `make cldr`"
