"""A preset: one file with its settings filled. What a clinic's CRM should hold, in our words. Frozen, no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from installer.preset.parts import (
    ApplicationPart,
    Card,
    FieldSpec,
    Label,
    Pipeline,
    Rule,
    Setting,
    SettingValue,
    Stage,
    TaskTemplate,
)
from widget_backend.crm.encoding import digest
from widget_backend.crm.model import Capabilities, Resource
from widget_backend.crm.vocabulary import SYSTEM_FIELDS
from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Preset:
    """One file, with its settings filled."""

    schema: int
    key: str
    version: str
    name: Text
    description: Text
    pipelines: tuple[Pipeline, ...]
    settings: tuple[Setting, ...] = ()
    loss_reasons: tuple[Label, ...] = ()
    sources: tuple[Label, ...] = ()
    tags: tuple[Label, ...] = ()
    task_types: tuple[Label, ...] = ()
    task_templates: tuple[TaskTemplate, ...] = ()
    groups: tuple[Label, ...] = ()
    fields: tuple[FieldSpec, ...] = ()
    cards: tuple[Card, ...] = ()
    rules: tuple[Rule, ...] = ()
    application: ApplicationPart = field(default_factory=ApplicationPart)
    source: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Checksum of everything the file and the settings say; comments and layout do not count."""
        return digest(asdict(self))

    def desired(self, capabilities: Capabilities, language: str) -> tuple[Resource, ...]:
        """The resources wanted in this CRM, in its language; see ``expansion``."""
        from installer.preset.expansion import desired

        return desired(self, capabilities, language)

    def system(self, address: str) -> str | None:
        """The built-in field an address stands for: a declared one, or one a card names without declaring it."""
        for spec in self.fields:
            if spec.address == address:
                return spec.system or None
        name = address.removeprefix("field.")
        return name if name in SYSTEM_FIELDS else None

    def setting(self, key: str) -> SettingValue:
        """The value of a setting; a ``KeyError`` is a bug, files are checked."""
        return {setting.key: setting.value for setting in self.settings}[key]

    def holds(self, only_if: str) -> bool:
        """Whether a switch is on: «warmup» (a boolean setting) or «repeat_enquiry=base» (a choice)."""
        key, _, wanted = only_if.partition("=")
        return not key or (self.setting(key) == wanted if wanted else self.setting(key) is True)

    def active_pipelines(self) -> tuple[Pipeline, ...]:
        """The pipelines its settings switch on, in file order."""
        return tuple(p for p in self.pipelines if self.holds(p.only_if))

    def active_stages(self) -> Iterator[tuple[Pipeline, Stage]]:
        """Their stages."""
        return ((pipeline, stage) for pipeline in self.active_pipelines() for stage in pipeline.stages)
