"""Names people read: in both languages, short enough for both CRMs, and silent about a patient's health (T-04)."""

from pathlib import Path

import pytest

from installer import preset as presets
from installer.preset.reading.naming import health_hint
from installer.preset.reading.nodes import read
from tests.unit.installer.test_preset_expansion import AMOCRM, BITRIX24
from widget_backend.crm.model import Kind

FOLDER = Path(__file__).parents[3] / "pipeline_presets"
KEYS = ["dental", "dental-ident"]

#: quoted in the sources as labels that must not be in a CRM (S3-36), and a few of their kin
GIVING_AWAY = [
    "Бесплатная консультьтация и анализ массы тела",
    "Индекс массы тела",
    "Курс похудения",
    "Диагноз",
    "ВИЧ-статус",
    "Беременность",
    "Пациенты с диабетом",
    "Кариес верхней четвёрки",
    "Body mass index",
    "Weight loss course",
    "HIV status",
    "Diagnosis",
]

SILENT = [
    "План лечения",
    "На лечении",
    "Информация о санации",
    "Профосмотр",
    "Гигиена",
    "Маркетинг",
    "Виды услуг",
    "Привычный врач",
    "Тракт",
    "Treatment plan",
    "Aide",
]


def texts(data):
    """All pairs of words in both languages."""
    if isinstance(data, dict) and data.keys() == {"ru", "en"}:
        yield data["ru"], data["en"]
    else:
        for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
            yield from texts(inner)


def words(key):
    return list(texts(read((FOLDER / f"{key}.yaml").read_text(encoding="utf-8")).data))


@pytest.mark.parametrize("name", GIVING_AWAY)
def test_a_name_that_speaks_of_health_is_caught(name):
    assert health_hint(name) != ""


@pytest.mark.parametrize("name", SILENT)
def test_a_neutral_name_passes(name):
    assert health_hint(name) == ""


@pytest.mark.parametrize("key", KEYS)
def test_no_name_of_a_preset_speaks_of_health(key):
    assert presets.warnings(FOLDER / f"{key}.yaml") == ()


@pytest.mark.parametrize("capabilities", [BITRIX24, AMOCRM], ids=lambda c: c.vendor)
@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_nothing_that_reaches_a_crm_speaks_of_health(key, language, capabilities):
    resources = presets.desired(presets.find(key), capabilities, language)

    assert [resource.name for resource in resources if health_hint(resource.name)] == []


def test_a_file_with_such_a_name_is_sound_but_warned_of(tmp_path):
    file = tmp_path / "clinic.yaml"
    sound = (Path(__file__).parents[2] / "fixtures" / "presets" / "sound.yaml").read_text(encoding="utf-8")
    file.write_text(sound.replace("{ru: Новая,", "{ru: Индекс массы тела,"), encoding="utf-8")

    (warning,) = presets.warnings(file)

    assert presets.load(file).key == "sound"
    assert (warning.line, warning.path) == (12, "pipelines[0].stages[0].name.ru")
    assert "«Индекс массы тела»" in warning.message.ru


@pytest.mark.parametrize("key", KEYS)
def test_russian_words_are_russian_and_english_ones_english(key):
    letters = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")

    assert [en for _, en in words(key) if set(en.casefold()) & letters] == []
    assert [ru for ru, en in words(key) if ru != en and not set(ru.casefold()) & letters] == []


@pytest.mark.parametrize("key", KEYS)
def test_words_that_look_the_same_in_both_languages_are_names(key):
    same = {"WhatsApp", "Telegram", "MAX", "E-mail", "LTV", "NPS"}

    assert {ru for ru, en in words(key) if ru == en} <= same


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_labels_and_codes_fit_both_crms(key, language):
    preset = presets.find(key)
    on = {setting.key: True for setting in preset.settings if setting.type == "boolean"}
    resources = presets.desired(presets.configure(preset, on), AMOCRM, language)
    fields = [r for r in resources if r.kind is Kind.FIELD]

    assert [r.name for r in resources if len(r.name) > 100] == []
    assert [r.name for r in resources if r.kind in (Kind.STAGE, Kind.PIPELINE) and len(r.name) > 50] == []
    assert [r.address for r in fields if len(f"UF_CRM_{r.entity}_{r.key}") > 50] == []
    assert [r.address for r in resources if r.kind is Kind.STAGE and len(r.key) > 14] == []


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_no_two_fields_of_a_card_are_called_the_same(key, language):
    resources = presets.desired(presets.find(key), AMOCRM, language)
    names = [(r.entity, r.name) for r in resources if r.kind is Kind.FIELD]

    assert len(names) == len(set(names))
