"""How long the planner thinks about a thousand objects."""

from __future__ import annotations

import time

from memory_crm import CAPABILITIES, MemoryCrm, Wishes

from installer.planner import survey
from widget_backend.crm.model import Account, Binding, Kind, Option, Remote, Resource, Snapshot

STAGES, FIELDS = 500, 490


def planning() -> None:
    """Print the time for an empty CRM and for one that has it all."""
    wanted = _wishes()
    remotes = tuple(Remote(r.kind, r.address, r.attributes, r.parent, r.entity) for r in wanted.resources)
    bound = {r.address: Binding(r.address, r.kind, "created", r.address, r.attributes) for r in wanted.resources}
    states = {
        "planning 1,000 objects, empty CRM": (MemoryCrm().snapshot((), {}), {}),
        "planning 1,000 objects, all there": (Snapshot(Account("bench"), remotes), bound),
    }
    for what, (snapshot, bindings) in states.items():
        started = time.perf_counter()
        rows = len(survey(wanted, snapshot, bindings, CAPABILITIES).changes)
        print(f"{what}: {1000 * (time.perf_counter() - started):.0f} ms, {rows} rows (the bar is 100 ms)")


def _wishes() -> Wishes:
    pipelines = [Resource(Kind.PIPELINE, f"pipeline.p{p}", {"name": f"P{p}", "position": p}) for p in range(10)]
    stages = [
        Resource(Kind.STAGE, f"stage.p{n % 10}.s{n}", _stage(n), parent=f"pipeline.p{n % 10}") for n in range(STAGES)
    ]
    options = tuple(Option(f"k{n}", f"L{n}") for n in range(5))
    fields = [
        Resource(Kind.FIELD, f"field.deal.f{n}", {"name": f"F{n}", "type": "list", "options": options}, entity="deal")
        for n in range(FIELDS)
    ]
    return Wishes((*pipelines, *stages, *fields))


def _stage(number: int) -> dict[str, str | int]:
    return {"name": f"S{number}", "kind": "open", "position": number, "colour": "blue"}
