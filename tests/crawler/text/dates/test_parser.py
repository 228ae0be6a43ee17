import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.text.dates.parser import is_date, read_date
from crawler.text.dates.timestamp import Timestamp

NOW = datetime(2024, 12, 1, 12, 0, 30, tzinfo=UTC)


def read(text: str, zone: str = "Asia/Karachi", language: str | None = None) -> Timestamp | None:
    return read_date(text, zone=zone, source="meta", language=language, now=NOW)


def brief(stamp: Timestamp | None) -> str | None:
    """Write a date as instant, offset and precision on one line."""
    if stamp is None:
        return None
    return f"{stamp.at:%Y-%m-%dT%H:%M:%SZ} {stamp.offset} {stamp.precision}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-11-30T08:15:00+05:30", "2024-11-30T02:45:00Z +05:30 second"),
        ("2024-11-30T08:15:00.123Z", "2024-11-30T08:15:00Z +00:00 second"),
        ("2024-11-30T08:15:00+0500", "2024-11-30T03:15:00Z +05:00 second"),
        ("2024-11-30T08:15:00 +05", "2024-11-30T03:15:00Z +05:00 second"),
        ("20241130T081500Z", "2024-11-30T08:15:00Z +00:00 second"),
        ("2024-11-30T08:15:00+05:00[Asia/Karachi]", "2024-11-30T03:15:00Z +05:00 second"),
        ("Sat, 30 Nov 2024 10:15:00 GMT", "2024-11-30T10:15:00Z +00:00 second"),
        ("Sat, 30 Nov 2024 10:15:00 GMT+9", "2024-11-30T01:15:00Z +09:00 second"),
        ("30 Nov 24 10:15:00 EST", "2024-11-30T15:15:00Z -05:00 second"),
        ("Sat Nov 30 2024 10:15:00 GMT+0500 (Some Time)", "2024-11-30T05:15:00Z +05:00 second"),
        ("1732954500", "2024-11-30T08:15:00Z +00:00 second"),
        ("1732954500000", "2024-11-30T08:15:00Z +00:00 second"),
        ("1732954500.25", "2024-11-30T08:15:00Z +00:00 second"),
        ("1732954500123456", "2024-11-30T08:15:00Z +00:00 second"),
        ("2024-11-30T8:15:7Z", "2024-11-30T08:15:07Z +00:00 second"),
        ("2024-11-30T08:15:00,123456789Z", "2024-11-30T08:15:00Z +00:00 second"),
        ("November 30, 2024 10:15 a.m. Eastern Time", "2024-11-30T15:15:00Z -05:00 minute"),
        ("July 30, 2024 10:15 a.m. Pacific Daylight Time", "2024-07-30T17:15:00Z -07:00 minute"),
        ("November 30, 2024 2:05 PM PKT", "2024-11-30T09:05:00Z +05:00 minute"),
    ],
)
def test_a_stated_offset_is_kept(text: str, expected: str) -> None:
    stamp = read(text, "America/New_York")
    assert brief(stamp) == expected
    assert stamp is not None
    assert (stamp.zone, stamp.text, stamp.source) == (None, text, "meta")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-11-30", "2024-11-29T19:00:00Z +05:00 day"),
        ("20241130", "2024-11-29T19:00:00Z +05:00 day"),
        ("2024/11/30 10:00", "2024-11-30T05:00:00Z +05:00 minute"),
        ("November 30, 2024", "2024-11-29T19:00:00Z +05:00 day"),
        ("Published: 30th of November, 2024", "2024-11-29T19:00:00Z +05:00 day"),
        ("30 November 2024 14:05", "2024-11-30T09:05:00Z +05:00 minute"),
        ("Nov. 30, 2024 | 12:05 a.m.", "2024-11-29T19:05:00Z +05:00 minute"),
        ("Saturday, 30 November 2024 at 2:05:07 pm", "2024-11-30T09:05:07Z +05:00 second"),
        ("10:15 AM, November 30, 2024", "2024-11-30T05:15:00Z +05:00 minute"),
        ("30.11.2024 14:05", "2024-11-30T09:05:00Z +05:00 minute"),
        ("2 hours ago", "2024-12-01T10:00:30Z +05:00 minute"),
        ("yesterday", "2024-11-29T19:00:00Z +05:00 day"),
        ("yesterday at 10:30", "2024-11-30T05:30:00Z +05:00 minute"),
    ],
)
def test_a_local_time_is_of_the_outlets_zone(text: str, expected: str) -> None:
    stamp = read(text)
    assert brief(stamp) == expected
    assert stamp is not None
    assert stamp.zone == "Asia/Karachi"
    assert ("relative" in stamp.flags) == ("ago" in text or "yesterday" in text)


