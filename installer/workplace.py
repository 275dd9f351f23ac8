"""Workplace: one preset in one account. Reads the CRM, the bindings, and makes the plan of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from installer.guards import touched_stages
from installer.plan import Plan
from installer.planner import survey
from installer.removal import plan_removal, questionable
from installer.wishes import DEFAULT, Choices, Wishes
from widget_backend.crm import bindings as books
from widget_backend.crm.model import Account, Bindings, Kind, Snapshot
from widget_backend.crm.port import Structure
from widget_backend.db import Database, scope
from widget_backend.tenancy import installations


@dataclass(frozen=True, slots=True)
class Survey:
    """What was read, what was known, and the plan that follows."""

    plan: Plan
    snapshot: Snapshot
    bindings: Bindings
    installation_id: int


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where plans are made. ``host`` is where the account is reached, before the CRM has told its key.

    ``installation_id``: whose place it is where that is known already. ``only``: of what would be written, these addresses
    alone; empty for all.
    """

    database: Database
    structure: Structure
    preset: Wishes
    vendor: str
    host: str
    choices: Choices = DEFAULT
    installation_id: int = 0
    only: frozenset[str] = frozenset()

    def survey(self) -> Survey:
        """Read and plan; deals are counted where the plan touches stages that were there before."""
        return self._read(self._plan)

    def survey_removal(self) -> Survey:
        """Read and plan the way back: what we made goes if it is empty, what we changed is restored."""
        return self._read(self._plan_removal)

    def resurvey(self, purpose: str) -> Survey:
        """The survey of a plan's purpose: ``apply`` or ``rollback``."""
        return self.survey() if purpose == "apply" else self.survey_removal()

    def _read(self, make: Callable[[Snapshot, Bindings], tuple[Plan, Snapshot]]) -> Survey:
        snapshot = self.structure.snapshot(self._kinds(), self._known())
        installation_id = self._installation(snapshot.account)
        bound = self._bindings(installation_id)
        plan, counted = make(snapshot, bound)
        return Survey(self._narrowed(plan), counted, bound, installation_id)

    def _narrowed(self, plan: Plan) -> Plan:
        if not self.only:
            return plan
        kept = tuple(change for change in plan.changes if not change.writes or change.address in self.only)
        return replace(plan, changes=kept)

    def _plan(self, snapshot: Snapshot, bound: Bindings) -> tuple[Plan, Snapshot]:
        can = self.structure.capabilities
        plan = survey(self.preset, snapshot, bound, can, self.choices)
        stages = touched_stages(plan.changes)
        if not stages:
            return plan, snapshot
        counted = replace(snapshot, deals=self.structure.count_deals(stages))
        return survey(self.preset, counted, bound, can, self.choices), counted

    def _plan_removal(self, snapshot: Snapshot, bound: Bindings) -> tuple[Plan, Snapshot]:
        stages, holders = questionable(snapshot, bound)
        deals = self.structure.count_deals(stages) if stages else {}
        values = self.structure.count_values(holders) if holders else {}
        counted = replace(snapshot, deals=deals)
        shared = self._held_by_others(snapshot.account)
        return plan_removal(self.preset, counted, bound, self.structure.capabilities, values, shared), counted

    def _installation(self, account: Account) -> int:
        if self.installation_id:
            return self.installation_id
        with self.database.transaction() as session:
            return installations.ensure(session, self.vendor, account.key, self.host)

    def _bindings(self, installation_id: int) -> Bindings:
        with scope(installation_id), self.database.transaction() as session:
            return books.load(session, self.preset.key)

    def _held_by_others(self, account: Account) -> Collection[tuple[Kind, str]]:
        installation_id = self._installation(account)
        with scope(installation_id), self.database.transaction() as session:
            return books.held_by_others(session, self.preset.key)

    def _known(self) -> dict[str, str]:
        """Address -> remote id ("" while unbound) of all the preset may want, so that one request can read it all."""
        wanted = {r.address: "" for r in self.preset.desired(self.structure.capabilities, "ru")}
        installation_id: int | None = self.installation_id
        if not installation_id:
            with self.database.transaction() as session:
                installation_id = installations.at_host(session, self.vendor, self.host)
        bound = self._bindings(installation_id) if installation_id is not None else {}
        return wanted | {a: b.remote_id for a, b in bound.items() if b.remote_id}

    def _kinds(self) -> frozenset[Kind]:
        can = self.structure.capabilities
        wanted = {resource.kind for resource in self.preset.desired(can, "ru")}
        return frozenset(wanted - set(can.unsupported))
