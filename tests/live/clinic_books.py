"""What stands in an emulated CRM at the end of a day, counted from the emulator's own state and without the product."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml
from houses import Account, Portal

DEAL, CONTACT = 2, 3
VISITS = "Количество визитов"
WHY = "Почему"
PRESET = Path(__file__).parents[2] / "pipeline_presets" / "dental.yaml"


@dataclass(frozen=True)
class Card:
    """A deal on the board. ``place``: «Приемы / Новая заявка»."""

    id: str
    patient: str
    place: str


class Crm(Protocol):
    """An emulated CRM. ``state``: the emulator's own."""

    @property
    def state(self) -> Any: ...


class BorisBooks:
    """Of a Bitrix24 portal."""

    def __init__(self, portal: Crm) -> None:
        self._state = portal.state

    def cards(self) -> Iterator[Card]:
        pipelines = {one.id: one.name for one in self._state.categories.values()}
        stages = {code: row.name for code, row in self._state.deal_stages().items()}
        for row in list(self._state.items[DEAL].values()):
            place = f"{pipelines[row['categoryId']]} / {stages[row['stageId']]}"
            yield Card(str(row["id"]), str((row["contactIds"] or [""])[0]), place)

    @property
    def tasks(self) -> Counter[str]:
        """Things to do and notices, by deal."""
        to_do = [row for row in self._state.activities.values() if row["PROVIDER_ID"] == "CRM_TODO"]
        notices = [row["text"].partition("/details/")[2].partition("/")[0] for row in self._state.notices.values()]
        return Counter([*(str(row["OWNER_ID"]) for row in to_do), *notices])

    @property
    def explanations(self) -> Counter[str]:
        return Counter(str(row["ENTITY_ID"]) for row in self._state.comments.values() if WHY in row["COMMENT"])

    @property
    def visits(self) -> int:
        fields = [row for row in self._state.fields.values() if row.entity_id == "CRM_CONTACT"]
        name = next(row.name for row in fields if VISITS in str(row.labels))
        return sum(int(row.get(name) or 0) for row in self._state.items[CONTACT].values())

    @property
    def paths(self) -> dict[str, list[str]]:
        """Where each deal has been, by the portal's own history: remote ids of stages."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._state.history:
            found[str(row.owner_id)].append(row.stage_id)
        return found


class AliceBooks:
    """Of an amoCRM account."""

    def __init__(self, account: Crm) -> None:
        self._state = account.state

    def cards(self) -> Iterator[Card]:
        for row in list(self._state.records["leads"].values()):
            pipeline = self._state.pipelines[row.own["pipeline_id"]]
            patients = [number for entity, number in self._state.links[("leads", row.id)] if entity == "contacts"]
            place = f"{pipeline.name} / {pipeline.statuses[row.own['status_id']].name}"
            yield Card(str(row.id), str(patients[0]), place)

    @property
    def tasks(self) -> Counter[str]:
        """A notice is a task too, of this very moment."""
        return Counter(str(row.entity_id) for row in self._state.tasks.values())

    @property
    def explanations(self) -> Counter[str]:
        return Counter(str(row.entity_id) for row in self._state.notes.values() if WHY in str(row.params.get("text")))

    @property
    def visits(self) -> int:
        number = next(row.id for row in self._state.fields["contacts"].values() if row.name == VISITS)
        people = self._state.records["contacts"].values()
        return sum(int(row.values[number][0]["value"]) for row in people if number in row.values)

    @property
    def paths(self) -> dict[str, list[str]]:
        """Where each deal has been, by the account's own events: remote ids of stages."""
        found: dict[str, list[str]] = defaultdict(list)
        for event in self._state.events.values():
            if event["type"] == "lead_status_changed":
                before, after = (_stage(event[f"value_{side}"][0]["lead_status"]) for side in ("before", "after"))
                path = found[str(event["entity_id"])]
                path += [after] if path else [before, after]
        unmoved = (row for row in self._state.records["leads"].values() if str(row.id) not in found)
        return found | {str(row.id): [f"{row.own['pipeline_id']}:{row.own['status_id']}"] for row in unmoved}


def books(crm: Portal | Account) -> BorisBooks | AliceBooks:
    return BorisBooks(crm) if isinstance(crm, Portal) else AliceBooks(crm)


def _stage(told: dict[str, int]) -> str:
    return f"{told['pipeline_id']}:{told['id']}"


def places() -> dict[str, str]:
    """``visits.new`` -> «Приемы / Новая заявка», as the preset's file says."""
    told = yaml.safe_load(PRESET.read_text("utf-8"))
    return {
        f"{pipeline['key']}.{stage['key']}": f"{pipeline['name']['ru']} / {stage['name']['ru']}"
        for pipeline in told["pipelines"]
        for stage in pipeline["stages"]
    }
