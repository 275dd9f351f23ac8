"""Serve a WSGI application on a loopback port, in a thread, with keep-alive connections; and hand out what it has to tell."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

#: how long a server may take to notice that it is to stop
STOPS_WITHIN_SECONDS = 0.02
#: how often an emulator is asked to hand out what waits
HANDS_OUT_EVERY_SECONDS = 0.05


class _Handler(WSGIRequestHandler):
    """HTTP/1.1 with keep-alive, quiet."""

    protocol_version = "HTTP/1.1"
    #: one packet a write would wait for the peer's delayed acknowledgement: 40 ms a request
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        log.debug("sandbox request path=%s status=%s", self.path, code)

    def log_error(self, format: str, *args: object) -> None:
        log.debug("sandbox connection: " + format, *args)

    def finish(self) -> None:
        with suppress(OSError):  # a connection that a fault has hung up
            super().finish()

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        log.debug("sandbox connection dropped: %s", error)


class Running:
    """A server that answers until :meth:`close`; a context manager."""

    def __init__(self, app: WSGIApplication, port: int = 0, host: str = "127.0.0.1") -> None:
        self._server = ThreadedWSGIServer(host, port, app, handler=_Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.host = host
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._serve, name=f"sandbox:{self.port}", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Base address without a trailing slash."""
        return f"http://{self.host}:{self.port}"

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=STOPS_WITHIN_SECONDS)

    def close(self) -> None:
        """Stop answering; safe to repeat."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(app: WSGIApplication, port: int = 0) -> Running:
    """Serve ``app`` on 127.0.0.1; port 0 takes a free one."""
    return Running(app, port)


@contextmanager
def handing_out(deliver: Callable[[], object]) -> Iterator[None]:
    """Call ``deliver`` again and again, in a thread, until the block ends: a CRM tells its applications by itself."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(HANDS_OUT_EVERY_SECONDS):
            try:
                deliver()
            except Exception:  # one bad delivery is no reason to fall silent
                log.exception("sandbox could not hand out")

    thread = threading.Thread(target=run, name="sandbox:events", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
