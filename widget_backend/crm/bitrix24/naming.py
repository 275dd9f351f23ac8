"""The codes our objects bear in the CRM, and our keys read back from them (bitrix24.md §4.2, §4.5). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from widget_backend.crm.bitrix24 import words

#: longest name of a user field, ``UF_CRM_`` included
FIELD_NAME = 50
#: longest code of a stage, the prefix of its pipeline included
STAGE_CODE = 22
#: longest code of a source; the vendor allows more
SOURCE_CODE = 40
#: what the codes of our sources and stages begin with, lest they meet the vendor's (NEW, CALL …)
PREFIX = "DENT_"
_HASH = 6


def field_prefix(entity: str) -> str:
    """What the names of our fields begin with; it fits ``userfieldconfig`` too (§4.5)."""
    return f"UF_CRM_{entity.upper()}_"


def field_name(entity: str, key: str) -> str:
    """The name of our field; the same key always gives the same name."""
    prefix = field_prefix(entity)
    return prefix + shortened(key.upper(), FIELD_NAME - len(prefix))


def field_mark(entity: str, key: str) -> str:
    """``XML_ID`` of our field: it holds the whole key, also where the name is shortened."""
    return f"_{field_prefix(entity)}{key.upper()}"


def field_key(entity: str, name: str, mark: str) -> str:
    """Our key of a field by its name, or by its mark where the name is shortened; empty for the clinic's own."""
    prefix = field_prefix(entity)
    if not name.startswith(prefix):
        return ""
    whole = mark.removeprefix(f"_{prefix}").lower()
    if mark.startswith(f"_{prefix}") and field_name(entity, whole) == name:
        return whole
    return name.removeprefix(prefix).lower()


def source_code(key: str) -> str:
    """``STATUS_ID`` of our source."""
    return PREFIX + shortened(key.upper(), SOURCE_CODE - len(PREFIX))


def source_key(code: str) -> str:
    """Our key of a source; empty for the clinic's own."""
    return code.removeprefix(PREFIX).lower() if code.startswith(PREFIX) else ""


def stage_directory(pipeline_id: str) -> str:
    """``ENTITY_ID`` of a pipeline's stages."""
    return words.STAGES if pipeline_id == words.DEFAULT_PIPELINE else f"{words.STAGES}_{pipeline_id}"


def stage_prefix(pipeline_id: str) -> str:
    """What the codes of a pipeline's stages begin with."""
    return "" if pipeline_id == words.DEFAULT_PIPELINE else f"C{pipeline_id}:"


def stage_code(pipeline_id: str, key: str, taken: Collection[str]) -> str:
    """A free ``STATUS_ID`` for our stage, with the prefix of its pipeline."""
    prefix = stage_prefix(pipeline_id)
    room = STAGE_CODE - len(prefix)
    code = prefix + shortened(PREFIX + key.upper(), room)
    number = 1
    while code in taken:
        number += 1
        code = prefix + shortened(f"{PREFIX}{key.upper()}_{number}", room)
    return code


def shortened(code: str, longest: int) -> str:
    """The code, or where it is too long its beginning and a checksum of the whole."""
    if len(code) <= longest:
        return code
    digest = hashlib.sha256(code.encode()).hexdigest()[:_HASH].upper()
    return f"{code[: longest - _HASH - 1]}_{digest}"
