"""From a file to a :class:`Preset`: read, upgrade, validate, check, build. And where the presets are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from installer.preset.configuring import configure
from installer.preset.preset import Preset
from installer.preset.reading.checks import check
from installer.preset.reading.naming import health_hints
from installer.preset.reading.nodes import MAX_BYTES, TOO_BIG, Source, read
from installer.preset.reading.problems import InvalidPreset, Problem
from installer.preset.reading.schema import SCHEMA, PresetPart
from installer.preset.reading.spelling import unknown_key
from widget_backend.errors import InvalidInput
from widget_backend.robots.reading.complaints import UNKNOWN, spell, translate
from widget_backend.robots.reading.complaints import Path as Steps
from widget_backend.texts import Text

#: the presets that come with the application
FOLDER = Path(__file__).resolve().parents[3] / "pipeline_presets"

#: from form n to form n + 1; a file keeps its own lines, so an upgrade moves and renames but does not reorder lists
UPGRADES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}

EMPTY = Text(
    "файл пуст: начните с schema: {schema}, образец — presets show dental и файлы пресетов приложения",
    "the file is empty: begin with schema: {schema}; the presets of the application are examples",
)
NO_MAPPING = Text(
    "пресет состоит из пар ключ: значение, первая — schema: {schema}",
    "a preset is made of pairs of key: value, the first one schema: {schema}",
)
NOT_THERE = Text("нет такого файла: проверьте имя и папку", "there is no such file: check its name and folder")
FOLDER_GIVEN = Text("это папка: укажите файл .yaml в ней", "this is a folder: name a .yaml file in it")
NO_PLAIN_FILE = Text("это не обычный файл", "this is not a plain file")
UNREADABLE = Text("файл не читается: проверьте права доступа", "the file cannot be read: check its permissions")
NOT_UTF8 = Text(
    "файл не в кодировке UTF-8: сохраните его текстом в UTF-8", "the file is not in UTF-8: save it as text in UTF-8"
)
TOO_NEW = Text(
    "файл новее программы (schema {found}, известна {known}): обновите программу",
    "the file is newer than the program (schema {found}, known {known}): update the program",
)


def load(path: Path) -> Preset:
    """Read a file. Raises :class:`InvalidPreset`, also where there is nothing to read."""
    return loads(_text(path), path.name)


@lru_cache(maxsize=8)
def loads(text: str, name: str) -> Preset:
    """Read a text; ``name`` is what messages call it. What was read lately is remembered: it takes a quarter of a second."""
    source = read(text)
    if not source.problems or source.data is not None:
        _validate(source)
    if source.problems:
        raise InvalidPreset(name, source.problems)
    preset: Preset = PresetPart().load(source.data)
    try:
        return configure(preset, {})
    except InvalidInput as fault:  # the defaults do not go together
        source.complain(("settings",), fault.message)
        raise InvalidPreset(name, source.problems) from fault


def warnings(path: Path) -> tuple[Problem, ...]:
    """What a readable file may hold but better should not: names that hint at a patient's health."""
    source = read(_text(path))
    found = [Problem(source.line(steps), spell(steps), words) for steps, words in health_hints(source.data)]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.path)))


def find(key: str) -> Preset:
    """The preset of that key; the path of a YAML file is accepted too."""
    if key.endswith((".yaml", ".yml")):
        return load(Path(key))
    known = _keys()
    if key not in known:
        names = ", ".join(known)
        raise InvalidInput(
            Text(
                f"Нет пресета «{key}». Есть: {names}; можно указать и путь к файлу .yaml.",
                f"There is no preset “{key}”. There are: {names}; the path of a .yaml file will do too.",
            )
        )
    return load(FOLDER / f"{key}.yaml")


def available() -> tuple[Preset, ...]:
    """The presets that come with the application, by key."""
    return tuple(load(FOLDER / f"{key}.yaml") for key in _keys())


def _keys() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def _text(path: Path) -> str:
    """A file's text, of which no more is read than a preset may hold."""
    wrong = NOT_THERE if not path.exists() else FOLDER_GIVEN if path.is_dir() else NO_PLAIN_FILE
    if not path.is_file():
        raise _refused(path, wrong)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as fault:
        raise _refused(path, UNREADABLE) from fault
    if len(content) > MAX_BYTES:
        raise _refused(path, TOO_BIG)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise _refused(path, NOT_UTF8) from fault


def _refused(path: Path, message: Text) -> InvalidPreset:
    return InvalidPreset(path.name, [Problem(0, "", message)])


def _validate(source: Source) -> None:
    if not isinstance(source.data, dict):
        source.complain((), (EMPTY if source.data is None else NO_MAPPING).format(schema=SCHEMA))
        return
    found = source.data.get("schema")
    if isinstance(found, int) and not isinstance(found, bool) and found > SCHEMA:
        source.complain(("schema",), TOO_NEW.format(found=found, known=SCHEMA))
        return
    source.data = _upgraded(source.data)
    for path, message in _flat(PresetPart().validate(source.data)):
        source.complain(path, unknown_key(path) if message == UNKNOWN else translate(message))
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
