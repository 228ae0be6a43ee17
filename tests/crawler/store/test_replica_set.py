"""The core of the store on a replica set, by the same tests as on a single server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from crawler.store.collection import Document
from tests.conftest import is_fresh as is_marked_fresh
from tests.crawler.admin.test_migrations import (
    FORMS,
    older,
    test_an_older_database_is_brought_to_the_present_form,
    test_several_at_one_time_do_no_harm,
    today,
)
from tests.crawler.duplicates.test_near_duplicates import (
    known,
    test_eight_processes_agree,
    test_one_batch_does_as_well_and_twice_changes_nothing,
)
from tests.crawler.queue.test_writer import (
    test_an_older_reading_does_not_undo_a_newer_one,
    test_everything_is_brought_and_may_be_brought_again,
    test_what_cannot_be_stored_stops_nothing_else,
)
from tests.crawler.store.test_articles import test_saving_again_changes_nothing
from tests.crawler.store.test_database import test_many_prepare_it_at_one_time
from tests.crawler.store.test_ledger import (
    test_a_new_lead,
    test_a_second_source_and_a_second_sighting,
    test_settled_leads_are_known_and_not_due,
)
from tests.crawler.store.test_revisions import (
    test_an_edit_keeps_what_it_said_before,
    test_brought_again_it_changes_nothing,
    test_killed_between_the_two_writes,
    test_withdrawn_and_restored,
)
from tests.crawler.store_fixture import Store
from tests.forked import Server
from tests.prepared import Prepared, new_name

__all__ = [
    "known",
    "older",
    "test_a_new_lead",
    "test_a_second_source_and_a_second_sighting",
    "test_an_edit_keeps_what_it_said_before",
    "test_an_older_database_is_brought_to_the_present_form",
    "test_an_older_reading_does_not_undo_a_newer_one",
    "test_brought_again_it_changes_nothing",
    "test_eight_processes_agree",
    "test_everything_is_brought_and_may_be_brought_again",
    "test_killed_between_the_two_writes",
    "test_many_prepare_it_at_one_time",
    "test_one_batch_does_as_well_and_twice_changes_nothing",
    "test_saving_again_changes_nothing",
    "test_settled_leads_are_known_and_not_due",
    "test_several_at_one_time_do_no_harm",
    "test_what_cannot_be_stored_stops_nothing_else",
    "test_withdrawn_and_restored",
    "today",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In a soak databases of all earlier versions, else of the first: it takes every migration."""
    if "form" in metafunc.fixturenames:
        forms = FORMS if metafunc.config.getoption("soak") else FORMS[:1]
        metafunc.parametrize("form", forms, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def prepared(replica_set: str) -> Iterator[Prepared]:
    prepared = Prepared(replica_set)
    yield prepared
    prepared.close()


@pytest.fixture
def store(
    replica_set: str, prepared: Prepared, server: Server, request: pytest.FixtureRequest
) -> Iterator[Store]:
    """An empty database; a new one for tests that are marked `fresh`, or their files are."""
    is_fresh = is_marked_fresh(request) or "pytestmark" in request.function.__globals__
    name = new_name() if is_fresh else prepared.name
    with MongoClient[Document](replica_set, tz_aware=True) as client:
        yield Store(replica_set, name, Path("unused"), client[name], server)
        if is_fresh:
            client.drop_database(name)
        else:
            prepared.empty()


def test_it_is_one(store: Store) -> None:
    assert store.plain.client.admin.command("hello")["setName"] == "r"
