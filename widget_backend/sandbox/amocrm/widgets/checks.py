"""What the account asks of a widget's archive before it takes it: manifest, texts, images, script."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

from widget_backend.sandbox.amocrm.widgets.archive import SCRIPT, Archive, Unfit, part, unpacked

REQUIRED = ("name", "description", "short_description", "version", "interface_version", "locale", "installation")
INTERFACE = 2

CARDS = ("lcard", "ccard", "comcard", "cucard")
LISTS = ("llist", "clist", "culist", "tlist")
AREAS = frozenset(CARDS + LISTS) | frozenset(
    [
        "settings",
        "advanced_settings",
        "card_sdk",
        "catalogs",
        "digital_pipeline",
        "lead_sources",
        "salesbot_designer",
        "widget_page",
        "sms",
        "mobile_card",
        "whatsapp_modal",
        "amoforms",
        "personal_page",
        "everywhere",
    ]
)

SETTINGS = frozenset({"text", "pass", "users", "users_lp", "custom"})
BOT_SETTINGS = frozenset({"text", "numeric", "url"})

#: location -> the part of the manifest it cannot do without
PARTS = {"digital_pipeline": "dp", "salesbot_designer": "salesbot_designer", "sms": "sms"}

#: width and height; logo_dp is asked of a widget in the Digital Pipeline only
IMAGES = {
    "logo": (130, 100),
    "logo_main": (400, 272),
    "logo_small": (108, 108),
    "logo_medium": (240, 84),
    "logo_min": (84, 84),
}
DP_IMAGE = {"logo_dp": (174, 109)}
KINDS = ("png", "jpg", "jpeg", "gif")
IMAGE_BYTES = 300 * 1024

PNG = b"\x89PNG\r\n\x1a\n"


def accepted(data: bytes) -> Archive:
    """The archive in these bytes. Raises :class:`Unfit` with all that is wrong."""
    archive = unpacked(data)
    wrong = [said for check in CHECKS for said in check(archive)]
    if wrong:
        raise Unfit("; ".join(wrong))
    return archive


def _about(archive: Archive) -> Iterator[str]:
    about = archive.about
    for key in REQUIRED:
        if about.get(key) in (None, "", []):
            yield f"manifest: нет widget.{key}"
    if about.get("interface_version") != INTERFACE:
        yield f"manifest: widget.interface_version должен быть {INTERFACE}"
    support = part(about, "support")
    if not (support.get("link") or support.get("email")):
        yield "manifest: нет widget.support с адресом или почтой"


def _locations(archive: Archive) -> Iterator[str]:
    if not archive.locations:
        yield "manifest: нет locations"
    for each in sorted(archive.areas - AREAS):
        yield f"manifest: неизвестная область {each}"
    for each in archive.locations:
        if each in CARDS + LISTS:
            yield f"manifest: у области {each} нет -0 или -1"
    for area, name in PARTS.items():
        if area in archive.areas and not part(archive.manifest, name):
            yield f"manifest: области {area} нужна часть {name}"


def _texts(archive: Archive) -> Iterator[str]:
    locale = archive.about.get("locale") or []
    if sorted(map(str, locale)) != sorted(archive.texts):
        yield f"i18n: в manifest языки {', '.join(map(str, locale))}, а файлы {', '.join(sorted(archive.texts))}"
    shapes = {language: _keys(texts) for language, texts in archive.texts.items()}
    first = next(iter(shapes.values()), set())
    for language, keys in shapes.items():
        for key in sorted(keys ^ first):
            yield f"i18n: ключ {key} есть не во всех языках ({language})"
    for where, key in _named(archive):
        for language in archive.texts:
            if not archive.text(key, language):
                yield f"i18n/{language}.json: нет текста {key} ({where})"


def _settings(archive: Archive) -> Iterator[str]:
    kinds = [str(part({"": row}, "").get("type")) for row in part(archive.manifest, "settings").values()]
    for kind in sorted(set(kinds) - SETTINGS):
        yield f"manifest: неизвестный тип настройки {kind}"
    if kinds.count("custom") > 1:
        yield "manifest: настройка custom может быть только одна"
    if archive.about.get("installation") and "settings" in archive.areas and not kinds:
        yield "manifest: области settings нужна часть settings"


def _pipeline(archive: Archive) -> Iterator[str]:
    if "digital_pipeline" not in archive.areas:
        return
    about = part(archive.manifest, "dp")
    if not isinstance(about.get("action_multiple"), bool):
        yield "manifest: нет dp.action_multiple"
    if not str(about.get("webhook_url", "")).startswith(("https://", "http://127.0.0.1:")):
        yield "manifest: dp.webhook_url должен начинаться с https://"


def _designer(archive: Archive) -> Iterator[str]:
    for code, handler in handlers(archive).items():
        for name, row in part(handler, "settings").items():
            if part({"": row}, "").get("type") not in BOT_SETTINGS:
                yield f"manifest: salesbot_designer.{code}.{name}: неизвестный тип"


def _images(archive: Archive) -> Iterator[str]:
    for name, size in (IMAGES | (DP_IMAGE if "digital_pipeline" in archive.areas else {})).items():
        path = next((each for kind in KINDS if (each := f"images/{name}.{kind}") in archive.files), "")
        data = archive.files.get(path, b"")
        if not path:
            yield f"нет images/{name}.png"
        elif len(data) > IMAGE_BYTES:
            yield f"{path}: больше 300 КБ"
        elif path.endswith("png") and (not data.startswith(PNG) or struct.unpack(">II", data[16:24]) != size):
            yield f"{path}: нужен PNG {size[0]}×{size[1]}"


def _script(archive: Archive) -> Iterator[str]:
    for path, data in archive.files.items():
        if path.endswith((".js", ".json", ".css", ".twig")) and data.startswith(b"\xef\xbb\xbf"):
            yield f"{path}: UTF-8 без BOM"
    if b"define(" not in archive.files[SCRIPT]:
        yield "script.js: нет define"


def handlers(archive: Archive) -> dict[str, dict[str, Any]]:
    """The steps that the widget brings to the SalesBot's designer, by their codes."""
    held = part(archive.manifest, "salesbot_designer")
    return {code: row for code, row in held.items() if isinstance(row, dict)}


def _named(archive: Archive) -> Iterator[tuple[str, Any]]:
    """Where the manifest names a text, and its key."""
    for key in ("name", "description", "short_description"):
        yield f"widget.{key}", archive.about.get(key)
    rows = {f"settings.{name}": row for name, row in part(archive.manifest, "settings").items()}
    rows |= {f"dp.{name}": row for name, row in part(part(archive.manifest, "dp"), "settings").items()}
    for code, handler in handlers(archive).items():
        rows[f"salesbot_designer.{code}"] = handler
        rows |= {f"salesbot_designer.{code}.{name}": row for name, row in part(handler, "settings").items()}
    for where, row in rows.items():
        yield where, row.get("name") if isinstance(row, dict) else None


def _keys(texts: Any, before: str = "") -> set[str]:
    if not isinstance(texts, dict):
        return {before}
    return {key for name, held in texts.items() for key in _keys(held, f"{before}.{name}" if before else name)}


def kept_custom(value: str) -> str:
    """A ``custom`` setting as the account keeps it: a number or JSON; a plain string is lost."""
    try:
        json.loads(value)
    except ValueError:
        return ""
    return value


CHECKS: tuple[Callable[[Archive], Iterator[str]], ...] = (
    _about,
    _locations,
    _texts,
    _settings,
    _pipeline,
    _designer,
    _images,
    _script,
)
