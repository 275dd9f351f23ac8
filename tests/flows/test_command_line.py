"""The command line as scripts and impatient people use it: pipes, signals, misspelt words, files altered by hand."""

from __future__ import annotations

import errno
import json
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clinics import Clinic, Ended, one_sentence

from widget_backend import disk
from widget_backend.cli import main
from widget_backend.crm.amocrm.judge import Judge
from widget_backend.errors import Unavailable
from widget_backend.sandbox.faults import Fault
from widget_backend.transport import Answer

PAGE = "<!DOCTYPE html><html><body>Клиника «Улыбка»</body></html>"

Words = Callable[..., Ended]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Words:
    """Run these very words in this process, from the entry point on."""
    monkeypatch.setenv("DENTAL_CRM_HOME", str(tmp_path))
    monkeypatch.delenv("DENTAL_CRM_LANG", raising=False)

    def run(*words: str) -> Ended:
        with pytest.raises(SystemExit) as end:
            main(words)
        said = capfd.readouterr()
        return Ended(int(end.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """A server of this machine that takes a request and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


@pytest.fixture
def plan(boris: Clinic) -> dict[str, Any]:
    """Boris's plan as it is saved."""
    data: dict[str, Any] = boris.run("plan", "dental", "--json").data
    return data


@pytest.fixture
def saved(plan: dict[str, Any], tmp_path: Path) -> Callable[[], str]:
    """Saves the plan as it is by now; the name of its file."""
    file = tmp_path / "plan.json"

    def save() -> str:
        file.write_text(json.dumps(plan), encoding="utf-8")
        return str(file)

    return save


def test_the_sandbox_tells_its_addresses_to_a_pipe_at_once(boris: Clinic) -> None:
    serving = boris.waiting("sandbox", "--json", "--bitrix24-port", "0", "--amocrm-port", "0")
    assert serving.stdin and serving.stdout
    serving.stdin.write("\n")
    serving.stdin.flush()

    told = json.loads("".join(iter(serving.stdout.readline, "}\n")) + "}")

    serving.terminate()
    serving.communicate(timeout=60)
    assert sorted(told) == ["amocrm", "bitrix24"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("nosuch",), "такой команды нет"),
        (("plan",), "не хватает PRESET"),
        (("plan", "dental", "--yess"), "такого параметра нет"),
        (("plan", "dental", "--conflicts", "maybe"), "значение --conflicts не годится"),
        (("plan", "dental", "tail"), "лишнее или недописанное слово"),
        (("sandbox", "--amocrm-port", "70000"), "значение --amocrm-port не годится"),
    ],
)
def test_a_misspelt_command_line_is_one_sentence_or_one_value(say: Words, words: tuple[str, ...], what: str) -> None:
    said, data = say(*words), say(*words, "--json")

    one_sentence(said, "Команда написана неверно", what, "Ничего не сделано", "--help")
    assert (data.code, data.err, data.data["error"]) == (1, "", "Usage")
    assert what in data.data["message"]


def test_a_misspelt_command_line_answers_in_the_language_asked_for(say: Words) -> None:
    one_sentence(say("plan", "--lang", "en"), "The command line is wrong: PRESET is missing")
    one_sentence(say("plan", "--lang=en"), "The command line is wrong")
    one_sentence(say("--lang", "xx", "plan"), "Команда написана неверно")


def test_a_wrong_setting_is_one_value_too(say: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://nowhere")

    ended = say("presets", "list", "--json")

    assert (ended.code, ended.data["error"]) == (1, "InvalidInput")


def test_the_help_says_what_conflicts_decides(boris: Clinic) -> None:
    assert "removed it" in " ".join(boris.bare("plan", "--help").out.split())


@pytest.mark.parametrize("made_of", [Path.touch, lambda path: path.symlink_to("/proc/nope")])
def test_a_data_folder_that_cannot_be(boris: Clinic, tmp_path: Path, made_of: Callable[[Path], None]) -> None:
    home = tmp_path / "home"
    made_of(home)

    one_sentence(Clinic(boris.sandbox, "", home).run("plan"), "Папка данных", str(home), "DENTAL_CRM_HOME")


def test_a_log_that_cannot_be_written_is_no_concern_of_the_screen(boris: Clinic) -> None:
    (boris.home / "dental-crm.log").symlink_to("/dev/full")

    one_sentence(boris.process("plan", "dentall", *boris.sandbox.target), "dentall")


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "нет места на диске"), (errno.EACCES, "нет доступа"), (errno.ENOENT, "нет такого файла или папки")],
)
def test_what_the_disk_refuses_is_said_in_russian(number: int, words: str) -> None:
    assert disk.reason(OSError(number, "in English")).ru == words


def test_what_nobody_has_put_into_russian_stands_in_brackets() -> None:
    assert disk.reason(OSError(errno.ELOOP, "Too many levels")).ru == "отказ системы (Too many levels)"


def test_a_plan_that_cannot_be_saved(boris: Clinic, tmp_path: Path) -> None:
    one_sentence(
        boris.run("plan", "dental", "--out", str(tmp_path / "none" / "plan.json")), "нет такого файла или папки"
    )


def test_a_rollback_of_nothing_says_so(clinic: Clinic) -> None:
    ended = clinic.run("rollback", "dental", "--yes")

    assert ended.code == 0
    assert "Откатывать нечего" in ended.out
    assert "настроена по пресету" not in ended.out


