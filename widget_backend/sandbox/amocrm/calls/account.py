"""The account itself, and the lists that a stock account has empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: word of ``with`` -> what it adds at the top
AT_THE_TOP: dict[str, Callable[[Account], Any]] = {
    "amojo_id": lambda account: account.amojo_id,
    "uuid": lambda account: account.amojo_id,
    "version": lambda _: 16,
    "is_api_filter_enabled": lambda account: account.settings.api_filter,
    "drive_url": lambda _: "https://drive-b.amocrm.ru",
}

#: word of ``with`` -> what it adds to ``_embedded``
EMBEDDED: dict[str, Callable[[Account], Any]] = {
    "amojo_rights": lambda _: {"can_direct": True, "can_create_groups": True},
    "users_groups": lambda account: account.users_groups,
    "task_types": lambda account: account.task_types,
    "entity_names": lambda _: {"leads": {"ru": {"gender": "f"}}},
    "datetime_settings": lambda _: {
        "date_pattern": "d.m.Y H:i",
        "short_date_pattern": "d.m.Y",
        "short_time_pattern": "H:i",
        "date_format": "d.m.Y",
        "time_format": "H:i:s",
        "timezone": "Europe/Moscow",
        "timezone_offset": "+03:00",
    },
    "invoices_settings": lambda _: {"lang": None, "currency": None},
}


@route("GET", "/account")
def account(call: Call) -> Answer:
    """The account, with what ``with`` asks for."""
    held = call.account
    admin = next(user.id for user in held.users.values() if user.is_admin)
    body: dict[str, Any] = {
        "id": held.id,
        "name": held.name,
        "subdomain": held.subdomain,
        "created_at": 1_700_000_000,
        "created_by": 0,
        "updated_at": 1_700_000_000,
        "updated_by": admin,
        "current_user_id": call.caller.user.id,
        "country": "RU",
        "currency": held.currency,
        "currency_symbol": "₽",
        "customers_mode": "disabled",
        "is_unsorted_on": True,
        "mobile_feature_version": 0,
        "is_loss_reason_enabled": True,
        "is_helpbot_enabled": False,
        "is_technical_account": False,
        "contact_name_display_order": 1,
    }
    body |= {key: value(held) for key, value in AT_THE_TOP.items() if key in call.with_}
    embedded = {key: value(held) for key, value in EMBEDDED.items() if key in call.with_}
    return Answer(body | {"_links": call.href("/account")} | ({"_embedded": embedded} if embedded else {}))


@route("GET", "/catalogs")
def empty(call: Call) -> Answer:
    """A list with nothing in it."""
    return NOTHING
