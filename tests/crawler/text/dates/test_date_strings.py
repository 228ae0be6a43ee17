"""A thousand dates as outlets print them, in thirty languages and six calendars.

The tables are written by hand; what is expected is put together from the same day and time as the
text, by none of the code that reads it.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from crawler.text.dates.parser import read_date
from crawler.text.dates.timestamp import Timestamp

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)

# Language, then the months as they stand in a date, then formats.
LANGUAGES = """
en-GB | January February March April May June July August September October November December |
 {d} {M} {y} | {M} {d}, {y} at {h12}:{m} {ap} | Published {d}th {M} {y}, {H}:{m}
en-US | Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec |
 {M}. {d}, {y} | {M} {d}, {y}, {h12}:{m} {ap} | By Jo Doe - {M} {d}, {y}
de | Januar Februar März April Mai Juni Juli August September Oktober November Dezember |
 {d}. {M} {y} | {d}. {M} {y}, {H}:{m} Uhr | Veröffentlicht am {dd}. {M} {y} um {H}.{m} Uhr
fr | janvier février mars avril mai juin juillet août septembre octobre novembre décembre |
 {d} {M} {y} | le {d} {M} {y} à {H}h{m} | Publié le {d} {M} {y} à {H}:{m}
es | enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre |
 {d} de {M} de {y} | {d} de {M} de {y} a las {H}:{m} h | {d} {M} {y} - {H}:{m}
it | gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre |
 {d} {M} {y} | {d} {M} {y} alle {H}:{m} | Pubblicato il {d} {M} {y}, ore {H}.{m}
pt-BR | janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro |
 {d} de {M} de {y} | {d} de {M} de {y}, {H}h{m} | {d} de {M} de {y} às {H}:{m}
nl | januari februari maart april mei juni juli augustus september oktober november december |
 {d} {M} {y} | {d} {M} {y} om {H}:{m} uur | Geplaatst op {d} {M} {y}
sv | januari februari mars april maj juni juli augusti september oktober november december |
 {d} {M} {y} | {d} {M} {y} kl. {H}.{m} | Publicerad {d} {M} {y} {H}:{m}
da | januar februar marts april maj juni juli august september oktober november december |
 {d}. {M} {y} | {d}. {M} {y} kl. {H}:{m}
nb | januar februar mars april mai juni juli august september oktober november desember |
 {d}. {M} {y} | {d}. {M} {y} kl. {H}.{m}
fi | tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta
 syyskuuta lokakuuta marraskuuta joulukuuta | {d}. {M} {y} | {d}. {M} {y} klo {H}.{m}
pl | stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada
 grudnia | {d} {M} {y} | {d} {M} {y}, {H}:{m} | {d} {M} {y} r., godz. {H}:{m}
cs | ledna února března dubna května června července srpna září října listopadu prosince |
 {d}. {M} {y} | {d}. {M} {y} {H}:{m} | {d}. {M} {y} v {H}.{m}
sk | januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra |
 {d}. {M} {y} | {d}. {M} {y}, {H}:{m}
hu | január február március április május június július augusztus szeptember október november
 december | {y}. {M} {d}. | {y}. {M} {d}. {H}:{m} | {y}. {M} {d}., {H}:{m}
ro | ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie
 decembrie | {d} {M} {y} | {d} {M} {y}, {H}:{m} | {d} {M} {y}, ora {H}:{m}
bg | януари февруари март април май юни юли август септември октомври ноември декември |
 {d} {M} {y} | {d} {M} {y}, {H}:{m} | {d} {M} {y} г., {H}:{m}
ru | января февраля марта апреля мая июня июля августа сентября октября ноября декабря |
 {d} {M} {y} | {d} {M} {y}, {H}:{m} | {d} {M} {y} года, {H}:{m} | {d} {M} {y} г. в {H}:{m}
uk | січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня |
 {d} {M} {y} | {d} {M} {y}, {H}:{m} | {d} {M} {y} р., {H}:{m}
el | Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου
 Νοεμβρίου Δεκεμβρίου | {d} {M} {y} | {d} {M} {y}, {H}:{m}
tr | Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık |
 {d} {M} {y} | {d} {M} {y}, {H}:{m} | {d} {M} {y} {H}.{m}
