"""The privacy policy: what data, what for, where, how long, who answers (domain.md §6: 152-FZ, 323-FZ); as the code does it."""

from __future__ import annotations

from typing import Final

from widget_backend.market.document import Document, Section
from widget_backend.market.naming import NAME
from widget_backend.market.publisher import Publisher
from widget_backend.market.terms import KEPT
from widget_backend.texts import Text

TITLE: Final = Text("Политика обработки данных", "Privacy policy")
LEAD: Final = Text(
    "О том, какие данные приложение «{name}» берёт из CRM клиники, зачем, где и сколько их хранит и как их удалить. "
    "Действует для приложения по адресу {service}.",
    "What data the application “{name}” takes from a clinic's CRM, what for, where and how long it keeps them and how they are "
    "deleted. It holds for the application at {service}.",
)
#: where nobody is named in the settings
NOBODY: Final = Text(
    "владелец сервиса, указанный в карточке приложения в маркете",
    "the owner of the service, named in its card of the market",
)
BY_CARD: Final = Text("через карточку приложения в маркете", "by the application's card in the market")


def privacy(publisher: Publisher) -> Document:
    """The policy of this publisher."""
    lead = LEAD.format(name=NAME, service=publisher.service)
    return Document(TITLE, lead, (*_who(publisher), *_WHAT, _terms(), *_END, _asking(publisher)))


def contact(publisher: Publisher) -> Text:
    """Where to write."""
    return Text(publisher.support, publisher.support) if publisher.support else BY_CARD


def named(publisher: Publisher) -> Text:
    """Who answers."""
    return Text(publisher.name, publisher.name) if publisher.name else NOBODY


def _who(publisher: Publisher) -> tuple[Section, ...]:
    lines = (
        Text(
            "Оператор персональных данных — клиника: она собирает их у пациентов и решает, зачем. Мы обрабатываем их по её "
            "поручению (ст. 6 ч. 3 152-ФЗ) и только для работы приложения в её CRM.",
            "The controller is the clinic: it collects the data from patients and decides what for. We process them on its "
            "assignment (152-FZ art. 6 p. 3) and only for the application to work in its CRM.",
        ),
        Text("Кто обрабатывает: {who}. Связь: {where}.", "Who processes: {who}. Contact: {where}.").format(
            who=named(publisher), where=contact(publisher)
        ),
    )
    return (Section(Text("Кто отвечает", "Who answers"), lines),)


