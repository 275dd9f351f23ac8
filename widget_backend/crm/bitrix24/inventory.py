"""Everything a survey needs in one batch: what is asked, and the snapshot the answers make (bitrix24.md §9.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from widget_backend.crm.bitrix24 import bodies, handlers, layouts, naming, reading, words
from widget_backend.crm.bitrix24.client import BATCH, Client, Inner, Replies, as_map, rows
from widget_backend.crm.bitrix24.layouts import Layout
from widget_backend.crm.bitrix24.tariffs import tariff
from widget_backend.crm.model import Access, Account, Kind, Remote, Snapshot
from widget_backend.crm.port import Application

#: facts about portal and key; refused or hidden on some portals, so none of them is needed to go on
FACTS: Mapping[str, Inner] = {
    "about": Inner("app.info"),
    "me": Inner("profile"),
    "scopes": Inner("scope"),
    "robots": Inner("method.get", {"name": "bizproc.robot.add"}),
    "currency": Inner("crm.currency.base.get"),
}
#: scopes of the key (§4.9, §5.2)
SCOPES = ("crm",)
APPLICATION_SCOPES = ("crm", "placement", "bizproc")

_APPLICATION: Mapping[Kind, Inner] = {
    Kind.SUBSCRIPTION: Inner("event.get"),
    Kind.PLACEMENT: Inner("placement.get"),
    Kind.ROBOT: Inner("bizproc.robot.list"),
    Kind.TRIGGER: Inner("crm.automation.trigger.list"),
}


@dataclass(frozen=True, slots=True)
class Inventory:
    """One reading. ``layouts``: card id -> what is set, which a write of the card starts from."""

    snapshot: Snapshot
    access: Access
    layouts: Mapping[str, Layout] = field(default_factory=dict)


def take(
    client: Client, application: Application | None, url: str, kinds: Collection[Kind], known: Mapping[str, str]
) -> Inventory:
    """Read it in one request; in one more where cards of pipelines we are not bound to may be wanted, or a list was cut.

    Raises :class:`VendorError`; what the key may not read and the survey can do without is left out.
    """
    asked = frozenset(kinds)
    commands = dict(_commands(asked, known, application))
    vital = {key for key in commands if key not in FACTS and not key.startswith(("card_", "app_"))}
    replies = client.batch(commands, vital=vital)
    pipelines = _pipelines(replies)
    more = _more(client, [*_unread_cards(commands, pipelines, asked, known), *_unread_directories(replies, pipelines)])
    cards = {key: value for key, value in {**replies.values, **more}.items() if key.startswith("card_")}
    statuses = [row for key, value in more.items() if key.startswith("status_") for row in rows(value)]
    return _Answers(replies, cards, pipelines, statuses, application, url).inventory()


def access(client: Client, application: Application | None) -> Access:
    """What the key may do, where no survey has told it yet; one request."""
    return read_access(client.batch(dict(FACTS)), application)


def read_access(replies: Replies, application: Application | None) -> Access:
    """Rights, scopes and plan out of :data:`FACTS`."""
    admin = as_map(replies.values.get("me")).get("ADMIN")
    about = as_map(replies.values.get("about"))
    available = as_map(replies.values.get("robots")).get("isAvailable")
    return Access(
        admin=admin if isinstance(admin, bool) else None,
        missing_scopes=_missing(replies.values.get("scopes"), application),
        plan=tariff(str(about.get("LICENSE") or "")),
        robots=available if isinstance(available, bool) else None,
    )


def _commands(
    asked: frozenset[Kind], known: Mapping[str, str], application: Application | None
) -> Iterator[tuple[str, Inner]]:
    yield from FACTS.items()
    if asked & {Kind.PIPELINE, Kind.STAGE, Kind.CARD}:
        yield "pipelines", Inner("crm.category.list", {"entityTypeId": words.DEAL})
    # one call brings all directories, those of stages too (§3.5)
    yield "statuses", Inner("crm.status.list", {"order": {"SORT": "ASC"}})
    if asked & {Kind.FIELD, Kind.CARD}:
        for entity in words.ENTITY_TYPES:
            for lang in words.LANGUAGES:
                yield f"fields_{entity}_{lang}", _field_list(entity, lang)
    if Kind.CARD in asked:
        yield "card_contact", layouts.get("contact")
        ids = [r for a, r in known.items() if a.startswith("pipeline.") and r and r != words.DEFAULT_PIPELINE]
        for pipeline_id in (words.DEFAULT_PIPELINE, *dict.fromkeys(ids)):
            yield f"card_{pipeline_id}", layouts.get("deal", pipeline_id)
    if application is not None:
        yield from ((f"app_{kind}", inner) for kind, inner in _APPLICATION.items() if kind in asked)


def _field_list(entity: str, lang: str) -> Inner:
    return Inner(f"crm.{entity}.userfield.list", {"order": {"SORT": "ASC"}, "filter": {"LANG": lang}})


def _may_meet(asked: frozenset[Kind], known: Mapping[str, str]) -> bool:
    """Whether a card is wanted whose pipeline is not bound: then it may be one of the clinic's own."""
    unbound = {a.rpartition(".")[2] for a, remote_id in known.items() if a.startswith("pipeline.") and not remote_id}
    wanted = {a.rpartition(".")[2] for a in known if a.startswith("card.deal.")}
    return Kind.CARD in asked and (bool(unbound & wanted) or not wanted)


