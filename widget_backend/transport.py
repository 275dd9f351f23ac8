"""The one door out: every request to a vendor goes through :class:`Door`.

It keeps connections alive, waits for its turn in the account's rate budget, refuses to send inside a transaction, notes
each request (masked) and repeats what is safe to repeat. What an answer means is the vendor's business: his client hands
in a ``judge``.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from widget_backend.errors import RateLimited, Unavailable, VendorError
from widget_backend.texts import Text

CONNECT_TIMEOUT = 10.0
#: bytes that are read at a time, and of an answer at the most
PIECE = 1 << 16
LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Patience:
    """How long somebody waits for one request. ``turn``: seconds in the account's rate budget before he is told instead,
    ``entry``: of his first request; ``answer``: seconds until it begins (a CRM may work 60 s on one request, bitrix24.md
    §3.1), and as many until it has ended;
    ``attempts``: of what is safe to repeat."""

    turn: float = 90.0
    entry: float = 90.0
    answer: float = 75.0
    attempts: int = 5


#: of a job, which has time
PATIENT = Patience()
#: of a job that many of its kind wait behind: until it has begun it leaves its place to the jobs of other accounts, and where
#: its own CRM is away it is its queue that tries again
YIELDING = Patience(entry=1.0, attempts=2)
#: of a person who looks at a page that turns; what was begun and not answered is found again by the next try
HURRIED = Patience(turn=5.0, entry=5.0, answer=20.0, attempts=2)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``operation`` is what the log shows instead of the address; ``lanes`` are what may be held apart from
    the account as a whole (Bitrix24 blocks single methods). ``repeatable``: sending it twice is as good as once."""

    method: str
    url: str = field(repr=False)
    operation: str
    write: bool = False
    json: object | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] | None = field(default=None, repr=False)
    lanes: tuple[str, ...] = ()
    repeatable: bool | None = None

    @property
    def may_repeat(self) -> bool:
        """Reads may be repeated; writes only where the call says so."""
        return not self.write if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``data`` is the parsed JSON, ``None`` where the body is empty or no JSON."""

    status: int
    headers: Mapping[str, str]
    data: object | None
    text: str

    @property
    def request_id(self) -> str:
        """The vendor's number of this request, for his support."""
        return self.headers.get("X-Request-Id", "")

    @property
    def is_page(self) -> bool:
        """Whether a web page came instead of data."""
        return self.data is None and self.text.lstrip()[:1] == "<"


Judge = Callable[[Answer], VendorError | None]


class Budget(Protocol):
    """The rate budget of one account, common to all processes."""

    def take(self, lanes: tuple[str, ...]) -> float:
        """Take one request's place; the seconds until it is due. Raises :class:`RateLimited` if that is too long to wait."""
        ...

    def back_off(self, seconds: float) -> None:
        """The vendor said «too many»: nobody sends to this account for so long."""
        ...

    def hold(self, lane: str, seconds: float) -> None:
        """Keep one lane shut for so long."""
        ...


class RequestLog(Protocol):
    """Where requests are noted; kept for 14 days."""

    def note(self, call: Call, status: int, milliseconds: int, request_id: str, error: str) -> None:
        """Note one request; never its address, token or body."""
        ...


