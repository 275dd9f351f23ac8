"""Bindings: address <-> remote id, per installation and preset, with what we last wrote. The only writer of its table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import String, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.crm.encoding import decode_all, encode_all
from widget_backend.crm.model import Binding, Bindings, Kind
from widget_backend.db import Owned


class BindingRow(Owned):
    """One binding."""

    __tablename__ = "binding"
    __table_args__ = (UniqueConstraint("installation_id", "preset", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    preset: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(10))
    remote_id: Mapped[str] = mapped_column(String(200))
    applied: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept: Mapped[dict[str, Any]] = mapped_column(JSONB)
    original: Mapped[dict[str, Any]] = mapped_column(JSONB)
    twins: Mapped[list[str]] = mapped_column(JSONB)


def load(session: Session, preset: str) -> Bindings:
    """All bindings of this preset in the installation in scope, by address."""
    rows = session.execute(select(BindingRow).where(BindingRow.preset == preset)).scalars()
    return {row.address: _value(row) for row in rows}


def held_by_others(session: Session, preset: str) -> frozenset[tuple[Kind, str]]:
    """(kind, remote id) of what other presets in this installation have bound: not to be removed with this one."""
    rows = session.execute(select(BindingRow).where(BindingRow.preset != preset, BindingRow.remote_id != "")).scalars()
    return frozenset((Kind(row.kind), row.remote_id) for row in rows)


def hand_over(session: Session, preset: str, held: Iterable[tuple[Kind, str]]) -> None:
    """What this preset made and another one holds becomes the other's own: its rollback removes it."""
    for kind, remote_id in held:
        theirs = BindingRow.preset != preset, BindingRow.kind == kind.value, BindingRow.remote_id == remote_id
        session.execute(
            update(BindingRow).where(*theirs, BindingRow.origin == "adopted").values(origin="created"),
            execution_options={"synchronize_session": False},
        )


def save(session: Session, installation_id: int, preset: str, bindings: Iterable[Binding]) -> None:
    """Write bindings, replacing those of the same address; safe to repeat."""
    rows = [_row(installation_id, preset, binding) for binding in bindings]
    if not rows:
        return
    statement = insert(BindingRow)
    replaced = {n: statement.excluded[n] for n in ("origin", "remote_id", "applied", "kept", "original", "twins")}
    session.execute(
        statement.on_conflict_do_update(index_elements=["installation_id", "preset", "address"], set_=replaced), rows
    )


def forget(session: Session, preset: str, addresses: Iterable[str]) -> None:
    """Let go of these addresses; nothing happens in the CRM."""
    session.execute(
        delete(BindingRow).where(BindingRow.preset == preset, BindingRow.address.in_(list(addresses))),
        execution_options={"synchronize_session": False},
    )


def _row(installation_id: int, preset: str, binding: Binding) -> dict[str, Any]:
    return {
        "installation_id": installation_id,
        "preset": preset,
        "address": binding.address,
        "kind": binding.kind.value,
        "origin": binding.origin,
        "remote_id": binding.remote_id,
        "applied": encode_all(binding.applied),
        "kept": encode_all(binding.kept),
        "original": encode_all(binding.original),
        "twins": list(binding.twins),
    }


def _value(row: BindingRow) -> Binding:
    return Binding(
        row.address,
        Kind(row.kind),
        row.origin,  # type: ignore[arg-type]
        row.remote_id,
        decode_all(row.applied),
        decode_all(row.kept),
        decode_all(row.original),
        tuple(row.twins),
    )
