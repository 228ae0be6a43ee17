"""The loader of outlets: a file that cannot be read costs only its own outlet."""

import logging
import pkgutil
import traceback
from importlib import import_module

from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader

logger = logging.getLogger(__name__)


class OutletLoader(SpiderLoader):
    """Scrapy's spider loader, but a broken file does not stop the other outlets."""

    def __init__(self, settings: BaseSettings) -> None:
        self.broken: list[str] = []
        """A sentence for each file that cannot be read."""
        super().__init__(settings)

    def _load_all_spiders(self) -> None:
        for package in self.spider_modules:
            self._read(package)
            path = getattr(import_module(package), "__path__", [])
            for module in pkgutil.iter_modules(path, f"{package}."):
                self._read(module.name)
        self._check_name_duplicates()

    def _read(self, module: str) -> None:
        try:
            self._load_spiders(import_module(module))
        except Exception as error:  # noqa: BLE001 - a module can raise whatever it likes
            where = module.replace(".", "/")
            line = getattr(error, "lineno", None)  # of a syntax error
            line = line or traceback.extract_tb(error.__traceback__)[-1].lineno
            self.broken.append(f"{where}.py cannot be read (line {line}): {error}.")
            logger.error(self.broken[-1])
