"""Three copies of one attribute: preset, last written, CRM."""

from installer.settling import Copies, Settled, Verdict, settle
from widget_backend.crm.model import Option, Section


def test_same_value_needs_nothing() -> None:
    assert settle(Copies("Филиал", "Филиал", "Филиал")) == Settled(Verdict.SAME)


def test_preset_upgrade_of_an_untouched_value_is_written() -> None:
    assert settle(Copies("Врач", "Доктор", "Доктор")) == Settled(Verdict.UPDATE, "Врач")


def test_clinic_edit_is_kept_and_reported() -> None:
    assert settle(Copies("Врач", "Наш врач", "Врач")) == Settled(Verdict.EDITED)


def test_clinic_edit_that_was_agreed_to_is_quiet() -> None:
    assert settle(Copies("Врач", "Наш врач", "Врач", kept="Наш врач")) == Settled(Verdict.AGREED)


def test_edit_on_both_sides_is_a_question() -> None:
    assert settle(Copies("Лечащий врач", "Наш врач", "Врач")) == Settled(Verdict.CONFLICT, "Лечащий врач")


def test_both_sides_moving_to_the_same_value_is_no_question() -> None:
    assert settle(Copies("Лечащий врач", "Лечащий врач", "Врач")).verdict is Verdict.SAME


def test_adopted_value_is_left_as_the_clinic_has_it() -> None:
    assert settle(Copies("blue", "pink", ours=False)) == Settled(Verdict.AGREED)


def test_value_of_an_interrupted_run_is_finished() -> None:
    assert settle(Copies("blue", "grey", ours=True)) == Settled(Verdict.UPDATE, "blue")


def test_new_option_joins_the_clinics_own() -> None:
    now = (Option("", "Казань", "7"), Option("main", "Основной", "8"))
    wanted = (Option("main", "Основной"), Option("north", "Северный"))

    settled = settle(Copies(wanted, now, (Option("main", "Основной"),)))

    assert settled == Settled(Verdict.UPDATE, (*now, Option("north", "Северный")))


def test_option_renamed_by_the_clinic_stays_renamed() -> None:
    wanted = (Option("main", "Основной"),)
    now = (Option("main", "На Ленина", "8"),)

    assert settle(Copies(wanted, now, wanted)).verdict is Verdict.EDITED


def test_option_renamed_by_the_preset_keeps_its_id() -> None:
    settled = settle(
        Copies((Option("main", "Главный"),), (Option("main", "Основной", "8"),), (Option("main", "Основной"),))
    )

    assert settled == Settled(Verdict.UPDATE, (Option("main", "Главный", "8"),))


def test_option_removed_by_the_clinic_stays_removed() -> None:
    wanted = (Option("main", "Основной"), Option("north", "Северный"))

    assert settle(Copies(wanted, (Option("main", "Основной", "8"),), wanted)).verdict is Verdict.EDITED


def test_missing_field_is_added_to_the_clinics_card() -> None:
    now = (Section("Наше", ("TITLE", "UF_OWN")),)
    wanted = (Section("О приеме", ("TITLE", "UF_DOCTOR")),)

    settled = settle(Copies(wanted, now, ours=False))

    assert settled == Settled(
        Verdict.UPDATE, (Section("Наше", ("TITLE", "UF_OWN")), Section("О приеме", ("UF_DOCTOR",)))
    )


def test_field_taken_off_the_card_by_the_clinic_stays_off() -> None:
    wanted = (Section("О приеме", ("TITLE", "UF_DOCTOR")),)

    assert settle(Copies(wanted, (Section("О приеме", ("TITLE",)),), wanted)).verdict is Verdict.EDITED
