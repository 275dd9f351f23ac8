"""Calls for our robots: actions of the Digital Pipeline and steps of a SalesBot (amocrm.md §5.4, §6.3).

Pure. A pipeline action proves nothing: its account's key (setting ``key`` of the action) is compared by whoever answers. A
bot's token is signed by the integration's secret and says account and deal; what comes beside it is signed by nobody.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from widget_backend.clock import now
from widget_backend.crm import hosts
from widget_backend.crm.amocrm.webhook import LEEWAY, LONGEST, WidgetCheck
from widget_backend.crm.forms import MOST_BYTES, MOST_DEPTH, MOST_PAIRS, Tree, branch, leaf, read_form
from widget_backend.crm.records import RobotCall
from widget_backend.errors import Forbidden, InvalidInput
from widget_backend.texts import Text

#: algorithms of a bot's token (§6.3): the official client has the first, the field has seen both
ALGORITHMS: Final = ("HS512", "HS256")
#: what the vendor calls deals and contacts, as numbers and as words
DEAL: Final = frozenset({"2", "lead", "leads"})
CONTACT: Final = frozenset({"1", "contact", "contacts"})
#: what triggers of «API: send webhook» are told under (§5.4)
TRIGGERS: Final = ("status", "call_in", "chat", "site_visit", "mail_in", "add", "update")
#: settings and values that are taken along, and characters of each
MOST_GIVEN, LONGEST_GIVEN = 50, 2_000

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_UNREADABLE = Text(
    "Обращение amoCRM не прочитано: в нём нет сделки или аккаунта. Ничего не сделано; проверьте настройку действия в Digital "
    "Pipeline или шага бота.",
    "The call of amoCRM could not be read: it names no deal or no account. Nothing was done; check the settings of the Digital "
    "Pipeline's action or of the bot's step.",
)
_FORGED = Text(
    "Этот вызов пришёл не от бота amoCRM: его подпись не подошла. Ничего не сделано. Если интеграцию только что "
    "переустановили, сохраните шаг бота заново.",
    "This call did not come from a bot of amoCRM: its signature does not match. Nothing was done. If the integration was just "
    "installed again, save the bot's step anew.",
)


def stage_action(body: bytes, content_type: str) -> tuple[str, RobotCall]:
    """The account, and the call of an action on a stage. Raises :class:`InvalidInput`.

    The widget's action names its robot in the setting ``robot``; a trigger «send webhook» names none: ``code`` is empty then,
    and it says no more than that the deal moved.
    """
    tree = read_tree(body, content_type)
    if branch(tree, "event"):
        account, call = leaf(tree, "account_id"), _action(tree)
    else:
        account, call = leaf(branch(tree, "account"), "id") or leaf(tree, "account_id"), _trigger(tree)
    if not (_NUMBER.fullmatch(account) and _NUMBER.fullmatch(call.deal)):
        raise InvalidInput(_UNREADABLE)
    return account, call


def bot_call(body: bytes, content_type: str, check: WidgetCheck, at: datetime | None = None) -> tuple[str, RobotCall]:
    """The account, and the call of a bot's step, which waits at ``reply``. Raises :class:`Forbidden`, :class:`InvalidInput`."""
    tree = read_tree(body, content_type)
    claims = _verified(leaf(tree, "token"), check, at or now())
    account, number = str(claims.get("account_id")), str(claims.get("entity_id"))
    kind = str(claims.get("entity_type")).lower()
    if not (_NUMBER.fullmatch(account) and _NUMBER.fullmatch(number) and kind in DEAL | CONTACT):
        raise InvalidInput(_UNREADABLE)
    reply = leaf(tree, "return_url")
    host = check.host_of(account)
    if not host or _origin(reply, check) != hosts.allowed(host, check.hosts):
        raise Forbidden(_FORGED)
    given = _given(branch(tree, "data"))
    return account, RobotCall(
        code=given.pop("op", ""),
        deal=number if kind in DEAL else "",
        key=f"bot:{_digest(reply)}",
        given=given,
        contact=number if kind in CONTACT else "",
        reply=reply,
        at=_moment(claims.get("iat")),
    )


