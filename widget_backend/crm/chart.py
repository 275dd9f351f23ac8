"""Chart: what our addresses mean in one account, and what else stands there. A frozen value, no I/O.

Rules and features speak in addresses, deals and contacts are read and written in them; the vendor folders look them up here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from widget_backend.crm.model import Option


@dataclass(frozen=True, slots=True)
class ChartStage:
    """One stage of the account, ours or the clinic's own (``address`` is empty then). ``id``, ``pipeline_id``: remote ids.

    ``pipeline``: the address of its pipeline, empty where that is not of the preset.
    """

    address: str
    id: str
    pipeline: str
    pipeline_id: str
    kind: str
    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class ChartPipeline:
    """One pipeline of the account; ``address`` is empty where it is the clinic's own."""

    address: str
    id: str
    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class ChartField:
    """One field of the preset, as the account has it. ``id``: the remote id; of a built-in field the vendor's own name of it.

    ``options``: of a list; each with our key, its label and the CRM's id.
    """

    address: str
    id: str
    type: str
    name: str
    system: bool = False
    multiple: bool = False
    required_at: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()

    @property
    def entity(self) -> str:
        """deal or contact."""
        return self.address.split(".")[1]

    def option_id(self, key: str) -> str:
        """The CRM's id of an option of ours; a clinic's own option goes by ``#id``. Empty where there is none."""
        if key.startswith("#"):
            return key[1:]
        return next((option.id for option in self.options if option.key == key), "")

    def option_key(self, remote_id: str) -> str:
        """Our key of an option; ``#id`` for one of the clinic's own."""
        return next((option.key for option in self.options if option.id == remote_id), f"#{remote_id}")


@dataclass(frozen=True)
class Chart:
    """``names``: address -> remote id of the rest that is bound (loss reasons, sources, tags, task types). ``language``: of
    the account, ``ru`` or ``en``. ``currency``: its base currency, empty where it is not known."""

    language: str = "ru"
    stages: tuple[ChartStage, ...] = ()
    pipelines: tuple[ChartPipeline, ...] = ()
    fields: tuple[ChartField, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""

    @cached_property
    def stage(self) -> Mapping[str, ChartStage]:
        """Stages by address."""
        return {stage.address: stage for stage in self.stages if stage.address}

    @cached_property
    def stage_of_id(self) -> Mapping[str, ChartStage]:
        """Stages by remote id."""
        return {stage.id: stage for stage in self.stages}

    @cached_property
    def field(self) -> Mapping[str, ChartField]:
        """Fields by address."""
        return {one.address: one for one in self.fields}

    def fields_of(self, entity: str) -> tuple[ChartField, ...]:
        """The fields of deals, or of contacts."""
        return tuple(one for one in self.fields if one.entity == entity)

    def pipeline_id(self, address: str) -> str:
        """The remote id of a pipeline of ours, empty where it is gone."""
        return next((one.id for one in self.pipelines if one.address == address), "")
