"""What a directory lets in: codes and their prefixes, the order of a pipeline's stages, colours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.stock import DIRECTORIES
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, legacy
from widget_backend.sandbox.bitrix24.state import stage_directory

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

#: a stage code with its pipeline's prefix fits into this
LONGEST_STAGE = 22
LONGEST_CODE = 50

DEFAULT_SORT = 10

GENERATED = ("#39A8EF", "#2FC6F6", "#55D0E0", "#47E4C2", "#FFA900")
FAILURE_COLOR = "#FF5752"


def is_stages(entity_id: str) -> bool:
    """Whether a directory holds stages."""
    return entity_id == "STATUS" or entity_id.startswith("DEAL_STAGE")


def is_directory(portal: Portal, entity_id: str) -> bool:
    """Whether this portal has the directory."""
    stages = map(stage_directory, portal.categories)
    return entity_id in DIRECTORIES or entity_id in stages


def code_of(portal: Portal, entity_id: str, given: str) -> str:
    """The code with its pipeline's prefix, checked."""
    prefix = f"C{entity_id[11:]}:" if entity_id.startswith("DEAL_STAGE_") else ""
    code = given
    if entity_id.startswith("DEAL_STAGE"):
        code = re.sub(r"^C\d+:", "", given)
        if len(code) > LONGEST_STAGE - len(prefix):
            raise _too_long(portal, LONGEST_STAGE - len(prefix))
        if not re.fullmatch(r"[0-9A-Za-z_-]+", code):
            text = portal.say("Код статуса содержит недопустимые символы.", "Status ID contains invalid characters.")
            raise RestError("ERROR_CORE", text)
    elif len(code) > LONGEST_CODE:
        raise _too_long(portal, LONGEST_CODE)
    if any(row.status_id == prefix + code for row in portal.directory(entity_id)):
        text = portal.say("Указанный код статуса уже существует.", "The specified status ID already exists.")
        raise RestError("ERROR_CORE", text)
    return prefix + code


def _too_long(portal: Portal, most: int) -> RestError:
    in_russian = f"Код статуса слишком длинный (больше {most} символов)."
    return RestError("ERROR_CORE", portal.say(in_russian, f"Status ID is too long (more than {most} characters)."))


def check_place(portal: Portal, entity_id: str, sort: int, semantics: str) -> None:
    """Refuse a second success, a failure before it, a stage in work behind it."""
    won = next((row.sort for row in portal.directory(entity_id) if row.semantics == "S"), None)
    if not is_stages(entity_id) or won is None:
        return
    if semantics == "S":
        raise legacy(portal.say("Успешная стадия уже есть.", "There can be only one final successful stage."))
    if semantics == "F" and sort <= won:
        in_russian = "Неуспешная стадия должна идти после успешной."
        raise legacy(portal.say(in_russian, "An unsuccessful stage has to come after the final successful stage."))
    if semantics != "F" and sort >= won:
        in_russian = "Стадию в работе нельзя добавить после успешной: возьмите меньшую сортировку."
        raise legacy(portal.say(in_russian, "A stage cannot be added after the final successful one: sort it before."))


def sort_of(given: Any) -> int:
    """The place in the order; 0 and less stand for the default."""
    return max(0, to_int(given)) or DEFAULT_SORT


def color_of(given: Any) -> str:
    """A colour with its hash sign, or nothing."""
    color = str(given or "").strip()
    return color if not color or color.startswith("#") else "#" + color


def generated(portal: Portal, entity_id: str, semantics: str) -> str | None:
    """The colour of a new stage that brings none."""
    if not is_stages(entity_id):
        return None
    return FAILURE_COLOR if semantics == "F" else GENERATED[len(portal.directory(entity_id)) % len(GENERATED)]
