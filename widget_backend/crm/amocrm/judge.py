"""What an answer of an account means: statuses and bodies to our errors (amocrm.md §1.5, §2.2, §2.3, §2.4). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from widget_backend.errors import AccessLost, Missing, RateLimited, Rejected, Unavailable, Unsupported, VendorError
from widget_backend.texts import Text
from widget_backend.transport import Answer

VENDOR = "amocrm"

#: seconds to wait after each «too many requests» in a row that names no time (§2.4: seven requests a second)
RATE_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
#: code of a refusal for want of rights: no part of the request will fare better
FORBIDDEN = "forbidden"
#: code of an account the vendor has blocked for too many requests
BLOCKED = "blocked"

_KEPT = Text("Сделанное сохранено.", "What is done is kept.")
_EXPIRED = Text(
    "amoCRM не принимает ключ: он истёк или отозван. {kept} Выпустите новый долгосрочный токен (или переустановите "
    "интеграцию) и запустите команду с ним.",
    "amoCRM does not accept the key: it has expired or was revoked. {kept} Issue a new long-lived token (or install the "
    "integration again) and run the command with it.",
)
_UNPAID = Text(
    "Подписка amoCRM закончилась: аккаунт закрыт для изменений. {kept} Продлите подписку и повторите; если она оплачена, "
    "повторите через несколько минут.",
    "The amoCRM subscription is over: the account is closed for changes. {kept} Renew it and repeat; if it is paid, repeat "
    "in some minutes.",
)
_BLOCKED = Text(
    "amoCRM заблокировала запросы к этому аккаунту из-за их числа. Мы остановились сразу. {kept} Напишите в поддержку amoCRM, "
    "чтобы снять блокировку, и повторите после этого.",
    "amoCRM has blocked requests to this account because of their number. We stopped at once. {kept} Ask amoCRM support to "
    "lift the block, and repeat after that.",
)
_RIGHTS = Text(
    "amoCRM отказала в доступе: {words}. {kept} Выпустите ключ под администратором аккаунта, с доступом к данным CRM, и "
    "повторите.",
    "amoCRM denied access: {words}. {kept} Issue a key as an administrator of the account, with access to CRM data, and "
    "repeat.",
)
_MOVED = Text(
    "Аккаунт переехал на {host}. {kept} Запустите команду с новым адресом.",
    "The account has moved to {host}. {kept} Run the command with the new address.",
)
_NO_API = Text(
    "По этому адресу отвечает не API amoCRM ({words}). {kept} Проверьте адрес аккаунта и повторите.",
    "What answers at this address is not the API of amoCRM ({words}). {kept} Check the account's address and repeat.",
)
_PAGE = Text(
    "По этому адресу отвечает не amoCRM, а веб-страница ({words}). {kept} Проверьте адрес аккаунта; если он верен, повторите "
    "через минуту, ничего не задвоится.",
    "What answers at this address is not amoCRM but a web page ({words}). {kept} Check the account's address; if it is right, "
    "repeat in a minute, nothing will be doubled.",
)
_HIDDEN = Text(
    "Этот аккаунт amoCRM не даёт раздел API, без которого не обойтись ({words}). {kept} Проверьте адрес аккаунта и права "
    "интеграции; если всё верно, напишите в поддержку amoCRM.",
    "This amoCRM account does not offer a section of the API that is needed ({words}). {kept} Check the account's address and "
    "the integration's rights; if both are right, write to amoCRM support.",
)
_BUSY = Text(
    "amoCRM просит реже обращаться к аккаунту. {kept} Повторите позже: всё продолжится с того же места.",
    "amoCRM asks for fewer requests. {kept} Repeat later: it goes on from there.",
)
_BROKEN = Text(
    "amoCRM ответила внутренней ошибкой ({words}). {kept} Повтор безопасен: ничего не задвоится.",
    "amoCRM answered with an internal error ({words}). {kept} Repeating is safe: nothing will be doubled.",
)
_GONE = Text(
    "В amoCRM этого уже нет: {words}. Остальное не затронуто; составьте план заново.",
    "It is no longer there in amoCRM: {words}. The rest is not affected; make the plan again.",
)
_CANNOT = Text(
    "amoCRM такого через API не умеет ({words}). Остальное не затронуто; ничего делать не нужно.",
    "amoCRM cannot do this through the API ({words}). The rest is not affected; nothing needs to be done.",
)
_REFUSED = Text(
    "amoCRM отказала: {words}. Остальное не затронуто; исправьте причину в аккаунте и повторите.",
    "amoCRM refused: {words}. The rest is not affected; remove the cause in the account and repeat.",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one status means. ``written``, ``read``: for a write or a read, where that differs. ``undone``: nothing was done
    for sure."""

    error: type[VendorError]
    text: Text
    code: str = ""
    written: type[VendorError] | None = None
    read: Text | None = None
    undone: bool = False


