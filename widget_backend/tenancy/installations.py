"""Installation: our presence in one account of one CRM. The only writer of its table.

::

    connecting ──> active ──> paused (payment) ──> active
         └────────────┴── reconnect (access lost) ──> active, by a new grant
    any ──> closed (uninstalled) ──> connecting, by a new grant
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, String, UniqueConstraint, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Base
from widget_backend.errors import NotFound
from widget_backend.sealed import Sealed
from widget_backend.tenancy.grants import Grant
from widget_backend.texts import Language, Text

Status = Literal["connecting", "active", "paused", "reconnect", "closed"]
STATUSES: tuple[Status, ...] = get_args(Status)

UNKNOWN = Text(
    "Такой установки нет. Ничего не изменено: откройте приложение из CRM ещё раз.",
    "There is no such installation. Nothing was changed: open the application from the CRM once more.",
)


class Installation(Base):
    """``account``: the CRM's own key of the account (member_id, portal host or account id), which survives a change of
    token. ``host``: where it was last reached. ``activated_at``: when its set-up was first proven; none after closing."""

    __tablename__ = "installation"
    __table_args__ = (UniqueConstraint("vendor", "account"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    vendor: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(200), index=True)
    base_url: Mapped[str] = mapped_column(String(400), default="")
    status: Mapped[str] = mapped_column(String(16), default="active", index=True)
    language: Mapped[str] = mapped_column(String(2), default="ru")
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    application_token: Mapped[str | None] = mapped_column(Sealed)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class InstallationInfo:
    """One installation as the rest of the product sees it."""

    id: int
    vendor: str
    account: str
    host: str
    base_url: str
    status: Status
    language: Language
    settings: Mapping[str, Any]
    application_token: str = field(repr=False)
    created_at: datetime
    seen_at: datetime
    activated_at: datetime | None
    closed_at: datetime | None


def ensure(session: Session, vendor: str, account: str, host: str) -> int:
    """The id of this account's installation, made if it is new; safe to repeat and to run twice at once."""
    moment = now()
    statement = insert(Installation).values(
        vendor=vendor, account=account, host=host, created_at=moment, seen_at=moment
    )
    seen = statement.on_conflict_do_update(
        index_elements=["vendor", "account"], set_={"host": host, "seen_at": moment}
    ).returning(Installation.id)
    return session.execute(seen).scalar_one()


def at_host(session: Session, vendor: str, host: str) -> int | None:
    """The installation last reached at this host: a guess before the CRM has said whose account it is."""
    found = (
        select(Installation.id)
        .where(Installation.vendor == vendor, Installation.host == host)
        .order_by(Installation.seen_at.desc())
        .limit(1)
    )
    return session.execute(found).scalar_one_or_none()


def connect(session: Session, grant: Grant, language: Language = "ru") -> int:
    """Take in what an account granted: a new installation, a moved one, or an old one revived. Safe to repeat and to run
    twice at once. An application token already kept stays unless the grant brings another. ``settings["paid"]`` says how
    the account stands with the vendor, where the grant knows."""
    moment = now()
    paid = {} if grant.paid == "unknown" else {"paid": grant.paid}
    fresh = insert(Installation).values(
        vendor=grant.vendor,
        account=grant.account,
        host=grant.host,
        base_url=grant.base_url,
        status="paused" if grant.paid == "expired" else "connecting",
        language=language,
        settings=paid,
        application_token=grant.application_token or None,
        created_at=moment,
        seen_at=moment,
    )
    kept: dict[str, Any] = {name: fresh.excluded[name] for name in ("host", "base_url", "seen_at")}
    kept["settings"] = Installation.settings.concat(fresh.excluded.settings)
    kept |= {"status": "paused" if grant.paid == "expired" else _WHERE_IT_STOOD, "closed_at": None}
    if grant.application_token:
        kept["application_token"] = fresh.excluded.application_token
    revived = fresh.on_conflict_do_update(index_elements=["vendor", "account"], set_=kept).returning(Installation.id)
    return session.execute(revived).scalar_one()


def activate(session: Session, installation_id: int) -> bool:
    """The set-up is proven. False where there is nothing to activate: payment due, access lost, closed."""
    first = {"activated_at": func.coalesce(Installation.activated_at, now())}
    return _turn(session, installation_id, "active", ("connecting", "active"), **first)


