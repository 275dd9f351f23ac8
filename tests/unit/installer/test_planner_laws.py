"""Laws of the planner, tried on CRMs in any starting state: it converges, and never removes what it did not make."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from memory_crm import CAPABILITIES, MemoryCrm, Wishes

from installer import booking
from installer.matching import known_ids
from installer.planner import plan, survey
from installer.removal import plan_removal, questionable
from installer.wishes import Choices
from widget_backend.crm.model import Binding, Kind, Option, Ref, Remote, Resource, Section

NAMES = st.sampled_from(
    ["Приемы", "База пациентов", "Координаторы", "Новая заявка", "Отказ", "Успех", "В работе", "Филиал"]
)
COLOURS = st.sampled_from(["blue", "pink", "grey"])
CHOICES = st.builds(Choices, adopt=st.booleans(), conflicts=st.sampled_from(["keep", "replace"]))


@st.composite
def wishes(draw: st.DrawFn) -> Wishes:
    """A small preset: pipelines with stages, fields and cards."""
    resources: list[Resource] = []
    fields = draw(st.lists(st.tuples(st.sampled_from(["branch", "doctor", "visit"]), NAMES), unique_by=lambda f: f[0]))
    for key, name in fields:
        options = (Option("one", "Один"), Option("two", "Два"))
        kind = draw(st.sampled_from(["text", "list"]))
        attributes = {"name": name, "type": kind, "filterable": draw(st.booleans())}
        resources.append(
            Resource(
                Kind.FIELD,
                f"field.deal.{key}",
                {**attributes, "options": options} if kind == "list" else attributes,
                entity="deal",
            )
        )
    for number, name in enumerate(draw(st.lists(NAMES, unique=True, max_size=3)), 1):
        address = f"pipeline.p{number}"
        resources.append(Resource(Kind.PIPELINE, address, {"name": name, "position": number}))
        kinds = [*["open"] * draw(st.integers(1, 3)), "won", "lost"]
        for position, kind in enumerate(kinds, 1):
            attributes = {"name": draw(NAMES), "kind": kind, "position": position, "colour": draw(COLOURS)}
            resources.append(Resource(Kind.STAGE, f"stage.p{number}.s{position}", attributes, parent=address))
        refs = tuple(Ref(f"field.deal.{key}") for key, _ in fields)
        section = Section("О приеме", (Ref("field.deal.title"), *refs))
        resources.append(Resource(Kind.CARD, f"card.deal.p{number}", {"sections": (section,)}, address, "deal"))
    return Wishes(tuple(sorted(resources, key=lambda r: list(Kind).index(r.kind))))


@st.composite
def crms(draw: st.DrawFn) -> MemoryCrm:
    """A clinic's own pipelines, stages and fields, some with the preset's very names."""
    crm = MemoryCrm(automatic=draw(st.booleans()))
    for _ in range(draw(st.integers(0, 3))):
        pipeline = crm.add(Kind.PIPELINE, name=draw(NAMES), position=draw(st.integers(1, 50)))
        for position in range(1, draw(st.integers(1, 5))):
            kind = draw(st.sampled_from(["open", "open", "won", "lost"]))
            crm.add(Kind.STAGE, pipeline.id, "", name=draw(NAMES), kind=kind, position=position, colour=draw(COLOURS))
    for _ in range(draw(st.integers(0, 3))):
        crm.add(
            Kind.FIELD, "", "deal", name=draw(NAMES), type=draw(st.sampled_from(["text", "list"])), filterable=False
        )
    return crm


class Clinic:
    """Applies plans as the applier does, without a database."""

    def __init__(self, crm: MemoryCrm, wanted: Wishes, choices: Choices) -> None:
        self.crm, self.wanted, self.choices = crm, wanted, choices
        self.bindings: dict[str, Binding] = {}

    def plan(self) -> object:
        return plan(self.wanted, self.crm.snapshot((), {}), self.bindings, CAPABILITIES, self.choices)

    def apply(self, stop_after: int | None = None) -> None:
        snapshot = self.crm.snapshot((), {})
        made = survey(self.wanted, snapshot, self.bindings, CAPABILITIES, self.choices)
        self._carry_out(made, snapshot, stop_after)

    def roll_back(self) -> None:
        snapshot = self.crm.snapshot((), {})
        stages, holders = questionable(snapshot, self.bindings)
        counted = replace(snapshot, deals=self.crm.count_deals(stages))
        values = self.crm.count_values(holders)
        self._carry_out(plan_removal(self.wanted, counted, self.bindings, CAPABILITIES, values), counted, None)

    def _carry_out(self, made: object, snapshot: object, stop_after: int | None) -> None:
        first = booking.before(made, self.bindings, snapshot)  # type: ignore[arg-type]
        self.bindings |= {b.address: b for b in first}
        changes = {c.address: c for c in made.writes}  # type: ignore[attr-defined]
        for number, outcomes in enumerate(self.crm.apply(made.writes, known_ids(self.bindings))):  # type: ignore[attr-defined]
            if number == stop_after:
                return
            saved, gone = booking.after(changes, outcomes, self.bindings)
            self.bindings |= {b.address: b for b in saved}
            self.bindings = {a: b for a, b in self.bindings.items() if a not in gone}


def own(crm: MemoryCrm) -> dict[tuple[Kind, str], Remote]:
    return dict(crm.remotes)


@given(crms(), wishes(), CHOICES)
def test_plan_then_apply_leaves_nothing_to_do(crm: MemoryCrm, wanted: Wishes, choices: Choices) -> None:
    clinic = Clinic(crm, wanted, choices)

    clinic.apply()

    assert clinic.plan() is None


@given(crms(), wishes(), CHOICES)
def test_nothing_of_the_clinics_is_ever_removed(crm: MemoryCrm, wanted: Wishes, choices: Choices) -> None:
    before = own(crm)
    clinic = Clinic(crm, wanted, choices)

    clinic.apply()
    clinic.roll_back()

    assert before.keys() <= crm.remotes.keys()


@given(crms(), wishes(), CHOICES)
def test_rollback_of_an_untouched_install_restores_the_crm(crm: MemoryCrm, wanted: Wishes, choices: Choices) -> None:
    before = own(crm)
    clinic = Clinic(crm, wanted, choices)

    clinic.apply()
    clinic.roll_back()

    assert crm.remotes == before


@given(crms(), wishes(), CHOICES, st.integers(0, 12))
def test_a_run_cut_off_anywhere_is_finished_without_doubles(
    crm: MemoryCrm, wanted: Wishes, choices: Choices, cut: int
) -> None:
    whole = Clinic(MemoryCrm(crm.automatic, dict(crm.remotes), _last=crm._last), wanted, choices)
    whole.apply()
    broken = Clinic(crm, wanted, choices)

    broken.apply(stop_after=cut)
    broken.apply()

    assert broken.plan() is None
    assert shape(crm) == shape(whole.crm)


@given(crms(), wishes(), CHOICES, st.integers(0, 12))
def test_rollback_after_a_run_cut_off_anywhere_restores_the_crm(
    crm: MemoryCrm, wanted: Wishes, choices: Choices, cut: int
) -> None:
    before = own(crm)
    clinic = Clinic(crm, wanted, choices)

    clinic.apply(stop_after=cut)
    clinic.apply()
    clinic.roll_back()

    assert crm.remotes == before


@given(crms(), wishes())
def test_a_lost_database_doubles_nothing(crm: MemoryCrm, wanted: Wishes) -> None:
    Clinic(crm, wanted, Choices(conflicts="keep")).apply()
    count = len(crm.remotes)
    newcomer = Clinic(crm, wanted, Choices(conflicts="keep"))

    newcomer.apply()

    assert len(crm.remotes) == count


@given(crms(), wishes(), st.data())
def test_an_edit_of_the_clinics_survives_the_next_apply(crm: MemoryCrm, wanted: Wishes, data: st.DataObject) -> None:
    clinic = Clinic(crm, wanted, Choices(conflicts="keep"))
    clinic.apply()
    key = data.draw(st.sampled_from(sorted(crm.remotes) or [(Kind.FIELD, "none")]))
    edited = crm.remotes.get(key, crm.add(Kind.FIELD, "", "deal", name="Своё", type="text"))
    crm.remotes[edited.kind, edited.id] = replace(
        edited, attributes={**edited.attributes, "name": "Как у нас"}, stock=False
    )

    clinic.apply()

    assert crm.remotes[edited.kind, edited.id].attributes["name"] == "Как у нас"


def shape(crm: MemoryCrm) -> list[tuple[str, str, str, str]]:
    """What is there, whatever ids it got."""
    names = {r.id: r.name for r in crm.remotes.values()}
    return sorted(
        (r.kind.value, names.get(r.parent, ""), r.name if r.kind is not Kind.CARD else "", r.entity)
        for r in crm.remotes.values()
    )


def test_the_planner_opens_no_database_and_no_network() -> None:
    script = (
        "import sys, installer.planner; print([m for m in ('sqlalchemy', 'requests', 'flask') if m in sys.modules])"
    )

    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "[]"
