"""Publisher: who offers the application, in whose name the kit and the documents speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from widget_backend.config import MAIL, Settings
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

#: pages of the application itself
PRIVACY_PATH: Final = "/privacy"
LICENCE_PATH: Final = "/licence"

NO_SERVICE = Text(
    "Нужен публичный адрес приложения, https://… без пути: --service или DENTAL_CRM_PUBLIC_URL. Комплект не собран.",
    "The public address of the application is needed, https://… without a path: --service or DENTAL_CRM_PUBLIC_URL. No kit was "
    "made.",
)
NO_SUPPORT = Text(
    "Нужна почта поддержки: --support help@clinic.ru или DENTAL_CRM_SUPPORT. Оба маркета требуют её. Комплект не собран.",
    "The support's mail address is needed: --support help@clinic.ru or DENTAL_CRM_SUPPORT. Both markets want it. No kit was "
    "made.",
)
NO_NAME = Text(
    "Нужно имя того, кто публикует приложение: --publisher «…» или DENTAL_CRM_PUBLISHER. Оно стоит в лицензии и в политике. "
    "Комплект не собран.",
    "The name of who publishes the application is needed: --publisher “…” or DENTAL_CRM_PUBLISHER. The licence and the policy "
    "name it. No kit was made.",
)
NO_PRIVACY = Text(
    "Адрес политики должен быть https://… Комплект не собран.",
    "The address of the policy must be https://… No kit was made.",
)


@dataclass(frozen=True, slots=True)
class Publisher:
    """``service``: origin of the application; ``privacy``: address of the policy, by default the application's own page."""

    name: str
    service: str
    support: str
    privacy: str

    @property
    def licence(self) -> str:
        """Address of the licence."""
        return self.service + LICENCE_PATH

    def check(self) -> None:
        """Raises :class:`InvalidInput` for what a market's card must not lack."""
        if not _is_page(self.service) or urlsplit(self.service).path:
            raise InvalidInput(NO_SERVICE)
        if not MAIL.fullmatch(self.support):
            raise InvalidInput(NO_SUPPORT)
        if not self.name:
            raise InvalidInput(NO_NAME)
        if not _is_page(self.privacy):
            raise InvalidInput(NO_PRIVACY)


def publisher(settings: Settings, service: str = "", support: str = "", privacy: str = "", name: str = "") -> Publisher:
    """As the settings say, where nothing else is said."""
    origin = service.rstrip("/") or settings.public_url
    return Publisher(name or settings.publisher, origin, support or settings.support, privacy or origin + PRIVACY_PATH)


def _is_page(address: str) -> bool:
    return re.fullmatch(r"https://[\w.-]+(:\d{1,5})?(/[\w./~%-]*)?", address, re.ASCII) is not None