def pause(session: Session, installation_id: int) -> bool:
    """Payment is due: nothing is done in the account until the bill is paid."""
    return _turn(session, installation_id, "paused", ("connecting", "active", "paused"))


def resume(session: Session, installation_id: int) -> bool:
    """The bill is paid: on from where it stood, to the wizard if the set-up was never proven."""
    return _turn(session, installation_id, _WHERE_IT_STOOD, ("paused",))


def need_reconnect(session: Session, installation_id: int) -> bool:
    """Only a new consent opens the account again. A closed installation stays closed."""
    return _turn(session, installation_id, "reconnect", ("connecting", "active", "paused", "reconnect"))


def regain(session: Session, installation_id: int) -> bool:
    """Access that was thought lost has just been renewed."""
    return _turn(session, installation_id, _WHERE_IT_STOOD, ("reconnect",))


def shut(session: Session, installation_id: int) -> bool:
    """The state part of closing: what was set up for it and its application token are gone. False if it was closed."""
    gone: dict[str, Any] = {"settings": {}, "application_token": None, "activated_at": None, "closed_at": now()}
    return _turn(session, installation_id, "closed", ("connecting", "active", "paused", "reconnect"), **gone)


def move(session: Session, installation_id: int, host: str, base_url: str) -> None:
    """The account is reached at another host now; the CRM said so."""
    _set(session, installation_id, host=host, base_url=base_url, seen_at=now())


def keep_application_token(session: Session, installation_id: int, token: str) -> None:
    """Keep what proves the account's events from now on; the caller has proven where it came from."""
    _set(session, installation_id, application_token=token)


def configure(session: Session, installation_id: int, language: Language | None = None, **settings: Any) -> None:
    """Remember choices (JSON values) over what is there already, and the language if one is given."""
    merged = Installation.settings.concat(literal(settings, JSONB))
    _set(session, installation_id, settings=merged, **({"language": language} if language else {}))


def get(session: Session, installation_id: int) -> InstallationInfo:
    """The installation. Raises :class:`NotFound`."""
    row = session.get(Installation, installation_id, populate_existing=True)
    if row is None:
        raise NotFound(UNKNOWN)
    return _info(row)


def hold(session: Session, installation_id: int) -> None:
    """Let nobody else change this installation until the transaction ends; rows of it may still be added."""
    held = select(Installation.id).where(Installation.id == installation_id).with_for_update(key_share=True)
    session.execute(held)


def by_account(session: Session, vendor: str, account: str) -> InstallationInfo | None:
    """The installation in this account, if there ever was one."""
    found = select(Installation).where(Installation.vendor == vendor, Installation.account == account)
    row = session.execute(found, execution_options={"populate_existing": True}).scalar_one_or_none()
    return None if row is None else _info(row)


def count(session: Session) -> Mapping[tuple[str, str], int]:
    """How many there are, by vendor and status."""
    counted = select(Installation.vendor, Installation.status, func.count()).group_by(
        Installation.vendor, Installation.status
    )
    return {(vendor, status): number for vendor, status, number in session.execute(counted)}


def standing(session: Session, status: Status) -> Sequence[int]:
    """All installations of this status, the longest unseen first."""
    found = select(Installation.id).where(Installation.status == status).order_by(Installation.seen_at)
    return session.execute(found).scalars().all()


_WHERE_IT_STOOD = case((Installation.activated_at.is_not(None), "active"), else_="connecting")


def _turn(
    session: Session, installation_id: int, status: str | ColumnElement[str], before: Collection[str], **more: Any
) -> bool:
    changed = (
        update(Installation)
        .where(Installation.id == installation_id, Installation.status.in_(before))
        .values(status=status, **more)
        .returning(Installation.id)
    )
    return session.execute(changed, execution_options=_UNSYNCHRONISED).scalar_one_or_none() is not None


def _set(session: Session, installation_id: int, **values: Any) -> None:
    session.execute(
        update(Installation).where(Installation.id == installation_id).values(**values),
        execution_options=_UNSYNCHRONISED,
    )


_UNSYNCHRONISED = {"synchronize_session": False}


def _info(row: Installation) -> InstallationInfo:
    return InstallationInfo(
        row.id,
        row.vendor,
        row.account,
        row.host,
        row.base_url,
        row.status,  # type: ignore[arg-type]
        "en" if row.language == "en" else "ru",
        MappingProxyType(row.settings),
        row.application_token or "",
        row.created_at,
        row.seen_at,
        row.activated_at,
        row.closed_at,
    )
