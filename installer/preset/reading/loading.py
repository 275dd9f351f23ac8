"""From a file to a :class:`Preset`: read, upgrade, validate, check, build. And where the presets are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from installer.preset.configuring import configure
from installer.preset.preset import Preset
from installer.preset.reading.checks import check
from installer.preset.reading.nodes import Source, read
from installer.preset.reading.problems import InvalidPreset, translate
from installer.preset.reading.problems import Path as Steps
from installer.preset.reading.schema import SCHEMA, PresetPart
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

#: the presets that come with the application
FOLDER = Path(__file__).resolve().parents[3] / "pipeline_presets"

#: from form n to form n + 1; a file keeps its own lines, so an upgrade moves and renames but does not reorder lists
UPGRADES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}

NO_MAPPING = Text("файл пуст или это не пары ключ: значение", "the file is empty or not pairs of key: value")
TOO_NEW = Text(
    "файл новее программы (schema {found}, известна {known}): обновите программу",
    "the file is newer than the program (schema {found}, known {known}): update the program",
)


def load(path: Path) -> Preset:
    """Read a file. Raises :class:`InvalidPreset`; an :class:`OSError` if it cannot be opened."""
    return loads(_text(path), path.name)


def loads(text: str, name: str) -> Preset:
    """Read a text; ``name`` is what messages call it."""
    source = read(text)
    if not source.problems or source.data is not None:
        _validate(source)
    if source.problems:
        raise InvalidPreset(name, source.problems)
    preset: Preset = PresetPart().load(source.data)
    return configure(preset, {})


def find(key: str) -> Preset:
    """The preset of that key; the path of a YAML file is accepted too."""
    if key.endswith((".yaml", ".yml")):
        path = Path(key)
        if not path.is_file():
            raise InvalidInput(
                Text(f"Нет такого файла: {key}. Ничего не сделано.", f"There is no such file: {key}. Nothing was done.")
            )
        return load(path)
    known = _keys()
    if key not in known:
        names = ", ".join(known)
        raise InvalidInput(
            Text(
                f"Нет пресета «{key}». Есть: {names}; можно указать и путь к файлу .yaml.",
                f"There is no preset «{key}». There are: {names}; the path of a .yaml file will do too.",
            )
        )
    return load(FOLDER / f"{key}.yaml")


def available() -> tuple[Preset, ...]:
    """The presets that come with the application, by key."""
    return tuple(load(FOLDER / f"{key}.yaml") for key in _keys())


def _keys() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        source = Source()
        source.complain((), Text("файл не в кодировке UTF-8", "the file is not in UTF-8"))
        raise InvalidPreset(path.name, source.problems) from fault


def _validate(source: Source) -> None:
    if not isinstance(source.data, dict):
        source.complain((), NO_MAPPING)
        return
    found = source.data.get("schema")
    if isinstance(found, int) and not isinstance(found, bool) and found > SCHEMA:
        source.complain(("schema",), TOO_NEW.format(found=found, known=SCHEMA))
        return
    source.data = _upgraded(source.data)
    for path, message in _flat(PresetPart().validate(source.data)):
        source.complain(path, translate(message))
    check(source)


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """Brought up to the newest form, one step at a time."""
    while (upgrade := UPGRADES.get(str(data.get("schema")))) is not None:
        data = upgrade(data)
    return data


def _flat(errors: Any, path: Steps = ()) -> Iterator[tuple[Steps, object]]:
    """Marshmallow's nested messages as (path, message); ``_schema`` speaks of the whole part."""
    if isinstance(errors, dict):
        for key, inner in errors.items():
            yield from _flat(inner, path if key == "_schema" else (*path, key))
    elif isinstance(errors, list):
        for inner in errors:
            yield from _flat(inner, path)
    else:
        yield path, errors