hr | siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga
 prosinca | {d}. {M} {y}. | {d}. {M} {y}. u {H}:{m}
lt | sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio
 gruodžio | {y} m. {M} {d} d. | {y} m. {M} {d} d. {H}:{m}
lv | janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris
 decembris | {y}. gada {d}. {M} | {y}. gada {d}. {M}, {H}:{m}
et | jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember |
 {d}. {M} {y} | {d}. {M} {y}, {H}:{m}
he | ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר |
 {d} ב{M} {y} | {d} {M} {y}, {H}:{m}
ar | يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر |
 {d} {M} {y} | {d} {M} {y} - {H}:{m} | نشر في {d} {M} {y} الساعة {H}:{m}
hi | जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर |
 {d} {M} {y} | {d} {M} {y}, {H}:{m} | {M} {d}, {y}
bn | জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর |
 {d} {M} {y} | {d} {M} {y}, {H}:{m}
ta | ஜனவரி பிப்ரவரி மார்ச் ஏப்ரல் மே ஜூன் ஜூலை ஆகஸ்ட் செப்டம்பர் அக்டோபர் நவம்பர் டிசம்பர் |
 {d} {M} {y} | {d} {M} {y}, {H}:{m}
ur | جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر |
 {d} {M} {y} | {d} {M} {y}، {H}:{m}
id | Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember |
 {d} {M} {y} | {d} {M} {y} {H}:{m} | {d} {M} {y}, {H}.{m}
vi | 1 2 3 4 5 6 7 8 9 10 11 12 | ngày {d} tháng {M} năm {y} | {d} tháng {M}, {y} {H}:{m}
ja | 1 2 3 4 5 6 7 8 9 10 11 12 |
 {y}年{M}月{d}日 | {y}年{M}月{d}日 {H}時{m}分 | {y}年{M}月{d}日 {H}:{m}
zh | 1 2 3 4 5 6 7 8 9 10 11 12 |
 {y}年{M}月{d}日 | {y}年{M}月{d}日 {H}:{m} | {y}年{M}月{d}日{H}时{m}分
ko | 1 2 3 4 5 6 7 8 9 10 11 12 |
 {y}년 {M}월 {d}일 | {y}년 {M}월 {d}일 {H}:{m} | {y}. {M}. {d}. {H}:{m}