def _unread_cards(
    commands: Collection[str], pipelines: Iterable[Remote], asked: frozenset[Kind], known: Mapping[str, str]
) -> Iterator[tuple[str, Inner]]:
    if _may_meet(asked, known):
        unread = (p.id for p in pipelines if f"card_{p.id}" not in commands)
        yield from ((f"card_{pipeline_id}", layouts.get("deal", pipeline_id)) for pipeline_id in unread)


def _unread_directories(replies: Replies, pipelines: Iterable[Remote]) -> Iterator[tuple[str, Inner]]:
    """By their names, should the one list of all directories not have brought every row (§11)."""
    if replies.totals.get("statuses", 0) > len(rows(replies.values.get("statuses"))):
        for directory in (words.SOURCES, *(naming.stage_directory(p.id) for p in pipelines)):
            yield f"status_{directory}", bodies.directory_list(directory)


def _more(client: Client, commands: list[tuple[str, Inner]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for start in range(0, len(commands), BATCH):
        part = dict(commands[start : start + BATCH])
        found |= client.batch(part, vital=[key for key in part if key.startswith("status_")]).values
    return found


def _pipelines(replies: Replies) -> list[Remote]:
    return [reading.pipeline(row) for row in rows(as_map(replies.values.get("pipelines")).get("categories"))]


def _missing(said: object, application: Application | None) -> tuple[str, ...]:
    """The scopes that are needed and not granted; none where the portal does not tell."""
    if not isinstance(said, list):
        return ()
    granted = {str(scope) for scope in said}
    return tuple(scope for scope in (APPLICATION_SCOPES if application else SCOPES) if scope not in granted)


@dataclass(frozen=True, slots=True)
class _Answers:
    replies: Replies
    cards: Mapping[str, Any]
    pipelines: list[Remote]
    statuses: list[reading.Row]
    application: Application | None
    url: str

    def inventory(self) -> Inventory:
        shown = {key: layouts.layout(answer) for key, answer in self.cards.items()}
        remotes = (*self.pipelines, *self._directories(), *self._fields(), *self._cards(shown), *self._of_application())
        found = {card.id: shown[key] for key, card in self._placed(shown)}
        host = self.url.partition("://")[2]
        currency = self.replies.values.get("currency")
        said = currency if isinstance(currency, str) else ""
        account = Account(host, host, self._language, self.url, said)
        return Inventory(Snapshot(account, remotes), read_access(self.replies, self.application), found)

    @property
    def _language(self) -> str:
        return reading.language(as_map(self.replies.values.get("about")), self._rows("statuses"))

    def _rows(self, key: str) -> list[reading.Row]:
        return rows(self.replies.values.get(key))

    def _directories(self) -> Iterator[Remote]:
        statuses = self.statuses or self._rows("statuses")
        yield from reading.stages(statuses, (p.id for p in self.pipelines))
        yield from reading.sources(statuses)

    def _fields(self) -> Iterator[Remote]:
        for entity in words.ENTITY_TYPES:
            lists = {lang: self._rows(f"fields_{entity}_{lang}") for lang in words.LANGUAGES}
            yield from reading.fields(lists, entity, self._language)

    def _cards(self, shown: Mapping[str, Layout]) -> Iterable[Remote]:
        return (card for _, card in self._placed(shown))

    def _placed(self, shown: Mapping[str, Layout]) -> Iterator[tuple[str, Remote]]:
        """The cards somebody has laid out; the vendor's own layout is told as nothing."""
        if shown.get("card_contact"):
            yield "card_contact", layouts.card("contact", "", shown["card_contact"])
        for pipeline in self.pipelines:
            key = f"card_{pipeline.id}"
            if shown.get(key):
                yield key, layouts.card("deal", pipeline.id, shown[key])

    def _of_application(self) -> Iterator[Remote]:
        if self.application is None:
            return
        yield from handlers.subscriptions(self._rows("app_subscription"), self.application)
        yield from handlers.placements(self._rows("app_placement"), self.application, self._language)
        codes = self.replies.values.get("app_robot")
        yield from map(handlers.robot, codes if isinstance(codes, list) else ())
        yield from map(handlers.trigger, self._rows("app_trigger"))
