"""A preset in words, as plain data: for `presets show` and for a person who decides whether to install it. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from installer.preset import grammar
from installer.preset.parts import Condition, FieldSpec, Pipeline, Rule, Setting, Stage, Step
from installer.preset.preset import Preset
from widget_backend.crm.vocabulary import STAGE_KINDS
from widget_backend.texts import Text

HEADINGS = {
    "settings": Text("Настройки", "Settings"),
    "pipelines": Text("Воронки", "Pipelines"),
    "deal": Text("Поля сделки", "Deal fields"),
    "contact": Text("Поля контакта", "Contact fields"),
    "loss_reasons": Text("Причины отказа", "Loss reasons"),
    "sources": Text("Источники", "Sources"),
    "task_types": Text("Типы задач", "Task types"),
    "rules": Text("Правила", "Rules"),
    "counts": Text("Всего", "In total"),
}
KINDS = dict(
    zip(STAGE_KINDS, (Text("в работе", "open"), Text("успех", "won"), Text("отказ", "lost")), strict=True),
)
MODES = {"off": Text("не передаётся в CRM", "not sent to the CRM"), "widget": Text("только в виджете", "widget only")}
PER_STAGE = Text("на каждый этап", "one per stage")
IF = Text(", если ", ", if ")
AND = Text(" и ", " and ")
YES, NO = Text("да", "yes"), Text("нет", "no")
ANY_STAGE = Text("(любой)", "any stage")
OPEN_STAGE = Text("(любой рабочий)", "any open stage")
OWN_TERM = Text("срока этапа", "the stage's own term")
OWN_TASK = Text("этого этапа", "of that stage")
ORIGIN = Text("воронку, откуда она пришла", "the pipeline it came from")
COUNTS = {
    "pipelines": Text("воронок", "pipelines"),
    "stages": Text("этапов", "stages"),
    "deal": Text("полей сделки", "deal fields"),
    "contact": Text("полей контакта", "contact fields"),
    "rules": Text("правил", "rules"),
}


def outline(preset: Preset, language: str) -> dict[str, Any]:
    """Everything a preset holds with its present settings, as nested dictionaries and lists of sentences."""
    return _Outline(preset, language).whole()


class _Outline:
    def __init__(self, preset: Preset, language: str) -> None:
        self._preset = preset
        self._language = language
        self._names = _names(preset)

    def whole(self) -> dict[str, Any]:
        preset, say = self._preset, self._say
        fields = {entity: [f for f in preset.fields if f.entity == entity] for entity in ("deal", "contact")}
        rules = [rule for rule in preset.rules if preset.holds(rule.only_if)]
        parts = {
            "settings": [self._setting(setting) for setting in preset.settings],
            "pipelines": {say(p.name): [self._stage(s) for s in p.stages] for p in preset.active_pipelines()},
            **{entity: [self._field(spec) for spec in specs] for entity, specs in fields.items()},
            "loss_reasons": [say(label.name) for label in preset.loss_reasons],
            "sources": [say(label.name) for label in preset.sources],
            "task_types": [say(label.name) for label in preset.task_types],
            "rules": [self.rule(rule) for rule in rules],
            "counts": {say(COUNTS[name]): count for name, count in self._counts().items()},
        }
        titled = {say(HEADINGS[name]): part for name, part in parts.items() if part}
        return {"key": preset.key, "version": preset.version, "name": say(preset.name), **titled}

    def rule(self, rule: Rule) -> str:
        """A rule as a sentence: trigger, conditions, actions."""
        when = rule.when
        shape = grammar.TRIGGERS[when.on].says.format(
            stages=self._listed(when.stages),
            span=self._span(when.span),
            channels=self._joined([grammar.CHANNELS[channel] for channel in when.channels]),
            field=self._name(when.field),
            fact=grammar.MIS_FACTS.get(when.fact, Text("", "")),
        )
        if when.on == "mis" and when.stages:
            places = self._listed(when.stages)
            shape = Text(f"{shape.ru} (сделка на этапе {places.ru})", f"{shape.en} (the deal is at {places.en})")
        asked = self._say(IF) + self._say(AND).join(map(self._condition, rule.conditions)) if rule.conditions else ""
        sentence = f"{self._say(shape)}{asked}: {'; '.join(map(self._step, rule.do))}"
        return sentence[0].upper() + sentence[1:]

    def _say(self, text: Text) -> str:
        return text.into(self._language)

    def _name(self, address: str) -> Text:
        return self._names.get(address, Text(address, address))

    def _joined(self, texts: list[Text]) -> Text:
        return Text(", ".join(t.ru for t in texts), ", ".join(t.en for t in texts))

    def _listed(self, stages: tuple[str, ...]) -> Text:
        words = {"any": ANY_STAGE, "open": OPEN_STAGE}
        quoted = [Text(f"«{self._name(s).ru}»", f"«{self._name(s).en}»") for s in stages if s not in words]
        return self._joined([words[s] for s in stages if s in words] + quoted)

    def _span(self, span: str) -> Text:
        if span == grammar.OF_STAGE:
            return OWN_TERM
        value = str(self._value(span))
        units = {"m": Text("мин", "min"), "h": Text("ч", "h"), "d": Text("дн.", "d")}
        unit = units.get(value[-1:], Text("", ""))
        return Text(f"{value[:-1]} {unit.ru}", f"{value[:-1]} {unit.en}")

    def _value(self, word: str) -> Any:
        return self._preset.setting(word.removeprefix("setting.")) if word.startswith("setting.") else word

    def _condition(self, condition: Condition) -> str:
        name = self._name(condition.what)
        what = grammar.FACTS.get(condition.what) or Text(f"«{name.ru}»", f"«{name.en}»")
        operator = grammar.OPERATORS[condition.op]
        value = "" if condition.op in ("filled", "empty") else " " + self._literal(condition.value, condition.what)
        return f"{self._say(what)} {self._say(operator)}{value}"

    def _literal(self, value: object, address: str) -> str:
        if isinstance(value, bool):
            return self._say(YES if value else NO)
        if isinstance(value, str):
            option = self._names.get(f"{address}/{value}")
            return self._say(grammar.VALUES.get(value) or option or self._name(value))
        return str(value)

    def _step(self, step: Step) -> str:
        target = ORIGIN if step.to == grammar.ORIGIN else self._listed((str(self._value(step.to)),))
        return self._say(grammar.ACTIONS[step.action].says).format(
            to=self._say(target),
            out_of=self._say(self._listed(step.out_of)),
            who=self._say(grammar.ROLES[step.who]) if step.who else "",
            task=self._say(OWN_TASK) if step.task == grammar.OF_STAGE else f"«{self._say(self._name(step.task))}»",
            field=self._say(self._name(step.field)),
            value=self._literal(step.value, step.field),
            text=self._say(step.text) if step.text else "",
        )

    def _setting(self, setting: Setting) -> str:
        value = setting.value
        if isinstance(value, tuple):
            shown = ", ".join(value) or "—"
        else:
            shown = self._literal(value, f"setting.{setting.key}") or "—"
        return f"{setting.key} = {shown}: {self._say(setting.name)}"

    def _stage(self, stage: Stage) -> str:
        kind = "" if stage.kind == "open" else f" ({self._say(KINDS[stage.kind])})"
        hint = f". {self._say(stage.hint)}" if stage.hint else ""
        return f"{self._say(stage.name)}{kind}{hint}"

    def _field(self, spec: FieldSpec) -> str:
        extra = [self._say(PER_STAGE)] if spec.per_stage else []
        extra += [self._say(MODES[spec.mode])] if spec.mode != "crm" else []
        return f"{self._say(spec.name)}{' (' + ', '.join(extra) + ')' if extra else ''}"

    def _counts(self) -> dict[str, int]:
        pipelines = self._preset.active_pipelines()
        fields = Counter(spec.entity for spec in self._preset.fields)
        rules = sum(self._preset.holds(rule.only_if) for rule in self._preset.rules)
        stages = sum(len(pipeline.stages) for pipeline in pipelines)
        return {
            "pipelines": len(pipelines),
            "stages": stages,
            "deal": fields["deal"],
            "contact": fields["contact"],
            "rules": rules,
        }


def _names(preset: Preset) -> dict[str, Text]:
    """What people call each address; an option is ``address/key``."""
    names: dict[str, Text] = {p.address: p.name for p in preset.pipelines}
    names |= {p.stage_address(s): _of(p, s) for p in preset.pipelines for s in p.stages}
    names |= {spec.address: spec.name for spec in preset.fields}
    names |= {f"{spec.address}/{o.key}": o.name for spec in preset.fields for o in spec.options}
    names |= {f"setting.{s.key}/{c.key}": c.name for s in preset.settings for c in s.choices}
    return names | {f"task.{task.key}": task.title for task in preset.task_templates}


def _of(pipeline: Pipeline, stage: Stage) -> Text:
    return Text(f"{pipeline.name.ru} / {stage.name.ru}", f"{pipeline.name.en} / {stage.name.en}")
