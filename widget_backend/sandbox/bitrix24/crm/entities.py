"""The standard fields of deals, contacts, leads and companies, by their names in both APIs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.state import COMPANY, CONTACT, DEAL, LEAD

#: entity type -> (code of its user fields, its name in method names, code of one letter)
NAMES = {LEAD: ("CRM_LEAD", "lead", "L"), DEAL: ("CRM_DEAL", "deal", "D")} | {
    CONTACT: ("CRM_CONTACT", "contact", "C"),
    COMPANY: ("CRM_COMPANY", "company", "CO"),
}

#: names that the older API spells in its own way
LEGACY_NAMES = {
    "createdTime": "DATE_CREATE",
    "updatedTime": "DATE_MODIFY",
    "createdBy": "CREATED_BY_ID",
    "updatedBy": "MODIFY_BY_ID",
    "movedBy": "MOVED_BY_ID",
}


@dataclass(frozen=True)
class Standard:
    """A field that every portal has."""

    name: str
    type: str
    title: str
    read_only: bool = False
    multiple: bool = False

    @property
    def legacy(self) -> str:
        """The name in ``crm.deal.*`` and its like."""
        return LEGACY_NAMES.get(self.name, upper(self.name))


def upper(name: str) -> str:
    """``assignedById`` -> ``ASSIGNED_BY_ID``."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).upper()


def _table(text: str) -> dict[str, Standard]:
    """Rows ``name type flags title``; flags: ``r`` read-only, ``m`` multiple, ``-`` none."""
    rows = (line.split(maxsplit=3) for line in text.splitlines() if line.strip())
    return {name: Standard(name, kind, title, "r" in flags, "m" in flags) for name, kind, flags, title in rows}


_HEAD = """
id integer r ID
createdTime datetime r Дата создания
updatedTime datetime r Дата изменения
createdBy user r Кем создан
updatedBy user r Кем изменён
assignedById user - Ответственный
opened boolean - Доступен для всех
sourceId crm_status - Источник
sourceDescription text - Дополнительно об источнике
comments text - Комментарий
originatorId string - Внешний источник
originId string - Идентификатор во внешнем источнике
lastActivityBy user r Кем последняя активность
lastActivityTime datetime r Последняя активность
utmSource string - UTM Source
utmMedium string - UTM Medium
utmCampaign string - UTM Campaign
utmContent string - UTM Content
utmTerm string - UTM Term
"""

_MONEY = """
title string - Название
opportunity double - Сумма
isManualOpportunity boolean - Режим расчёта суммы
currencyId crm_currency - Валюта
companyId crm_company - Компания
contactId crm_contact - Контакт
contactIds crm_contact m Контакты
observers user m Наблюдатели
stageId crm_status - Стадия
stageSemanticId string r Группа стадии
movedTime datetime r Дата перемещения
movedBy user r Кем перемещён
"""

_PERSON = """
honorific crm_status - Обращение
name string - Имя
secondName string - Отчество
lastName string - Фамилия
birthdate date - Дата рождения
post string - Должность
"""

STANDARD: dict[int, dict[str, Standard]] = {
    DEAL: _table(
        _HEAD
        + _MONEY
        + """
categoryId crm_category - Воронка
previousStageId crm_status r Предыдущая стадия
typeId crm_status - Тип
isNew boolean r Новая сделка
isRecurring boolean - Регулярная сделка
isReturnCustomer boolean - Повторная сделка
isRepeatedApproach boolean - Повторное обращение
closed boolean - Закрыта
probability integer - Вероятность
taxValue double - Сумма налога
begindate date - Дата начала
closedate date - Дата завершения
leadId crm_lead r Лид
quoteId crm_quote r Предложение
locationId location - Местоположение
additionalInfo string - Дополнительная информация
webformId integer - Создано CRM-формой
""",
    ),
    CONTACT: _table(
        _HEAD
        + _PERSON
        + """
typeId crm_status - Тип контакта
export boolean - Участвует в экспорте
companyId crm_company - Компания
companyIds crm_company m Компании
observers user m Наблюдатели
leadId crm_lead r Лид
hasPhone boolean r Задан телефон
hasEmail boolean r Задан e-mail
hasImol boolean r Задана открытая линия
webformId integer - Создано CRM-формой
""",
    ),
    LEAD: _table(
        _HEAD
        + _MONEY
        + _PERSON
        + """
companyTitle string - Название компании
statusDescription text - Дополнительно о стадии
hasPhone boolean r Задан телефон
hasEmail boolean r Задан e-mail
""",
    ),
    COMPANY: _table(
        _HEAD
        + """
title string - Название
typeId crm_status - Тип компании
industry crm_status - Сфера деятельности
employees crm_status - Кол-во сотрудников
currencyId crm_currency - Валюта
revenue double - Годовой оборот
contactIds crm_contact m Контакты
hasPhone boolean r Задан телефон
hasEmail boolean r Задан e-mail
""",
    ),
}

#: kinds of multiple-value fields of a person or a company
MULTI = ("PHONE", "EMAIL", "WEB", "IM", "LINK")
WITH_MULTI = frozenset({CONTACT, LEAD, COMPANY})


def check_type(entity_type: int) -> int:
    """Refuse a type that this portal does not have."""
    if entity_type not in STANDARD:
        raise RestError("NOT_FOUND", "Smart process not found")
    return entity_type


def uf_entity(entity_type: int) -> str:
    """``CRM_DEAL`` and its like."""
    return NAMES[entity_type][0]


def by_legacy_name(entity_type: int) -> dict[str, Standard]:
    """The standard fields by their names in the older API."""
    return {field.legacy: field for field in STANDARD[entity_type].values()}
