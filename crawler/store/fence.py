"""`Fenced`: what a run writes through; nothing, once its outlet may be another's."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from functools import wraps
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


def _fenced(name: str) -> Callable[..., Awaitable[Any]]:
    """The method of that name of a collection, within the fence."""
    method = getattr(AsyncCollection, name)

    @wraps(method)
    async def call(self: Fenced, *args: Any, **kwargs: Any) -> Any:
        with self._fence():
            return await method(self, *args, **kwargs)

    return call


for _name in (
    "bulk_write", "insert_one", "update_one", "update_many", "replace_one", "delete_many",
    "delete_one", "find_one_and_update",
):  # fmt: skip
    setattr(Fenced, _name, _fenced(_name))
