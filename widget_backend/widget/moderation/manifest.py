"""Rules of ``manifest.json`` (amocrm.md §7.1): locations and their blocks, settings, support, consent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding
from widget_backend.widget.moderation.package import MANIFEST, Package

REQUIRED: Final = ("name", "description", "short_description", "version", "locale", "installation")
CARDS: Final = ("lcard", "ccard", "comcard", "cucard")
LISTS: Final = ("llist", "clist", "culist", "tlist")
#: location -> the block of the manifest without which it does nothing
BLOCKS: Final[Mapping[str, str]] = {
    "settings": "settings",
    "advanced_settings": "advanced",
    "digital_pipeline": "dp",
    "salesbot_designer": "salesbot_designer",
    "widget_page": "left_menu",
    "sms": "sms",
    "mobile_card": "mobile",
}
OTHERS: Final = ("card_sdk", "catalogs", "lead_sources", "whatsapp_modal", "everywhere", "amoforms")
LOCATIONS: Final = (*CARDS, *LISTS, *BLOCKS, *OTHERS)
TYPES: Final = ("text", "pass", "users", "users_lp", "custom")
BOT_TYPES: Final = ("text", "numeric", "url")
#: what no widget may ask for
PERSONAL: Final = re.compile(r"log_?in|passw|passport|phone|birth|snils|card_?number|medical", re.IGNORECASE)
LOOPBACK: Final = ("127.0.0.1", "localhost")

KEY = Text("Нет обязательного ключа {what}. Допишите его.", "The required key {what} is missing. Add it.")
VERSION = Text(
    "Версия должна быть вида 1.2.3: по ней amoCRM сбрасывает кеш.",
    "The version must look like 1.2.3: amoCRM drops its cache by it.",
)
INTERFACE = Text("interface_version должен быть 2.", "interface_version must be 2.")
SUPPORT = Text(
    "Нет контакта поддержки: widget.support с link или email.",
    "No contact of the support: widget.support with a link or an email.",
)
LOCATION = Text(
    "Область {what} amoCRM не знает. Исправьте или уберите её.", "amoCRM has no location {what}. Correct or remove it."
)
TWICE = Text("Область {what} названа дважды.", "The location {what} is named twice.")
NO_BLOCK = Text(
    "Область {place} названа, а блока {block} нет. Добавьте блок или уберите область.",
    "The location {place} is named without its block {block}. Add the block or remove the location.",
)
NO_PLACE = Text(
    "Блок {block} есть, а области {place} нет. Уберите блок или назовите область.",
    "The block {block} is there without the location {place}. Remove the block or name the location.",
)
TYPE = Text("Настройка {what}: такого типа поля нет.", "The setting {what} has a type that does not exist.")
CUSTOM = Text("Поле типа custom может быть одно.", "There may be one field of the type custom.")
ASKED = Text(
    "Настройка {what} спрашивает пароль или личные данные. Уберите её: модерация это запрещает.",
    "The setting {what} asks for a password or personal data. Remove it: the moderation forbids that.",
)
CONSENT = Text(
    "Нет согласия на передачу данных: нужно обязательное поле типа custom.",
    "No consent to the transfer of data: a required field of the type custom is needed.",
)
ACTION = Text("В dp нужен action_multiple: true или false.", "dp needs action_multiple: true or false.")
HOOK = Text("Адрес dp.webhook_url должен быть https.", "The address dp.webhook_url must be https.")
SECRET = Text(
    "В манифесте ключ {what}: архив читает любой. Уберите его.",
    "The manifest holds {what}: anybody reads the archive. Remove it.",
)
ICON = Text("Файла {what} в архиве нет.", "The archive has no file {what}.")


def look(package: Package) -> Iterator[Finding]:
    """Nothing where there is no manifest: its absence is told by the layout's rules."""
    if package.manifest is None:
        return
    for part in (_widget, _places, _settings, _pipeline, _bots, _secrets, _icons):
        for rule, message in part(package):
            yield Finding(MANIFEST, 0, rule, message)


Said = Iterator[tuple[str, Text]]


def _widget(package: Package) -> Said:
    widget = package.section("widget")
    for key in REQUIRED:
        if widget.get(key) in (None, "", []):
            yield "manifest-key", KEY.format(what=f"widget.{key}")
    if not re.fullmatch(r"\d{1,4}\.\d{1,4}\.\d{1,4}", str(widget.get("version", ""))):
        yield "version", VERSION
    if widget.get("interface_version") != 2:
        yield "interface-version", INTERFACE
    support = widget.get("support")
    if not (isinstance(support, dict) and (support.get("link") or support.get("email"))):
        yield "support", SUPPORT


def _places(package: Package) -> Said:
    places = package.locations
    if not places:
        yield "manifest-key", KEY.format(what="locations")
    for place in dict.fromkeys(places):
        if place not in LOCATIONS:
            yield "location", LOCATION.format(what=place)
        if places.count(place) > 1:
            yield "location", TWICE.format(what=place)
    manifest = package.manifest or {}
    for place, block in BLOCKS.items():
        if place in places and block not in manifest:
            yield "location-block", NO_BLOCK.format(place=place, block=block)
        if block in manifest and place not in places:
            yield "location-block", NO_PLACE.format(place=place, block=block)


def _settings(package: Package) -> Said:
    settings = package.section("settings")
    yield from _fields(settings, TYPES)
    customs = [field for field in settings.values() if _type(field) == "custom"]
    if len(customs) > 1:
        yield "setting-custom", CUSTOM
    if package.section("widget").get("installation") is True and not any(one.get("required") for one in customs):
        yield "consent", CONSENT


def _pipeline(package: Package) -> Said:
    pipeline = package.section("dp")
    if not pipeline:
        return
    yield from _fields(_inner(pipeline, "settings"), TYPES)
    if not isinstance(pipeline.get("action_multiple"), bool):
        yield "dp-action", ACTION
    address = urlsplit(str(pipeline.get("webhook_url", "")))
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        yield "dp-address", HOOK


def _bots(package: Package) -> Said:
    for handler in package.section("salesbot_designer").values():
        if isinstance(handler, dict):
            yield from _fields(_inner(handler, "settings"), BOT_TYPES)


def _fields(settings: Mapping[str, Any], types: tuple[str, ...]) -> Said:
    for name, field in settings.items():
        if _type(field) not in types:
            yield "setting-type", TYPE.format(what=name)
        if _type(field) == "pass" or PERSONAL.search(name):
            yield "personal-data", ASKED.format(what=name)


def _secrets(package: Package) -> Said:
    for key in ("code", "secret_key", "client_secret"):
        if key in package.section("widget"):
            yield "secret", SECRET.format(what=f"widget.{key}")


def _icons(package: Package) -> Said:
    """Icons of the left menu; the logos are held by the rules of images."""
    for item in package.section("left_menu").values():
        icon = str(item.get("icon", "")).lstrip("/") if isinstance(item, dict) else ""
        if icon not in package.files:
            yield "icon", ICON.format(what=icon or "icon")


def _type(field: Any) -> str:
    return str(field.get("type", "")) if isinstance(field, dict) else ""


def _inner(block: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = block.get(name)
    return found if isinstance(found, dict) else {}
