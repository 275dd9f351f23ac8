"""The moderator's checklist: each demand of a market, and what proves it: a test, a command, or a look by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from widget_backend.texts import Text

HEAD: Final = (Text("Требование", "Demand"), Text("Источник", "Source"), Text("Чем подтверждено", "Proven by"))
BY_HAND: Final = Text("вручную: {what}", "by hand: {what}")
LEAD: Final = Text(
    "Тесты запускает `make test`; отдельный: `.venv/bin/python -m pytest ФАЙЛ::ИМЯ`.",
    "`make test` runs the tests; one of them: `.venv/bin/python -m pytest FILE::NAME`.",
)


@dataclass(frozen=True, slots=True)
class Point:
    """One demand. ``tests``: ``file::name`` below ``tests``; ``command``: a line to run; ``look``: what a person checks."""

    demand: Text
    source: str
    tests: tuple[str, ...] = ()
    command: str = ""
    look: Text | None = None

    def row(self) -> tuple[Text, Text, Text]:
        """As a row of the checklist."""
        plain = [f"`tests/{test}`" for test in self.tests] + ([f"`{self.command}`"] if self.command else [])
        by_hand = BY_HAND.format(what=self.look) if self.look else None
        ru = "; ".join([*plain, *([by_hand.ru] if by_hand else [])])
        en = "; ".join([*plain, *([by_hand.en] if by_hand else [])])
        return self.demand, Text(self.source, self.source), Text(ru, en)


BITRIX24: Final = (
    Point(
        Text(
            "Установщик не оставляет пустой страницы и сам ведёт в приложение",
            "The installer leaves no blank page and leads on into the application by itself",
        ),
        "bitrix24.md §7 (1)",
        ("e2e/test_walk_bitrix24.py::test_a_clinic_is_set_up_and_led_on_into_the_application",),
    ),
    Point(
        Text(
            "Чистая установка, удаление, повторная установка; после удаления данных в базе нет",
            "Clean install, removal, install again; after removal the data are gone",
        ),
        "bitrix24.md §7 (2)",
        (
            "web/test_install_bitrix24.py::test_removal_wipes_access_and_leaves_a_signed_note",
            "web/test_install_bitrix24.py::test_installed_again_it_is_the_same_installation_with_new_access",
            "e2e/test_walk_bitrix24.py::test_what_was_removed_is_known_as_removed_and_comes_back",
        ),
    ),
    Point(
        Text("Проверено под администратором и под сотрудником", "Tried as administrator and as employee"),
        "bitrix24.md §7 (3)",
        (
            "web/test_install_bitrix24.py::test_an_ordinary_user_cannot_install",
            "web/test_install_bitrix24.py::test_an_ordinary_user_sees_the_wizard_and_may_not_change_anything",
        ),
    ),
    Point(
        Text("Права и места только те, что используются", "Only the permissions and places that are in use"),
        "bitrix24.md §7 (4, 5)",
        ("unit/market/test_market_permissions.py::test_every_method_is_opened_by_a_permission_and_none_is_idle",),
    ),
    Point(
        Text("Вход только по OAuth 2.0", "Access by OAuth 2.0 only"),
        "bitrix24.md §7 (6)",
        ("web/test_forged.py::test_an_invented_token_is_refused",),
    ),
    Point(
        Text("Адреса отвечают на HEAD, сертификат действителен", "The addresses answer HEAD, the certificate is valid"),
        "bitrix24.md §7 (7)",
        ("web/test_install_bitrix24.py::test_the_markets_check_finds_the_pages_there",),
        look=Text("сертификат публичного адреса", "the certificate of the public address"),
    ),
    Point(
        Text("Работает в коробочной версии", "It works on-premise"),
        "bitrix24.md §7 (8)",
        ("web/test_install_bitrix24.py::test_the_page_can_be_framed_by_this_portal_alone",),
        look=Text("установка на коробке", "an installation on-premise"),
    ),
    Point(
        Text("Не перегружает портал запросами", "It does not overload the portal with requests"),
        "bitrix24.md §7 (9)",
        (
            "flows/test_provisioning.py::test_an_install_takes_few_requests",
            "flows/test_provisioning.py::test_no_request_comes_sooner_than_the_crm_allows",
        ),
    ),
    Point(
        Text("Журнал запросов хранится не меньше 3 дней", "The log of requests is kept for 3 days or longer"),
        "bitrix24.md §7 (10)",
        ("unit/market/test_market_documents.py::test_the_log_of_requests_is_kept_as_long_as_the_market_demands",),
    ),
    Point(
        Text(
            "Вид страниц: без прокрутки, ошибок скриптов и битых ссылок",
            "Pages: no scroll bars, no errors of scripts, no dead links",
        ),
        "bitrix24.md §7 (11)",
        (
            "e2e/test_looks.py::test_every_screen_of_the_wizard",
            "e2e/test_panel_looks.py::test_every_look_of_the_panel",
            "e2e/test_office_looks.py::test_every_look_of_journal_and_health",
        ),
    ),
    Point(
        Text("Демоданные вымышлены", "Demo data are invented"),
        "bitrix24.md §7 (12)",
        look=Text("снимки экрана в screenshots", "the pictures in screenshots"),
    ),
    Point(
        Text(
            "Лицензия и политика с точным названием приложения", "Licence and policy with the application's exact name"
        ),
        "bitrix24.md §7 (13, 16)",
        (
            "unit/market/test_market_documents.py::test_the_documents_name_the_application_and_who_answers",
            "web/test_documents_pages.py::test_a_document_is_read_without_a_session_in_the_language_asked_for",
        ),
        look=Text(
            "сервер и копии базы стоят в России; часы поддержки в support.txt верны",
            "server and copies of the database stand in Russia; the hours in support.txt are right",
        ),
    ),
    Point(
        Text("Тексты карточки в пределах ограничений", "The card's texts are within the limits"),
        "bitrix24.md §7 (15)",
        ("unit/market/test_market_card.py::test_a_text_fits_its_field",),
    ),
    Point(
        Text("Значок и снимки экрана нужного размера", "Icon and pictures of the size demanded"),
        "bitrix24.md §7 (17)",
        (
            "unit/market/test_market_kit.py::test_the_icon_is_square_opaque_and_of_the_size_demanded",
            "unit/market/test_market_kit.py::test_a_picture_of_another_size_is_refused",
        ),
    ),
)
AMOCRM: Final = (
    Point(
        Text(
            "Архив виджета проходит правила кода, стилей, локалей и логотипов",
            "The widget's archive meets the rules of code, styles, texts and logos",
        ),
        "amocrm.md §7.2, §7.4",
        ("unit/widget/test_widget_lint.py::test_our_own_archive_is_clean",),
        command="dental-crm widget lint",
    ),
    Point(
        Text(
            "Согласие на передачу данных и ссылка на политику",
            "Consent to hand over data, and a link to the policy",
        ),
        "amocrm.md §7.4",
        ("e2e/test_widget_amocrm.py::test_nothing_is_installed_without_consent_and_what_was_agreed_to_is_shown",),
    ),
    Point(
        Text("Логин и пароль не запрашиваются, вход по OAuth 2.0", "No login and password, access by OAuth 2.0"),
        "amocrm.md §7.4",
        ("web/test_install_amocrm.py::test_consent_in_a_browser_ends_in_the_wizard",),
    ),
    Point(
        Text("При сбое названы причина и наша поддержка", "A failure names its cause and our support"),
        "amocrm.md §7.4",
        ("e2e/test_widget_amocrm.py::test_a_service_that_is_away_is_said_with_whom_to_write",),
    ),
    Point(
        Text("Виджет можно выключить в любой момент", "The widget can be switched off at any time"),
        "amocrm.md §7.4",
        ("e2e/test_walk_amocrm.py::test_what_was_switched_off_is_known_as_gone_and_comes_back",),
    ),
    Point(
        Text("Меняются только разрешённые области", "Only the areas that are allowed are changed"),
        "amocrm.md §7.4",
        ("e2e/test_widget_amocrm.py::test_every_area_is_neat",),
    ),
    Point(
        Text("Одноразовый токен виджета и точный источник", "The widget's one-time token and the exact origin"),
        "amocrm.md §6",
        (
            "web/test_forged.py::test_a_widget_token_is_good_for_one_use",
            "e2e/test_refusals.py::test_a_token_from_another_origin_is_refused_by_the_browser_and_by_us",
        ),
    ),
    Point(
        Text("Действия на этапах и шаги бота работают", "Actions on stages and steps of a bot work"),
        "amocrm.md §6",
        (
            "e2e/test_widget_amocrm.py::test_an_action_on_a_stage_is_chosen_from_lists_and_carried_out",
            "e2e/test_widget_amocrm.py::test_a_step_of_a_bot_routes_the_patient_and_leaves_by_what_it_found",
        ),
    ),
    Point(
        Text(
            "В карточке назван нужный тариф, в имени нет «amoCRM»", "The card names the plan; no “amoCRM” in the name"
        ),
        "amocrm.md §7.4",
        (
            "unit/market/test_market_card.py::test_a_text_fits_its_field",
            "unit/market/test_market_card.py::test_a_name_holds_no_vendors_brand",
        ),
    ),
    Point(
        Text("Одинаковый архив из одинаковых исходников", "The same archive from the same sources"),
        "amocrm.md §7.2",
        ("unit/widget/test_widget_archive.py::test_two_builds_are_the_same_bytes",),
        command="dental-crm widget build",
    ),
    Point(
        Text("Модератору дан доступ и инструкция", "The moderator is given access and instructions"),
        "amocrm.md §7.4",
        look=Text("trial.txt в переписке с модератором", "trial.txt in the talk with the moderator"),
    ),
)
POINTS: Final[Mapping[str, tuple[Point, ...]]] = {"bitrix24": BITRIX24, "amocrm": AMOCRM}
