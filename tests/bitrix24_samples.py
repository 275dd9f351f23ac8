"""A portal with one of everything, and one good call of every method against it."""

from __future__ import annotations

import base64
from typing import Any

from widget_backend.sandbox.bitrix24 import Portal, robots
from widget_backend.sandbox.bitrix24.methods.tasks import STATUSES
from widget_backend.sandbox.bitrix24.state import Application, Waiting

HANDLER = "https://app.example/handler"
SOON = "2026-12-01T10:00:00+03:00"

ENTITIES = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
FIELD_IDS = {"lead": 301, "deal": 303, "contact": 305, "company": 307}

SECTION = {"name": "main", "title": "О сделке", "type": "section", "elements": [{"name": "TITLE", "optionFlags": "1"}]}
LAYOUT: dict[str, dict[str, Any]] = {
    "get": {"scope": "C"},
    "set": {"scope": "C", "data": [SECTION]},
    "reset": {"scope": "C"},
    "forceCommonScopeForAll": {},
}

LOG = {"title": "Напоминание", "text": "Отправлено", "iconCode": "info"}

#: calls that make the portal's one of everything, in order: method and parameters
#: the smallest workflow there is, and a deal as its document
ROOT = b'a:1:{i:0;a:1:{s:4:"Type";s:26:"SequentialWorkflowActivity";}}'
PARTS = b"".join(b's:%d:"%s";a:0:{}' % (len(name), name) for name in (b"PARAMETERS", b"VARIABLES", b"CONSTANTS"))
BPT = b'a:5:{s:7:"VERSION";i:2;s:8:"TEMPLATE";' + ROOT + PARTS + b"}"
FLOW = {
    "DOCUMENT_TYPE": ["crm", "CCrmDocumentDeal", "DEAL"],
    "NAME": "Ждать визита",
    "TEMPLATE_DATA": ["wait.bpt", base64.b64encode(BPT).decode()],
    "AUTO_EXECUTE": "0",
}
DOCUMENT = ["crm", "CCrmDocumentDeal", "DEAL_1"]

