"""Presets: what a clinic's CRM should hold, as YAML files. Values, loader, settings, expansion into resources, outline."""

from installer.preset.configuring import configure
from installer.preset.expansion import desired
from installer.preset.outline import outline
from installer.preset.preset import Preset
from installer.preset.reading.json_schema import json_schema
from installer.preset.reading.loading import available, find, load, loads, warnings
from installer.preset.reading.problems import InvalidPreset, Problem
from installer.preset.ruleset import working_rules, working_tasks
from installer.preset.skipping import skippable, turned_off, without

__all__ = [
    "InvalidPreset",
    "Preset",
    "Problem",
    "available",
    "configure",
    "desired",
    "find",
    "json_schema",
    "load",
    "loads",
    "outline",
    "skippable",
    "turned_off",
    "warnings",
    "without",
    "working_rules",
    "working_tasks",
]
