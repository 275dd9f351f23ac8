"""A vendor's token endpoint as a tiny HTTP server: pairs rotate, an old refresh token may work once or again."""

from __future__ import annotations

import json
import os
import signal
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from widget_backend.clock import now
from widget_backend.db import in_transaction
from widget_backend.errors import AccessLost, Unavailable
from widget_backend.tenancy.grants import Grant
from widget_backend.tenancy.tokens import Tokens
from widget_backend.texts import Text

SAID = Text("сказано", "said")


class TokenServer:
    """``single_use``: amoCRM's refresh tokens; otherwise a spent one still gives a new pair, which Bitrix24 may do."""

    def __init__(self, vendor: str, single_use: bool) -> None:
        self.vendor = vendor
        self.single_use = single_use
        self.asked = 0
        self.issued = 0
        self.away = False
        self.account = f"{vendor}-account"
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.request_queue_size = 64
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> TokenServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def oauth(self) -> LoopbackOAuth:
        return LoopbackOAuth(f"http://127.0.0.1:{self._http.server_port}/token", self.vendor)

    def consent(self) -> Grant:
        """What an administrator's consent brings."""
        with self._lock:
            return grant(self.vendor, self.account, self._next())

    def access(self) -> str:
        """The access token of the newest pair."""
        return f"access-{self.issued}"

    def answer(self, refresh: str) -> tuple[int, dict[str, str]]:
        with self._lock:
            self.asked += 1
            if self.away:
                return 503, {}
            if refresh != f"refresh-{self.issued}" and (self.single_use or not refresh.startswith("refresh-")):
                return 400, {}
            number = self._next()
            return 200, {"access": f"access-{number}", "refresh": f"refresh-{number}", "account": self.account}

    def revoke(self) -> None:
        """The integration was switched off: no refresh token works any more."""
        self.single_use, self.issued = True, self.issued + 1

    def _next(self) -> int:
        self.issued += 1
        return self.issued

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = server.answer(body["refresh"])
                sent = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler


@dataclass(frozen=True)
class LoopbackOAuth:
    """Asks the server. ``dies``: the process is killed between the answer and the store, like by ``kill -9``."""

    url: str
    vendor: str
    dies: bool = False

    def dying(self) -> LoopbackOAuth:
        return replace(self, dies=True)

    def refresh(self, token: Tokens, host: str) -> Grant:
        assert not in_transaction()
        request = urllib.request.Request(self.url, json.dumps({"refresh": token.refresh}).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as got:
                answer = json.load(got)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            raise AccessLost(SAID) if refusal.code == 400 else Unavailable(SAID) from refusal
        if self.dies:
            os.kill(os.getpid(), signal.SIGKILL)
        number = int(answer["access"].removeprefix("access-"))
        return grant(self.vendor, answer["account"], number)


def grant(vendor: str, account: str, number: int) -> Grant:
    return Grant(
        vendor,
        account,
        host=f"{account}.example",
        base_url=f"https://{account}.example",
        access=f"access-{number}",
        refresh=f"refresh-{number}",
        expires_at=now() + timedelta(hours=1),
        user_id="7",
        scopes=("crm",),
    )
