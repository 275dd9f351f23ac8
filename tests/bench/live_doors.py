"""Serves the CRMs of a town, each at a port of its own, with one thread that opens all the doors."""

from __future__ import annotations

import selectors
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from bench.live_clinic import Clinic
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

#: how long it may take to notice that it is to stop, in seconds
STOPS_WITHIN = 0.2


class _Handler(WSGIRequestHandler):
    """HTTP/1.1 with keep-alive, quiet, an answer in one packet."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing to say."""

    def log_error(self, format: str, *args: object) -> None:
        """Nothing to say."""

    def finish(self) -> None:
        with suppress(OSError):  # a worker that was killed
            super().finish()

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        """Nothing to say."""


@contextmanager
def served(clinics: Sequence[Clinic]) -> Iterator[None]:
    """Let each clinic's CRM be reached at its ``url``."""
    over = threading.Event()
    with selectors.DefaultSelector() as doors:
        servers = [ThreadedWSGIServer("127.0.0.1", 0, clinic.app.wsgi_app, handler=_Handler) for clinic in clinics]
        for clinic, server in zip(clinics, servers, strict=True):
            server.daemon_threads, server.block_on_close = True, False
            clinic.url = f"http://127.0.0.1:{server.server_port}"
            doors.register(server, selectors.EVENT_READ, server)
        porter = threading.Thread(target=_open, args=(doors, over), daemon=True)
        porter.start()
        try:
            yield
        finally:
            over.set()
            porter.join()
            for server in servers:
                server.server_close()


def _open(doors: selectors.BaseSelector, over: threading.Event) -> None:
    while not over.is_set():
        for key, _ in doors.select(STOPS_WITHIN):
            key.data._handle_request_noblock()
