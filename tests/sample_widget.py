"""A small widget of the tests' own: an archive with every area, that writes down what it was asked."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "fixtures" / "amocrm" / "sample_widget"

SIZES = {
    "logo": (130, 100),
    "logo_main": (400, 272),
    "logo_small": (108, 108),
    "logo_medium": (240, 84),
    "logo_min": (84, 84),
    "logo_dp": (174, 109),
}

MANIFEST: dict[str, Any] = {
    "widget": {
        "name": "widget.name",
        "description": "widget.description",
        "short_description": "widget.description",
        "version": "1.2.3",
        "interface_version": 2,
        "init_once": False,
        "locale": ["ru", "en"],
        "installation": True,
        "support": {"link": "https://example.com/help"},
    },
    "locations": [
        "lcard-1",
        "llist-0",
        "settings",
        "advanced_settings",
        "widget_page",
        "salesbot_designer",
        "digital_pipeline",
    ],
    "settings": {
        "key": {"name": "settings.key", "type": "text", "required": True},
        "consent": {"name": "settings.consent", "type": "custom"},
    },
    "advanced": {"title": "advanced.title"},
    "left_menu": {"sample": {"title": "menu.title"}},
    "dp": {
        "settings": {"target": {"name": "dp.target", "type": "text"}},
        "action_multiple": False,
        "webhook_url": "https://app.example/dp",
    },
    "salesbot_designer": {
        "logo": "/images/logo_dp.png",
        "route": {"name": "bot.route", "settings": {"slot": {"name": "bot.slot", "type": "text", "manual": True}}},
    },
}

TEXTS: dict[str, dict[str, Any]] = {
    "ru": {
        "widget": {
            "name": "Проба",
            "description": "Виджет для проверки",
            "ask": "Спросить",
            "close": "Закрыть",
            "chosen": "Выбрано",
        },
        "settings": {"key": "Ключ", "consent": "Своё поле"},
        "advanced": {"title": "Все настройки пробы"},
        "menu": {"title": "Раздел пробы"},
        "dp": {"target": "Куда"},
        "bot": {"route": "Маршрут", "slot": "Окно", "note": "Спросит приложение"},
    },
    "en": {
        "widget": {
            "name": "Sample",
            "description": "A widget to try",
            "ask": "Ask",
            "close": "Close",
            "chosen": "Chosen",
        },
        "settings": {"key": "Key", "consent": "Consent"},
        "advanced": {"title": "All settings"},
        "menu": {"title": "Section"},
        "dp": {"target": "Target"},
        "bot": {"route": "Route", "slot": "Slot", "note": "Will ask the application"},
    },
}

SCRIPT = (SOURCE / "script.js").read_text("utf-8")

TEMPLATE = (SOURCE / "page.twig").read_text("utf-8")


def files() -> dict[str, bytes]:
    """The archive's files; a test may spoil one."""
    held = {"manifest.json": json.dumps(MANIFEST), "script.js": SCRIPT, "templates/page.twig": TEMPLATE}
    held |= {f"i18n/{language}.json": json.dumps(texts) for language, texts in TEXTS.items()}
    images = {f"images/{name}.png": picture(*size) for name, size in SIZES.items()}
    return {path: text.encode() for path, text in held.items()} | images


def packed(held: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in held.items():
            archive.writestr(path, data)
    return out.getvalue()


def picture(width: int, height: int) -> bytes:
    """A white PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