"""

# The first day of each month of a year: names, and the Gregorian days.
PERSIAN = """
فروردین 2024-03-20 اردیبهشت 2024-04-20 خرداد 2024-05-21 تیر 2024-06-21 مرداد 2024-07-22
شهریور 2024-08-22 مهر 2024-09-22 آبان 2024-10-22 آذر 2024-11-21 دی 2024-12-21
بهمن 2025-01-20 اسفند 2025-02-19
"""
HIJRI = """
محرم 2023-07-19 صفر 2023-08-17 ربيع_الأول 2023-09-16 ربيع_الآخر 2023-10-16
جمادى_الأولى 2023-11-15 جمادى_الآخرة 2023-12-14 رجب 2024-01-13 شعبان 2024-02-11
رمضان 2024-03-11 شوال 2024-04-10 ذو_القعدة 2024-05-09 ذو_الحجة 2024-06-07
"""
THAI = """
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
"""
THAI_SHORT = "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค."

DIGITS = {"ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹", "hi": "०१२३४५६७८९", "bn": "০১২৩৪৫৬৭৮৯"}

MACHINE = """
{y}-{mm}-{dd} | {y}{mm}{dd} | {y}/{mm}/{dd} | {y}-{mm}-{dd}T{H}:{m}:{s}Z
{y}-{mm}-{dd}T{H}:{m}:{s}.123456+00:00 | {y}-{mm}-{dd} {H}:{m}:{s} UTC | {y}{mm}{dd}T{H}{m}{s}Z
{dd} {E} {y} {H}:{m}:{s} GMT | {E} {d}, {y} | {dd}.{mm}.{y} {H}:{m} | {E} {dd} {H}:{m}:{s} {y}
"""


@dataclass(frozen=True)
class Case:
    text: str
    language: str
    expected: str


def figures(text: str, language: str) -> str:
    digits = DIGITS.get(language)
    return text.translate(str.maketrans("0123456789", digits)) if digits else text


def fill(template: str, month: str, at: datetime) -> tuple[str, str]:
    """Return the text of a template, and the date it states."""
    text = template.format(
        d=at.day,
        dd=f"{at.day:02}",
        M=month,
        mm=f"{at.month:02}",
        E=f"{at:%b}",
        y=at.year,
        H=f"{at.hour:02}",
        h12=at.hour % 12 or 12,
        ap="AM" if at.hour < 12 else "PM",
        m=f"{at.minute:02}",
        s=f"{at.second:02}",
    )
    shape = "%Y-%m-%dT%H:%M:%S" if "{s}" in template else "%Y-%m-%dT%H:%M"
    return text, f"{at:{shape if '{m}' in template else '%Y-%m-%d'}}"


def by_language() -> list[Case]:
    cases = []
    for block in LANGUAGES.strip().replace("\n ", " ").splitlines():
        language, months, *templates = (part.strip() for part in block.split(" | "))
        for number, month in enumerate(months.split(), 1):
            at = datetime(2024, number, (number * 7) % 28 + 1, (number * 5) % 24, number * 4 % 60)
            for template in templates:
                text, expected = fill(template, month, at)
                cases.append(Case(text, language, expected))
                if language in DIGITS:
                    cases.append(Case(figures(text, language), language, expected))
    return cases


def by_calendar() -> list[Case]:
    cases = []
    for language, table, year in (("fa", PERSIAN, 1403), ("ar", HIJRI, 1445)):
        words = table.split()
        for number, (name, first) in enumerate(zip(words[::2], words[1::2], strict=True), 1):
            day = datetime.fromisoformat(first) + timedelta(days=9)
            printed = name.replace("_", " ")
            for text in (
                f"10 {printed} {year}",
                f"10 {printed} {year} - 08:05",
                f"{year}/{number:02}/10",
            ):
                expected = f"{day:%Y-%m-%d}" + ("T08:05" if ":" in text else "")
                cases += [
                    Case(text, language, expected),
                    Case(figures(text, language), language, expected),
                ]
    for number, (long, short) in enumerate(zip(THAI.split(), THAI_SHORT.split(), strict=True), 1):
        day = datetime(2024, number, number + 9)
        stated = f"{day:%Y-%m-%d}"
        cases += [
            Case(f"{day.day} {long} {2024 + 543}", "th", stated),
            Case(f"{day.day} {long} พ.ศ. {2024 + 543} เวลา 14:05 น.", "th", f"{stated}T14:05"),
            Case(f"{day.day} {short} 67", "th", stated),
            Case(f"{day.day:02}/{number:02}/{2024 + 543}", "th", stated),
            Case(f"令和6年{number}月{day.day}日", "ja", stated),
            Case(f"令和6年{number}月{day.day}日 午後2時05分", "ja", f"{stated}T14:05"),
            Case(f"平成30年{number}月{day.day}日", "ja", f"{day.replace(year=2018):%Y-%m-%d}"),
            Case(f"昭和64年1月{number % 7 + 1}日", "ja", ""),  # before the web
            Case(f"民國113年{number}月{day.day}日", "zh-TW", stated),
            Case(f"中華民國113年{number}月{day.day}日 下午2:05", "zh-TW", f"{stated}T14:05"),
            Case(f"113/{number:02}/{day.day:02}", "zh-TW", stated),
        ]
    return cases


def by_machine() -> list[Case]:
    cases = []
    for number in range(1, 13):
        at = datetime(2024, number, number + 12, number * 2 - 1, number + 9, number + 30)
        for template in MACHINE.replace("\n", " | ").strip(" |").split(" | "):
            text, expected = fill(template, "", at)
            cases.append(Case(text, "en", expected))
        epoch = int(at.replace(tzinfo=UTC).timestamp())
        cases += [Case(str(epoch), "en", f"{at:%Y-%m-%dT%H:%M:%S}")]
        cases += [Case(f"{epoch}123", "en", f"{at:%Y-%m-%dT%H:%M:%S}")]
    return cases


def written(stamp: Timestamp | None) -> str:
    """Write the local time a stamp in UTC states, as exactly as it was stated."""
    if stamp is None:
        return ""
    shape = {"day": "%Y-%m-%d", "minute": "%Y-%m-%dT%H:%M", "second": "%Y-%m-%dT%H:%M:%S"}
    return f"{stamp.at:{shape[stamp.precision]}}"


CASES = [*by_language(), *by_calendar(), *by_machine()]


def test_nearly_all_of_a_thousand_dates_are_read() -> None:
    assert len({(case.text, case.language) for case in CASES}) >= 1000
    wrong = [
        f"{case.language}: {case.text} is {case.expected}, not {found}"
        for case in CASES
        if (
            found := written(
                read_date(case.text, zone="UTC", source="meta", language=case.language, now=NOW)
            )
        )
        != case.expected
    ]
    assert len(wrong) <= 0.005 * len(CASES), "\n".join(wrong)


def test_dates_of_an_unknown_language_are_read_where_the_months_name_is_clear() -> None:
    clear = [case for case in by_language() if case.language in ("de", "ru", "tr", "hi", "el")]
    right = [
        written(read_date(case.text, zone="UTC", source="meta", now=NOW)) == case.expected
        for case in clear
    ]
    assert sum(right) == len(right)


def edges(name: str) -> list[tuple[datetime, timedelta]]:
    """Return the instants of 2024 at which a zone's clock changed, and by how much."""
    zone = ZoneInfo(name)
    found = []
    at = datetime(2024, 1, 1, tzinfo=UTC)
    end = datetime(2025, 1, 1, tzinfo=UTC)
    while at < end:
        later = at + timedelta(days=1)
        low, high = at, later
        before = low.astimezone(zone).utcoffset()
        after = high.astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        if before != after:
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) // 2
                if middle.astimezone(zone).utcoffset() == before:
                    low = middle
                else:
                    high = middle
            found.append((high.replace(second=0, microsecond=0), after - before))
        at = later
    return found