_BROKEN_RULE = Rule(Unavailable, _BROKEN)
_PAGE_RULE = Rule(Unavailable, _PAGE)
_REFUSED_RULE = Rule(Rejected, _REFUSED)
RULES: Mapping[int, Rule] = {
    401: Rule(AccessLost, _EXPIRED, "expired"),
    402: Rule(Unavailable, _UNPAID, "unpaid", undone=True),  # comes and goes on paid accounts (§2.3)
    403: Rule(AccessLost, _RIGHTS, FORBIDDEN, written=Rejected),
    404: Rule(Missing, _GONE, read=_HIDDEN),
    405: Rule(Unsupported, _CANNOT, read=_HIDDEN),
    429: Rule(RateLimited, _BUSY),
}
#: statuses that say something else with a web page than with JSON; of all others a page is a fault
PAGES: Mapping[int, Rule] = {
    401: RULES[401],
    402: RULES[402],
    403: Rule(AccessLost, _BLOCKED, BLOCKED),
    404: _PAGE_RULE,  # the vendor's router, for a moment (§2.3), or another server for good
    405: RULES[405],
    429: RULES[429],
}
_TRY_AGAIN = re.compile(r"try again|later|повтор|попроб|позже", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one item of a written array; ``path`` inside the item, in the vendor's words."""

    request_id: str
    code: str
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.path}: {self.detail or self.code}" if self.path else self.detail or self.code


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the answers to one request. ``secret`` never appears in an error."""

    host: str
    operation: str
    write: bool = False
    secret: str = field(default="", repr=False)
    _waits: Iterator[float] = field(default_factory=lambda: iter(RATE_WAITS))

    def __call__(self, answer: Answer) -> VendorError | None:
        """The fault of a request, or ``None``."""
        if 300 <= answer.status < 400:
            return self._moved(answer)
        if answer.status < 400:
            rule = _PAGE_RULE if answer.is_page else _BROKEN_RULE
            return None if self._is_sensible(answer) else self._make(rule, answer, self._nonsense(answer))
        problems = read_problems(answer.data)
        words = self._words(answer, problems)
        if answer.data is None:
            rule = PAGES.get(answer.status, _BROKEN_RULE) if answer.is_page else _rule(answer.status)
            return self._make(rule, answer, words)
        if answer.status == 400 and not problems and _TRY_AGAIN.search(words):
            return self._make(_BROKEN_RULE, answer, words)  # a 400 that is a passing fault (§2.3)
        return self._make(_rule(answer.status), answer, words, problems)

    def unclear(self, words: str) -> Unavailable:
        """An answer that does not say what became of a write."""
        text = _BROKEN.format(words=words, kept=_KEPT)
        return Unavailable(text, applied_unknown=self.write, vendor=VENDOR, operation=self.operation, words=words)

    def _is_sensible(self, answer: Answer) -> bool:
        """Only 204 says «none» (§2.2): what came empty or cut off must not pass for an account without any, nor for a deal that
        is gone."""
        if answer.status == 204:
            return True
        if self.write:
            return answer.data is not None or not answer.text.strip()
        return isinstance(answer.data, dict) and bool(answer.data)

    def _nonsense(self, answer: Answer) -> str:
        return f"HTTP {answer.status}, {'HTML' if answer.is_page else 'no JSON' if answer.data is None else 'nothing in it'}"

    def _moved(self, answer: Answer) -> VendorError:
        host = urlsplit(answer.headers.get("Location", "")).netloc.rpartition("@")[2].lower()
        words = f"HTTP {answer.status}"
        # an account is never at «www.» (§1.4): that is where addresses without one are sent
        elsewhere = host and host != self.host and not host.startswith("www.")
        text = _MOVED.format(host=host, kept=_KEPT) if elsewhere else _NO_API
        return AccessLost(text.format(words=words, kept=_KEPT), **self._named(answer, "moved", words), host=host)

    def _make(self, rule: Rule, answer: Answer, words: str, problems: tuple[Problem, ...] = ()) -> VendorError:
        error = (rule.written or rule.error) if self.write else rule.error
        code = rule.code or (problems[0].code if problems else "")
        named = self._named(answer, code, words)
        if error is RateLimited:
            named["wait"] = _retry_after(answer) or next(self._waits, RATE_WAITS[-1])
        if error is Unavailable:
            named["applied_unknown"] = self.write and not rule.undone
        if problems:
            named["problems"] = problems
        text = rule.text if self.write else rule.read or rule.text
        return error(text.format(words=words, kept=_KEPT), **named)

    def _named(self, answer: Answer, code: str, words: str) -> dict[str, Any]:
        return {
            "vendor": VENDOR,
            "operation": self.operation,
            "http_status": answer.status,
            "code": code,
            "words": words,
            "request_id": answer.request_id,
        }

    def _words(self, answer: Answer, problems: tuple[Problem, ...]) -> str:
        """The vendor's own words, without addresses and secrets."""
        body = answer.data if isinstance(answer.data, dict) else {}
        said = "; ".join(dict.fromkeys(str(p) for p in problems[:3])) or body.get("detail") or body.get("title")
        words = _ADDRESS.sub("…", str(said or f"HTTP {answer.status}"))
        return (words.replace(self.secret, "•••") if self.secret else words).strip().rstrip(".")


def read_problems(data: object) -> tuple[Problem, ...]:
    """``validation-errors`` of a refusal (§2.2), flat; none where there are none."""
    entries = data.get("validation-errors") if isinstance(data, dict) else None
    return tuple(
        Problem(str(entry.get("request_id", "")), *(str(error.get(name) or "") for name in ("code", "path", "detail")))
        for entry in entries or ()
        if isinstance(entry, dict)
        for error in entry.get("errors") or ()
        if isinstance(error, dict)
    )


def problems_of(error: VendorError) -> tuple[Problem, ...]:
    """The problems a refusal was made of."""
    problems = error.details.get("problems", ())
    return problems if isinstance(problems, tuple) else ()


def _rule(status: int) -> Rule:
    return RULES.get(status) or (_BROKEN_RULE if status >= 500 else _REFUSED_RULE)


def _retry_after(answer: Answer) -> float:
    """Seconds asked for by a 429, in its body (§2.3) or, undocumented, its header; 0 where it asks for none."""
    said = answer.data.get("retry_after") if isinstance(answer.data, dict) else None
    seconds = str(answer.headers.get("Retry-After", "") if said is None else said)
    return float(seconds) if seconds.replace(".", "", 1).isdecimal() else 0.0
