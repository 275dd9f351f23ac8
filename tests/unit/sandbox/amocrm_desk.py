"""Alice's desk at the emulated account: an admin who calls the API, and what the account tells the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from widget_backend.sandbox.amocrm import Account, create_app
from widget_backend.sandbox.amocrm.hooks.delivery import Delivery, deliver

NOW = 1_790_000_000

#: the stock pipeline's stages
PIPELINE, INCOMING, FIRST, SECOND, THIRD = 9001, 70001, 70005, 70009, 70013


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """``account`` is the emulator's own object; calls answer (status, body)."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.account = Account.demo(clock=self.clock)
        self.account.settings.rate = False
        self.http = create_app(self.account).test_client()
        self.token = self.account.long_lived_token()

    def call(self, method: str, path: str, body: Any = None, version: str = "v4", token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        answer = self.http.open(f"/api/{version}{path}", method=method, json=body, headers=headers)
        return answer.status_code, answer.get_json(silent=True)

    def rows(self, path: str, token: str = "") -> list[dict[str, Any]]:
        """The items of a list; none for no content."""
        status, body = self.call("GET", path, token=token)
        assert status in (200, 204), body
        return next(iter(body["_embedded"].values())) if body else []

    def made(self, entity: str, **item: Any) -> int:
        status, body = self.call("POST", f"/{entity}", [item])
        assert status == 200, body
        return int(body["_embedded"][entity][0]["id"])

    def patient(self, name: str = "Анна", phone: str = "+79990000001", lead: int = 0) -> int:
        """A contact with a phone, of a lead if one is named."""
        phones = [{"field_code": "PHONE", "values": [{"value": phone, "enum_code": "MOB"}]}]
        number = self.made("contacts", name=name, custom_fields_values=phones)
        if lead:
            self.call("POST", f"/leads/{lead}/link", [{"to_entity_id": number, "to_entity_type": "contacts"}])
        return number

    def subscribes(self, *events: str, to: str = "https://app.example/hook") -> int:
        status, body = self.call("POST", "/webhooks", {"destination": to, "settings": list(events)})
        assert status == 201, body
        return int(body["id"])

    def told(self) -> list[dict[str, Any]]:
        """What has left the account since the last time: forms, or JSON bodies."""
        return [sent.form or sent.json or {} for sent in self.deliveries()]

    def deliveries(self) -> list[Delivery]:
        sent: list[Delivery] = []
        deliver(self.account, lambda delivery: sent.append(delivery) or 200)
        return sent

    def sandbox(self, what: str, **body: Any) -> tuple[int, Any]:
        """A call of the control room."""
        answer = self.http.post(f"/_sandbox/{what}", json=body)
        return answer.status_code, answer.get_json()

    def presses(self, path: str, **form: Any) -> tuple[int, Any]:
        """A form of a page, as its script sends it."""
        answer = self.http.post(path, data=form, headers={"X-Sandbox-Script": "1"})
        return answer.status_code, answer.get_json(silent=True)


def issues(answer: tuple[int, Any]) -> list[tuple[str, str]]:
    """Codes and paths of a refused batch."""
    assert answer[0] == 400, answer
    return [(issue["code"], issue["path"]) for row in answer[1]["validation-errors"] for issue in row["errors"]]
