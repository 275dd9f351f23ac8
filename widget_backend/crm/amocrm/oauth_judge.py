"""What an answer of the token endpoint means: statuses to our errors (amocrm.md §1.3, §1.4, §2.3). Pure.

Decided by the status: the vendor's hints are words to show, seen but not promised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from widget_backend.errors import AccessLost, RateLimited, Rejected, Unavailable, VendorError
from widget_backend.texts import Text
from widget_backend.transport import Answer

VENDOR = "amocrm"
#: seconds to wait where «too many» names no time
WAIT = 2.0
#: code of an answer that may only mean that the account has another address by now
ELSEWHERE = "elsewhere"

_SPENT = Text(
    "amoCRM не приняла код или ключ доступа ({words}): он уже использован или устарел. Сделанное сохранено. Подключите amoCRM "
    "ещё раз под администратором.",
    "amoCRM did not accept the code or the key ({words}): it is used up or out of date. What is done is kept. Connect amoCRM "
    "again as an administrator.",
)
_UNPAID = Text(
    "Подписка amoCRM закончилась. Данные целы, работа приостановлена. Продлите подписку; если она оплачена, всё продолжится "
    "само через несколько минут.",
    "The amoCRM subscription is over. The data is safe, work is paused. Renew it; if it is paid, everything goes on by itself "
    "in some minutes.",
)
_CLOSED = Text(
    "amoCRM закрыла доступ к этому аккаунту ({words}). Данные целы. Напишите в поддержку amoCRM и подключите ещё раз.",
    "amoCRM has closed access to this account ({words}). The data is safe. Write to amoCRM support and connect again.",
)
_BUSY = Text(
    "amoCRM просит подождать. Ничего не потеряно: повторим через несколько секунд.",
    "amoCRM asks us to wait. Nothing is lost: we repeat in some seconds.",
)
_BROKEN = Text(
    "amoCRM сейчас не отвечает как должна ({words}). Данные целы. Повторите через минуту.",
    "amoCRM does not answer as it should ({words}). The data is safe. Repeat in a minute.",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one status means. ``undone``: nothing was done for sure."""

    error: type[VendorError]
    text: Text
    code: str = ""
    undone: bool = False


_FAULT = Rule(Unavailable, _BROKEN)
RULES: Mapping[int, Rule] = {
    301: Rule(AccessLost, _SPENT, ELSEWHERE),
    302: Rule(AccessLost, _SPENT, ELSEWHERE),
    400: Rule(AccessLost, _SPENT, "refused"),
    401: Rule(AccessLost, _SPENT, ELSEWHERE),
    402: Rule(Unavailable, _UNPAID, "unpaid", undone=True),  # comes and goes on paid accounts
    403: Rule(Rejected, _CLOSED, "closed"),
    404: Rule(AccessLost, _SPENT, ELSEWHERE),
    429: Rule(RateLimited, _BUSY),
}
#: what a web page in place of an answer changes: 404 is the vendor's router, for a moment
PAGES: Mapping[int, Rule] = {400: _FAULT, 404: _FAULT}
_TRY_AGAIN = re.compile(r"try again|later|повтор|попроб|позже", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OAuthJudge:
    """Judges the answers to one request. ``secrets`` never appear in an error."""

    operation: str
    write: bool
    secrets: tuple[str, ...] = ()

    def __call__(self, answer: Answer) -> VendorError | None:
        """The fault of a request, or ``None``."""
        body = answer.data if isinstance(answer.data, dict) else {}
        if 200 <= answer.status < 300:
            return None if body else self._make(_FAULT, answer, body)
        rule = RULES.get(answer.status, _FAULT)
        if answer.is_page:
            rule = PAGES.get(answer.status, rule)
        if answer.status == 400 and not body.get("hint") and _TRY_AGAIN.search(str(body.get("detail", ""))):
            rule = _FAULT  # a 400 that is a passing fault (§2.3)
        return self._make(rule, answer, body)

    def unclear(self, words: str) -> Unavailable:
        """An answer that lacks what it must hold."""
        named = {"vendor": VENDOR, "operation": self.operation, "words": words}
        return Unavailable(_BROKEN.format(words=words), applied_unknown=self.write, **named)

    def _make(self, rule: Rule, answer: Answer, body: Mapping[str, Any]) -> VendorError:
        words = self._words(answer, body)
        named: dict[str, Any] = {
            "vendor": VENDOR,
            "operation": self.operation,
            "http_status": answer.status,
            "code": rule.code,
            "words": words,
            "request_id": answer.request_id,
        }
        if rule.error is RateLimited:
            named["wait"] = _retry_after(body)
        if rule.error is Unavailable:
            named["applied_unknown"] = self.write and not rule.undone
        return rule.error(rule.text.format(words=words), **named)

    def _words(self, answer: Answer, body: Mapping[str, Any]) -> str:
        words = str(body.get("hint") or body.get("detail") or body.get("title") or f"HTTP {answer.status}")
        for secret in filter(None, self.secrets):
            words = words.replace(secret, "•••")
        return words.strip().rstrip(".")[:300]


def _retry_after(body: Mapping[str, Any]) -> float:
    seconds = str(body.get("retry_after", ""))
    return float(seconds) if seconds.isascii() and seconds.isdecimal() else WAIT
