"""What an answer of a portal means: error codes to our errors (bitrix24.md §1.6, §3.2, §8). Pure.

A code may weigh less inside a batch: a right or a scope missing for one method refuses that command only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from widget_backend.errors import AccessLost, RateLimited, Rejected, Unavailable, Unsupported, VendorError
from widget_backend.texts import Text
from widget_backend.transport import Answer

VENDOR = "bitrix24"

#: seconds to wait after each «too many requests» in a row: the portal's counter falls by two a second (§3.3)
QUERY_WAITS = (1.0, 2.0, 5.0, 10.0, 30.0)
#: one of the ten buckets of the operating time (§3.3), for when the portal does not say when it is whole again
OPERATING_WAIT = 60.0
#: a portal blocked by hand by the vendor: no use in trying soon
OVERLOAD_WAIT = 3600.0

_KEPT = Text("Сделанное сохранено.", "What is done is kept.")
_EXPIRED = Text(
    "Битрикс24 не принимает ключ: он истёк или отозван. {kept} Создайте новый входящий вебхук (или переустановите "
    "приложение) и запустите команду с ним.",
    "Bitrix24 does not accept the key: it has expired or was revoked. {kept} Make a new incoming webhook (or install the "
    "application again) and run the command with it.",
)
_SCOPE = Text(
    "У ключа нет доступа к этому разделу Битрикс24. {kept} Добавьте ключу раздел CRM (crm), приложению ещё placement и "
    "bizproc, и повторите.",
    "The key may not use this section of Bitrix24. {kept} Add the CRM section (crm) to the key, to an application placement "
    "and bizproc too, and repeat.",
)
_RIGHTS = Text(
    "Битрикс24 отказал в доступе: {words}. {kept} Создайте ключ под администратором портала и повторите.",
    "Bitrix24 denied access: {words}. {kept} Make a key as an administrator of the portal and repeat.",
)
_PLAN = Text(
    "На тарифе этого портала нет REST API: Битрикс24 даёт его только на коммерческих тарифах. {kept} Подключите тариф с REST "
    "(или пробный период) и повторите.",
    "This portal's plan has no REST API: Bitrix24 offers it on commercial plans only. {kept} Take a plan with REST (or a "
    "trial) and repeat.",
)
_UNPAID = Text(
    "Подписка портала или срок приложения закончились: Битрикс24 не пускает. {kept} Продлите подписку и повторите.",
    "The portal's subscription or the application's term is over: Bitrix24 does not let us in. {kept} Renew it and repeat.",
)
_DELETED = Text(
    "Этого портала Битрикс24 больше нет: он удалён. Делать нечего: укажите адрес другого портала.",
    "This Bitrix24 portal is no more: it was deleted. Nothing can be done: name another portal.",
)
_MOVED = Text(
    "Портал переехал на {host}. {kept} Запустите команду с адресом вебхука на новом имени.",
    "The portal has moved to {host}. {kept} Run the command with the webhook's address on the new name.",
)
_NO_REST = Text(
    "По этому адресу отвечает не REST API Битрикс24. {kept} Проверьте адрес вебхука и повторите.",
    "What answers at this address is not the REST API of Bitrix24. {kept} Check the webhook's address and repeat.",
)
_BUSY = Text(
    "Битрикс24 просит реже обращаться к порталу. {kept} Повторите позже: всё продолжится с того же места.",
    "Bitrix24 asks for fewer requests. {kept} Repeat later: it goes on from there.",
)
_OPERATING = Text(
    "Исчерпано время, которое Битрикс24 даёт на такие действия за 10 минут. {kept} Повторите через несколько минут: "
    "всё продолжится с того же места.",
    "The time Bitrix24 gives to such work in 10 minutes is used up. {kept} Repeat in some minutes: it goes on from there.",
)
_OVERLOAD = Text(
    "Битрикс24 вручную ограничил REST этого портала из-за нагрузки. {kept} Напишите в поддержку Битрикс24 и повторите позже.",
    "Bitrix24 has blocked this portal's REST by hand because of load. {kept} Write to Bitrix24 support and repeat later.",
)
_BROKEN = Text(
    "Битрикс24 ответил внутренней ошибкой ({words}). {kept} Повтор безопасен: ничего не задвоится.",
    "Bitrix24 answered with an internal error ({words}). {kept} Repeating is safe: nothing will be doubled.",
)
_NO_METHOD = Text(
    "На этом портале или тарифе нет такой возможности Битрикс24 ({words}). Остальное не затронуто; ничего делать не нужно.",
    "This portal or plan of Bitrix24 has no such feature ({words}). The rest is not affected; nothing needs to be done.",
)
_HIDDEN = Text(
    "Этот портал не даёт метод Битрикс24, без которого не обойтись ({operation}: {words}). {kept} Обновите на нём модули CRM "
    "и REST или напишите в поддержку Битрикс24 и повторите.",
    "This portal does not offer a method of Bitrix24 that is needed ({operation}: {words}). {kept} Update its modules CRM "
    "and REST or write to Bitrix24 support, and repeat.",
)
_LICENSE = Text(
    "Тариф этого портала такого не позволяет ({words}). Остальное не затронуто; нужен тариф выше.",
    "This portal's plan does not allow it ({words}). The rest is not affected; a higher plan is needed.",
)
_REFUSED = Text(
    "Битрикс24 отказал: {words}. Остальное не затронуто; исправьте причину на портале и повторите.",
    "Bitrix24 refused: {words}. The rest is not affected; remove the cause on the portal and repeat.",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one code means for a whole request, and ``inside`` for one command of a batch where that differs. ``vital``:
    the words where nothing can go on without it."""

    error: type[VendorError]
    text: Text
    wait: float = 0.0
    inside: type[VendorError] | None = None
    vital: Text | None = None


