"""What may go wrong on the wire, switched on per request index, and the log of what came in.

A middleware around an emulator's WSGI application. Requests are counted from 1; paths below ``/_sandbox/`` are the
control room and are not counted.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTROL = "/_sandbox/"

HTML_PAGE = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"

#: kind -> (status, content type, body): answered instead of the emulator, nothing is applied
INSTEAD: dict[str, tuple[int, str, str]] = {
    "http_500": (
        500,
        "application/json",
        '{"error":"INTERNAL_SERVER_ERROR","error_description":"Internal server error"}',
    ),
    "http_502": (502, "text/html", HTML_PAGE),
    "http_503": (503, "text/html", HTML_PAGE.replace("502 Bad Gateway", "503 Service Unavailable")),
    "html_200": (200, "text/html", "<!DOCTYPE html><html><body>Идут технические работы</body></html>"),
    "html_403": (403, "text/html", "<!DOCTYPE html><html><body>Аккаунт заблокирован</body></html>"),
    "html_404": (404, "text/html", "<!DOCTYPE html><html><body>Not Found</body></html>"),
}

#: kinds the middleware carries out itself; any other kind is left in ``environ["sandbox.fault"]`` for the emulator
#: cut   close the connection before anything is applied
#: drop  apply the request, then close the connection without an answer
#: html_after  apply the request, then answer with a 502 page
#: slow  wait ``seconds``, then go on
#: kill  send SIGKILL to ``pid`` before anything is applied
#: kill_after  apply the request, then send SIGKILL to ``pid`` and close the connection
OWN_KINDS = frozenset({"cut", "drop", "html_after", "slow", "kill", "kill_after", *INSTEAD})


@dataclass(frozen=True)
class Fault:
    """One thing to go wrong at the requests ``at`` to ``at + count - 1`` (0: at every request).

    ``command`` (from 1) and ``method`` narrow a refusal of the emulator to commands of a batch.
    """

    at: int
    kind: str
    pid: int = 0
    seconds: float = 0.0
    command: int = 0
    count: int = 1
    method: str = ""

    def strikes(self, index: int) -> bool:
        """Whether it meets the request with this number."""
        return self.at == 0 or self.at <= index < self.at + self.count


@dataclass
class Logged:
    """One counted request; the emulator fills ``operation``, ``write`` and ``commands``."""

    index: int
    method: str
    path: str
    operation: str = ""
    write: bool = False
    commands: int = 0
    status: int = 0
    fault: str = ""


class Faults:
    """The WSGI middleware; a request's ``environ`` holds its log row in ``sandbox.logged``, its fault in ``sandbox.fault``."""

    def __init__(self, app: WSGIApplication, kinds: frozenset[str] | None = None) -> None:
        """``kinds`` names the faults that the emulator carries out; None lets any name pass."""
        self._app = app
        self._kinds = kinds
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self.log: list[Logged] = []

    def plan(self, *faults: Fault) -> None:
        """Replace the faults to come and start counting requests anew; raises ``ValueError`` for an unknown kind."""
        unknown = {fault.kind for fault in faults} - OWN_KINDS - (self._kinds or set())
        if self._kinds is not None and unknown:
            raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
        with self._lock:
            self._faults = list(faults)
            self.log = []

    def control(self, environ: WSGIEnvironment) -> Response | None:
        """Answer ``GET /_sandbox/requests`` and ``POST /_sandbox/faults`` ``{"faults": [{"at": 3, "kind": "drop"}]}``."""
        request = Request(environ)
        if request.path == CONTROL + "requests":
            return _json([asdict(row) for row in self.log])
        if request.path == CONTROL + "faults" and request.method == "POST":
            try:
                self.plan(*(Fault(**row) for row in request.get_json().get("faults", [])))
            except (TypeError, ValueError) as error:
                return _json({"error": str(error)}, 400)
            return _json({"planned": len(self._faults)})
        return None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if str(environ.get("PATH_INFO", "")).startswith(CONTROL):
            answer = self.control(environ)
            return answer(environ, start_response) if answer else self._app(environ, start_response)
        with self._lock:
            logged = Logged(len(self.log) + 1, str(environ["REQUEST_METHOD"]), str(environ.get("PATH_INFO", "")))
            self.log.append(logged)
            fault = next((fault for fault in self._faults if fault.strikes(logged.index)), None)
        environ["sandbox.logged"] = logged
        environ["sandbox.fault"] = fault if fault and fault.kind not in OWN_KINDS else None
        logged.fault = fault.kind if fault else ""
        if fault is None or fault.kind not in OWN_KINDS:
            return self._pass(environ, start_response, logged)
        return self._spoil(fault, environ, start_response, logged)

    def _pass(self, environ: WSGIEnvironment, start_response: StartResponse, logged: Logged) -> Iterable[bytes]:
        def noting(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            logged.status = int(status.split(maxsplit=1)[0])
            return start_response(status, headers, exc_info)

        return self._app(environ, noting)

    def _spoil(
        self, fault: Fault, environ: WSGIEnvironment, start_response: StartResponse, logged: Logged
    ) -> Iterable[bytes]:
        if fault.kind == "slow":
            time.sleep(fault.seconds)
            return self._pass(environ, start_response, logged)
        if fault.kind in INSTEAD:
            status, kind, body = INSTEAD[fault.kind]
            logged.status = status
            _drain(environ)
            return Response(body, status, content_type=kind)(environ, start_response)
        if fault.kind in ("drop", "kill_after", "html_after"):
            logged.status = int(run_wsgi_app(self._app, environ, buffered=True)[1].split()[0])
        if fault.kind == "html_after":
            return Response(HTML_PAGE, 502, content_type="text/html")(environ, start_response)
        if fault.kind in ("kill", "kill_after"):
            os.kill(fault.pid, signal.SIGKILL)
        return _hang_up(environ, start_response)


def _drain(environ: WSGIEnvironment) -> None:
    Request(environ).get_data()


def _hang_up(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Close the connection without a byte of an answer."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the sandbox hangs up, as it was told to")


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json")
