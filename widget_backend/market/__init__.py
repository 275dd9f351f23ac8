"""What the markets are told of us: the kit, the licence, the privacy policy (bitrix24.md §7, amocrm.md §7.4)."""

from __future__ import annotations

from widget_backend.market.document import Document as Document  # the face of the package
from widget_backend.market.kit import kit as kit
from widget_backend.market.kit import write as write
from widget_backend.market.licence import licence as licence
from widget_backend.market.privacy import privacy as privacy
from widget_backend.market.publisher import LICENCE_PATH as LICENCE_PATH
from widget_backend.market.publisher import PRIVACY_PATH as PRIVACY_PATH
from widget_backend.market.publisher import Publisher as Publisher
from widget_backend.market.publisher import publisher as publisher
