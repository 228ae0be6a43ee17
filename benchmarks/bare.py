"""The peer of the speed benchmark: Scrapy that fetches pages and does nothing with them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import Response


class Bare(scrapy.Spider):
    """Fetches the addresses in a file, a line each."""

    name = "bare"

    def __init__(self, addresses: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._addresses = Path(addresses)

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for everything."""
        for address in self._addresses.read_text().splitlines():
            yield scrapy.Request(address)

    def parse(self, response: Response) -> None:
        """Do nothing."""
