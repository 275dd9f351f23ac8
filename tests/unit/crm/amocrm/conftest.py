"""Alice's account on amoCRM: hand-written answers instead of a network, and the adapter in front of them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses
from amocrm_answers import HOST, TOKEN
from amocrm_rows import CHART

from widget_backend.crm import amocrm
from widget_backend.crm.model import Change
from widget_backend.crm.port import Application, Connection, Outcome, Records, Structure
from widget_backend.transport import Call, Door, Unlimited


class Alice:
    """What her account answers, and what it was asked."""

    def __init__(self, wire: responses.RequestsMock) -> None:
        self._wire = wire
        self._ids = itertools.count(80001)

    def answers(self, method: str, path: str, answer: Any = None, status: int = 200, **headers: str) -> None:
        """One answer; the last of several to the same question is given again and again."""
        body = {"body": answer} if isinstance(answer, str | Exception) else {"json": answer}
        self._wire.add(method, self._url(path), status=status, headers=headers, **(body if answer is not None else {}))

    def creates(self, path: str, key: str, status: int = 200) -> None:
        """Every posted array is made: ids given, ``request_id`` echoed."""

        def made(request: Any) -> tuple[int, dict[str, str], str]:
            rows = [{"id": next(self._ids), **row} for row in json.loads(request.body)]
            return status, {}, json.dumps({"_embedded": {key: [self._grown(row) for row in rows]}})

        self._wire.add_callback("POST", self._url(path), made)

    @property
    def asked(self) -> list[str]:
        """Method and path of each request, in order."""
        return [f"{method} {path}" for method, path, _, _ in self._requests()]

    def sent(self, question: str) -> list[Any]:
        """The bodies sent with one question, in order."""
        return [body for method, path, _, body in self._requests() if f"{method} {path}" == question]

    def queries(self, path: str) -> list[dict[str, str]]:
        """The parameters of each request for one path."""
        return [query for _, asked, query, _ in self._requests() if asked == path]

    @property
    def keys(self) -> set[str]:
        """The keys the requests came with."""
        return {str(call.request.headers["Authorization"]) for call in self._wire.calls}

    def _requests(self) -> Iterator[tuple[str, str, dict[str, str], Any]]:
        for call in self._wire.calls:
            parts = urlsplit(str(call.request.url))
            body = call.request.body
            path = parts.path.removeprefix("/api/v4/")
            yield str(call.request.method), path, dict(parse_qsl(parts.query)), json.loads(body) if body else None

    def _grown(self, row: dict[str, Any]) -> dict[str, Any]:
        """A new pipeline comes with the ids of its stages and with «Неразобранное»; a new choice with its id."""
        if "_embedded" in row:
            statuses = [{"id": next(self._ids), "type": 0, **s} for s in row["_embedded"]["statuses"]]
            unsorted = {"id": next(self._ids), "name": "Неразобранное", "sort": 10, "type": 1, "color": "#c1c1c1"}
            return row | {"_embedded": {"statuses": [unsorted, *statuses]}}
        if "enums" in row:
            return row | {"enums": [{"id": next(self._ids), **enum} for enum in row["enums"]]}
        return row

    @staticmethod
    def _url(path: str) -> str:
        """A path of API v4, or a whole one."""
        return f"{HOST}{path}" if path.startswith("/") else f"{HOST}/api/v4/{path}"


class Diary:
    """A request log that keeps all it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, call: Call, status: int, milliseconds: int, request_id: str, error: str) -> None:
        self.lines.append(f"{call.operation} {status} {request_id} {error}")


class Patient(Unlimited):
    """A rate budget that only remembers how long it was told to wait."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def back_off(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
def alice() -> Iterator[Alice]:
    with responses.RequestsMock() as wire:
        yield Alice(wire)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def budget() -> Patient:
    return Patient()


@pytest.fixture
def door(diary: Diary, budget: Patient) -> Door:
    return Door("amocrm", budget, diary, session=requests.Session(), sleep=lambda s: None, jitter=lambda: 0.5)


@pytest.fixture
def crm(door: Door) -> Structure:
    """The adapter over a long-lived token."""
    return amocrm.structure(Connection(HOST, TOKEN), door)


@pytest.fixture
def application(door: Door) -> Structure:
    """The adapter as an installed application."""
    return amocrm.structure(Connection(HOST, TOKEN, Application("https://crm.example.ru", "hush")), door)


@pytest.fixture
def records(door: Door) -> Records:
    """The account's records, in the words of Alice's chart."""
    return amocrm.records(Connection(HOST, TOKEN), door, CHART)


Carry = Callable[..., dict[str, Outcome]]


@pytest.fixture
def carry(crm: Structure) -> Carry:
    """Carry out changes: address -> outcome. ``ids``: what is there already; ``over``: another adapter."""

    def out(*changes: Change, ids: dict[str, str] | None = None, over: Structure | None = None) -> dict[str, Outcome]:
        steps: list[Sequence[Outcome]] = list((over or crm).apply(changes, ids or {}))
        return {outcome.address: outcome for step in steps for outcome in step}

    return out
