"""What we sign and know again: state of an authorisation, bearer sessions, notes. A key of its own for each purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import jwt

from widget_backend.clock import now
from widget_backend.errors import Forbidden
from widget_backend.texts import Text

ALGORITHM: Final = "HS256"
STATE_LIFE: Final = timedelta(minutes=10)

EXPIRED = Text(
    "Эта ссылка устарела или уже не действует. Ничего не изменено: вернитесь в CRM и откройте приложение заново.",
    "This link is out of date or no longer valid. Nothing was changed: go back to the CRM and open the application anew.",
)


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing; an empty one equals nothing. Any text may be offered,
    also one that no encoding has."""
    said, offered = (text.encode("utf-8", "surrogatepass") for text in (one, other))
    return bool(one) and hmac.compare_digest(said, offered)


def derived(keys: Sequence[str], purpose: str) -> tuple[bytes, ...]:
    """A 32 byte key for each of ours, the newest first; the keys of two purposes have nothing in common."""
    return tuple(hmac.digest(base64.urlsafe_b64decode(key), f"dental-crm:{purpose}".encode(), "sha256") for key in keys)


class Signer:
    """Signs claims for one purpose with the newest key and knows those of the older ones."""

    def __init__(self, keys: Sequence[str], purpose: str, life: timedelta) -> None:
        self._keys = derived(keys, purpose)
        self._purpose = purpose
        self._life = life

    def issue(self, claims: Mapping[str, Any]) -> str:
        """A token that ends after this signer's life."""
        moment = now()
        named = {**claims, "aud": self._purpose, "iat": moment, "exp": moment + self._life}
        return jwt.encode(named, self._keys[0], ALGORITHM)

    def read(self, token: str) -> Mapping[str, Any]:
        """The claims. Raises :class:`Forbidden` for anything that this purpose's keys did not sign, or that has ended."""
        for key in self._keys:
            try:
                return jwt.decode(
                    token,
                    key,
                    algorithms=[ALGORITHM],
                    audience=self._purpose,
                    # two machines never agree on the second in which the other has signed
                    options={"require": ["exp", "iat", "aud"], "strict_aud": True, "verify_iat": False},
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.InvalidTokenError as fault:
                raise Forbidden(EXPIRED) from fault
        raise Forbidden(EXPIRED)


class State(Signer):
    """The state that goes to a CRM's consent page and comes back: signed, for ten minutes, for one purpose."""

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        super().__init__(keys, f"state:{purpose}", STATE_LIFE)


def signature(keys: Sequence[str], purpose: str, value: object) -> str:
    """What proves later that we wrote this value: HMAC-SHA256 in hex over its canonical JSON."""
    return hmac.new(derived(keys, purpose)[0], canonical(value), hashlib.sha256).hexdigest()


def is_signed(keys: Sequence[str], purpose: str, value: object, written: str) -> bool:
    """Whether one of our keys gave this signature."""
    message = canonical(value)
    return any(same(hmac.new(k, message, hashlib.sha256).hexdigest(), written) for k in derived(keys, purpose))


def canonical(value: object) -> bytes:
    """The one JSON spelling of a value: sorted names, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
