"""Rules, values and terms of a preset as sentences a clinic's owner reads. Pure."""

from __future__ import annotations

from installer.preset.parts import Condition, Label, Pipeline, Rule, Scalar, Setting, Stage, Step, TaskTemplate, Trigger
from installer.preset.preset import Preset
from widget_backend.robots import grammar
from widget_backend.texts import Text

IF = Text(", если ", ", if ")
THEN = Text(" — ", ": ")
YES, NO = Text("да", "yes"), Text("нет", "no")
TICKED, UNTICKED = (
    Text("отмечено «{field}»", "“{field}” is ticked"),
    Text("не отмечено «{field}»", "“{field}” is not ticked"),
)
OWN_TERM = Text("срока этого этапа", "that stage's limit")
OWN_TASK = Text("этого этапа", "of that stage")
OWN_FIELD = Text("«{field}» этого этапа", "that stage's “{field}”")
ORIGIN = Text("воронку, откуда она пришла", "the pipeline it came from")
EVERY_STAGE = Text("любой этап воронки «{pipeline}»", "any stage of “{pipeline}”")
WHILE_AT = Text(" (сделка на: {stages})", " (the deal is at {stages})")
ONCE = Text(", если открытой там ещё нет", ", unless one is open there already")
ASSIGNEE = Text(" (исполнитель — {who})", " (for {who})")
FILLED = Text("; в новой сделке: ", "; in the new deal: ")
DEADLINE_MIS = Text("срок из МИС", "deadline from the MIS")
DEADLINE_AT = Text("срок — «{field}»", "deadline: “{field}”")

#: (one, two to four, five and more) in Russian; (one, more) in English
UNITS = {
    "m": (("минута", "минуты", "минут"), ("minute", "minutes")),
    "h": (("час", "часа", "часов"), ("hour", "hours")),
    "d": (("день", "дня", "дней"), ("day", "days")),
}
WORKING_UNITS = {
    "m": (("рабочая минута", "рабочие минуты", "рабочих минут"), ("working minute", "working minutes")),
    "h": (("рабочий час", "рабочих часа", "рабочих часов"), ("working hour", "working hours")),
    "d": (("рабочий день", "рабочих дня", "рабочих дней"), ("working day", "working days")),
}