_WHAT: Final = (
    Section(
        Text("Какие данные", "What data"),
        (
            Text(
                "Приложение читает и меняет в CRM то, что нужно для пути пациента по воронкам:",
                "The application reads and changes in the CRM what a patient's way through the pipelines needs:",
            ),
        ),
        (
            Text(
                "сделки: номер, название, воронка, этап, поля, ответственный, даты;",
                "deals: number, name, pipeline, stage, fields, responsible person, dates;",
            ),
            Text(
                "контакты: имя и телефон, чтобы узнать повторного пациента; другие поля карточки, если их переносит копия;",
                "contacts: name and phone, to know a returning patient; other fields of the card where a copy carries them;",
            ),
            Text(
                "задачи, дела и примечания сделки, в том числе факт звонка или сообщения;",
                "tasks, to-dos and notes of a deal, the fact of a call or message among them;",
            ),
            Text(
                "сотрудники: имя, должность, отдел, чтобы назначить ответственного;",
                "employees: name, position, department, to choose who is responsible;",
            ),
            Text(
                "настройка CRM: воронки, этапы, поля, карточки.", "the CRM's set-up: pipelines, stages, fields, cards."
            ),
        ),
    ),
    Section(
        Text("Чего приложение не делает", "What the application does not do"),
        (),
        (
            Text(
                "не спрашивает логин и пароль CRM: доступ даёт сама CRM по OAuth 2.0;",
                "it never asks for the CRM's login and password: the CRM itself gives access by OAuth 2.0;",
            ),
            Text(
                "не передаёт данные третьим лицам, не ведёт рекламу и рассылки, не ставит счётчики и cookie;",
                "it hands no data to third parties, does no advertising and no mailings, sets no counters and no cookies;",
            ),
            Text(
                "не читает медицинские карты. Сведения о здоровье (ст. 10 152-ФЗ, ст. 13 323-ФЗ) в поля CRM вносит только сама "
                "клиника, если у неё есть основание;",
                "it reads no medical records. Facts of health (152-FZ art. 10, 323-FZ art. 13) get into fields of the CRM by "
                "the clinic alone, where it has a basis;",
            ),
            Text(
                "не пишет имена, телефоны и ключи доступа в технические журналы.",
                "it writes no names, phones and keys of access into technical logs.",
            ),
        ),
    ),
    Section(
        Text("Где хранятся и как защищены", "Where they are kept, and how safe"),
        (
            Text(
                "Данные пациентов остаются в CRM клиники. Своя база приложения стоит на сервере по адресу сервиса; базы с "
                "данными граждан России и копии этих баз размещаются в России (ст. 18 ч. 5 152-ФЗ).",
                "Patients' data stay in the clinic's CRM. The application's own database stands on the server of the service; "
                "databases with data of citizens of Russia and their copies are placed in Russia (152-FZ art. 18 p. 5).",
            ),
        ),
        (
            Text(
                "обмен только по TLS; ключи доступа и тела сообщений зашифрованы, ключ шифрования лежит отдельно от базы;",
                "all exchange by TLS; keys of access and bodies of messages are sealed, the key of the seal lies apart from "
                "the database;",
            ),
            Text(
                "данные каждой клиники отделены: одна не видит ничего у другой;",
                "each clinic's data stand apart: none sees anything of another;",
            ),
            Text(
                "права по ролям; действия людей записываются в неизменяемый журнал: кто, когда, что.",
                "rights by roles; what people do is written into a log that cannot be changed: who, when, what.",
            ),
        ),
    ),
)


def _terms() -> Section:
    lines = (
        Text(
            "Срок назван для каждого вида данных; по его окончании они удаляются сами:",
            "Each kind of data has its term, and is deleted by itself when it ends:",
        ),
    )
    return Section(Text("Сколько хранятся", "How long they are kept"), lines, tuple(each.said for each in KEPT))


_END: Final = (
    Section(
        Text("Удаление", "Deletion"),
        (
            Text(
                "Когда приложение удаляют из CRM, ключи доступа, настройки, история и всё, что может назвать человека, "
                "стираются сразу. Остаются подписанная запись об удалении (что, когда и сколько строк стёрто), журнал "
                "действий без имён и номера созданных воронок и полей, чтобы повторная установка их нашла.",
                "When the application is removed from the CRM, keys of access, settings, history and whatever may name a "
                "person are wiped at once. What stays is a signed note of the deletion (what, when, how many rows), the log "
                "of acts without names, and the numbers of the pipelines and fields that were made, so that another "
                "installation finds them.",
            ),
            Text(
                "Созданное в CRM остаётся в CRM и принадлежит клинике.",
                "What was made in the CRM stays in the CRM and is the clinic's.",
            ),
        ),
    ),
)


def _asking(publisher: Publisher) -> Section:
    lines = (
        Text(
            "Пациент обращается в свою клинику: она отвечает на запросы о доступе, исправлении и отзыве согласия. Мы исполняем "
            "поручения клиники об этом. Связь: {where}.",
            "A patient turns to the clinic: it answers requests of access, correction and withdrawal of consent. We carry "
            "out what the clinic tells us about it. Contact: {where}.",
        ).format(where=contact(publisher)),
        Text(
            "О случае, при котором данные могли стать известны посторонним, мы сообщаем клинике сразу, чтобы она уведомила "
            "Роскомнадзор за 24 часа (ст. 21 ч. 3.1 152-ФЗ).",
            "Of an incident by which strangers may have learned data we tell the clinic at once, so that it can notify the "
            "regulator within 24 hours (152-FZ art. 21 p. 3.1).",
        ),
    )
    return Section(Text("Обращения", "Requests"), lines)