def test_every_zone_at_every_change_of_its_clock() -> None:
    changes = 0
    for name in sorted(available_timezones()):
        for at, shift in edges(name):
            changes += 1
            zone = ZoneInfo(name)
            before = (at - timedelta(minutes=1)).astimezone(zone).utcoffset()
            assert before is not None
            wall = at.replace(tzinfo=None) + before
            # In the middle of the time that comes twice, or never; and well before.
            doubt = "nonexistent" if shift > timedelta(0) else "ambiguous"
            for local, flags in ((wall + shift / 2, (doubt,)), (wall - 2 * abs(shift), ())):
                stamp = read_date(
                    f"{local:%Y-%m-%d %H:%M}", zone=name, source="meta", language="en", now=NOW
                )
                assert stamp is not None
                assert stamp.flags == flags, (name, local)
                # The offset before the change is that of the first of two, and of a skipped time.
                assert stamp.at == (local - before).replace(tzinfo=UTC), (name, local)
    assert changes > 200


@pytest.mark.parametrize(
    "text",
    [
        "1" * 64,
        "1 " * 32,
        "12/" * 21,
        "2024-" * 12,
        "May " * 16,
        "2024年" * 12,
        "1 May " * 10,
        "十" * 63 + "年",
        "9:" * 32,
        "a.m. " * 12,
        "12:00 " * 10,
        "١٢/" * 21,
        "ربيع الأول " * 5,
        "令和" * 32,
        "Z" * 64,
        "+00:00" * 10,
        "(" * 64,
        "'24 " * 16,
        "30 November 2024 " * 3,
    ],
)
@pytest.mark.parametrize("language", ["en", "ar", "zh", "th", "xx"])
def test_no_text_takes_long(text: str, language: str) -> None:
    def read() -> float:
        start = time.process_time()
        read_date(text, zone="Asia/Karachi", source="meta", language=language, now=NOW)
        return time.process_time() - start

    read()  # the first use of a language loads its names of months
    assert read() < 0.05


def test_what_is_too_long_is_not_read() -> None:
    text = "30 November 2024".ljust(64)
    assert read_date(text, zone="UTC", source="meta", now=NOW) is not None
    assert read_date(text + " ", zone="UTC", source="meta", now=NOW) is None
