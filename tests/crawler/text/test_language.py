"""Which of an outlet's languages a text is in."""

import pytest

from crawler.text.language import detect

TEXTS = {
    "en": "The harbour authority said on Monday that the new ferry would sail in spring.",
    "fr": "L’autorité portuaire a annoncé lundi que le nouveau bac prendrait la mer au printemps.",
    "de": "Die Hafenbehörde teilte am Montag mit, dass die neue Fähre im Frühjahr fahren werde.",
    "es": "La autoridad portuaria anunció el lunes que el nuevo transbordador zarpará en otoño.",
    "ur": "بندرگاہ کے حکام نے پیر کو بتایا کہ نئی کشتی بہار میں چلے گی۔",
    "ar": "أعلنت سلطة الميناء يوم الاثنين أن العبارة الجديدة ستبحر في الربيع.",
    "fa": "مقامات بندر روز دوشنبه اعلام کردند که کشتی تازه در بهار به آب می‌رود.",
    "hi": "बंदरगाह प्राधिकरण ने सोमवार को कहा कि नई नौका वसंत में चलेगी।",
    "uk": "Портова влада повідомила в понеділок, що новий пором вирушить навесні.",
    "ru": "Портовые власти сообщили в понедельник, что новый паром отправится весной.",
    "zh": "港务局星期一表示，新渡轮将于春季启航，票价尚未公布，市民可以提前预订。",
    "ja": "港湾局は月曜日、新しいフェリーが春に就航すると発表した。運賃はまだ決まっていない。",
    "ko": "항만청은 월요일 새 여객선이 봄에 운항을 시작한다고 밝혔다.",
    "th": "การท่าเรือแถลงเมื่อวันจันทร์ว่าเรือข้ามฟากลำใหม่จะออกเดินทางในฤดูใบไม้ผลิ",
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_language_is_told_from_all_others(language: str) -> None:
    assert detect(TEXTS[language], tuple(TEXTS)) == language


def test_tags_are_returned_as_declared() -> None:
    assert detect(TEXTS["zh"], ("en-GB", "zh-Hant", "zh-Hans")) == "zh-Hant"
    assert detect(TEXTS["en"], ("en-GB", "zh-Hant")) == "en-GB"


@pytest.mark.parametrize(
    "text", ["", "Ja", TEXTS["th"], "12 34 56 78 90 12 34 56 78 90 12 34", "\n" * 50]
)
def test_nothing_is_told_of_a_text_in_none_of_them(text: str) -> None:
    assert detect(text, ("mt", "cy")) is None
