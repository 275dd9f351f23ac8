"""Boris's portal: hand-written answers instead of a network, and the adapter in front of it."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
import responses
from bitrix24_answers import WEBHOOK, Counted, Refused, Silent, category, eight
from bitrix24_items import CHART, wrong

from widget_backend.crm import bitrix24
from widget_backend.crm.model import Change
from widget_backend.crm.port import Application, Connection, Outcome, Records, Structure
from widget_backend.transport import Call, Door, Unlimited


@dataclass(frozen=True)
class Sent:
    """One command as it was sent; ``params`` by their flat names."""

    method: str
    params: Mapping[str, str]


class Boris:
    """What his portal answers, and what it was asked."""

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.batches: list[list[Sent]] = []
        self.halts: list[Any] = []
        self._answers: dict[str, list[Any]] = defaultdict(list)
        self._faults: list[tuple[int, dict[str, str], str]] = []
        self._seconds: dict[str, float] = {}
        self._numbers = itertools.count(9001)
        self._operating: dict[str, Any] = {}
        for address in (WEBHOOK, "https://boris.bitrix24.example/rest/"):
            wire.add_callback("POST", f"{address}batch", self._reply)

    def answers(self, method: str, *answers: Any) -> None:
        """Answers to one method, in order; the last is given again and again. A function is given the parameters."""
        self._answers[method] = list(answers)

    def breaks(self, status: int, body: Any, **headers: str) -> None:
        """The next request is answered as a whole, with this."""
        self._faults.append((status, headers, body if isinstance(body, str) else json.dumps(body)))

    def takes(self, method: str, seconds: float, **operating: Any) -> None:
        """What the portal says each call of a method took."""
        self._seconds[method] = seconds
        self._operating |= operating

    def makes_pipelines(self, *numbers: int) -> None:
        """New pipelines get these numbers and come with their eight stages."""
        self.answers("crm.category.add", *({"category": category(number, "made")} for number in numbers))
        self.answers("crm.status.list", *(eight(number) for number in numbers))

    def makes_numbered(self, *methods: str) -> None:
        """New objects get numbers from 9001 on."""
        for method in methods:
            self.answers(method, lambda params: next(self._numbers))

    @property
    def methods(self) -> list[list[str]]:
        """The methods of each request."""
        return [[sent.method for sent in batch] for batch in self.batches]

    def sent(self, method: str) -> list[Mapping[str, str]]:
        """The parameters of each call of one method."""
        return [sent.params for batch in self.batches for sent in batch if sent.method == method]

    def _reply(self, request: Any) -> tuple[int, Mapping[str, str], str]:
        body = json.loads(request.body)
        self.halts.append(body["halt"])
        commands = {key: _read(text) for key, text in body["cmd"].items()}
        self.batches.append(list(commands.values()))
        if self._faults:
            return self._faults.pop(0)
        values, errors, totals, times = {}, {}, {}, {}
        for key, sent in commands.items():
            answer = self._answer(sent)
            if isinstance(answer, Silent):
                continue
            if isinstance(answer, Refused):
                errors[key] = {"error": answer.code, "error_description": answer.words}
                continue
            value = answer.value if isinstance(answer, Counted) else answer
            times[key] = {"duration": self._seconds.get(sent.method, 0.1), **self._operating}
            if value is not None:
                values[key] = value
            if isinstance(answer, Counted):
                totals[key] = answer.total
        result = {"result": values or [], "result_error": errors or [], "result_total": totals or []}
        return 200, {}, json.dumps({"result": {**result, "result_next": [], "result_time": times or []}, "time": {}})

    def _answer(self, sent: Sent) -> Any:
        answers = self._answers.get(sent.method) or [[]]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(sent.params) if callable(answer) else answer


class Diary:
    """A request log that keeps all it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, call: Call, status: int, milliseconds: int, request_id: str, error: str) -> None:
        self.lines.append(f"{call.operation} {status} {error}")


class Patient(Unlimited):
    """A rate budget that only remembers what it was told."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.held: dict[str, float] = {}

    def back_off(self, seconds: float) -> None:
        self.waits.append(seconds)

    def hold(self, lane: str, seconds: float) -> None:
        self.held[lane] = seconds


@pytest.fixture
def boris() -> Iterator[Boris]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Boris(wire)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def budget() -> Patient:
    return Patient()


@pytest.fixture
def door(diary: Diary, budget: Patient) -> Door:
    return Door("bitrix24", budget, diary, session=requests.Session(), sleep=lambda s: None, jitter=lambda: 0.5)


@pytest.fixture
def crm(door: Door) -> Structure:
    """The adapter over an incoming webhook."""
    return bitrix24.structure(Connection(WEBHOOK), door)


@pytest.fixture
def application(door: Door) -> Structure:
    """The adapter as an installed application."""
    connection = Connection(
        "https://boris.bitrix24.example/rest/", "token0of0boris", Application("https://dent.example/")
    )
    return bitrix24.structure(connection, door)


@pytest.fixture
def register(boris: Boris, door: Door) -> Iterator[Records]:
    """The records of the portal over an incoming webhook; every call is held against the vendor's schemas."""
    yield bitrix24.records(Connection(WEBHOOK), door, CHART)
    assert wrong(boris.batches) == []


Carry = Callable[..., dict[str, Outcome]]


@pytest.fixture
def steps(crm: Structure) -> Callable[..., list[Sequence[Outcome]]]:
    """Carry out changes; what came after each request."""

    def out(*changes: Change, ids: Mapping[str, str] | None = None) -> list[Sequence[Outcome]]:
        return list(crm.apply(changes, ids or {}))

    return out


@pytest.fixture
def carry(crm: Structure) -> Carry:
    """Carry out changes: address -> outcome. ``ids``: what is there already; ``over``: another adapter."""

    def out(
        *changes: Change, ids: Mapping[str, str] | None = None, over: Structure | None = None
    ) -> dict[str, Outcome]:
        given = list((over or crm).apply(changes, ids or {}))
        return {outcome.address: outcome for step in given for outcome in step}

    return out


def _read(text: str) -> Sent:
    method, _, query = text.partition("?")
    return Sent(method, dict(parse_qsl(query, keep_blank_values=True)))
