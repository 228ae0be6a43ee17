"""Who filed a story and from where, and what was corrected in it, as it is printed."""

import time

import pytest

from crawler.text.credit import read_correction, read_credit

STORY = "The ferry to the islands sailed on Monday for the first time in a year."
BELOW = ["Nobody was hurt.", "The next one sails in May."]


@pytest.mark.parametrize(
    ("start", "credit", "place"),
    [
        ("LISBON (AP) — ", "AP", "LISBON"),
        ("LISBON, Portugal (AP) — ", "AP", "LISBON, Portugal"),
        ("PORT ANGELES, Wash. (AP) – ", "AP", "PORT ANGELES, Wash."),
        ("ST. JOHN'S (AP) - ", "AP", "ST. JOHN'S"),
        ("LISBON, Dec 1 (Reuters) - ", "Reuters", "LISBON"),
        ("LISBON/MADRID, December 1 (Reuters) - ", "Reuters", "LISBON/MADRID"),
        ("Dec 1 (Reuters) - ", "Reuters", None),
        ("SEOUL, Aug. 20 (Yonhap) -- ", "Yonhap", "SEOUL"),
        ("BEIJING, Nov. 30 (Xinhua) -- ", "Xinhua", "BEIJING"),
        ("Lisbon (AFP) – ", "AFP", "Lisbon"),
        ("Lisbon, Portugal (AFP) – ", "AFP", "Lisbon, Portugal"),
        ("Lissabon (dpa) - ", "dpa", "Lissabon"),
        ("Lissabon/Madrid (dpa/AFP) - ", "dpa/AFP", "Lissabon/Madrid"),
        ("Lisboa, 30 nov (EFE).- ", "EFE", "Lisboa"),
        ("(ANSA) - ROMA, 30 NOV - ", "ANSA", "ROMA"),
        ("LISSABON (ANP) - ", "ANP", "LISSABON"),
        ("МОСКВА, 30 ноя — РИА Новости. ", "РИА Новости", "МОСКВА"),
        ("МОСКВА, 30 ноября. /ТАСС/. ", "ТАСС", "МОСКВА"),
        ("新华社里斯本11月30日电 ", "新华社", "里斯本"),
        ("（中央社記者林海台北30日電）", "中央社", None),
        ("LISBON — ", None, "LISBON"),
        ("NEW YORK – ", None, "NEW YORK"),
        ("CLEAR LAKE, Iowa — ", None, "CLEAR LAKE, Iowa"),
        ("ISLAMABAD: ", None, "ISLAMABAD"),
        ("NEW DELHI: ", None, "NEW DELHI"),
    ],
)
def test_datelines(start: str, credit: str | None, place: str | None) -> None:
    assert read_credit([start + STORY, *BELOW]) == (credit, place)


@pytest.mark.parametrize(
    "start",
    [
        "",
        "DEAR EDITOR: ",
        "WARNING GRAPHIC DETAIL: ",
        "The ferry (AP) ",
        "Q: ",
        "IT IS LATE: ",
        "The islands – all nine of them – were cut off. ",
        "2024 — ",
        "Monday: ",
        "A — ",
    ],
)
def test_other_beginnings_are_none(start: str) -> None:
    assert read_credit([start + STORY, *BELOW]) == (None, None)


@pytest.mark.parametrize(
    ("line", "credit"),
    [
        ("Source: Port Authority", "Port Authority"),
        ("Quelle: dpa", "dpa"),
        ("Fuente: EFE", "EFE"),
        ("Источник: Интерфакс", "Интерфакс"),
        ("(With inputs from ANI)", "ANI"),
        ("With additional reporting by AFP and Reuters.", "AFP and Reuters"),
        ("— Reuters", "Reuters"),
        ("(AFP)", "AFP"),
        ("dpa/AFP", "dpa/AFP"),
        ("© 2024 AFP", "AFP"),
        ("Copyright 2024 The Associated Press. All rights reserved.", "The Associated Press"),
        ("(共同)", "共同"),
        ("They have a map, and an app.", None),
        ("Source of all trouble is the ferry.", None),
    ],
)
def test_sources_below_the_story(line: str, credit: str | None) -> None:
    assert read_credit([STORY, *BELOW, line]) == (credit, None)


@pytest.mark.parametrize(
    "text",
    [
        "Correction: The ferry sailed on Monday, not on Sunday.",
        "CORRECTION (Nov. 30, 2024): The ferry sailed on Monday, not on Sunday.",
        "Clarification: The ferry carries carts as well.",
        "This story has been corrected to say that the ferry sailed on Monday.",
        "This article was amended on 30 November 2024 to name the captain.",
        "An earlier version of this article misstated the day.",
        "Editor’s note: A previous version of this story incorrectly named the captain.",
        "Korrektur: Die Fähre fuhr am Montag.",
        "In einer früheren Version hieß es, die Fähre sei am Sonntag gefahren.",
        "Rectificatif : le bac est parti lundi.",
        "Une version précédente indiquait dimanche.",
        "Corrección: el transbordador zarpó el lunes.",
        "Una versión anterior de este artículo decía domingo.",
        "Rättelse: Färjan gick på måndagen.",
        "Уточнение: паром вышел в понедельник.",
        "訂正：フェリーは月曜日に出航した。",
        "更正：渡轮于星期一启航。",
    ],
)
def test_corrections(text: str) -> None:
    assert read_correction([STORY, *BELOW, text]) == text


def test_a_correction_below_its_heading() -> None:
    assert (
        read_correction([STORY, "Correction: November 30, 2024", BELOW[0]])
        == f"Correction: November 30, 2024 {BELOW[0]}"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Correction officers said the ferry was late.",
        "The correction came on Monday.",
        "This story has been told for a hundred years.",
        "This article of the law was amended.",
        "An earlier version of this ferry sank.",
    ],
)
def test_no_corrections(text: str) -> None:
    assert read_correction([STORY, text]) is None


@pytest.mark.parametrize("part", ["A", "NEW ", "A, b ", "This story ", "(AP "])
def test_no_text_takes_long(part: str) -> None:
    text = part * 50_000
    began = time.process_time()
    read_credit([text] * 5)
    read_correction([text[:1_000]] * 50)
    assert time.process_time() - began < 0.25
