"""`LeadMatcher`: finds the ledger's document of a lead, in whatever form its address is known."""

from collections.abc import Iterable

from crawler.lead import Lead
from crawler.store.collection import Document
from crawler.text.urls import identity


class LeadMatcher:
    """Finds the ledger's document of a lead, by all forms of its addresses."""

    def __init__(self, stored: Iterable[Document] = ()) -> None:
        self._own: dict[str, Document] = {}
        """By their addresses and what these are identified by."""
        self._all: dict[str, Document] = {}
        """By all of their identities."""
        for document in stored:
            self.add(document)

    def add(self, stored: Document) -> None:
        """Add a document."""
        self._own[stored["_id"]] = stored
        self._own.setdefault(identity(stored["_id"]), stored)
        for form in stored["identities"]:
            self._all.setdefault(form, stored)

    def find(self, lead: Lead) -> Document | None:
        """Return the document of the same story."""
        form = identity(lead.url)
        found = self._own.get(lead.url) or self._own.get(form) or self._all.get(form)
        by_alias = (self._own.get(identity(alias)) for alias in lead.aliases)
        return found or next(filter(None, by_alias), None)
