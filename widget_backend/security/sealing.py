"""Values that never lie in clear: sealed with the newest key, opened with any of them."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from widget_backend.errors import AppError
from widget_backend.texts import Text

LOST_KEY = Text(
    "Сохранённый доступ не прочесть: нет ключа, которым он закрыт. Ничего не изменено: верните прежний ключ в "
    "DENTAL_CRM_KEYS после нового и запустите снова.",
    "The stored access cannot be read: the key it was sealed with is missing. Nothing was changed: put the former key back "
    "into DENTAL_CRM_KEYS behind the new one and start again.",
)
NO_KEYS = Text(
    "Для этого действия нужны ключи, а их нет. Ничего не сделано: задайте DENTAL_CRM_KEYS и запустите снова.",
    "This needs the keys, and there are none. Nothing was done: set DENTAL_CRM_KEYS and start again.",
)


class Sealer:
    """Seals with the first key, opens with each. A key is rotated by putting a new one in front of it."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise AppError(NO_KEYS)
        self._box = MultiFernet([Fernet(key) for key in keys])

    def seal(self, clear: str) -> str:
        """Ciphertext, printable; another one each time."""
        return self._box.encrypt(clear.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """The clear value. Raises :class:`AppError` where no key of ours fits or the value was tampered with."""
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken as fault:
            raise AppError(LOST_KEY) from fault
