"""An administrator in the application's own pages: what they open, read and send."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from api_desks import Caller, Desk
from werkzeug.test import TestResponse
from wizards import words_of

from widget_backend.security.sessions import Role


@dataclass(frozen=True)
class Pages:
    """Pages below one address. Every request is a client of its own, as browsers are."""

    caller: Caller
    start: str

    def get(self, path: str = "") -> TestResponse:
        return self._client().get(f"{self.start}{path}", headers=self._headers())

    def post(self, path: str, **form: Any) -> TestResponse:
        return self._client().post(f"{self.start}{path}", data=form, headers=self._headers())

    def sends(self, path: str, form: dict[str, Any]) -> TestResponse:
        """A form whose fields have names of their own."""
        return self._client().post(f"{self.start}{path}", data=form, headers=self._headers())

    def reads(self, path: str = "") -> str:
        """What stands there, on one line."""
        return words_of(self.get(path).text)

    def key(self, path: str = "") -> str:
        """The number of a form that is drawn there."""
        return key_of(self.get(path))

    def twice_at_once(self, path: str, form: dict[str, Any]) -> list[int]:
        """The same form, sent twice before either is answered."""
        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(self.sends, path, form) for _ in range(2)]
            return [one.result().status_code for one in sent]

    def as_role(self, role: Role, user: str = "7") -> Pages:
        return replace(self, caller=replace(self.caller.as_role(role), user=user))

    def in_language(self, language: str) -> Pages:
        return replace(self, caller=replace(self.caller, language=language))

    def _client(self) -> Any:
        return self.caller.house.app.test_client()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.caller.session}", "HX-Request": "true"}


def rules_of(desk: Desk) -> Pages:
    """The page of rules, opened by an administrator."""
    return Pages(desk.admin, "/office/rules")


def settings_of(desk: Desk) -> Pages:
    """The page of settings, opened by an administrator."""
    return Pages(desk.admin, "/office/settings")


def key_of(page: TestResponse) -> str:
    found = re.search(r'"key": "([0-9a-f]{20})"|name="key" value="([0-9a-f]{20})"', page.text)
    assert found, page.text[:2000]
    return found.group(1) or found.group(2)


def sent_by(page: TestResponse, button: str) -> dict[str, Any]:
    """What a button sends that is drawn there."""
    found = re.search(rf'<button[^>]*\bid="{button}"[^>]*\bhx-vals=\'([^\']*)\'', page.text)
    assert found, page.text[:2000]
    told: dict[str, Any] = json.loads(found.group(1))
    return told


def fields_of(page: TestResponse) -> dict[str, Any]:
    """What a form that is drawn would send, as it stands: hidden and text fields, chosen options, ticked boxes."""
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", page.text):
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        if name and ('type="checkbox"' not in tag or re.search(r"\bchecked\b", tag)):
            found.setdefault(name, []).append(value)
    for name, inside in re.findall(r'<select\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', page.text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside) or re.search(r'<option value="([^"]*)"', inside)
        found[name] = [chosen.group(1) if chosen else ""]
    for name, inside in re.findall(r'<textarea\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</textarea>', page.text, re.DOTALL):
        found[name] = [_plain(inside)]
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return _plain(found.group(1)) if found else ""


def _plain(words: str) -> str:
    from html import unescape

    return unescape(words)
