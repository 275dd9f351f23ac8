"""Rules of a clinic: those its preset brought and those of its own, with a switch for each. The only writer of its tables.

A rule that changes becomes a new version; what fired under an old one still leads to it. The clinic's own version of a
preset's rule has the same key and stands in its place until it is dropped.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.errors import NotFound
from widget_backend.robots import coding, handed
from widget_backend.robots.book import Entry as Entry  # noqa: PLC0414  # words of this module, known further up
from widget_backend.robots.book import Origin
from widget_backend.robots.book import Rulebook as Rulebook  # noqa: PLC0414
from widget_backend.robots.handed import Handed, Spells
from widget_backend.robots.rule import Rule, TaskTemplate
from widget_backend.texts import Text

#: where the clinic's own rules begin: after those of any preset
OWN_FROM: Final = 10_000

NO_RULE = Text(
    "Такого правила нет. Ничего не изменено: обновите страницу, список мог измениться.",
    "There is no such rule. Nothing was changed: reload the page, the list may have changed.",
)


class RuleRow(Owned):
    """One version of a rule. ``current``: it is in force; a switched off or paused one is, but does nothing."""

    __tablename__ = "robot_rule"
    __table_args__ = (
        UniqueConstraint("installation_id", "key", "origin", "number"),
        Index("robot_rule_current", "installation_id", "key", "origin", unique=True, postgresql_where="current"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(100))
    origin: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    release: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    current: Mapped[bool]
    made_at: Mapped[datetime]


class BookRow(Owned):
    """What a clinic's rules have in common. ``stamp`` is another one after every change. ``off``: keys of rules switched off;
    ``paused``: key -> why, in both languages; ``handed``: key -> when and how the CRM has carried it out; ``settings``: what
    conditions may ask."""

    __tablename__ = "robot_book"
    __table_args__ = (UniqueConstraint("installation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    stamp: Mapped[str] = mapped_column(String(16))
    tasks: Mapped[list[Any]] = mapped_column(JSONB)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    off: Mapped[list[str]] = mapped_column(JSONB)
    paused: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    handed: Mapped[dict[str, Any]] = mapped_column(JSONB)


#: installation -> its rulebook as last read: what has not changed is not decoded anew
_read: dict[int, Rulebook] = {}


def load(session: Session) -> Rulebook:
    """The rules of the installation in scope."""
    row = session.execute(select(BookRow.installation_id, BookRow.stamp)).one_or_none()
    if row is None:
        return Rulebook()
    known = _read.get(row.installation_id)
    if known is None or known.stamp != row.stamp:
        book = session.execute(select(BookRow), execution_options={"populate_existing": True}).scalar_one()
        known = _read[row.installation_id] = _rulebook(session, book)
    return known


def replace(
    session: Session,
    installation_id: int,
    preset: str,
    version: str,
    rules: Sequence[Rule],
    tasks: Sequence[TaskTemplate],
    settings: Mapping[str, Any] | None = None,
) -> None:
    """Put a preset's rules in place of those a preset brought before; the clinic's own and its switches stay.

    ``settings``: key -> value, for conditions that ask one. Safe to repeat.
    """
    told = settings or {}
    plain = {key: value for key, value in told.items() if isinstance(value, bool | int | str)}
    _touch(session, installation_id, tasks=[coding.encode(task) for task in tasks], settings=plain)
    kept = {rule.key for rule in rules}
    _retire(session, RuleRow.origin == "preset", RuleRow.key.not_in(kept))
    release = f"{preset} {version}"
    for position, rule in enumerate(rules):
        _put(session, installation_id, rule, "preset", release, position)


def save(session: Session, installation_id: int, rule: Rule) -> None:
    """Keep a rule of the clinic's own, instead of its version before or of the preset's of the same key.

    It was checked before (``reading.checks``). In place of a preset's rule it is answered when that one was.
    """
    instead = select(RuleRow.position).where(RuleRow.key == rule.key, RuleRow.current).limit(1)
    position = session.execute(instead).scalar_one_or_none()
    if position is None:
        last = session.execute(select(func.max(RuleRow.position))).scalar_one()
        position = max(OWN_FROM, (last or 0) + 1)
    _touch(session, installation_id)
    _put(session, installation_id, rule, "own", "", position)


def drop(session: Session, installation_id: int, key: str) -> None:
    """Take back a rule of the clinic's own; the preset's of the same key is in force again. Raises :class:`NotFound`."""
    _touch(session, installation_id)
    if not _retire(session, RuleRow.origin == "own", RuleRow.key == key):
        raise NotFound(NO_RULE)


def switch(session: Session, installation_id: int, key: str, *, on: bool) -> None:
    """Switch a rule on or off; one that is off never fires. Raises :class:`NotFound`."""
    # held before it is read: whoever switches another rule in this moment comes first or after
    _touch(session, installation_id)
    book = load(session)
    if key not in book.entry:
        raise NotFound(NO_RULE)
    off = {entry.rule.key for entry in book.entries if entry.off} - {key}
    _touch(session, installation_id, off=sorted(off if on else {*off, key}))


def pause(session: Session, installation_id: int, lacks: Mapping[str, Text]) -> tuple[Entry, ...]:
    """Let the rules of these keys pause and all others work; those that pause anew."""
    book = load(session)
    if {entry.rule.key: entry.paused for entry in book.entries if entry.paused} == lacks:
        return ()
    _touch(session, installation_id, paused={key: [words.ru, words.en] for key, words in lacks.items()})
    return tuple(entry for entry in book.entries if entry.rule.key in lacks and not entry.paused)


def mark(session: Session, installation_id: int, key: str, how: Handed | None) -> None:
    """From now on the CRM carries this rule out, or (``None``) we do again. A rule that is gone may be marked too.

    When it changed hands stays known: what happened meanwhile is not ours, however late we read of it."""
    _touch(session, installation_id)
    known = session.execute(select(BookRow.handed)).scalar_one()
    spells = handed.changed(handed.read(known.get(key, ())), how, now())
    _touch(session, installation_id, handed={**known, **({key: handed.kept(spells)} if spells else {})})


def version(session: Session, rule_id: int) -> Entry:
    """A rule as it was when something fired. Raises :class:`NotFound`."""
    return versions(session, [rule_id])[rule_id]


def versions(session: Session, rule_ids: Sequence[int]) -> Mapping[int, Entry]:
    """Rules as they were when something fired, by id. Raises :class:`NotFound` where one is gone."""
    known = load(session).versions
    others = set(rule_ids) - known.keys()
    rows = session.execute(select(RuleRow).where(RuleRow.id.in_(others))).scalars() if others else ()
    found = {**known, **{row.id: _entry(row, set(), {}, {}) for row in rows}}
    if not found.keys() >= others:
        raise NotFound(NO_RULE)
    return {number: found[number] for number in rule_ids}


def names_of(session: Session, rule_ids: Collection[int]) -> Mapping[int, Text]:
    """Version of a rule -> what it was called then; those that are gone are absent."""
    rows = session.execute(select(RuleRow).where(RuleRow.id.in_(rule_ids))).scalars()
    return {row.id: _entry(row, set(), {}, {}).rule.name for row in rows}


def prune(session: Session, used: Sequence[int]) -> int:
    """Drop versions that are not in force and that nothing kept speaks of; how many."""
    old = delete(RuleRow).where(~RuleRow.current, RuleRow.id.not_in(used)).returning(RuleRow.id)
    return len(session.execute(old.execution_options(synchronize_session=False)).all())


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = {
        row: delete(row).returning(row.id).execution_options(synchronize_session=False) for row in (RuleRow, BookRow)
    }
    return {row.__tablename__: len(session.execute(statement).all()) for row, statement in gone.items()}


def _rulebook(session: Session, book: BookRow) -> Rulebook:
    ordered = select(RuleRow).where(RuleRow.current).order_by(RuleRow.position, RuleRow.id)
    rows = session.execute(ordered, execution_options={"populate_existing": True}).scalars().all()
    own = {row.key for row in rows if row.origin == "own"}
    inforce = [row for row in rows if row.origin == "own" or row.key not in own]
    tasks = [coding.template(content) for content in book.tasks]
    spells = {key: handed.read(how) for key, how in book.handed.items()}
    return Rulebook(
        tuple(_entry(row, set(book.off), book.paused, spells) for row in inforce),
        {f"task.{task.key}": task for task in tasks},
        dict(book.settings),
        book.stamp,
        {key: how for key, told in spells.items() if (how := handed.current(told))},
    )


def _entry(row: RuleRow, off: set[str], paused: Mapping[str, Sequence[str]], spells: Mapping[str, Spells]) -> Entry:
    origin: Origin = "own" if row.origin == "own" else "preset"
    why = Text(*paused[row.key]) if row.key in paused else None
    named = f"{row.release} / {row.number}".removeprefix(" / ")
    return Entry(row.id, coding.rule(row.content), origin, named, row.key in off, why, spells.get(row.key, ()))


def _touch(session: Session, installation_id: int, **values: Any) -> None:
    """Count a change, and hold the book until the transaction ends."""
    empty: dict[str, Any] = {"tasks": [], "settings": {}, "off": [], "paused": {}, "handed": {}}
    fresh = insert(BookRow).values(installation_id=installation_id, stamp=secrets.token_hex(8), **{**empty, **values})
    changed = {name: fresh.excluded[name] for name in ("stamp", *values)}
    session.execute(fresh.on_conflict_do_update(index_elements=["installation_id"], set_=changed))


def _put(session: Session, installation_id: int, rule: Rule, origin: Origin, release: str, position: int) -> None:
    content = coding.encode(rule)
    versions = select(RuleRow).where(RuleRow.key == rule.key, RuleRow.origin == origin).order_by(RuleRow.number.desc())
    last = session.execute(versions.limit(1), execution_options={"populate_existing": True}).scalar_one_or_none()
    if last is not None and last.current and (last.content, last.release) == (content, release):
        last.position = position
        session.flush()
        return
    _retire(session, RuleRow.key == rule.key, RuleRow.origin == origin)
    made = RuleRow(
        installation_id=installation_id,
        key=rule.key,
        origin=origin,
        number=last.number + 1 if last else 1,
        release=release,
        position=position,
        content=content,
        current=True,
        made_at=now(),
    )
    session.add(made)
    session.flush()


def _retire(session: Session, *these: Any) -> int:
    gone = update(RuleRow).where(RuleRow.current, *these).values(current=False).returning(RuleRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())
