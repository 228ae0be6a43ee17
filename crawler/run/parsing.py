"""What a worker of the pool is asked for; it alone imports the extractor, which takes its time."""

from datetime import datetime

from crawler.article import Article
from crawler.lead import Lead
from crawler.outlet import ExtractionConfig


def read_page(
    url: str,
    body: bytes,
    charset: str | None,
    fetched: datetime,
    config: ExtractionConfig,
    lead: Lead,
    *,
    is_first: bool,
) -> Article:
    """Read a story's page: see `crawler.extract.page.read_page`."""
    from crawler.extract import page  # noqa: PLC0415 - in the worker

    fetched_page = page.FetchedPage(url, body, encoding=charset, fetched=fetched)
    return page.read_page(fetched_page, config, lead, is_first=is_first)


def read_source_content(lead: Lead, config: ExtractionConfig, fetched: datetime) -> Article:
    """Read a story that its source delivers whole: see `crawler.extract.source_content`."""
    from crawler.extract import source_content  # noqa: PLC0415 - in the worker

    return source_content.read_source_content(lead, config, fetched)
