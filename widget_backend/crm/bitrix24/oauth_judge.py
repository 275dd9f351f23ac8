"""What an answer of the OAuth host means: its error codes to our errors (bitrix24.md §1.4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from widget_backend.errors import AccessLost, RateLimited, Rejected, Unavailable, VendorError
from widget_backend.texts import Text
from widget_backend.transport import Answer

VENDOR = "bitrix24"
#: seconds to wait when the OAuth host says «too many»; its limits are not published
WAIT = 5.0
#: code of an application whose paid or trial time is over
UNPAID = "payment_required"

_OUR_KEYS = Text(
    "Битрикс24 не знает этого приложения. Данные клиник целы. Администратору сервера: проверьте BITRIX24_CLIENT_ID и "
    "BITRIX24_CLIENT_SECRET и перезапустите.",
    "Bitrix24 does not know this application. The clinics' data is safe. For the server's administrator: check "
    "BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET and start again.",
)
_SPENT = Text(
    "Битрикс24 больше не принимает наш ключ к порталу. Сделанное сохранено. Откройте приложение из меню Битрикс24 под "
    "администратором: доступ восстановится.",
    "Bitrix24 no longer accepts our key to the portal. What is done is kept. Open the application from the Bitrix24 menu as "
    "an administrator: access will be restored.",
)
_REMOVED = Text(
    "Приложение на этом портале удалено. Созданное в CRM осталось на месте. Установите приложение снова, чтобы продолжить.",
    "The application was removed from this portal. What it made in the CRM is still there. Install it again to go on.",
)
_UNPAID = Text(
    "Оплаченный или пробный срок приложения закончился, или закончилась подписка портала. Данные целы, работа "
    "приостановлена. Продлите подписку в Битрикс24: всё продолжится само.",
    "The paid or trial time of the application, or the portal's subscription, is over. The data is safe, work is paused. "
    "Renew the subscription in Bitrix24: everything goes on by itself.",
)
_SCOPE = Text(
    "Битрикс24 не дал приложению нужных прав ({words}). Ничего не изменено. Администратору сервера: добавьте права в карточку "
    "приложения и выпустите версию.",
    "Bitrix24 did not give the application the rights it needs ({words}). Nothing was changed. For the server's "
    "administrator: add the rights to the application's card and publish a version.",
)
_REFUSED = Text(
    "Битрикс24 отказал: {words}. Ничего не изменено. Откройте приложение заново из меню Битрикс24.",
    "Bitrix24 refused: {words}. Nothing was changed. Open the application again from the Bitrix24 menu.",
)
_BUSY = Text(
    "Битрикс24 просит подождать. Ничего не потеряно: повторим через несколько секунд.",
    "Bitrix24 asks us to wait. Nothing is lost: we repeat in some seconds.",
)
_BROKEN = Text(
    "Сервер входа Битрикс24 сейчас не отвечает как должен ({words}). Данные целы. Повторите через минуту.",
    "The sign-in server of Bitrix24 does not answer as it should ({words}). The data is safe. Repeat in a minute.",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one code means."""

    error: type[VendorError]
    text: Text


_LOST = Rule(AccessLost, _SPENT)
_FAULT = Rule(Unavailable, _BROKEN)
_UNKNOWN = Rule(Rejected, _REFUSED)
RULES: Mapping[str, Rule] = {
    "wrong_client": Rule(Rejected, _OUR_KEYS),  # comes with HTTP 200
    "invalid_client": _LOST,  # a wrong secret, an application that is gone, or no token at all: the codes do not differ
    "invalid_grant": _LOST,
    "invalid_token": _LOST,
    "expired_token": _LOST,
    "no_auth_found": _LOST,
    "authorization_error": _LOST,
    "not_installed": Rule(AccessLost, _REMOVED),
    UNPAID: Rule(Rejected, _UNPAID),  # paying helps, new consent does not
    "invalid_scope": Rule(Rejected, _SCOPE),
    "insufficient_scope": Rule(Rejected, _SCOPE),
    "query_limit_exceeded": Rule(RateLimited, _BUSY),
    "internal_server_error": _FAULT,
    "error_unexpected_answer": _FAULT,
}
#: where the code says nothing known
STATUSES: Mapping[int, Rule] = {401: _LOST, 429: RULES["query_limit_exceeded"]}


@dataclass(frozen=True, slots=True)
class OAuthJudge:
    """Judges the answers to one request. ``secrets`` never appear in an error."""

    operation: str
    write: bool
    secrets: tuple[str, ...] = ()

    def __call__(self, answer: Answer) -> VendorError | None:
        """The fault of a request, or ``None``."""
        body = answer.data if isinstance(answer.data, dict) else None
        if body is not None and body.get("error"):
            code = str(body["error"])
            return self._make(_rule(code, answer.status), self._words(body), answer, code.casefold())
        if body is None or answer.status >= 300:
            return self._make(STATUSES.get(answer.status, _FAULT), f"HTTP {answer.status}", answer)
        return None

    def unclear(self, words: str) -> Unavailable:
        """An answer that lacks what it must hold."""
        named = {"vendor": VENDOR, "operation": self.operation, "words": words}
        return Unavailable(_BROKEN.format(words=words), applied_unknown=self.write, **named)

    def _make(self, rule: Rule, words: str, answer: Answer, code: str = "") -> VendorError:
        named: dict[str, Any] = {
            "vendor": VENDOR,
            "operation": self.operation,
            "http_status": answer.status,
            "code": code,
            "words": words,
            "request_id": answer.request_id,
        }
        if rule.error is RateLimited:
            named["wait"] = WAIT
        if rule.error is Unavailable:
            named["applied_unknown"] = self.write
        return rule.error(rule.text.format(words=words), **named)

    def _words(self, body: Mapping[str, Any]) -> str:
        words = str(body.get("error_description") or body["error"])
        for secret in filter(None, self.secrets):
            words = words.replace(secret, "•••")
        return words.strip().rstrip(".")[:300]


def _rule(code: str, status: int) -> Rule:
    known = RULES.get(code.casefold()) or STATUSES.get(status)
    return known or (_FAULT if status >= 500 else _UNKNOWN)
