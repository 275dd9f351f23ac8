"""Somebody has a deal's panel open: what they read and press."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from api_desks import Caller, Desk
from werkzeug.test import TestResponse
from wizards import words_of

from widget_backend.security.sessions import Role


@dataclass(frozen=True)
class Panel:
    """One deal's panel. Every request is a client of its own, as browsers are."""

    caller: Caller
    deal: str

    def get(self, path: str = "") -> TestResponse:
        return self._client().get(f"/panel/{self.deal}{path}", headers=self._headers())

    def post(self, act: str, **form: Any) -> TestResponse:
        return self._client().post(f"/panel/{self.deal}/{act}", data=form, headers=self._headers())

    def reads(self, path: str = "") -> str:
        """What stands there, on one line."""
        return words_of(self.get(path).text)

    def buttons(self) -> list[str]:
        """The acts that are offered, the first one first."""
        return re.findall(r'id="do-(copy|route|wake|undo)', self.get().text)

    def presses(self, act: str) -> TestResponse:
        """Press a button of the panel as it is drawn now."""
        return self.post(act, key=key_of(self.get()))

    def copies(self, to: str, key: str = "", **form: Any) -> TestResponse:
        """Send the copy dialog."""
        return self.post("copy", to=to, key=key or key_of(self.get("/copy")), **form)

    def twice_at_once(self, act: str, **form: Any) -> list[int]:
        """The same form, sent twice before either is answered."""
        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(self.post, act, **form) for _ in range(2)]
            return [one.result().status_code for one in sent]

    def as_role(self, role: Role) -> Panel:
        return replace(self, caller=self.caller.as_role(role))

    def in_language(self, language: str) -> Panel:
        return replace(self, caller=replace(self.caller, language=language))

    def _client(self) -> Any:
        return self.caller.house.app.test_client()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.caller.session}", "HX-Request": "true"}


def panel(desk: Desk, deal: str) -> Panel:
    """The panel of a deal, opened by a coordinator."""
    return Panel(desk.calls, deal)


def key_of(page: TestResponse) -> str:
    """The number of the form that is drawn."""
    found = re.search(r'"key": "([0-9a-f]{20})"|name="key" value="([0-9a-f]{20})"', page.text)
    assert found, page.text[:2000]
    return found.group(1) or found.group(2)