def test_a_plan_of_another_account(alice: Clinic, saved: Callable[[], str]) -> None:
    ended = alice.run("apply", "dental", "--plan", saved())

    one_sentence(ended, "План сохранён для аккаунта", "bitrix24", "amocrm", "Ничего не сделано")
    assert alice.sandbox.writes == []


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("dental-ident",), "План сохранён по пресету dental 1.1.0, а указан dental-ident"),
        (("dental", "--set", "branches=Центр; Север"), "с другими настройками"),
    ],
)
def test_a_plan_of_another_preset(boris: Clinic, saved: Callable[[], str], words: tuple[str, ...], what: str) -> None:
    one_sentence(boris.run("apply", *words, "--plan", saved()), what, "Ничего не сделано")
    assert boris.sandbox.writes == []


def test_a_plan_altered_by_hand_is_refused(boris: Clinic, plan: dict[str, Any], saved: Callable[[], str]) -> None:
    created = next(row for row in plan["rows"] if row["action"] == "create")
    created["after"]["name"] = "Совсем другое"

    one_sentence(boris.run("apply", "dental", "--plan", saved()), "План изменён", "сохраните план заново")
    assert boris.sandbox.writes == []


@pytest.mark.parametrize("checksum", ["", None, "0" * 64])
def test_a_plan_without_its_checksum_is_refused(
    boris: Clinic, plan: dict[str, Any], saved: Callable[[], str], checksum: str | None
) -> None:
    plan["checksum"] = checksum

    one_sentence(boris.run("apply", "dental", "--plan", saved()), "План изменён")
    assert boris.sandbox.writes == []


def test_what_answers_is_not_amocrm() -> None:
    for_a_page = [Judge("clinic.example", "GET account")(Answer(status, {}, None, PAGE)) for status in (404, 200)]

    assert [type(error) for error in for_a_page] == [Unavailable, Unavailable]
    assert {error.message.ru.partition(",")[0] for error in for_a_page if error} == {
        "По этому адресу отвечает не amoCRM"
    }


@pytest.mark.parametrize(
    "address",
    ["http://[::1/rest/1/a/", "https://clinic.example:99999/rest/1/a/", "https://a..b/rest/1/a/", "https://a b/"],
)
def test_an_address_that_cannot_be(boris: Clinic, address: str) -> None:
    one_sentence(boris.bare("plan", "dental", "--bitrix24", address), "Адрес CRM неверный", "Ничего не сделано")


def test_a_method_hidden_for_the_whole_run_says_what_to_do(boris: Clinic) -> None:
    boris.sandbox.plan(Fault(0, "hidden_404"))

    one_sentence(boris.run("plan"), "не даёт метод", "напишите в поддержку")


def test_a_section_of_the_api_that_is_not_there_says_what_to_do() -> None:
    error = Judge("clinic.example", "GET leads/pipelines")(Answer(404, {}, {"title": "Not Found"}, "{}"))

    assert error
    assert "Проверьте адрес аккаунта и права интеграции" in error.message.ru


def test_drift_is_told_in_words(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.hands.rename_stage("Приемы", "Взято в работу", "Звоним")
    clinic.sandbox.hands.remove_pipeline("Реанимация")

    ended = clinic.run("drift")

    assert ended.code == 2
    assert "название: Взято в работу → Звоним" in ended.out
    assert "Реанимация — удалено клиникой" in ended.out
    assert "(title=" not in ended.out
    assert "sections" not in ended.out


def test_a_card_the_clinic_has_changed_is_told_by_its_fields(boris: Clinic) -> None:
    boris.run("apply", "dental", "--yes")
    _clear_first_section(boris, "Приемы")

    ended = boris.run("drift")

    assert "разделы: Пациент и запись: Название, Клиент, Ответственный" in ended.out
    assert "Section" not in ended.out


def _clear_first_section(boris: Clinic, pipeline: str) -> None:
    call: Callable[..., Any] = boris.sandbox.hands.call  # type: ignore[attr-defined]
    rows = call("crm.category.list", entityTypeId=2)["categories"]
    card = {"scope": "C", "extras": {"dealCategoryId": next(row["id"] for row in rows if row["name"] == pipeline)}}
    first, *others = call("crm.deal.details.configuration.get", **card)
    call("crm.deal.details.configuration.set", **card, data=[{**first, "elements": first["elements"][-1:]}, *others])


def test_a_reader_who_leaves_does_not_end_the_run(boris: Clinic) -> None:
    applying = boris.waiting("apply", "dental", *boris.sandbox.target, "--yes")
    assert applying.stdin and applying.stdout and applying.stderr
    applying.stdout.close()
    applying.stdin.write("\n")
    applying.stdin.close()

    said = applying.stderr.read()

    assert (applying.wait(60), said) == (0, "")
    assert boris.run("verify").code == 0
    applying.stderr.close()


def test_letters_that_the_output_cannot_say_do_not_end_the_run(boris: Clinic) -> None:
    words = boris.process("presets", "list", PYTHONIOENCODING="ascii")
    data = boris.process("presets", "list", "--json", PYTHONIOENCODING="ascii")

    assert (words.code, words.err, data.code) == (0, "", 0)
    assert data.data[0]["name"] == "Стоматология"


def test_sigterm_ends_as_ctrl_c_does(boris: Clinic, deaf: socket.socket) -> None:
    url = f"http://127.0.0.1:{deaf.getsockname()[1]}/rest/1/code/"
    asking = boris.waiting("plan", "dental", "--bitrix24", url)
    assert asking.stdin
    asking.stdin.write("\n")
    asking.stdin.flush()
    connection, _ = deaf.accept()

    asking.send_signal(signal.SIGTERM)

    with connection:
        out, err = asking.communicate(timeout=60)
    one_sentence(Ended(asking.returncode, out, err), "Прервано", "запустите команду снова")
