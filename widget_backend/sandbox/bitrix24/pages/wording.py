"""How pages write things: people, money, moments, names of fields and stages, and the vendor's BB codes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from widget_backend.sandbox.bitrix24.crm.entities import by_legacy_name
from widget_backend.sandbox.bitrix24.envelope import iso
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL, UserField

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

SIGNS = {"RUB": "₽", "EUR": "€", "USD": "$"}

#: codes of the card that are no field's name
EDITOR_CODES = {
    "OPPORTUNITY_WITH_CURRENCY": "Сумма и валюта",
    "CLIENT": "Клиент",
    "OBSERVER": "Наблюдатели",
    "UTM": "UTM-метки",
    "PHONE": "Телефон",
    "EMAIL": "E-mail",
}

#: BB code -> tag
BOLD = {"B": "strong", "I": "em", "U": "u", "S": "s"}

_PAIR = re.compile(r"\[(B|I|U|S)\](.*?)\[/\1\]", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(
    r"\[URL=(https?://[^\]\s]+)\](.*?)\[/URL\]|\[URL\](https?://[^\[\s]+)\[/URL\]", re.IGNORECASE | re.DOTALL
)
_USER = re.compile(r"\[USER=\d+\](.*?)\[/USER\]", re.IGNORECASE | re.DOTALL)


def person(contact: dict[str, Any]) -> str:
    """Family name first."""
    return f"{contact['lastName'] or ''} {contact['name'] or ''}".strip() or f"Контакт № {contact['id']}"


def user_name(portal: Portal, user_id: Any) -> str:
    """An employee's name; nothing for nobody."""
    user = portal.users.get(int(user_id or 0))
    return user.full_name if user else ""


def money(amount: float | None, currency: str) -> str:
    """``12 500 ₽``, with spaces that do not break."""
    whole = f"{amount or 0:,.2f}".removesuffix(".00").replace(",", "\u00a0").replace(".", ",")
    return f"{whole}\u00a0{SIGNS.get(currency, currency)}"


def moment(text: str | None, now: float = 0.0) -> str:
    """``25.11 19:04``, with the year where it is another one than now's."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    year = "" if not now or iso(now)[:4] == text[:4] else at.strftime(".%Y")
    return f"{at:%d.%m}{year} {at:%H:%M}"


def is_late(deadline: str | None, now: float) -> bool:
    """Whether a deadline is over."""
    return bool(deadline) and datetime.fromisoformat(str(deadline)).timestamp() < now


def ink(color: str | None) -> str:
    """Black or white, whichever reads better on a stage's colour."""
    digits = (color or "").lstrip("#")
    if len(digits) != 6:
        return "#1f2933"
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return "#1f2933" if red * 299 + green * 587 + blue * 114 > 120_000 else "#ffffff"


def label(portal: Portal, field: UserField) -> str:
    """What a card calls a user field."""
    labels = field.labels.get("EDIT_FORM_LABEL", {})
    return labels.get(portal.settings.lang) or next((text for text in labels.values() if text), field.name)


def labels(portal: Portal, entity_type: int) -> dict[str, str]:
    """Field code -> what a card calls it."""
    entity_id = {DEAL: "CRM_DEAL", CONTACT: "CRM_CONTACT"}[entity_type]
    own = {field.name: label(portal, field) for field in portal.fields_of(entity_id)}
    return {name: field.title for name, field in by_legacy_name(entity_type).items()} | EDITOR_CODES | own


def rich(text: str | None, host: str = "") -> Markup:
    """Text with BB codes as HTML, all else escaped; links to this very portal lose their host."""
    shown = str(escape(text or ""))
    shown = _LINK.sub(lambda match: _link(match[1] or match[3], match[2] or match[3], host), shown)
    shown = _USER.sub(r"\1", shown)
    while (next_one := _PAIR.sub(_bold, shown)) != shown:
        shown = next_one
    return Markup(shown.strip().replace("\n", "<br>"))  # noqa: S704 - escaped above, then only tags of ours


def _link(url: str, text: str, host: str) -> str:
    parts = urlsplit(url)
    address = parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == host else url
    return f'<a href="{address}">{text}</a>'


def _bold(match: re.Match[str]) -> str:
    tag = BOLD[match[1].upper()]
    return f"<{tag}>{match[2]}</{tag}>"