@pytest.mark.parametrize(
    ("text", "zone", "language", "expected"),
    [
        ("30. November 2024, 14:05 Uhr", "Europe/Berlin", "de-DE", "2024-11-30T13:05:00Z"),
        ("le 30 novembre 2024 à 14h05", "Europe/Paris", "fr", "2024-11-30T13:05:00Z"),
        ("30 नवंबर 2024", "Asia/Kolkata", "hi-IN", "2024-11-29T18:30:00Z"),
        ("2024年11月30日 10時05分", "Asia/Tokyo", "ja", "2024-11-30T01:05:00Z"),
        ("٣٠ نوفمبر ٢٠٢٤", "Asia/Riyadh", "ar", "2024-11-29T21:00:00Z"),
        ("thứ bảy, 30/11/2024, 14:05 (GMT+7)", "UTC", "vi", "2024-11-30T07:05:00Z"),
        ("30 November 2024", "UTC", "xx", "2024-11-30T00:00:00Z"),
    ],
)
def test_other_languages(text: str, zone: str, language: str, expected: str) -> None:
    stamp = read(text, zone, language)
    assert stamp is not None
    assert f"{stamp.at:%Y-%m-%dT%H:%M:%SZ}" == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "2024", "November 2024", "Nov 30", "2024-11", "11/2024", "10:30", "Friday"),
        *(
            "30 2024 10:00",
            "Nov 2024 at 10:30",
            "Copyright 2024 30",
            "1/2/3",
            "5 mins",
            "1 min read",
        ),
        *("2 weeks ago", "in 2 hours", "2024-02-30", "2024-13-01", "2024-11-30T25:00:00"),
        *("0000-00-00T00:00:00+00:00", "2024-11-30T08:15:00-99:00", "November 30, 1985"),
        *("November 30, 2027", "9999999999", "99999999999999999999"),
        *("November 30, 2024 " + " " * 60, "<script>2024</script>", "\ud800", "\x00"),
    ],
)
def test_what_states_no_believable_day_is_no_date(text: str) -> None:
    assert read(text) is None


def test_an_unknown_zone_gives_no_date() -> None:
    assert read("November 30, 2024", zone="Mars/Olympus") is None


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("30 July 2024 10:00 BST", "Europe/London", 9),
        ("30 July 2024 10:00 GMT", "Europe/London", 10),
        ("30 July 2024 15:30 IST", "Asia/Kolkata", 10),
        ("30 July 2024 20:00 EST", "Australia/Sydney", 10),
        ("30 July 2024 16:00 BST", "Asia/Dhaka", 10),
    ],
)
def test_a_zones_own_name_for_itself(text: str, zone: str, instant: int) -> None:
    stamp = read(text, zone)
    assert stamp is not None
    assert (stamp.at.hour, stamp.zone) == (instant, None)


@pytest.mark.parametrize(
    ("language", "instant"), [("en-IN", 4), ("he", 8), ("en-IE", 9), ("hi", 4)]
)
def test_a_zone_that_several_countries_have_is_that_of_the_language(
    language: str, instant: int
) -> None:
    stamp = read("30 July 2024 10:00 IST", "UTC", language)
    assert stamp is not None
    assert (stamp.at.hour, stamp.zone) == (instant, None)


def test_of_a_time_in_an_unknown_zone_only_the_day_is_kept() -> None:
    stamp = read("30 November 2024 10:00 IST")
    assert brief(stamp) == "2024-11-29T19:00:00Z +05:00 day"
    assert stamp is not None
    assert stamp.flags == ("unknown_zone",)


