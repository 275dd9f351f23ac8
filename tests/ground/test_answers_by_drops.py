"""Answers that break off, come by drops or never end: whoever waits for them is not kept for ever, and nothing is believed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from widget_backend import transport
from widget_backend.errors import Unavailable
from widget_backend.sandbox.mount import serve
from widget_backend.transport import Answer, Call, Door, Patience, Silent, Unlimited

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#: what is sent at once, and what then now and then
BROKEN = {
    "/hangs": (HEAD + b"Content-Length: 9\r\n\r\n", b""),
    "/drops": (HEAD + b"Content-Length: 999\r\n\r\n", b" "),
    "/chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}
BODIES = {
    "/whole": b'{"deal": "\xd0\xbe\xd0\xba"}',
    "/deep": b"[" * 100_000,
    "/cut": b'{"result": {"item"',
    "/large": b"[" + b"1," * 100_000 + b"1]",
}
#: seconds: how long it is waited, how often a drop comes, and how long they come where nobody hangs up
WAITS, DROP, LONG = 0.3, 0.05, 30.0


def crm(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answers as its address says."""
    path = str(environ["PATH_INFO"])
    if path in BODIES:
        return Response(BODIES[path], content_type="application/json")(environ, start_response)
    connection: Any = environ["werkzeug.socket"]
    head, drop = BROKEN[path]
    connection.sendall(head)
    until = time.monotonic() + LONG
    while time.monotonic() < until:
        time.sleep(DROP)
        connection.sendall(drop)
    raise ConnectionAbortedError


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(crm) as server:
        yield server.url


def asks(url: str, *, write: bool = False) -> Answer:
    door = Door("amocrm", Unlimited(), Silent(), patience=Patience(answer=WAITS, attempts=1))
    return door.send(Call("POST", url, "leads", write=write, json={}), lambda answer: None)


@pytest.mark.parametrize("path", list(BROKEN))
def test_an_answer_that_does_not_end_is_given_up(url: str, path: str) -> None:
    started = time.monotonic()

    with pytest.raises(Unavailable) as away:
        asks(url + path, write=True)

    assert away.value.applied_unknown
    assert time.monotonic() - started < LONG / 2


def test_a_whole_answer_is_read(url: str) -> None:
    assert asks(url + "/whole").data == {"deal": "ок"}


@pytest.mark.parametrize("path", ["/deep", "/cut"])
def test_what_nobody_can_read_is_no_data(url: str, path: str) -> None:
    assert asks(url + path).data is None


def test_an_answer_larger_than_any_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST", 100_000)

    with pytest.raises(Unavailable):
        asks(url + "/large")
