"""A preset in words, as plain data: for `presets show` and for a person who decides whether to install it. Pure."""

from __future__ import annotations

from typing import Any

from installer.preset.parts import Card, FieldSpec, Label, Pipeline, Rule, Setting, Stage, TaskTemplate
from installer.preset.phrasing import Phrasing
from installer.preset.preset import Preset
from installer.preset.ruleset import selected, working_tasks
from widget_backend.crm.vocabulary import ENTITIES, SYSTEM_FIELDS
from widget_backend.texts import Text

TYPES = {
    "text": Text("строка", "text"),
    "long_text": Text("текст", "long text"),
    "number": Text("число", "number"),
    "money": Text("деньги", "money"),
    "boolean": Text("да/нет", "yes/no"),
    "date": Text("дата", "date"),
    "datetime": Text("дата и время", "date and time"),
    "list": Text("список", "list"),
    "url": Text("ссылка", "link"),
    "": Text("встроенное поле", "built-in field"),
}
BUILT_IN = Text("встроенное поле CRM, где оно есть", "the CRM's own field where it has one")
MODES = {
    "off": Text("не передаётся в CRM", "not sent to the CRM"),
    "widget": Text("только в виджете, в CRM не пишется", "in the widget only, not written to the CRM"),
}
PER_STAGE = Text("по одному на каждый этап", "one for every stage")
REQUIRED = Text("обязательно на этапе {stages}", "required at {stages}")
EVERYWHERE = Text("Все воронки", "All pipelines")
BY_MIS = Text("По данным МИС", "By the MIS")
CONTACT = Text("Контакт", "Contact")

#: built-in fields a card may show without the preset declaring them
BUILT_IN_NAMES = {
    "deal.title": Text("Название", "Title"),
    "deal.amount": Text("Сумма", "Amount"),
    "deal.client": Text("Клиент", "Client"),
    "deal.responsible": Text("Ответственный", "Responsible"),
    "deal.comment": Text("Комментарий", "Comment"),
    "deal.source": Text("Источник", "Source"),
    "deal.source_details": Text("Дополнительно об источнике", "More about the source"),
    "deal.utm": Text("UTM-метки", "UTM tags"),
    "deal.origin": Text("Откуда копия", "Copied from"),
    "deal.loss_reason": Text("Причина отказа", "Loss reason"),
    "contact.last_name": Text("Фамилия", "Last name"),
    "contact.first_name": Text("Имя", "First name"),
    "contact.second_name": Text("Отчество", "Patronymic"),
    "contact.birth_date": Text("Дата рождения", "Date of birth"),
    "contact.phone": Text("Телефон", "Phone"),
    "contact.email": Text("E-mail", "E-mail"),
    "contact.responsible": Text("Ответственный", "Responsible"),
    "contact.comment": Text("Комментарий", "Comment"),
}
STAGE_DATES = Text("даты перехода на этапы", "dates of entering the stages")


def outline(preset: Preset, language: str) -> dict[str, Any]:
    """Everything a preset holds with its present settings: lists of dictionaries, words in ``language``, keys fixed."""
    return _Outline(preset, language).whole()