def read_tree(body: bytes, content_type: str) -> Tree:
    """A body in either encoding, as nested maps of text. Raises :class:`InvalidInput`."""
    if "json" not in content_type.lower() and not body.lstrip().startswith(b"{"):
        return read_form(body)
    try:
        value = json.loads(body) if len(body) <= MOST_BYTES else None
        # half of a pair of signs is no text: it could not be stored
        json.dumps(value, ensure_ascii=False).encode()
        tree = _as_tree(value, MOST_DEPTH)
    except (ValueError, RecursionError):
        raise InvalidInput(_UNREADABLE) from None
    if not isinstance(tree, dict) or _size(tree) > MOST_PAIRS:
        raise InvalidInput(_UNREADABLE)
    return tree


def _action(tree: Tree) -> RobotCall:
    """The widget's action (§5.4, B). One note has the deal nested deeper, so that it is looked for in both places."""
    event = branch(tree, "event")
    data = branch(event, "data")
    if leaf(data, "element_type") not in ("", *DEAL):
        raise InvalidInput(_UNREADABLE)
    deal = leaf(data, "id") or next((leaf(lead, "id") for lead in _leads(data)), "")
    given = _given(branch(branch(branch(branch(tree, "action"), "settings"), "widget"), "settings"))
    stamp = leaf(event, "time")
    told = (
        leaf(event, "type"),
        leaf(data, "direction_of_movement"),
        leaf(data, "status_id"),
        json.dumps(given, sort_keys=True),
    )
    return RobotCall(
        code=given.pop("robot", ""),
        deal=deal,
        key=f"dp:{_digest(deal, stamp, *told)}",
        given=given,
        at=_moment(stamp),
    )


def _trigger(tree: Tree) -> RobotCall:
    """A trigger «send webhook» (§5.4, A); it names neither time nor robot."""
    lead = next(_leads(tree), {})
    names = ("id", "pipeline_id", "status_id", "old_pipeline_id", "old_status_id")
    return RobotCall("", leaf(lead, "id"), f"dp:{_digest(*(leaf(lead, name) for name in names))}")


def _leads(tree: Tree) -> Iterator[Tree]:
    leads = branch(tree, "leads")
    for name in TRIGGERS:
        yield from (item for item in branch(leads, name).values() if isinstance(item, dict))


def _verified(token: str, check: WidgetCheck, at: datetime) -> Mapping[str, Any]:
    """The claims of a bot's token. Whom it is meant for is told by its client, where it tells (§6.3 has two spellings)."""
    # times are judged by our own clock below; the rest is not told, or not in one way
    options: Any = dict.fromkeys((f"verify_{name}" for name in ("exp", "nbf", "iat", "aud", "sub", "jti")), False)
    for secret in filter(None, check.secrets if len(token) <= LONGEST else ()):
        try:
            claims: Mapping[str, Any] = jwt.decode(token, secret, list(ALGORITHMS), options)
        except jwt.PyJWTError:
            continue
        client = claims.get("client_uuid") or claims.get("client_uid") or check.client_id
        if client == check.client_id and _is_current(claims, at):
            return claims
    raise Forbidden(_FORGED)


def _is_current(claims: Mapping[str, Any], at: datetime) -> bool:
    ends, starts = _moment(claims.get("exp")), _moment(claims.get("nbf") or claims.get("iat"))
    return bool(ends and at < ends + LEEWAY and (starts is None or at > starts - LEEWAY))


def _origin(reply: str, check: WidgetCheck) -> str:
    return hosts.allowed(reply, check.hosts)


def _given(tree: Tree) -> dict[str, str]:
    """What the clinic filled in; long and nested values are none of ours."""
    flat = ((name, value) for name, value in tree.items() if isinstance(value, str) and len(value) <= LONGEST_GIVEN)
    return dict(list(flat)[:MOST_GIVEN])


def _moment(stamp: object) -> datetime | None:
    text = str(stamp).partition(".")[0]
    return datetime.fromtimestamp(int(text), UTC) if re.fullmatch("[0-9]{1,10}", text) else None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _as_tree(value: Any, depth: int) -> str | Tree:
    """JSON as a form would tell it: text and maps. Raises ``ValueError`` for what is too deep, or holds a NUL."""
    if not isinstance(value, dict | list):
        text = "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)
        if "\0" in text:
            raise ValueError("NUL")
        return text
    if depth == 0:
        raise ValueError("too deep")
    pairs: Iterable[tuple[object, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    return {str(name): _as_tree(inner, depth - 1) for name, inner in pairs}


def _size(tree: Tree) -> int:
    return sum(1 if isinstance(value, str) else 1 + _size(value) for value in tree.values())
