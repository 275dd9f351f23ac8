"""The family of a deal: what was copied from what, as a tree. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from widget_backend.crm.chart import Chart
from widget_backend.deals.copying.lineage import Copy, Family
from widget_backend.deals.deal_state import DealState
from widget_backend.panel import telling, words
from widget_backend.panel.known import Known
from widget_backend.robots import naming
from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Branch:
    """A deal and what came of it. ``how``: how it came of the deal above; ``kind``: a word of ``words.KIND``, empty where it is
    not known."""

    deal: str
    stage: str
    kind: str
    how: Text | None
    at: Text | None
    children: tuple[Branch, ...] = ()


def tree(known: Known) -> tuple[Branch, ...]:
    """The deals without a known source first, each with what came of it; nothing where the deal has no family."""
    family = known.family
    roots = [deal for deal in family.deals if not family.parents(deal)] or list(family.deals[:1])
    return tuple(_branch(known, deal, None, frozenset()) for deal in roots) if family.ties else ()


def _branch(known: Known, deal: str, tie: Copy | None, above: frozenset[str]) -> Branch:
    state = known.states.get(deal)
    how = words.HOW["undone" if tie.state == "undone" else tie.how] if tie and tie.how else None
    at = telling.moment(tie.made_at, known.zone) if tie and tie.made_at else None
    below = () if deal in above else tuple(_below(known, deal, above | {deal}))
    is_undone = tie is not None and tie.state == "undone"
    kind = "" if is_undone and not (state and state.gone) else _kind(state)  # nobody has told us yet
    return Branch(deal, _stage(known.chart or Chart(), state, tie), kind, how, at, below)


def _below(known: Known, deal: str, above: frozenset[str]) -> Iterator[Branch]:
    """A deal is named once below another, by the newest tie."""
    newest = {tie.deal: tie for tie in _ties(known.family, deal)}
    yield from (_branch(known, name, tie, above) for name, tie in newest.items())


def _ties(family: Family, deal: str) -> Iterator[Copy]:
    yield from (tie for tie in family.ties if tie.source == deal and tie.deal not in ("", deal))


def _stage(chart: Chart, state: DealState | None, tie: Copy | None) -> str:
    if state is not None:
        return naming.stage(chart, state.stage)
    return naming.place(chart, tie.target) if tie else ""


def _kind(state: DealState | None) -> str:
    return "" if state is None else "gone" if state.gone else state.kind
