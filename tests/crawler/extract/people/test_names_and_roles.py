import pytest

from crawler.extract.people.names_and_roles import is_account, is_group, is_name, split_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Ann Moore and Bo Lund", ["Ann Moore", "Bo Lund"]),
        ("Von Ann Moore und Bo Lund", ["Ann Moore", "Bo Lund"]),
        ("Écrit par Ann Moore et Bo Lund", ["Ann Moore", "Bo Lund"]),
        ("Автор: Анна Мур и Борис Лунд", ["Анна Мур", "Борис Лунд"]),
        ("文／林美麗", ["林美麗"]),
        ("Ann von Moore", ["Ann von Moore"]),
        ("Ann Moore, PhD, Chief Harbour Correspondent", ["Ann Moore"]),
        ("Ann Moore MSc, RDN", ["Ann Moore"]),
        ("Ann Moore, Lisbon", ["Ann Moore"]),
        ("Ann Moore, AP", ["Ann Moore", "AP"]),
        ("Ann Moore | Harbour Post", ["Ann Moore"]),
        ("Moore, Ann", ["Ann Moore"]),
        ("Staff Writer", ["Staff Writer"]),
        ("", []),
    ],
)
def test_split_names(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    "text", ["Ann Moore", "Ludwig van Moor", "O. Moore", "林美麗", "Harbour Desk"]
)
def test_a_name(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "by", "von", "of the", "Read more", "12 May 2024", "5 min", "Follow us!", "a boat"),
        *("Ann Moore wrote this while the ferry was late", "http://a.example", "Senior Editor"),
    ],
)
def test_no_name(text: str) -> None:
    assert not is_name(text)


def test_markup_that_says_name_is_believed_of_accounts() -> None:
    assert is_name("annmoore7", exact=True)
    assert not is_name("annmoore7")
    assert not is_name("Read more", exact=True)


def test_accounts_and_groups() -> None:
    assert all(map(is_account, ("ann-moore", "a.moore7", "annMoore")))
    assert not any(map(is_account, ("Ann Moore", "Moore", "林美麗")))
    assert all(map(is_group, ("Harbour Media GmbH", "News Desk", "harbour.de")))
    assert not is_group("Ann Moore")