FURNITURE: list[tuple[str, dict[str, Any]]] = [
    *((f"crm.{name}.add", {"fields": {}}) for name in ENTITIES),
    ("crm.category.add", {"entityTypeId": 2, "fields": {"name": "Ортодонтия", "sort": 20}}),
    *((f"crm.{name}.userfield.add", {"fields": {"FIELD_NAME": "NOTE", "USER_TYPE_ID": "string"}}) for name in ENTITIES),
    ("crm.activity.todo.add", {"ownerTypeId": 2, "ownerId": 1, "deadline": SOON}),
    ("tasks.task.add", {"fields": {"TITLE": "Позвонить", "RESPONSIBLE_ID": 1}}),
    ("crm.automation.trigger.add", {"CODE": "paid", "NAME": "Оплачено"}),
    ("bizproc.robot.add", {"CODE": "remind", "HANDLER": HANDLER, "NAME": "Напомнить", "USE_SUBSCRIPTION": "N"}),
    *(("bizproc.workflow.template.add", {**FLOW, "DESCRIPTION": f"{number}"}) for number in range(2)),
    ("bizproc.workflow.start", {"TEMPLATE_ID": 13, "DOCUMENT_ID": DOCUMENT}),
    ("placement.bind", {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": HANDLER}),
    ("userfieldtype.add", {"USER_TYPE_ID": "tooth", "HANDLER": HANDLER}),
    ("event.bind", {"event": "ONCRMDEALUPDATE", "handler": HANDLER}),
    ("crm.activity.binding.add", {"activityId": 999, "entityTypeId": 3, "entityId": 1}),
    (
        "crm.item.productrow.set",
        {"ownerType": "D", "ownerId": 1, "productRows": [{"productName": "Пломба", "price": 5}]},
    ),
    ("crm.timeline.comment.add", {"fields": {"ENTITY_ID": 1, "ENTITY_TYPE": "deal", "COMMENT": "Просил вечер"}}),
    ("crm.timeline.logmessage.add", {"fields": {"entityTypeId": 2, "entityId": 1, **LOG}}),
    ("im.notify.system.add", {"USER_ID": 1, "MESSAGE": "Пациент ответил", "TAG": "deal1"}),
]

_OF_ONE: dict[str, dict[str, Any]] = {
    "fields": {},
    "get": {"id": 1},
    "list": {"select": ["ID"], "filter": {">ID": 0}, "order": {"ID": "ASC"}, "start": 0},
    "delete": {"id": 1},
}

SAMPLES: dict[str, dict[str, Any]] = {
    "app.info": {},
    "app.option.get": {"option": "plan"},
    "app.option.set": {"options": {"plan": "7"}},
    "batch": {"cmd": {"who": "profile"}, "halt": 0},
    "bizproc.activity.log": {"EVENT_TOKEN": "(a robot's)", "LOG_MESSAGE": "Отправлено"},
    "bizproc.event.send": {"EVENT_TOKEN": "(a robot's)", "RETURN_VALUES": {}, "LOG_MESSAGE": "Отправлено"},
    "bizproc.robot.add": {"CODE": "call", "HANDLER": HANDLER, "NAME": {"ru": "Позвонить"}, "USE_SUBSCRIPTION": "N"},
    "bizproc.robot.delete": {"CODE": "remind"},
    "bizproc.robot.list": {},
    "bizproc.robot.update": {"CODE": "remind", "FIELDS": {"NAME": "Напомнить о визите"}},
    "bizproc.workflow.instances": {"SELECT": ["ID"], "FILTER": {"TEMPLATE_ID": 13}, "start": 0},
    "bizproc.workflow.kill": {"ID": "(a run's)"},
    "bizproc.workflow.start": {"TEMPLATE_ID": 11, "DOCUMENT_ID": DOCUMENT},
    "bizproc.workflow.template.add": FLOW,
    "bizproc.workflow.template.delete": {"ID": 11},
    "bizproc.workflow.template.list": {"SELECT": ["ID", "NAME"], "FILTER": {"DESCRIPTION": "0"}, "start": 0},
    "bizproc.workflow.template.update": {"ID": "11", "FIELDS": {"NAME": "Ждать приёма"}},
    "crm.activity.add": {
        "fields": {
            **{"OWNER_TYPE_ID": 2, "OWNER_ID": 1, "TYPE_ID": 2, "SUBJECT": "Звонок", "RESPONSIBLE_ID": 7},
            **{"DIRECTION": 1, "START_TIME": SOON, "END_TIME": SOON, "COMPLETED": "Y"},
            "COMMUNICATIONS": [{"VALUE": "+70000000001", "ENTITY_ID": 1, "ENTITY_TYPE_ID": 3}],
        }
    },
    "crm.activity.binding.add": {"activityId": 999, "entityTypeId": 4, "entityId": 1},
    "crm.activity.binding.delete": {"activityId": 999, "entityTypeId": 3, "entityId": 1},
    "crm.activity.binding.list": {"activityId": 999},
    "crm.activity.delete": {"id": 999},
    "crm.activity.get": {"id": 999},
    "crm.activity.list": {"filter": {"OWNER_ID": 1}, "order": {"ID": "ASC"}, "select": ["ID"], "start": 0},
    "crm.activity.todo.add": {"ownerTypeId": 2, "ownerId": 1, "deadline": SOON, "title": "Позвонить", "colorId": "2"},
    "crm.activity.todo.update": {"id": 999, "ownerTypeId": 2, "ownerId": 1, "deadline": SOON, "title": "Написать"},
    "crm.activity.todo.updateColor": {"id": 999, "ownerTypeId": 2, "ownerId": 1, "colorId": "3"},
    "crm.activity.todo.updateDeadline": {"id": 999, "ownerTypeId": 2, "ownerId": 1, "value": SOON},
    "crm.activity.todo.updateDescription": {"id": 999, "ownerTypeId": 2, "ownerId": 1, "value": "После обеда"},
    "crm.activity.todo.updateResponsibleUser": {"id": 999, "ownerTypeId": 2, "ownerId": 1, "responsibleId": 7},
    "crm.activity.update": {"id": 999, "fields": {"COMPLETED": "Y"}},
    "crm.automation.trigger": {"target": "DEAL_1", "code": "hook1"},
    "crm.automation.trigger.add": {"CODE": "called", "NAME": "Дозвонились"},
    "crm.automation.trigger.delete": {"CODE": "paid"},
    "crm.automation.trigger.execute": {"CODE": "paid", "OWNER_TYPE_ID": 2, "OWNER_ID": 1},
    "crm.automation.trigger.list": {},
    "crm.category.add": {"entityTypeId": 2, "fields": {"name": "Имплантация", "sort": 10}},
    "crm.category.delete": {"entityTypeId": 2, "id": 1},
    "crm.category.fields": {"entityTypeId": 2},
    "crm.category.get": {"entityTypeId": 2, "id": 1},
    "crm.category.list": {"entityTypeId": 2},
    "crm.category.update": {"entityTypeId": 2, "id": 1, "fields": {"name": "Ортодонтия и прикус"}},
    "crm.currency.base.get": {},
    "crm.currency.list": {"order": {"sort": "asc"}},
    "crm.deal.contact.add": {"id": 1, "fields": {"CONTACT_ID": 1, "IS_PRIMARY": "Y"}},
    "crm.deal.contact.delete": {"id": 1, "fields": {"CONTACT_ID": 1}},
    "crm.deal.contact.items.delete": {"id": 1},
    "crm.deal.contact.items.get": {"id": 1},
    "crm.deal.contact.items.set": {"id": 1, "items": [{"CONTACT_ID": 1, "IS_PRIMARY": "Y", "SORT": 10}]},
    "crm.duplicate.findbycomm": {"type": "PHONE", "values": ["+70000000001"], "entity_type": "CONTACT"},
    "crm.item.add": {
        "entityTypeId": 2,
        "fields": {"title": "Консультация", "categoryId": 1},
        "useOriginalUfNames": "Y",
    },
    "crm.item.batchImport": {"entityTypeId": 2, "data": [{"title": "Старая сделка"}]},
    "crm.item.delete": {"entityTypeId": 2, "id": 1},
    "crm.item.fields": {"entityTypeId": 2, "useOriginalUfNames": "Y"},
    "crm.item.get": {"entityTypeId": 2, "id": 1, "useOriginalUfNames": "Y"},
    "crm.item.import": {"entityTypeId": 2, "fields": {"title": "Старая сделка"}},
    "crm.item.list": {"entityTypeId": 2, "select": ["id"], "filter": {">id": 0}, "order": {"id": "ASC"}, "start": 0},
    "crm.item.productrow.add": {"fields": {"ownerType": "D", "ownerId": 1, "productName": "Имплант", "price": 9.5}},
    "crm.item.productrow.delete": {"id": 1},
    "crm.item.productrow.get": {"id": 1},
    "crm.item.productrow.update": {"id": 1, "fields": {"quantity": 2}},
    "crm.item.productrow.list": {"filter": {"=ownerType": "D", "=ownerId": 1}},
    "crm.item.productrow.set": {
        "ownerType": "D",
        "ownerId": 1,
        "productRows": [{"productName": "Имплант", "price": 9.5}],
    },
    "crm.item.update": {"entityTypeId": 2, "id": 1, "fields": {"stageId": "WON"}},
    "crm.stagehistory.list": {"entityTypeId": 2, "filter": {"OWNER_ID": 1}, "order": {"ID": "ASC"}, "select": ["ID"]},
    "crm.status.add": {"fields": {"ENTITY_ID": "SOURCE", "STATUS_ID": "FRIEND", "NAME": "По совету", "SORT": 130}},
    "crm.status.delete": {"id": 111, "params": {"FORCED": "Y"}},
    "crm.status.entity.items": {"entityId": "SOURCE"},
    "crm.status.entity.types": {},
    "crm.status.fields": {},
    "crm.status.get": {"id": 101},
    "crm.status.list": {"order": {"SORT": "ASC"}, "filter": {"ENTITY_ID": "SOURCE"}},
    "crm.status.update": {"id": 101, "fields": {"NAME": "Заявка", "SORT": 10, "COLOR": "#39A8EF"}},
    "crm.timeline.comment.add": {"fields": {"ENTITY_ID": 1, "ENTITY_TYPE": "deal", "COMMENT": "Просил утро"}},
    "crm.timeline.comment.list": {"filter": {"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}},
    "crm.timeline.icon.list": {},
    "crm.timeline.comment.get": {"id": 991},
    "crm.timeline.comment.update": {"id": 991, "fields": {"COMMENT": "Просил утро"}},
    "crm.timeline.comment.delete": {"id": 991},
    "crm.timeline.logmessage.add": {"fields": {"entityTypeId": 2, "entityId": 1, **LOG}},
    "crm.timeline.logmessage.get": {"id": 1},
    "crm.timeline.logmessage.list": {"entityTypeId": 2, "entityId": 1, "order": {"id": "asc"}, "start": 0},
    "crm.timeline.logmessage.delete": {"id": 1},
    "crm.userfield.types": {},
    "department.get": {"ID": 1},
    "event.bind": {"event": "ONCRMDEALADD", "handler": HANDLER, "auth_type": 0, "event_type": "online"},
    "event.get": {},
    "event.offline.clear": {"process_id": "a" * 32},
    "event.offline.error": {"process_id": "a" * 32, "message_id": ["b" * 32]},
    "event.offline.get": {"limit": 10, "clear": 1},
    "event.offline.list": {"filter": {"EVENT_NAME": "ONCRMDEALADD"}, "order": {"ID": "ASC"}, "start": 0},
    "event.test": {},
    "event.unbind": {"event": "ONCRMDEALUPDATE", "handler": HANDLER},
    "events": {},
    "feature.get": {"CODE": "rest_auth_connector"},
    "im.notify.delete": {"TAG": "deal1"},
    "im.notify.get": {"LIMIT": 20},
    "im.notify.personal.add": {"USER_ID": 7, "MESSAGE": "Посмотрите сделку"},
    "im.notify.read": {"ID": 1500, "ACTION": "Y", "ONLY_CURRENT": "Y"},
    "im.notify.system.add": {"USER_ID": 7, "MESSAGE": "Пациент пришёл", "TAG": "deal1", "SUB_TAG": "deals"},
    "method.get": {"name": "crm.item.add"},
    "methods": {},
    "placement.bind": {"PLACEMENT": "CRM_CONTACT_DETAIL_TAB", "HANDLER": HANDLER, "TITLE": "Зубная карта"},
    "placement.get": {},
    "placement.list": {},
    "placement.unbind": {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": HANDLER},
    "profile": {},
    "scope": {},
    "server.time": {},
    "tasks.task.add": {"fields": {"TITLE": "Перезвонить", "RESPONSIBLE_ID": 1, "UF_CRM_TASK": ["D_1"]}},
    **{f"tasks.task.{verb}": {"taskId": 3711} for verb in ("get", "delete", *STATUSES)},
    "tasks.task.list": {"filter": {"UF_CRM_TASK": "D_1"}, "order": {"ID": "asc"}, "select": ["ID"], "start": 0},
    "tasks.task.update": {"taskId": 3711, "fields": {"TITLE": "Написать", "DEADLINE": SOON}},
    "user.access": {"ACCESS": ["U1"]},
    "user.admin": {},
    "user.current": {},
    "user.get": {"FILTER": {"ACTIVE": True}},
    "userfieldconfig.add": {
        "moduleId": "crm",
        "field": {"entityId": "CRM_DEAL", "fieldName": "UF_CRM_DEAL_TOOTH", "userTypeId": "string"},
    },
    "userfieldconfig.delete": {"moduleId": "crm", "id": 303},
    "userfieldconfig.get": {"moduleId": "crm", "id": 303},
    "userfieldconfig.getTypes": {"moduleId": "crm"},
    "userfieldconfig.list": {"moduleId": "crm", "filter": {"entityId": "CRM_DEAL"}, "order": {"id": "ASC"}, "start": 0},
    "userfieldconfig.update": {"moduleId": "crm", "id": 303, "field": {"mandatory": "Y"}},
    "userfieldtype.add": {"USER_TYPE_ID": "jaw", "HANDLER": HANDLER, "TITLE": "Челюсть"},
    "userfieldtype.delete": {"USER_TYPE_ID": "tooth"},
    "userfieldtype.list": {},
    "userfieldtype.update": {"USER_TYPE_ID": "tooth", "HANDLER": HANDLER, "TITLE": "Зуб"},
    **{f"crm.{name}.{verb}": params for name in ENTITIES for verb, params in _OF_ONE.items()},
    **{f"crm.{name}.add": {"fields": {"COMMENTS": "Новый"}, "params": {}} for name in ENTITIES},
    **{f"crm.{name}.update": {"id": 1, "fields": {"COMMENTS": "Старый"}} for name in ENTITIES},
    **{f"crm.item.details.configuration.{verb}": {"entityTypeId": 2} | params for verb, params in LAYOUT.items()},
    **{f"crm.{name}.details.configuration.{verb}": params for name in ENTITIES for verb, params in LAYOUT.items()},
    **{f"crm.{name}.userfield.list": {"order": {"SORT": "ASC"}, "filter": {"LANG": "ru"}} for name in ENTITIES},
    **{f"crm.{name}.userfield.get": {"id": number} for name, number in FIELD_IDS.items()},
    **{f"crm.{name}.userfield.delete": {"id": number} for name, number in FIELD_IDS.items()},
    **{
        f"crm.{name}.userfield.add": {
            "fields": {"FIELD_NAME": "DOCTOR", "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": {"ru": "Врач"}}
        }
        for name in ENTITIES
    },
    **{
        f"crm.{name}.userfield.update": {"id": number, "fields": {"MANDATORY": "Y", "SORT": 10}}
        for name, number in FIELD_IDS.items()
    },
}


def portal() -> tuple[Portal, Application]:
    """A portal of the fullest plan and its one application, before :data:`FURNITURE` is brought in."""
    made = Portal.demo(plan="ent250")
    made.settings.rate_limit = False
    return made, made.issue_app("app.dental")


def params(of: Portal, method: str) -> dict[str, Any]:
    """The good call of a method; a robot's token is made for this portal, a run is one of its own."""
    sample = dict(SAMPLES[method])
    if "EVENT_TOKEN" in sample:
        sample["EVENT_TOKEN"] = robots.event_token(of)
        of.waiting_robots[sample["EVENT_TOKEN"]] = Waiting("remind", 1, float("inf"))
    if method == "bizproc.workflow.kill":
        sample["ID"] = next(iter(of.workflow_runs), sample["ID"])
    return sample
