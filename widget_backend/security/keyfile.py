"""Fernet keys: their form, and the file that keeps those of an embedded database."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

UNUSABLE = Text(
    "Файл ключей {file} испорчен или недоступен. Ничего не сделано и не перезаписано: верните его из копии или исправьте "
    "права; без этих ключей сохранённые доступы к CRM не прочесть.",
    "The file of keys {file} is damaged or out of reach. Nothing was done or overwritten: restore it from a copy or correct "
    "its rights; without these keys the stored access to CRMs cannot be read.",
)


def listed(words: str) -> tuple[str, ...]:
    """The keys in a comma separated list, the newest first."""
    return tuple(word.strip() for word in words.replace("\n", ",").split(",") if word.strip())


def is_key(word: str) -> bool:
    """Whether this is 32 bytes in URL-safe base64, as Fernet wants."""
    try:
        return len(base64.urlsafe_b64decode(word.encode("ascii"))) == 32
    except (binascii.Error, ValueError):
        return False


def kept(home: Path) -> tuple[str, ...]:
    """The keys in ``<home>/keys``, made once; of two processes that start at once both read the same file.

    Raises :class:`InvalidInput` where the file cannot be used; it is never overwritten.
    """
    file = home / "keys"
    try:
        if not file.exists():
            _make(file)
        file.chmod(0o600)
        keys = listed(file.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as fault:
        raise InvalidInput(UNUSABLE.format(file=file)) from fault
    if not keys or not all(is_key(key) for key in keys):
        raise InvalidInput(UNUSABLE.format(file=file))
    return keys


def _make(file: Path) -> None:
    """Written whole beside it, then linked into place: a killed process leaves no half a key, and who comes second reads."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".keys-{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(base64.urlsafe_b64encode(secrets.token_bytes(32)) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
