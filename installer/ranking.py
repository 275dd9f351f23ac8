"""Order of siblings compared as ranks: CRMs renumber positions, and a clinic puts stages of its own in between. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from installer.matching import Matches
from installer.settling import Copies
from widget_backend.crm.model import Bindings, Resource


@dataclass(frozen=True, slots=True)
class Ranks:
    """Rank of each found resource among its found siblings: as wanted, as it is, as last written."""

    wanted: Mapping[str, int]
    now: Mapping[str, int]
    last: Mapping[str, int]
    kept: Mapping[str, int]

    def copies(self, address: str, ours: bool) -> Copies:
        """The three copies of this resource's rank."""
        optional = {}
        if address in self.last:
            optional["last"] = self.last[address]
        if address in self.kept:
            optional["kept"] = self.kept[address]
        return Copies(self.wanted[address], self.now[address], ours=ours, **optional)


def rank(resources: Iterable[Resource], matches: Matches, bindings: Bindings) -> Ranks:
    """Ranks among siblings (same kind, entity and parent) that are found and whose CRM tells a position."""
    families: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
    for resource in resources:
        found = matches.found.get(resource.address)
        if found and "position" in resource.attributes and "position" in found.remote.attributes:
            families[resource.kind, resource.entity, resource.parent].append(resource)
    wanted: dict[str, int] = {}
    now: dict[str, int] = {}
    last: dict[str, int] = {}
    kept: dict[str, int] = {}
    for siblings in families.values():
        wanted |= _ranked({r.address: _number(r.attributes["position"]) for r in siblings})
        now |= _ranked({r.address: _number(matches.found[r.address].remote.attributes["position"]) for r in siblings})
        seen = [b for r in siblings if (b := bindings.get(r.address)) and matches.found[r.address].bound]
        if len(seen) == len(siblings):
            last |= _ranked({b.address: _number(b.applied["position"]) for b in seen if "position" in b.applied})
            agreed = {b.address: _number(b.kept["position"]) for b in seen if "position" in b.kept}
            kept |= _standing(agreed, now)
    return Ranks(wanted, now, last, kept)


def _standing(agreed: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    """Ranks of those taken over: as now where they still follow each other as then, whatever was put in between."""
    then, today = _ranked(agreed), _ranked({address: now[address] for address in agreed})
    return {address: now[address] if then[address] == today[address] else 0 for address in agreed}


def _ranked(positions: Mapping[str, int]) -> dict[str, int]:
    ordered = sorted(positions, key=lambda address: positions[address])
    return {address: number for number, address in enumerate(ordered, 1)}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
