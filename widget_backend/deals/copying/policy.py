"""The policy of a clinic's copies: field rules for each pair of pipelines, and which parts of a deal go along. Pure.

In the settings of an installation::

    copying: {pairs: {"pipeline.visits > pipeline.base": {field.deal.paid: {how: sum, into: field.deal.due}}},
              without: [products], "with": [tasks, notes], link: near_quota}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.deals.copying.rules import FieldRule, How, Rules
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

Part = Literal["amount", "company", "observers", "tags", "products", "own", "tasks", "notes", "ties"]
#: copy always; use what is there instead always; use it when the account's quota of deals is nearly full
Link = Literal["never", "always", "near_quota"]

PARTS: Final[Mapping[Part, Text]] = {
    "amount": Text("сумма", "amount"),
    "company": Text("компания", "company"),
    "observers": Text("наблюдатели", "observers"),
    "tags": Text("теги", "tags"),
    "products": Text("товары и услуги", "products"),
    "own": Text("поля клиники", "the clinic's own fields"),
    "tasks": Text("открытые задачи", "open tasks"),
    "notes": Text("примечания", "notes"),
    "ties": Text("ссылки между сделкой и копией", "links between the deal and its copy"),
}
#: what goes along unless the clinic says otherwise
USUAL: Final[frozenset[Part]] = frozenset({"amount", "company", "observers", "tags", "products", "own", "ties"})
ANY: Final = "*"
AMOUNT: Final = "field.deal.amount"
LOSS_REASON: Final = "field.deal.loss_reason"
#: the dates of a deal's stages are its own history
STAGE_DATES: Final = "field.deal.at_"
#: what is to be fixed anew where the target pipeline demands it
MOMENTS: Final = frozenset({"date", "datetime"})

WRONG = Text(
    "Правила копирования не читаются: {where}. Копии делаются по прежним правилам: исправьте это место.",
    "The rules of copying cannot be read: {where}. Copies go by the former rules: correct this place.",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """``pairs``: (pipeline from, pipeline to), each an address or ``*``, -> rules."""

    pairs: Mapping[tuple[str, str], Rules]
    parts: frozenset[Part] = USUAL
    link: Link = "never"

    def rules(self, chart: Chart, source: ChartStage | None, target: ChartStage) -> Rules:
        """Field rules for a copy from one stage to another: what the clinic set goes before what goes by itself, and the
        closer pair before the wider one."""
        here, there = source.pipeline if source else "", target.pipeline
        layers = [(ANY, ANY), (ANY, there), (here, ANY), (here, there)]
        rules = dict(_by_itself(chart, source, target))
        for pair in layers:
            rules |= self.pairs.get(pair, {})
        return rules


def _by_itself(chart: Chart, source: ChartStage | None, target: ChartStage) -> Iterator[tuple[str, FieldRule]]:
    """What no copy takes along: the dates of the stages it was at, a moment the target pipeline asks for anew, and the reason
    of a refusal that is overcome."""
    refused = source is not None and source.kind == "lost"
    for one in chart.fields_of("deal"):
        asked_at = {chart.stage[place].pipeline for place in one.required_at if place in chart.stage}
        anew = one.type in MOMENTS and target.pipeline in asked_at
        if anew or one.address.startswith(STAGE_DATES) or (one.address == LOSS_REASON and not refused):
            yield one.address, FieldRule("clear")


def read(settings: Mapping[str, Any]) -> Policy:
    """The policy that an installation's settings hold. Raises :class:`InvalidInput` naming the place that cannot be read."""
    told = settings.get("copying", {})
    pairs = {
        _pair(pair): {a: _rule(pair, a, rule) for a, rule in rules.items()}
        for pair, rules in told.get("pairs", {}).items()
    }
    added, dropped = _parts(told, "with"), _parts(told, "without")
    link = told.get("link", "never")
    if link not in get_args(Link):
        raise _wrong("link")
    return Policy(pairs, (USUAL | added) - dropped, link)


def _pair(text: str) -> tuple[str, str]:
    here, arrow, there = text.partition(">")
    if not (arrow and here.strip() and there.strip()):
        raise _wrong(f"pairs / {text}")
    return here.strip(), there.strip()


def _rule(pair: str, address: str, rule: Mapping[str, Any]) -> FieldRule:
    how = rule.get("how", "copy")
    table = rule.get("table", {})
    known = how in get_args(How) and set(rule) <= {"how", "into", "table"} and address.startswith("field.deal.")
    if not known or (how == "map") != bool(table) or (how == "sum" and not rule.get("into")):
        raise _wrong(f"pairs / {pair} / {address}")
    return FieldRule(how, str(rule.get("into", "")), {str(a): str(b) for a, b in table.items()})


def _parts(told: Mapping[str, Any], name: str) -> frozenset[Part]:
    parts = frozenset(told.get(name, ()))
    if not parts <= PARTS.keys():
        raise _wrong(f"{name} / {', '.join(sorted(parts - PARTS.keys()))}")
    return parts


def _wrong(where: str) -> InvalidInput:
    return InvalidInput(WRONG.format(where=where))
