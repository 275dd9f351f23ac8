"""What the vendor answers, in the shapes of his documentation, and the changes a plan asks for. Invented data only."""

from __future__ import annotations

from typing import Any

from widget_backend.crm.model import Action, Change, Kind, Remote, Resource

TOKEN = "eyJ0eXAiOiJKV1Qi.long-lived.token-of-alice"
HOST = "https://alice.amocrm.ru"

BLOCKED = "<!DOCTYPE html><html><body><h1>403 Forbidden</h1></body></html>"
NOT_FOUND_PAGE = "<html><head><title>404</title></head></html>"
UNAUTHORISED = {
    "title": "Unauthorized",
    "type": "https://httpstatus.es/401",
    "status": 401,
    "detail": "Неверный логин или пароль",
}
UNPAID = {
    "title": "Payment Required",
    "type": "https://httpstatus.es/402",
    "status": 402,
    "detail": "Payment required",
}
FORBIDDEN = {"title": "Forbidden", "type": "https://httpstatus.es/403", "status": 403, "detail": "Invalid scope"}
NOT_FOUND = {
    "title": "Not Found",
    "type": "https://httpstatus.es/404",
    "status": 404,
    "detail": f"Cannot GET {HOST}/api/v4/leads/loss_reasons/5001",
}
TOO_MANY = {
    "title": "Too Many Requests",
    "type": "https://httpstatus.es/429",
    "status": 429,
    "detail": "Too many requests",
    "retry_after": 300,
}
LYING = {
    "title": "Bad Request",
    "type": "https://httpstatus.es/400",
    "status": 400,
    "detail": "Something went wrong, please try again",
}
IMPOSSIBLE = {
    "title": "Unprocessable Entity",
    "type": "https://httpstatus.es/422",
    "status": 422,
    "detail": "Pipeline has leads",
}

ACCOUNT = {
    "id": 777001,
    "name": "Клиника Алисы",
    "subdomain": "alice",
    "current_user_id": 500,
    "country": "RU",
    "currency": "RUB",
    "_embedded": {
        "task_types": [
            {"id": 1, "name": "Связаться", "color": None, "icon_id": None, "code": "FOLLOW_UP"},
            {"id": 9001, "name": "Подтвердить визит", "color": "c7ff00", "icon_id": 4, "code": None},
        ]
    },
    "_links": {"self": {"href": f"{HOST}/api/v4/account"}},
}


def invalid(
    *problems: tuple[str, str, str], detail: str = "The value you selected is not a valid choice."
) -> dict[str, Any]:
    """A refused array: (request id, code, path) of each bad item."""
    return {
        "validation-errors": [
            {
                "request_id": request_id,
                "errors": [{"code": code, "path": path, "detail": detail}],
            }
            for request_id, code, path in problems
        ],
        "title": "Bad Request",
        "type": "https://httpstatus.es/400",
        "status": 400,
        "detail": "Request validation failed",
    }


def listed(key: str, rows: list[dict[str, Any]], following: str = "") -> dict[str, Any]:
    """One page of a list; ``following`` is the address of the next one."""
    links = {"self": {"href": f"{HOST}/api/v4/x"}} | ({"next": {"href": following}} if following else {})
    return {"_page": 1, "_links": links, "_embedded": {key: rows}}


def status(number: int, name: str, sort: int, colour: str = "#fffeb2", kind: int = 0) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "sort": sort,
        "is_editable": kind == 0 and number not in (142, 143),
        "pipeline_id": 9001,
        "color": colour,
        "type": kind,
        "account_id": 777001,
    }


UNSORTED = status(70001, "Неразобранное", 10, "#c1c1c1", 1)
WON = status(142, "Успешно реализовано", 10000, "#CCFF66")
LOST = status(143, "Закрыто и не реализовано", 11000, "#D5D8DB")


def pipeline(number: int, name: str, *statuses: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "sort": 4,
        "is_main": False,
        "is_unsorted_on": False,
        "is_archive": False,
        "account_id": 777001,
        "_embedded": {"statuses": list(statuses)},
        **more,
    }


def field(number: int, name: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "type": kind,
        "code": None,
        "sort": 500,
        "group_id": None,
        "required_statuses": [],
        "enums": None,
        "is_api_only": False,
        "is_predefined": False,
        "is_deletable": True,
        "entity_type": "leads",
        **more,
    }


def wish(kind: Kind, address: str, parent: str = "", entity: str = "", /, **attributes: Any) -> Resource:
    return Resource(kind, address, attributes, parent, entity)


def create(nature: Kind, address: str, parent: str = "", /, entity: str = "", **attributes: Any) -> Change:
    resource = wish(nature, address, parent, entity, **attributes)
    return Change(Action.CREATE, nature, address, resource.name, resource, after=attributes)


def update(address: str, remote: Remote, /, **after: Any) -> Change:
    resource = wish(remote.kind, address, "", remote.entity, **{**remote.attributes, **after})
    return Change(Action.UPDATE, remote.kind, address, remote.name, resource, remote, {}, after)


def delete(address: str, remote: Remote) -> Change:
    return Change(Action.DELETE, remote.kind, address, remote.name, None, remote)
