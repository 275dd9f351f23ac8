"""Settings: read once from the environment, frozen; every wrong value is named at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

#: the schemes SQLAlchemy reads as PostgreSQL, and the driver we install
SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")


@dataclass(frozen=True, slots=True)
class Settings:
    """``home``: folder of the embedded database and the log. ``database_url``: any PostgreSQL instead of it."""

    home: Path
    database_url: str = ""
    public_url: str = ""

    @property
    def log_file(self) -> Path:
        """Where tracebacks go; a user never sees one."""
        return self.home / "dental-crm.log"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment. Raises :class:`InvalidInput` that names every wrong value."""
    home = Path(environ.get("DENTAL_CRM_HOME") or Path.home() / ".dental-crm").expanduser().absolute()
    url = environ.get("DATABASE_URL", "")
    public_url = environ.get("DENTAL_CRM_PUBLIC_URL", "").rstrip("/")
    wrong = []
    if url and not url.startswith(SCHEMES):
        wrong.append("DATABASE_URL: postgresql://…")
    if public_url and not public_url.startswith("https://"):
        wrong.append("DENTAL_CRM_PUBLIC_URL: https://…")
    if wrong:
        listed = "; ".join(wrong)
        raise InvalidInput(
            Text(
                f"Неверные настройки окружения ({listed}). Ничего не сделано: исправьте их и запустите снова.",
                f"Wrong settings in the environment ({listed}). Nothing was done: correct them and start again.",
            )
        )
    return Settings(home, _with_driver(url), public_url)


def _with_driver(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and "+" not in scheme else url