@pytest.mark.parametrize(
    ("text", "zone", "expected", "flags"),
    [
        ("2024-10-27 01:30", "Europe/London", "2024-10-27T00:30:00Z +01:00 minute", ("ambiguous",)),
        (
            "2024-03-31 01:30",
            "Europe/London",
            "2024-03-31T01:30:00Z +01:00 minute",
            ("nonexistent",),
        ),
        ("2024-10-27", "Europe/London", "2024-10-26T23:00:00Z +01:00 day", ()),
        # The day began at one o'clock: midnight was skipped.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z -02:00 day", ()),
    ],
)
def test_when_the_clocks_change(
    text: str, zone: str, expected: str, flags: tuple[str, ...]
) -> None:
    stamp = read(text, zone)
    assert stamp is not None
    assert (brief(stamp), stamp.flags) == (expected, flags)


@pytest.mark.parametrize(
    ("language", "zone", "month", "flags"),
    [
        ("en", "Europe/London", 4, ("ambiguous_order",)),
        ("en", "America/New_York", 3, ("ambiguous_order",)),
        ("en-GB", "America/New_York", 4, ("ambiguous_order",)),
        ("de", "Europe/Berlin", 4, ()),
        ("es", "America/Bogota", 4, ()),
        ("es-US", "America/New_York", 4, ()),
        ("en", "America/Jamaica", 4, ("ambiguous_order",)),
        ("en", "Asia/Manila", 3, ("ambiguous_order",)),
        ("en-US", "Europe/London", 3, ("ambiguous_order",)),
    ],
)
def test_the_order_of_figures(language: str, zone: str, month: int, flags: tuple[str, ...]) -> None:
    stamp = read("03/04/2024 12:00", zone, language)
    assert stamp is not None
    assert (stamp.at.month, stamp.flags) == (month, flags)


def test_the_first_use_of_a_language_is_quick() -> None:
    """In a fresh interpreter, for what is loaded once is loaded by now in this one."""
    code = """
import time
from datetime import UTC, datetime
from crawler.text.dates.parser import find_dates, read_date
now = datetime(2024, 12, 1, tzinfo=UTC)
for language in ("en", "de", "ru", "pl", "hi", "ar", "zh", "xx"):
    for text in ("2 hours ago", "30 Foobar 2024", "30 mars 2024", "3 محرم 1446", "昨天 10:30"):
        start = time.process_time()
        find_dates(text, language=language, now=now)
        read_date(text, zone="Europe/Paris", source="meta", language=language, now=now)
        print(time.process_time() - start)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert max(map(float, run.stdout.split())) < 0.05


PIECES = [
    "1",
    "30",
    "2024",
    "Nov",
    ":",
    "-",
    "/",
    ",",
    " ",
    "am",
    "ago",
    "hours",
    "+05",
    "Z",
    "GMT",
]
PIECES += ["T", "(", "yesterday", "of", "1st", "x", "९", "月", "week", "décembre", "\u200b"]


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from(PIECES), max_size=64).map(lambda parts: "".join(parts)[:64]),
        st.sampled_from(PIECES).map(lambda piece: (piece * 64)[:64]),
        st.sampled_from(PIECES).map(lambda piece: ((piece + " ") * 64)[:64]),
    ),
    st.sampled_from([None, "de", "hi"]),
)
def test_any_text_is_read_at_once_or_not_at_all(text: str, language: str | None) -> None:
    def measured() -> float:
        start = time.process_time()
        read(text, language=language)
        return time.process_time() - start

    # The first use of a language loads its data, and a machine may stumble: the best counts.
    assert min(measured() for _ in range(3)) < 0.05
    stamp = read(text, language=language)
    assert stamp is None or stamp.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("November 30, 2024", True),
        ("Updated: 30 Nov 2024, 10:15 GMT", True),
        ("2024-11-30", True),
        ("November 30, 2024 was a Saturday.", False),
        ("In 2024", False),
    ],
)
def test_is_date(text: str, *, expected: bool) -> None:
    assert is_date(text) is expected
