"""Sealed: the type of a column whose values never lie in clear. Its keys are set once, when a process starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Dialect, Text, TypeDecorator

from widget_backend.errors import AppError

if TYPE_CHECKING:
    from widget_backend.security.sealing import Sealer

_sealer: Sealer | None = None


def use(keys: Sequence[str]) -> None:
    """Seal and open with these keys, the newest first, in this process from now on."""
    from widget_backend.security.sealing import Sealer  # a command that needs no keys does not wait for cryptography

    global _sealer  # noqa: PLW0603
    _sealer = Sealer(keys)


def seal(clear: str) -> str:
    """As a column of the type below holds it, for statements that are not put together by SQLAlchemy."""
    return _keys().seal(clear)


class Sealed(TypeDecorator[str]):
    """Text, sealed on its way in and opened on its way out. Raises :class:`AppError` without the right keys."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal."""
        return None if value is None else _keys().seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open."""
        return None if value is None else _keys().open(value)


def _keys() -> Sealer:
    if _sealer is None:
        from widget_backend.security.sealing import NO_KEYS

        raise AppError(NO_KEYS)
    return _sealer
