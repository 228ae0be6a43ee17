"""`Fenced`: what a run writes through; nothing, once its outlet may be another's."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

Document = dict[str, Any]
Fence = Callable[[], AbstractContextManager[None]]


class Fenced(AsyncCollection[Document]):
    """A collection in which a run writes only while its outlet surely is its own.

    Args:
        fence: within which each write is made; see `Database.fence`.
    """

    def __init__(
        self, fence: Fence, database: AsyncDatabase[Document], name: str, **options: Any
    ) -> None:
        super().__init__(database, name, **options)
        self._fence = fence

    def with_options(self, **options: Any) -> Any:  # type: ignore[override]
        kept = ("codec_options", "read_preference", "write_concern", "read_concern")
        same = {name: getattr(self, name) for name in kept}
        return Fenced(self._fence, self.database, self.name, **{**same, **options})

    async def bulk_write(self, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await super().bulk_write(*args, **kwargs)

    async def insert_one(self, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await super().insert_one(*args, **kwargs)

    async def update_one(self, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await super().update_one(*args, **kwargs)

    async def update_many(self, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await super().update_many(*args, **kwargs)

    async def replace_one(self, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await super().replace_one(*args, **kwargs)

    async def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await super().delete_many(*args, **kwargs)

    async def delete_one(self, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await super().delete_one(*args, **kwargs)

    async def find_one_and_update(self, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await super().find_one_and_update(*args, **kwargs)