class Phrasing:
    """Says the parts of one configured preset in one language."""

    def __init__(self, preset: Preset, language: str) -> None:
        self._preset = preset
        self._language = language
        self._names = _names(preset)
        self._stages = {p.stage_address(s): (p, s) for p, s in preset.active_stages()}
        self._templates = {spec.address for spec in preset.fields if spec.per_stage}
        self._tasks = {f"task.{task.key}": task for task in preset.task_templates}

    def say(self, text: Text) -> str:
        """The words in the chosen language."""
        return text.into(self._language)

    def name(self, address: str) -> str:
        """What people call an address."""
        return self.say(self._names.get(address, Text(address, address)))

    def role(self, who: str) -> str:
        """Who does it."""
        return self.say(grammar.ROLES[who].says)

    def rule(self, rule: Rule) -> str:
        """A rule as a sentence: trigger, conditions, actions."""
        asked = self.say(IF) + self._joined(rule.conditions, "all") if rule.conditions else ""
        sentence = f"{self._trigger(rule.when)}{asked}{self.say(THEN)}{'; '.join(map(self._step, rule.do))}."
        return sentence[0].upper() + sentence[1:]

    def span(self, span: str, *, working: bool = False) -> str:
        """«15m» as «15 минут»."""
        words = str(self._preset.setting(span.removeprefix("setting."))) if span.startswith("setting.") else span
        russian, english = (WORKING_UNITS if working else UNITS)[words[-1]]
        count = int(words[:-1])
        unit = Text(russian[_plural(count)], english[0 if count == 1 else 1])
        return f"{count} {self.say(unit)}"

    def deadline(self, task: TaskTemplate) -> str:
        """How long a task may take."""
        if task.deadline == grammar.MIS:
            return self.say(DEADLINE_MIS)
        if task.deadline.startswith("field."):
            return self.say(DEADLINE_AT).format(field=self.name(task.deadline))
        return self.span(task.deadline, working=task.working_hours)

    def setting(self, setting: Setting) -> str:
        """A setting's present value."""
        value = setting.value
        if isinstance(value, tuple):
            return ", ".join(self.words(value)) or "—"
        if setting.type == "span":
            return self.span(str(value))
        if isinstance(value, bool):
            return self.say(YES if value else NO)
        if setting.type == "choice":
            return self.name(f"setting.{setting.key}/{value}")
        return self._literal(value, "") or "—"

    def words(self, value: tuple[str | Text, ...]) -> list[str]:
        """The items of a list setting."""
        return [word if isinstance(word, str) else self.say(word) for word in value]

    def _trigger(self, when: Trigger) -> str:
        shape = grammar.TRIGGERS[when.on]
        words = self.say(shape.says).format(
            stages=self._listed(when.stages),
            span=self._limit(when),
            channels=", ".join(self.say(grammar.CHANNELS[channel]) for channel in when.channels),
            field=self.name(when.field),
            fact=self.say(grammar.MIS_FACTS[when.fact]) if when.fact else "",
            robot=self.name(when.robot),
            label=self.say(when.label) if when.label else "",
        )
        place = self.say(WHILE_AT).format(stages=self._listed(when.stages))
        return words + place if when.stages and "stages" in shape.may else words

    def _limit(self, when: Trigger) -> str:
        if when.span == grammar.OF_STAGE:
            return self.say(OWN_TERM)
        return self.span(when.span, working=when.on == "stuck" and when.working_hours) if when.span else ""

    def _listed(self, stages: tuple[str, ...]) -> str:
        """Stages by pipeline: «Новая заявка», «Взято в работу» (Приемы); those of switched off pipelines are left out."""
        words = [self.say(grammar.STAGE_WORDS[s]) for s in stages if s in grammar.STAGE_WORDS]
        whole = [p for p in self._preset.active_pipelines() if p.address in stages]
        words += [self.say(EVERY_STAGE).format(pipeline=self.say(p.name)) for p in whole]
        grouped: dict[str, list[str]] = {}
        for pipeline, stage in (self._stages[s] for s in stages if s in self._stages):
            grouped.setdefault(self.say(pipeline.name), []).append(f"«{self.say(stage.name)}»")
        return ", ".join(words + [f"{', '.join(names)} ({pipeline})" for pipeline, names in grouped.items()])

    def _joined(self, conditions: tuple[Condition, ...], group: str) -> str:
        return self.say(grammar.GROUPS[group]).join(map(self._condition, conditions))

    def _condition(self, condition: Condition) -> str:
        if condition.every or condition.some:
            group = self._joined(condition.every, "all") if condition.every else self._joined(condition.some, "any")
            return f"({group})"
        if condition.denied:
            return self.say(grammar.GROUPS["not"]) + self._condition(condition.denied)
        fact, value = grammar.FACTS.get(condition.what), condition.value
        if isinstance(value, bool):
            return self._flag(condition.what, value is (condition.op == "equals"))
        what = self.say(fact.says) if fact else f"«{self.name(condition.what)}»"
        if condition.op in grammar.UNARY:
            return f"{what} {self.say(grammar.OPERATORS[condition.op])}"
        literal = self._literal(value, condition.what)
        if fact and fact.sort == "pipeline":
            return ("" if condition.op == "equals" else self.say(grammar.GROUPS["not"])) + f"{what} {literal}"
        return f"{what} {self.say(grammar.OPERATORS[condition.op])} {literal}"

    def _flag(self, what: str, holds: bool) -> str:
        fact = grammar.FACTS.get(what)
        if fact and fact.denied:
            return self.say(fact.says if holds else fact.denied)
        return self.say(TICKED if holds else UNTICKED).format(field=self.name(what))

    def _literal(self, value: Scalar, address: str) -> str:
        if isinstance(value, bool):
            return f"«{self.say(YES if value else NO)}»"
        if not isinstance(value, str):
            return str(value)
        if value in grammar.VALUES:
            return self.say(grammar.VALUES[value].says)
        if value in self._stages:
            return self._listed((value,))
        option = self._names.get(f"{address}/{value}") or self._names.get(value)
        return f"«{self.say(option)}»" if option else value

    def _step(self, step: Step) -> str:
        words = self.say(grammar.ACTIONS[step.action].says).format(
            to=self._target(step.to),
            out_of=self._listed(step.out_of),
            whom=self.say(grammar.ROLES[step.who].whom) if step.who else "",
            task=self._task(step),
            field=self.name(step.field),
            value=self._literal(step.value, step.field),
            text=self.say(step.text) if step.text else "",
            bot=self.name(step.bot),
            returns=", ".join(f"{name} = {self._literal(value, '')}" for name, value in step.returns),
        )
        if step.field in self._templates:
            words = words.replace(f"«{self.name(step.field)}»", self.say(OWN_FIELD).format(field=self.name(step.field)))
        words += self.say(ONCE) if step.once_per_patient else ""
        filled = ", ".join(f"«{self.name(field)}» — {self._literal(value, field)}" for field, value in step.filled)
        return words + (self.say(FILLED) + filled if filled else "")

    def _target(self, to: str) -> str:
        if to == grammar.ORIGIN:
            return self.say(ORIGIN)
        place = str(self._preset.setting(to.removeprefix("setting."))) if to.startswith("setting.") else to
        return self._listed((place,)) if place else ""

    def _task(self, step: Step) -> str:
        if not step.task or step.task == grammar.OF_STAGE:
            return self.say(OWN_TASK)
        who = step.who or self._tasks[step.task].who
        assignee = "" if who == "responsible" else self.say(ASSIGNEE).format(who=self.say(grammar.ROLES[who].says))
        return f"«{self.name(step.task)}»{assignee}"


def _plural(count: int) -> int:
    """Which Russian form a number takes."""
    if count % 10 == 1 and count % 100 != 11:
        return 0
    return 1 if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else 2


def _names(preset: Preset) -> dict[str, Text]:
    """What people call each address; an option is ``address/key``."""
    names: dict[str, Text] = {p.address: p.name for p in preset.pipelines}
    names |= {p.stage_address(s): _of(p, s) for p in preset.pipelines for s in p.stages}
    names |= {spec.address: spec.name for spec in preset.fields}
    names |= {f"{spec.address}/{o.key}": o.name for spec in preset.fields for o in spec.options}
    names |= {f"{spec.address}/{o.key}": o.name for spec in preset.fields for o in _labels(preset, spec.options_from)}
    names |= {f"setting.{s.key}/{c.key}": c.name for s in preset.settings for c in s.choices}
    names |= {f"setting.{s.key}": s.name for s in preset.settings}
    names |= {f"robot.{robot.key}": robot.name for robot in preset.application.robots}
    return names | {f"task.{task.key}": task.title for task in preset.task_templates}


def _labels(preset: Preset, origin: str) -> tuple[Label, ...]:
    return {"loss_reasons": preset.loss_reasons, "sources": preset.sources}.get(origin, ())


def _of(pipeline: Pipeline, stage: Stage) -> Text:
    return Text(f"{pipeline.name.ru} / {stage.name.ru}", f"{pipeline.name.en} / {stage.name.en}")
