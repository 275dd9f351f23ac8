"""Calls to one account: JSON over ``{url}/api/v4/…`` through the door (amocrm.md §2.1, §2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from widget_backend.crm.amocrm.judge import Judge
from widget_backend.crm.port import Connection
from widget_backend.errors import Unavailable
from widget_backend.transport import Call, Door

#: rows of one page; more are clipped silently, some lists stop at 50 (§2.4)
PAGE = 250
#: items of one written array (§2.4 advises 50)
ARRAY = 50
#: pages after which a list is not read on
PAGES = 40

Row = Mapping[str, Any]


class Client:
    """Speaks to one account. The token stays out of errors."""

    def __init__(self, connection: Connection, door: Door) -> None:
        parts = urlsplit(connection.url)
        self._host = parts.netloc.rpartition("@")[2].lower()
        #: the account's address, whatever page of it was given
        self.origin = f"{parts.scheme}://{self._host}"
        self._token = connection.token
        self._door = door

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Row:
        """One object or one page; empty where the account has none (204, §2.2). Raises :class:`VendorError`."""
        operation = f"GET {path}"
        call = Call("GET", self._url(path), operation, headers=self._headers, params=params)
        data = self._door.send(call, self._judge(operation)).data
        return data if isinstance(data, dict) else {}

    def pages(
        self, path: str, key: str, params: Mapping[str, str] | None = None, *, most: int = PAGES, size: int = PAGE
    ) -> Iterator[list[Row]]:
        """Page by page until ``next`` vanishes; a page like the one before ends it too, as some lists ignore ``page``."""
        before: list[Row] = []
        for number in range(1, most + 1):
            answer = self.get(path, {**(params or {}), "page": str(number), "limit": str(size)})
            rows = embedded(answer, key)
            if not rows or rows == before:
                return
            yield rows
            if not has_next(answer):
                return
            before = rows

    def rows(self, path: str, key: str) -> list[Row]:
        """All rows of a list."""
        return [row for page in self.pages(path, key) for row in page]

    def write(self, method: str, path: str, body: object = None, *, repeatable: bool = False, name: str = "") -> Row:
        """Send one change. ``repeatable``: twice is as good as once. ``name``: what the log shows instead of a path that is
        a secret. Raises :class:`VendorError`."""
        count = f" ×{len(body)}" if isinstance(body, list) and len(body) > 1 else ""
        operation = f"{method} {name or path}{count}"
        call = Call(
            method, self._url(path), operation, write=True, json=body, headers=self._headers, repeatable=repeatable
        )
        data = self._door.send(call, self._judge(operation, write=True)).data
        return data if isinstance(data, dict) else {}

    def unclear(self, method: str, path: str, words: str) -> Unavailable:
        """What to raise when an answer does not say what it must: the caller reads (and plans) anew."""
        return self._judge(f"{method} {path}", write=method != "GET").unclear(words)

    def _url(self, path: str) -> str:
        """A path of API v4, or a whole one, which begins with a slash."""
        return f"{self.origin}{path}" if path.startswith("/") else f"{self.origin}/api/v4/{path}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _judge(self, operation: str, *, write: bool = False) -> Judge:
        return Judge(self._host, operation, write, self._token)


def embedded(answer: Row, key: str) -> list[Row]:
    """The rows of a HAL envelope."""
    inside = answer.get("_embedded")
    rows = inside.get(key) if isinstance(inside, dict) else None
    return [row for row in rows or () if isinstance(row, dict)]


def has_next(answer: Row) -> bool:
    """Whether another page follows."""
    return "next" in (answer.get("_links") or {})
