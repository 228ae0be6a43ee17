"""Whose a text is that several outlets carry."""

from datetime import UTC, datetime, timedelta

from crawler.duplicates.origin import ClusterMember, WireOrigin, origin_of, repeats

START = datetime(2031, 3, 3, tzinfo=UTC)


def member(house: str, hours: int, credit: str | None = None) -> ClusterMember:
    at = START + timedelta(hours=hours)
    return ClusterMember(f"https://{house}.example/{hours}", house, f"{house}_en", at, credit)


def test_without_a_credit_it_is_the_earliests() -> None:
    found = [member("beacon", 5), member("argus", 2), member("clarion", 9)]
    assert origin_of(found) == WireOrigin("https://argus.example/2", None)


def test_most_credits_name_the_agency() -> None:
    found = [member("argus", 1), member("beacon", 2, "IANS"), member("clarion", 3, "I.A.N.S.")]
    assert origin_of([*found, member("echo", 4, "Reuters")]) == WireOrigin(
        "https://argus.example/1", "IANS"
    )


def test_an_outlet_that_credits_itself_names_nobody() -> None:
    found = [member("argus", 1, "reports Argus News"), member("beacon", 2)]
    assert origin_of(found).agency is None


def test_the_agencys_own_story_is_the_origin() -> None:
    found = [member("argus", 1, "Yonhap"), member("yonhap", 2), member("beacon", 3, "Yonhap")]
    assert origin_of(found) == WireOrigin("https://yonhap.example/2", "Yonhap")


def test_a_house_repeats_its_own_first() -> None:
    found = [member("argus", 7), member("argus", 2), member("beacon", 1)]
    assert repeats(found) == {"https://argus.example/7": "https://argus.example/2"}