class _Outline:
    def __init__(self, preset: Preset, language: str) -> None:
        self._preset = preset
        self._phrasing = Phrasing(preset, language)
        self._say = self._phrasing.say
        self._declared = {spec.address for spec in preset.fields}

    def whole(self) -> dict[str, Any]:
        preset, say = self._preset, self._say
        active = {pipeline.address for pipeline in preset.active_pipelines()}
        parts: dict[str, Any] = {
            "pipelines": [self._pipeline(pipeline) for pipeline in preset.active_pipelines()],
            "fields": {e: [self._field(spec) for spec in preset.fields if spec.entity == e] for e in ENTITIES},
            "cards": [self._card(card) for card in preset.cards if not card.pipeline or card.pipeline in active],
            "loss_reasons": self._labels(preset.loss_reasons),
            "sources": self._labels(preset.sources),
            "tags": self._labels(preset.tags),
            "task_types": self._labels(preset.task_types),
            "tasks": [self._task(task) for task in working_tasks(preset)],
            "rules": [self._rule(rule) for rule in preset.rules if self._is_live(rule)],
            "settings": [self._setting(setting) for setting in preset.settings],
        }
        words = {"name": say(preset.name), "description": say(preset.description)}
        return {"key": preset.key, "version": preset.version, **words, "counts": _counts(parts), **parts}

    def _is_live(self, rule: Rule) -> bool:
        """Switched on, and watching a stage that is there."""
        watches = not rule.when.stages or selected(self._preset, rule.when.stages)
        return self._preset.holds(rule.only_if) and bool(watches)

    def _pipeline(self, pipeline: Pipeline) -> dict[str, Any]:
        return {
            "key": pipeline.key,
            "name": self._say(pipeline.name),
            "staff": self._say(pipeline.staff) if pipeline.staff else "",
            "purpose": self._say(pipeline.purpose) if pipeline.purpose else "",
            "stages": [self._stage(stage) for stage in pipeline.stages],
        }

    def _stage(self, stage: Stage) -> dict[str, Any]:
        return {
            "key": stage.key,
            "name": self._say(stage.name),
            "kind": stage.kind,
            "hint": self._say(stage.hint) if stage.hint else "",
            "task": self._phrasing.name(stage.task) if stage.task else "",
            "stuck_after": self._phrasing.span(stage.stuck_after, working=True) if stage.stuck_after else "",
        }

    def _field(self, spec: FieldSpec) -> dict[str, Any]:
        stages = ", ".join(f"«{self._phrasing.name(stage)}»" for stage in spec.required_at)
        notes = [self._say(BUILT_IN)] if spec.system and spec.type else []
        notes += [self._say(PER_STAGE)] if spec.per_stage else []
        notes += [self._say(REQUIRED).format(stages=stages)] if stages else []
        notes += [self._say(MODES[spec.mode])] if spec.mode in MODES else []
        return {
            "key": spec.key,
            "name": self._say(spec.name),
            "type": self._say(TYPES[spec.type]),
            "options": self._options(spec),
            "class": spec.data_class,
            "mode": spec.mode,
            "notes": notes,
        }

    def _options(self, spec: FieldSpec) -> list[str]:
        if spec.options_from.startswith("setting."):
            value = self._preset.setting(spec.options_from.removeprefix("setting."))
            return self._phrasing.words(value) if isinstance(value, tuple) else []
        return self._labels(spec.options)

    def _labels(self, labels: tuple[Label, ...]) -> list[str]:
        return [self._say(label.name) for label in labels]

    def _card(self, card: Card) -> dict[str, Any]:
        sections = [
            {
                "title": self._say(section.title),
                "fields": [self._shown(address) for address in section.fields]
                + ([self._say(STAGE_DATES)] if section.stage_dates else []),
            }
            for section in card.sections
        ]
        name = self._phrasing.name(card.pipeline) if card.pipeline else self._say(CONTACT)
        return {"name": name, "sections": sections}

    def _shown(self, address: str) -> str:
        built_in = address.removeprefix("field.")
        if address not in self._declared and built_in in SYSTEM_FIELDS:
            return self._say(BUILT_IN_NAMES[built_in])
        return self._phrasing.name(address)

    def _task(self, task: TaskTemplate) -> dict[str, Any]:
        return {
            "title": self._say(task.title),
            "text": self._say(task.text),
            "deadline": self._phrasing.deadline(task),
            "who": self._phrasing.role(task.who),
        }

    def _rule(self, rule: Rule) -> dict[str, Any]:
        return {
            "key": rule.key,
            "name": self._say(rule.name),
            "about": self._about(rule),
            "says": self._phrasing.rule(rule),
        }

    def _about(self, rule: Rule) -> str:
        """The pipeline a rule watches, where it watches just one."""
        if not rule.when.stages:
            return self._say(BY_MIS if rule.when.fact else EVERYWHERE)
        watched = {pipeline.address for pipeline, _ in selected(self._preset, rule.when.stages).values()}
        return self._phrasing.name(watched.pop()) if len(watched) == 1 else self._say(EVERYWHERE)

    def _setting(self, setting: Setting) -> dict[str, Any]:
        value = setting.value
        return {
            "key": setting.key,
            "name": self._say(setting.name),
            "type": setting.type,
            "value": self._phrasing.words(value) if isinstance(value, tuple) else value,
            "shown": self._phrasing.setting(setting),
            "hint": self._say(setting.hint) if setting.hint else "",
            "choices": {choice.key: self._say(choice.name) for choice in setting.choices},
        }


def _counts(parts: dict[str, Any]) -> dict[str, int]:
    return {
        "pipelines": len(parts["pipelines"]),
        "stages": sum(len(pipeline["stages"]) for pipeline in parts["pipelines"]),
        "deal_fields": len(parts["fields"]["deal"]),
        "contact_fields": len(parts["fields"]["contact"]),
        "rules": len(parts["rules"]),
    }
