"""A small world, its sites called directly, and one served by a process of its own."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from parsel import Selector

from newsworld.client import Client, running
from newsworld.messages import SiteRequest, SiteResponse
from newsworld.server import SITES
from newsworld.world import World

Get = Callable[[str], SiteResponse]


@pytest.fixture(scope="session")
def world() -> World:
    """A week of news; its clock is never moved."""
    return World(days=6)


@pytest.fixture(scope="session")
def get(world: World) -> Get:
    """Answers the absolute address of a page of `world`, 404 where there is none."""

    def answer(url: str) -> SiteResponse:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        ask = SiteRequest(f"{parts.scheme}://{parts.netloc}", target)
        return SITES[parts.netloc](world, ask) or SiteResponse(status=404)

    return answer


@pytest.fixture(scope="session")
def page(get: Get) -> Callable[[str], Selector]:
    """A page of `world`, parsed."""

    def parsed(url: str) -> Selector:
        answer = get(url)
        assert answer.status == 200, url
        return Selector(answer.body.decode())

    return parsed


@pytest.fixture
def client() -> Iterator[Client]:
    """A newsworld process with a little news."""
    with running(days=3) as client:
        yield client
