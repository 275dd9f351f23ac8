"""What a person reads in the CRM about a routed deal. Only here are patients named: in the task of whoever has to choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from widget_backend.crm.records import Contact
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.families import person
from widget_backend.deals.routing.history import VISIT_TYPE
from widget_backend.texts import Text

TITLE: Final[Mapping[str, Text]] = {
    "family": Text("Выбрать пациента", "Choose the patient"),
    "disputed": Text("Выбрать пациента", "Choose the patient"),
    "no_patient": Text("Указать пациента", "Name the patient"),
    "no_phone": Text("Узнать телефон пациента", "Ask for the patient's phone"),
}
DECIDE: Final[Mapping[str, Text]] = {
    "family": Text(
        "Один телефон у нескольких пациентов. Спросите имя и дату рождения, оставьте в сделке того, о ком обращение, и "
        "заполните «{field}».",
        "Several patients share one phone. Ask for name and birth date, leave in the deal the one it is about, and fill in "
        "“{field}”.",
    ),
    "disputed": Text(
        "В сделке указан первичный прием, но у одного из пациентов с этим телефоном уже были визиты. Проверьте, о ком "
        "обращение, оставьте его в сделке и заполните «{field}».",
        "The deal says first visit, but one of the patients with this phone has been here. Check who it is about, leave that "
        "patient in the deal and fill in “{field}”.",
    ),
    "no_patient": Text(
        "В сделке нет пациента, поэтому не определено, первичный он или повторный. Добавьте контакт с телефоном или "
        "заполните «{field}».",
        "The deal has no patient, so it is not known whether this is a first or a repeat visit. Add a contact with a phone or "
        "fill in “{field}”.",
    ),
    "no_phone": Text(
        "У пациента нет телефона, поэтому не определено, первичный он или повторный. Узнайте телефон и впишите его в "
        "контакт или заполните «{field}».",
        "The patient has no phone, so it is not known whether this is a first or a repeat visit. Ask for the phone and enter "
        "it in the contact, or fill in “{field}”.",
    ),
}
VISIT_TYPE_NAME = Text("Тип приема", "Visit type")
CANDIDATE = Text("— {name}, контакт {id}", "— {name}, contact {id}")
BORN = Text("— {name}, {born}, контакт {id}", "— {name}, born {born}, contact {id}")
UNNAMED = Text("без имени", "no name")

AGAIN = Text(
    "Пациент обратился ещё раз: обращение из сделки {deal} передано сюда, чтобы у него была одна открытая сделка.",
    "The patient got in touch again: the enquiry of deal {deal} was handed over here, so that there is one open deal.",
)
HANDED = Text(
    "У пациента уже есть открытая сделка {deal}: обращение передано в неё, эта сделка закрыта как дубль.",
    "The patient has the open deal {deal} already: the enquiry was handed to it, this deal is closed as a duplicate.",
)
NEW_ENQUIRY = Text(
    "Новое обращение пациента, сделка которого уже открыта", "A new enquiry from a patient whose deal is open already"
)
ENQUIRY = Text("Новое обращение: {title}", "New enquiry: {title}")


def title(clinic: Clinic, code: str) -> str:
    """Of the task."""
    return clinic.say(TITLE[code])


def what_to_decide(clinic: Clinic, code: str, candidates: Sequence[Contact]) -> str:
    """The task's words, with everybody who may be meant."""
    field = clinic.chart.field.get(VISIT_TYPE)
    said = clinic.say(DECIDE[code].format(field=field.name if field else VISIT_TYPE_NAME))
    return "\n".join([said, *(_candidate(clinic, one) for one in candidates)])


def _candidate(clinic: Clinic, contact: Contact) -> str:
    born = person(contact).birth_date
    name = contact.name or UNNAMED
    line = BORN.format(name=name, born=f"{born:%d.%m.%Y}", id=contact.id) if born else None
    return clinic.say(line or CANDIDATE.format(name=name, id=contact.id))
