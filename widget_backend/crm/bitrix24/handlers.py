"""Addresses of ours that the portal calls, and the objects read back from them (bitrix24.md §2.1, §4.11, §5.1). Pure.

All events of a subscription go to one address. Its query says which subscription it is and, as bits, which of our events it
stands for: the portal's own events do not tell that, as several of ours are one of his.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import quote

from widget_backend.crm.bitrix24 import words
from widget_backend.crm.bitrix24.client import as_map
from widget_backend.crm.bitrix24.reading import Row
from widget_backend.crm.model import Kind, Option, Remote, Value
from widget_backend.crm.port import Application
from widget_backend.crm.vocabulary import EVENTS

_EVENTS_PATH = "/webhooks/bitrix24"
_ROBOTS_PATH = "/webhooks/bitrix24/robot"
_PLACEMENTS_PATH = "/widget/bitrix24/"
_SETTINGS_PATH = "/robots/bitrix24/"
_SUBSCRIPTION = re.compile(r"\?for=([a-z0-9_]+)\.([0-9a-f]+)")


def events_address(application: Application, key: str, events: Collection[object]) -> str:
    """Where the events of one subscription are sent."""
    bits = sum(1 << number for number, event in enumerate(EVENTS) if event in events)
    return f"{_base(application)}{_EVENTS_PATH}?for={key}.{bits:x}"


def robot_address(application: Application) -> str:
    """Where all robots report; their code comes with the call."""
    return _base(application) + _ROBOTS_PATH


def setting_address(application: Application, code: str) -> str:
    """The page of a robot's settings: the portal wants one of its own for each robot."""
    return _base(application) + _SETTINGS_PATH + quote(code)


def placement_address(application: Application, key: str) -> str:
    """The page shown at a place."""
    return _base(application) + _PLACEMENTS_PATH + quote(key)


def codes(events: Iterable[object]) -> list[str]:
    """The portal's events for ours, each once."""
    return list(dict.fromkeys(code for event in events for code in words.EVENTS.get(str(event), ())))


def stood_for(address: str) -> list[str]:
    """Our events that an address of a subscription stands for."""
    match = _SUBSCRIPTION.search(address)
    bits = int(match.group(2), 16) if match else 0
    return [event for number, event in enumerate(EVENTS) if bits >> number & 1]


def bound(listed: Iterable[Row], address: str) -> list[str]:
    """The events that are sent to an address now."""
    return [str(row.get("event") or "").upper() for row in listed if row.get("handler") == address]


def subscriptions(listed: Sequence[Row], application: Application) -> Iterator[Remote]:
    """Our subscriptions; those of an older set of events too."""
    begin = _base(application) + _EVENTS_PATH
    found: dict[str, list[str]] = defaultdict(list)
    for address in dict.fromkeys(str(row.get("handler") or "") for row in listed):
        match = _SUBSCRIPTION.fullmatch(address.removeprefix(begin)) if address.startswith(begin) else None
        if match:
            found[match.group(1)].append(address)
    for key, addresses in found.items():
        events = {event for address in addresses for event in _heard(listed, address)}
        yield Remote(
            Kind.SUBSCRIPTION,
            key,
            {"events": tuple(event for event in EVENTS if event in events)},
            marker=key,
            native=" ".join(addresses),
        )


def placements(listed: Iterable[Row], application: Application, language: str) -> Iterator[Remote]:
    """Our places; one address is one place."""
    begin = _base(application) + _PLACEMENTS_PATH
    for row in listed:
        address, spot = str(row.get("handler") or ""), str(row.get("placement") or "")
        if not address.startswith(begin):
            continue
        key = address.removeprefix(begin)
        titles = _titles(row)
        named = titles.get(language) or row.get("title")
        attributes: dict[str, Value] = {"name": str(named or ""), "spot": words.SPOT_NAMES.get(spot, spot)}
        if titles:
            attributes["titles"] = tuple(Option(code, titles[code]) for code in words.LANGUAGES if code in titles)
        yield Remote(Kind.PLACEMENT, key, attributes, marker=key, native=address)


def _titles(row: Row) -> dict[str, str]:
    """Language -> a place's name in it; nothing where the portal does not tell."""
    titles = {code: as_map(row_of).get("TITLE") for code, row_of in as_map(row.get("langAll")).items()}
    return {str(code): str(title) for code, title in titles.items() if title}


def robot(code: object) -> Remote:
    """One robot of ours: the portal tells its code only (§4.11), so nothing else can be compared."""
    return Remote(Kind.ROBOT, str(code), {}, marker=str(code))


def trigger(row: Row) -> Remote:
    """One trigger of ours."""
    code = str(row.get("CODE") or "")
    return Remote(Kind.TRIGGER, code, {"name": str(row.get("NAME") or "")}, marker=code)


def _heard(listed: Iterable[Row], address: str) -> Iterator[str]:
    """Our events that an address stands for and still gets all of."""
    sent = set(bound(listed, address))
    yield from (event for event in stood_for(address) if sent.issuperset(words.EVENTS[event]))


def _base(application: Application) -> str:
    return application.public_url.rstrip("/")
