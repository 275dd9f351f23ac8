"""How the pages name and write things: types, moments, money, values of fields."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.values import ZONE, shown
from widget_backend.sandbox.amocrm.state import LOST, WON

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import CustomField, Record

KINDS = {WON: "успех", LOST: "отказ"}

TYPES = {
    "text": "Текст",
    "numeric": "Число",
    "textarea": "Текстовая область",
    "url": "Ссылка",
    "checkbox": "Флаг",
    "select": "Список",
    "multiselect": "Мультисписок",
    "radiobutton": "Переключатель",
    "date": "Дата",
    "date_time": "Дата и время",
    "streetaddress": "Короткий адрес",
    "smart_address": "Адрес",
    "birthday": "День рождения",
    "legal_entity": "Юр. лицо",
    "monetary": "Денежное",
    "file": "Файл",
    "tracking_data": "Отслеживаемые данные",
    "chained_list": "Каталоги и списки",
    "multitext": "Телефон или email",
}

MOMENTS = {"date": "%d.%m.%Y", "birthday": "%d.%m.%Y", "date_time": "%d.%m.%Y %H:%M"}
#: type -> how a browser's input writes a moment
INPUTS = {"date": "%Y-%m-%d", "birthday": "%Y-%m-%d", "date_time": "%Y-%m-%dT%H:%M"}

FLAGS = {True: "да", False: "нет"}


def moment(seconds: float, pattern: str = "%d.%m.%Y %H:%M") -> str:
    """A moment in the account's zone."""
    return datetime.fromtimestamp(seconds, ZONE).strftime(pattern)


def seconds(text: str, kind: str) -> int:
    """What a browser's input says, in seconds; raises ``ValueError`` for no moment."""
    return int(datetime.strptime(text, INPUTS[kind]).replace(tzinfo=ZONE).timestamp())


def money(amount: int | None) -> str:
    """An amount with spaces between its thousands."""
    return f"{amount or 0:,}".replace(",", " ") + " ₽"


def text_of(field: CustomField, record: Record) -> str:
    """All values of a field of a record, for reading."""
    return ", ".join(_word(field, each) for each in shown(field, record.values.get(field.id, [])))


def said(field: CustomField | None, rows: list[dict[str, Any]]) -> str:
    """Values as the event log keeps them, for reading."""
    texts = []
    for row in rows:
        value = row["custom_field_value"]["text"]
        dated = field is not None and field.type in MOMENTS and value is not None
        texts.append(moment(int(value), MOMENTS[field.type]) if dated and field else _plain(value))
    return ", ".join(texts)


def user_name(account: Account, user_id: int) -> str:
    """Who it was; the robot is the user 0."""
    user = account.users.get(user_id)
    return user.name if user else "Робот"


def _word(field: CustomField, each: dict[str, Any]) -> str:
    value = each.get("value", each.get("catalog_element_id"))
    return moment(int(value or 0), MOMENTS[field.type]) if field.type in MOMENTS else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return FLAGS[value]
    return str(value.get("name") or value.get("file_name", "")) if isinstance(value, dict) else str(value)
