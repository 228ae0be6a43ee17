"""Clusters of stories: a union-find on the server, and its results on each article.

Every sketch points to an earlier member of its cluster (`copy` for the same text, `story` for the
same event), the earliest to itself. A pointer is only ever moved to an earlier story, and one that
ends at itself only if it still does, so no two processes can make a circle or undo each other's
work. Each process writes its sketches before it looks for others: of two that come at once, at
least one finds the other. A process that has updated articles looks at the roots again, and updates
them anew if another has moved one meanwhile. All of it may be done twice without harm.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import UpdateOne, WriteConcern
from pymongo.read_concern import ReadConcern

from crawler.duplicates.origin import ClusterMember, origin_of, repeats
from crawler.store.articles import write
from crawler.store.collection import UNFENCED, Document, Fence
from crawler.store.database import Database

KINDS = ("copy", "story")
"""Kinds of clusters: one text, one event."""

RELAXED: dict[str, Any] = {
    "write_concern": WriteConcern(w=1, j=False),
    "read_concern": ReadConcern("local"),  # so that what has been written is seen at once
}
"""Durability of writes before a last durable one; where that is missing, all are done again."""

_MAX_ROUNDS = 8  # of looking again


class Clusters:
    """Clusters as the sketches' pointers make them."""

    def __init__(self, database: Database, fence: Fence = UNFENCED) -> None:
        self._fence = fence
        self._articles = database["articles"].with_options(**RELAXED)
        self._sketches = database["sketches"].with_options(**RELAXED)

    async def roots(
        self, urls: Iterable[str], known: Mapping[str, Document] | None = None
    ) -> dict[str, Document]:
        """Return for each address its roots by kind, and when it was seen.

        Args:
            urls: the addresses; their roots are in the result, too.
            known: sketches that need not be looked up.
        """
        pointers = dict(known or {})
        missing = {
            *urls,
            *(sketch[kind] for sketch in pointers.values() for kind in KINDS),
        } - pointers.keys()
        while missing:
            found = self._sketches.find({"_id": {"$in": sorted(missing)}}, [*KINDS, "seen"])
            pointers |= {sketch["_id"]: sketch async for sketch in found}
            reached = {pointers[url][kind] for url in missing & pointers.keys() for kind in KINDS}
            missing = reached - pointers.keys()
        parents = {kind: {url: sketch[kind] for url, sketch in pointers.items()} for kind in KINDS}
        return {
            url: {kind: _root(url, parents[kind]) for kind in KINDS} | {"seen": sketch["seen"]}
            for url, sketch in pointers.items()
        }

    async def join(self, links: Mapping[str, list[tuple[str, str]]]) -> None:
        """Join the clusters of each pair, by kind, and update their articles.

        The later root is moved to the earlier one.
        """
        urls = {url for pairs in links.values() for pair in pairs for url in pair}
        if not urls:
            return
        for _ in range(_MAX_ROUNDS):
            roots = await self.roots(urls)
            moves: list[UpdateOne] = []
            for kind, pairs in links.items():
                known = (pair for pair in pairs if roots.keys() >= set(pair))
                apart = [(roots[a][kind], roots[b][kind]) for a, b in known]
                moves += [
                    UpdateOne({"_id": later, kind: later}, {"$set": {kind: earlier}})
                    for later, earlier in _joined(apart, roots).items()
                ]
            if not moves:
                break
            await write(self._fence, self._sketches, moves)
        await self._update_articles(urls, roots)

    async def members(self, kind: str, roots: set[str]) -> list[Document]:
        """Return all sketches that point to these roots, directly or through others."""
        found: dict[str, Document] = {}
        wanted = set(roots)
        fields = [*KINDS, "outlet", "house", "seen", "credit"]
        while wanted:
            query = {kind: {"$in": sorted(wanted)}}
            met = {sketch["_id"]: sketch async for sketch in self._sketches.find(query, fields)}
            wanted = met.keys() - found.keys() - roots
            found |= met
        return list(found.values())

    async def _update_articles(self, urls: set[str], roots: dict[str, Document]) -> None:
        """Note their clusters on all articles that share one with these stories."""
        noted: dict[str, Document] = {}
        for _ in range(_MAX_ROUNDS):
            now = {url: {kind: roots[url][kind] for kind in KINDS} for url in urls & roots.keys()}
            if now == noted:
                return
            noted = now
            tops = [{pointers[kind] for pointers in now.values()} for kind in KINDS]
            found = await asyncio.gather(*map(self.members, KINDS, tops))
            members = {sketch["_id"]: sketch for sketches in found for sketch in sketches}
            resolved = await self.roots(members, members)
            shortcuts: list[UpdateOne] = []
            fields: dict[str, Document] = defaultdict(dict)
            for kind, sketches in zip(KINDS, found, strict=True):
                clusters: dict[str, list[Document]] = defaultdict(list)
                for member in sketches:
                    top = resolved[member["_id"]][kind]
                    clusters[top].append(member)
                    if member[kind] != top:
                        old = {"_id": member["_id"], kind: member[kind]}
                        shortcuts.append(UpdateOne(old, {"$set": {kind: top}}))
                for top, cluster in clusters.items():
                    if len(cluster) > 1:
                        for url, changed in _fields(kind, top, cluster).items():
                            fields[url] |= changed
            updates = [UpdateOne({"_id": url}, {"$set": one}) for url, one in fields.items()]
            await asyncio.gather(
                write(self._fence, self._sketches, shortcuts),
                write(self._fence, self._articles, updates),
            )
            roots = await self.roots(urls)


def _fields(kind: str, root: str, cluster: list[Document]) -> dict[str, Document]:
    """Return the fields that a cluster sets on each of its articles."""
    if kind == "story":
        return {sketch["_id"]: {"story": root} for sketch in cluster}
    members = [
        ClusterMember(s["_id"], s["house"], s["outlet"], s["seen"], s.get("credit"))
        for s in cluster
    ]
    origin = origin_of(members)
    again = repeats(members)
    wire = {"cluster": root, "origin": origin.url, "agency": origin.agency}
    is_wire = len({member.house for member in members}) > 1
    return {
        member.url: {"same_as": again.get(member.url), "wire": wire if is_wire else None}
        for member in members
    }


def _joined(pairs: Iterable[tuple[str, str]], roots: Mapping[str, Document]) -> dict[str, str]:
    """Map each root that is joined to an earlier one to the earliest."""
    parents: dict[str, str] = {}
    for pair in pairs:
        tops = (_root(url, parents) for url in pair)
        earlier, later = sorted(tops, key=lambda url: (roots[url]["seen"], url))
        if earlier != later:
            parents[later] = earlier
    return {url: _root(url, parents) for url in parents}


def _root(url: str, parents: Mapping[str, str]) -> str:
    """Follow the pointers from an address to their end."""
    while (parent := parents.get(url, url)) != url:
        url = parent
    return url
