"""What a page of the account tells the script that hosts widgets: who looks at what, and the widgets of this place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.state import CONTACTS, Integration, Record, User
from widget_backend.sandbox.amocrm.widgets.archive import Archive, part
from widget_backend.sandbox.amocrm.widgets.checks import CARDS, LISTS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: where the account serves a widget's files
PATH = "/upl/{code}/widget"

#: shown in any area
EVERYWHERE = "everywhere"

#: area -> path and title of the widget's own page for it
OWN_PATHS = {"advanced_settings": "", "digital_pipeline": "action/", "salesbot_designer": "bot/"}
OWN_PAGES = {"digital_pipeline": "Действие на этапе", "salesbot_designer": "Шаги Salesbot"}


def told(
    account: Account, user: User, area: str, language: str = "", lead: Record | None = None, only: str = ""
) -> dict[str, Any] | None:
    """What the host's script is given; nothing where no widget stands. ``only`` names the one whose own page it is."""
    language = language or account.language
    rows = [_widget(account, each, area, language) for each in standing(account, area, only)]
    if not rows:
        return None
    return {
        "area": area,
        "lang": language,
        "user": _user(user),
        "managers": {each.id: _user(each) for each in account.users.values()},
        "account": {
            "id": account.id,
            "name": account.name,
            "subdomain": account.subdomain,
            "language": account.language,
            "currency": account.currency,
        },
        "domain": urlsplit(account.base_url).netloc,
        "card": _card(account, lead) if lead else None,
        "widgets": rows,
    }


def standing(account: Account, area: str, only: str = "") -> list[Integration]:
    """The integrations whose widget works in an area; on its own settings' page also one that is not installed yet."""
    return [
        each
        for each in account.integrations.values()
        if (archive := account.widgets.get(each.client_id))
        and only in ("", each.client_id)
        and ({area, EVERYWHERE} & archive.areas or area == "settings")
        and (each.installed or area == "settings")
    ]


def menu(account: Account, language: str = "") -> list[tuple[str, str]]:
    """Addresses and titles of the pages that public integrations' widgets have in the left menu."""
    language = language or account.language
    rows = []
    for each in standing(account, "widget_page"):
        archive = account.widgets[each.client_id]
        for item, held in part(archive.manifest, "left_menu").items():
            about = held if isinstance(held, dict) else {}
            if each.kind == "public" and "title" in about:
                home = f"/widget_page/{each.widget_code}/{item}/"
                rows.append((home, _title(archive, about, language)))
                for sub, below in part(about, "submenu").items():
                    rows.append((f"{home}{sub}/", _title(archive, below, language)))
    return rows


def own_pages(account: Account, integration: Integration, language: str = "") -> list[tuple[str, str]]:
    """Addresses and titles of what else can be set up with an installed widget."""
    archive = account.widgets.get(integration.client_id)
    if archive is None or not integration.installed:
        return []
    home, language = f"/settings/widgets/{integration.widget_code}/", language or account.language
    title = archive.text(part(archive.manifest, "advanced").get("title"), language)
    titles = {"advanced_settings": title or "Расширенные настройки"} | OWN_PAGES
    return [(home + path, titles[area]) for area, path in OWN_PATHS.items() if area in archive.areas]


def name(account: Account, integration: Integration, language: str = "") -> str:
    """What people call a widget."""
    archive = account.widgets.get(integration.client_id)
    own = archive.text(archive.about.get("name"), language or account.language) if archive else ""
    return integration.name or own or integration.widget_code


def row(account: Account, lead: Record) -> dict[str, Any]:
    """A lead of the list, with what a widget is told of it when it is ticked."""
    pipeline = account.pipelines[lead.own["pipeline_id"]]
    held = [_contact(account, account.records[CONTACTS][number]) for number in linked(account, lead, CONTACTS)]
    reach = {kind: [text for each in held for text in each[kind]] for kind in ("phones", "emails")}
    who = account.users.get(lead.responsible_user_id)
    return {
        "id": lead.id,
        "name": lead.own["name"],
        "stage": pipeline.statuses[lead.own["status_id"]].name,
        "who": who.name if who else "",
        "told": {"id": lead.id, "type": "lead", **reach},
    }


def status(integration: Integration, archive: Archive) -> str:
    """How far the widget is set up, in the vendor's words."""
    if not integration.installed:
        return "install"
    rows = part(archive.manifest, "settings")
    needed = {key for key, row in rows.items() if isinstance(row, dict) and row.get("required")}
    missing = any(not (integration.settings or {}).get(key) for key in needed)
    return "not_configured" if missing else "installed"


def _widget(account: Account, integration: Integration, area: str, language: str) -> dict[str, Any]:
    archive, code = account.widgets[integration.client_id], integration.widget_code
    columns = [each for each in archive.locations if each in (f"{area}-1", f"{area}-0")]
    return {
        "code": code,
        "client": integration.client_id,
        "name": name(account, integration, language),
        "path": PATH.format(code=code),
        "version": archive.version,
        "texts": archive.texts.get(language) or next(iter(archive.texts.values())),
        "settings": integration.settings or {},
        "status": status(integration, archive),
        "column": area in CARDS + LISTS and any(each.endswith("-1") for each in columns),
        "token": f"/amo-market/{integration.client_id}/token",
    }


def _user(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "name": user.name,
        "login": user.email,
        "is_admin": "Y" if user.is_admin else "N",
        "active": user.is_active,
        "group": user.group_id,
    }


def _card(account: Account, lead: Record) -> dict[str, Any]:
    held = [account.records[CONTACTS][number] for number in linked(account, lead, CONTACTS)]
    return {
        "id": lead.id,
        "name": lead.own["name"],
        "status_id": lead.own["status_id"],
        "pipeline_id": lead.own["pipeline_id"],
        "main_user": lead.responsible_user_id,
        "contacts": [_contact(account, each) for each in held],
    }


def _contact(account: Account, contact: Record) -> dict[str, Any]:
    codes = {field.id: field.code for field in account.fields_of(CONTACTS)}
    values = {codes.get(number): [each["value"] for each in rows] for number, rows in contact.values.items()}
    return {
        "id": contact.id,
        "name": contact.own["name"],
        "phones": values.get("PHONE", []),
        "emails": values.get("EMAIL", []),
    }


def _title(archive: Archive, held: Any, language: str) -> str:
    key = held.get("title", "") if isinstance(held, dict) else ""
    return archive.text(key, language) or str(key)
