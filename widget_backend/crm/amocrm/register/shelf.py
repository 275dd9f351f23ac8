"""Rows of an account by id: one request for many, and one for each where the account has no filters (amocrm.md §2.5).

A filter that is switched off is ignored and the whole collection comes back, so what came is held against what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from widget_backend.crm.amocrm.client import PAGE, Client, Row, embedded
from widget_backend.errors import Missing

#: ids named in one address: a hundred are sure to fit (§10.2)
NAMED = 100


class Shelf:
    """Reads by id. Remembers that filters are off, once it has seen it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._filters = True

    def rows(self, path: str, ids: Iterable[str], joined: str = "") -> dict[str, Row]:
        """Id -> row; what is gone is absent. ``joined``: what else each row is to tell (``with``)."""
        wanted = list(dict.fromkeys(filter(None, ids)))
        told = {"with": joined} if joined else {}
        found: dict[str, Row] = {}
        for start in range(0, len(wanted), NAMED):
            found |= self._some(path, wanted[start : start + NAMED], told)
        return {number: row for number, row in found.items() if not row.get("is_deleted")}

    def notes(self, path: str, ids: Iterable[str]) -> list[Row]:
        """Notes of deals or of contacts, by id; their filter is no trial, yet strangers are left out."""
        wanted = list(dict.fromkeys(ids))
        rows = self.filtered(f"{path}/notes", "notes", numbered("filter[id]", wanted))
        return [row for row in rows if str(row["id"]) in wanted]

    def filtered(self, path: str, key: str, params: Mapping[str, str]) -> list[Row]:
        """One page of a list, the longest there is; of filters that are off, whatever comes."""
        return embedded(self._client.get(path, {**params, "limit": str(PAGE)}), key)

    def one(self, path: str, number: str, told: Mapping[str, str]) -> Row | None:
        """One row by its own address, which no filter has a say in."""
        try:
            row = self._client.get(f"{path}/{number}", told or None)
        except Missing:
            return None
        if row and "id" not in row:
            raise self._client.unclear("GET", path, "id")
        return row if str(row.get("id")) == number else None

    def _some(self, path: str, ids: list[str], told: Mapping[str, str]) -> dict[str, Row]:
        found: dict[str, Row] = {}
        if len(ids) > 1 and self._filters:
            rows = self.filtered(path, path, {**numbered("filter[id]", ids), **told})
            found = {str(row["id"]): row for row in rows}
            self._filters = found.keys() <= set(ids)
            if self._filters:
                return found
        missing = [number for number in ids if number not in found]
        singles = {number: self.one(path, number, told) for number in missing}
        return {n: row for n in ids if (row := found.get(n) or singles.get(n))}


def numbered(name: str, values: Iterable[str]) -> dict[str, str]:
    """Several values of one parameter: ``name[0]``, ``name[1]``…"""
    return dict(_numbered(name, values))


def _numbered(name: str, values: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, value in enumerate(values):
        yield f"{name}[{number}]", value