class Door:
    """Sends to one account. Not shared between threads; the session below is one per process."""

    def __init__(
        self,
        vendor: str,
        budget: Budget,
        log: RequestLog,
        *,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        in_transaction: Callable[[], bool] = lambda: False,
        patience: Patience = PATIENT,
    ) -> None:
        self.vendor = vendor
        self.budget = budget
        self.sent = 0
        self.waited = 0.0
        self._log = log
        self._session = session or _session()
        self._sleep = sleep
        self._jitter = jitter
        self._in_transaction = in_transaction
        self._patience = patience

    def send(self, call: Call, judge: Judge) -> Answer:
        """Send, judge, and repeat what a moment's patience cures. Raises the judge's error, or :class:`Unavailable`."""
        last = self._patience.attempts
        for attempt in range(1, last + 1):
            if self._in_transaction():
                raise AssertionError(f"no request inside a transaction: {call.operation}")
            self._pause(self.budget.take(call.lanes))
            try:
                return self._once(call, judge)
            except RateLimited as limited:
                self.budget.back_off(limited.wait)
                if attempt == last or limited.wait > self._patience.turn:
                    raise
            except Unavailable as fault:
                if attempt == last or not (call.may_repeat or not fault.applied_unknown):
                    raise
                self._pause(min(8.0, 0.25 * 2**attempt) * (0.5 + self._jitter()))
        raise AssertionError("unreachable")

    def _once(self, call: Call, judge: Judge) -> Answer:
        started = time.monotonic()
        error: VendorError | None = None
        answer: Answer | None = None
        try:
            answer = self._wire(call)
            error = judge(answer)
        except Unavailable as fault:
            error = fault
        status, request_id = (answer.status, answer.request_id) if answer else (0, "")
        self._log.note(call, status, int((time.monotonic() - started) * 1000), request_id, _kind(error))
        if error:
            raise error
        assert answer is not None
        return answer

    def _wire(self, call: Call) -> Answer:
        self.sent += 1
        try:
            with self._session.request(
                call.method,
                call.url,
                json=call.json,
                params=call.params,
                headers=dict(call.headers),
                timeout=(min(CONNECT_TIMEOUT, self._patience.answer), self._patience.answer),
                allow_redirects=False,
                stream=True,
            ) as got:
                body = _body(got, self._patience.answer)
        # «from None»: the library's words quote the address, and the address may be a secret
        except requests.ConnectTimeout:
            raise self._unavailable(call, "timeout", applied_unknown=False) from None
        except (requests.RequestException, HTTPError, Endless) as fault:
            raise self._unavailable(call, type(fault).__name__, applied_unknown=not _refused(fault)) from None
        return Answer(got.status_code, got.headers, _json(body), body.decode("utf-8", "replace"))

    def _unavailable(self, call: Call, words: str, *, applied_unknown: bool) -> Unavailable:
        host = urlsplit(call.url).netloc
        return Unavailable(
            Text(
                f"{host} не отвечает ({words}). Проверьте адрес и связь и повторите: сделанное сохранено, "
                "ничего не задвоится.",
                f"{host} does not answer ({words}). Check the address and the connection and repeat: what is done is "
                "kept, nothing will be doubled.",
            ),
            applied_unknown=applied_unknown and call.write,
            vendor=self.vendor,
            operation=call.operation,
        )

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.waited += seconds
            self._sleep(seconds)


class Endless(Exception):
    """An answer that comes by drops, or is larger than any."""


def _body(got: requests.Response, longest: float) -> bytes:
    """The whole answer: whoever sends a byte now and then must not keep us for ever. Raises :class:`Endless`."""
    until, body = time.monotonic() + longest, bytearray()
    while piece := got.raw.read1(PIECE, decode_content=True):
        body += piece
        if len(body) > LARGEST or time.monotonic() > until:
            raise Endless
    return bytes(body)


def _refused(fault: Exception) -> bool:
    """Whether the request certainly never reached a server: no connection, no such name, no trust in the certificate."""
    words = str(fault)
    return any(
        sign in words for sign in ("NewConnectionError", "NameResolutionError", "Connection refused", "SSLError")
    )


def _kind(error: VendorError | None) -> str:
    return "" if error is None else f"{type(error).__name__}:{error.code}".rstrip(":")


def _json(body: bytes) -> object | None:
    """``None`` for what is no JSON, or nested deeper than anybody reads."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = "dental-crm/1.0"
    session.headers["Accept"] = "application/json"
    return session


class Unlimited:
    """A budget without a limit, for tests and benches of the adapters alone."""

    def take(self, lanes: tuple[str, ...]) -> float:
        """Always now."""
        return 0.0

    def back_off(self, seconds: float) -> None:
        """Nothing to wait for."""

    def hold(self, lane: str, seconds: float) -> None:
        """Nothing is held."""


class Silent:
    """A log that keeps nothing."""

    def note(self, call: Call, status: int, milliseconds: int, request_id: str, error: str) -> None:
        """Forget it."""