_LOST = Rule(AccessLost, _EXPIRED)
_FORBIDDEN = Rule(AccessLost, _RIGHTS, inside=Rejected)
_INTERNAL = Rule(Unavailable, _BROKEN)

RULES: Mapping[str, Rule] = {
    "expired_token": _LOST,
    "invalid_token": _LOST,
    "no_auth_found": _LOST,
    "authorization_error": _LOST,
    "application_not_found": _LOST,
    "error_oauth": _LOST,
    "invalid_credentials": _LOST,
    "invalid_request": _LOST,
    "insufficient_scope": Rule(AccessLost, _SCOPE, inside=Rejected),
    "payment_required": Rule(AccessLost, _UNPAID),
    "access_denied": _FORBIDDEN,
    "user_access_error": _FORBIDDEN,
    "wrong_auth_type": _FORBIDDEN,
    "method_confirm_waiting": _FORBIDDEN,
    "method_confirm_denied": _FORBIDDEN,
    "wrong_license": Rule(Unsupported, _LICENSE),
    "portal_deleted": Rule(AccessLost, _DELETED),
    "error_method_not_found": Rule(Unsupported, _NO_METHOD, vital=_HIDDEN),
    "query_limit_exceeded": Rule(RateLimited, _BUSY, wait=QUERY_WAITS[0]),
    "operation_time_limit": Rule(RateLimited, _OPERATING, wait=OPERATING_WAIT),
    "overload_limit": Rule(RateLimited, _OVERLOAD, wait=OVERLOAD_WAIT),
    "internal_server_error": _INTERNAL,
    "error_unexpected_answer": _INTERNAL,
}
#: where the code says nothing known
STATUSES: Mapping[int, Rule] = {401: _LOST, 429: RULES["query_limit_exceeded"]}
_UNKNOWN = Rule(Rejected, _REFUSED)
_PLAN_RULE = Rule(AccessLost, _PLAN)
_PLAN_WORDS = ("commercial plan", "коммерческих тариф")


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the answers to one request. ``secrets`` never appear in an error."""

    host: str
    operation: str
    write: bool
    secrets: tuple[str, ...] = ()
    _waits: Iterator[float] = field(default_factory=lambda: iter(QUERY_WAITS))

    def whole(self, answer: Answer) -> VendorError | None:
        """The fault of a whole request, or ``None``."""
        if 300 <= answer.status < 400:
            return self._moved(answer)
        if not isinstance(answer.data, dict):
            return self._page(answer)
        if "error" in answer.data:
            return self._refused(answer, answer.data)
        if answer.status >= 400 or "result" not in answer.data:
            rule = STATUSES.get(answer.status, _INTERNAL)
            return self._make(rule, rule.error, f"HTTP {answer.status}", answer)
        return None

    def inside(self, method: str, fault: Mapping[str, Any], wait: float = 0.0, *, vital: bool = False) -> VendorError:
        """The fault of one command of a batch; a ``vital`` one weighs like that of a whole request."""
        code, words = _code(fault), self._words(fault)
        rule = _rule(code, words, 0)
        named: dict[str, Any] = {"vendor": VENDOR, "operation": method, "code": code, "words": words}
        if rule.error is RateLimited:
            named["wait"] = wait or rule.wait
        if rule.error is Unavailable:
            named["applied_unknown"] = self.write
        weight = rule.error if vital else rule.inside or rule.error
        text = rule.vital if vital and rule.vital else rule.text
        return weight(text.format(words=words, kept=_KEPT, operation=method), **named)

    def unclear(self, words: str) -> Unavailable:
        """An answer that does not say what became of it."""
        error = self._make(_INTERNAL, Unavailable, words, None)
        assert isinstance(error, Unavailable)
        return error

    def _refused(self, answer: Answer, data: Mapping[str, Any]) -> VendorError:
        code, words = _code(data), self._words(data)
        rule = _rule(code, words, answer.status)
        return self._make(rule, rule.error, words, answer, code)

    def _moved(self, answer: Answer) -> VendorError:
        host = urlsplit(answer.headers.get("Location", "")).netloc.rpartition("@")[2].lower()
        text = _MOVED.format(host=host, kept=_KEPT) if host and host != self.host else _NO_REST.format(kept=_KEPT)
        return AccessLost(text, **self._named("", f"HTTP {answer.status}", answer), host=host)

    def _page(self, answer: Answer) -> VendorError:
        """A web page or nothing at all: a proxy, a maintenance notice, or no portal. A 4xx certainly did nothing."""
        refused = 400 <= answer.status < 500
        text = _BROKEN if answer.status >= 500 else _NO_REST
        words = f"HTTP {answer.status}"
        return Unavailable(
            text.format(words=words, kept=_KEPT),
            applied_unknown=self.write and not refused,
            **self._named("", words, answer),
        )

    def _make(
        self, rule: Rule, error: type[VendorError], words: str, answer: Answer | None, code: str = ""
    ) -> VendorError:
        named = self._named(code, words, answer)
        if error is RateLimited:
            named["wait"] = next(self._waits, QUERY_WAITS[-1]) if rule.text is _BUSY else rule.wait
        if error is Unavailable:
            named["applied_unknown"] = self.write
        text = rule.vital or rule.text
        return error(text.format(words=words, kept=_KEPT, operation=self.operation), **named)

    def _named(self, code: str, words: str, answer: Answer | None) -> dict[str, Any]:
        named: dict[str, Any] = {"vendor": VENDOR, "operation": self.operation, "code": code, "words": words}
        if answer is not None:
            named |= {"http_status": answer.status, "request_id": answer.request_id}
        return named

    def _words(self, fault: Mapping[str, Any]) -> str:
        words = str(fault.get("error_description") or fault.get("error") or "—").replace("<br>", " ").strip()
        for secret in self.secrets:
            words = words.replace(secret, "•••")
        return words.rstrip(".")


def _code(fault: Mapping[str, Any]) -> str:
    """The code as text: legacy answers have numbers and empty strings (§3.2)."""
    return str(fault.get("error") or "")


def _rule(code: str, words: str, status: int) -> Rule:
    if any(sign in words.casefold() for sign in _PLAN_WORDS):
        return _PLAN_RULE
    known = RULES.get(code.casefold()) or STATUSES.get(status)
    return known or (_INTERNAL if status >= 500 else _UNKNOWN)
