"""An administrator's own hands and eyes in a CRM, over the vendor's API and without the product.

Both have the same verbs, so that one test speaks of both clinics.
"""

from __future__ import annotations

from typing import Any, Protocol

import requests

ENTITY_TYPES = {"deal": 2, "contact": 3}
ENTITIES = {"deal": "leads", "contact": "contacts"}


class Hands(Protocol):
    def pipelines(self) -> dict[str, list[str]]: ...
    def fields(self, entity: str) -> list[str]: ...
    def add_pipeline(self, name: str, *stages: str) -> None: ...
    def rename_stage(self, pipeline: str, stage: str, name: str) -> None: ...
    def remove_stage(self, pipeline: str, stage: str) -> None: ...
    def add_field(self, entity: str, name: str) -> None: ...
    def rename_field(self, entity: str, name: str, other: str) -> None: ...
    def remove_pipeline(self, name: str) -> None: ...
    def options(self, field: str) -> list[str]: ...
    def add_list(self, field: str, *options: str) -> None: ...
    def add_option(self, field: str, option: str) -> None: ...
    def add_deal(self, pipeline: str, stage: str) -> None: ...
    def fill(self, field: str, value: str) -> None: ...


class BorisHands:
    """On Bitrix24, by an incoming webhook."""

    def __init__(self, webhook: str) -> None:
        self._webhook = webhook

    def call(self, method: str, **params: Any) -> Any:
        answer = requests.post(f"{self._webhook}{method}", json=params, timeout=10)
        assert answer.ok, answer.text
        return answer.json()["result"]

    def pipelines(self) -> dict[str, list[str]]:
        return {row["name"]: [s["NAME"] for s in self._stages(row["id"])] for row in self._categories()}

    def fields(self, entity: str) -> list[str]:
        return [row["EDIT_FORM_LABEL"] for row in self._fields(entity)]

    def add_pipeline(self, name: str, *stages: str) -> None:
        made = self.call("crm.category.add", entityTypeId=2, fields={"name": name, "sort": 500})["category"]["id"]
        for row in self._stages(made)[1:5]:
            self.call("crm.status.delete", id=row["ID"])
        first = self._stages(made)[0]["ID"]
        self.call("crm.status.update", id=first, fields={"NAME": stages[0]})
        for number, stage in enumerate(stages[1:], 1):
            fields = {
                "ENTITY_ID": f"DEAL_STAGE_{made}",
                "STATUS_ID": f"OWN_{number}",
                "NAME": stage,
                "SORT": 10 + number,
            }
            self.call("crm.status.add", fields=fields)

    def rename_stage(self, pipeline: str, stage: str, name: str) -> None:
        self.call("crm.status.update", id=self._stage(pipeline, stage)["ID"], fields={"NAME": name})

    def remove_stage(self, pipeline: str, stage: str) -> None:
        self.call("crm.status.delete", id=self._stage(pipeline, stage)["ID"], params={"FORCED": "Y"})

    def add_field(self, entity: str, name: str) -> None:
        field = {"FIELD_NAME": "OWN", "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": name, "LIST_COLUMN_LABEL": name}
        self.call(f"crm.{entity}.userfield.add", fields=field)

    def rename_field(self, entity: str, name: str, other: str) -> None:
        row = next(row for row in self._fields(entity) if row["EDIT_FORM_LABEL"] == name)
        labels = dict.fromkeys(("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"), other)
        self.call(f"crm.{entity}.userfield.update", id=row["ID"], fields=labels)

    def remove_pipeline(self, name: str) -> None:
        found = next(row["id"] for row in self._categories() if row["name"] == name)
        self.call("crm.category.delete", entityTypeId=2, id=found)

    def options(self, field: str) -> list[str]:
        return [option["VALUE"] for option in self._field(field)["LIST"]]

    def add_list(self, field: str, *options: str) -> None:
        listed = [{"VALUE": option} for option in options]
        made = {"FIELD_NAME": "OWN_LIST", "USER_TYPE_ID": "enumeration", "EDIT_FORM_LABEL": field, "LIST": listed}
        self.call("crm.deal.userfield.add", fields=made)

    def add_option(self, field: str, option: str) -> None:
        row = self._field(field)
        kept = [{"ID": o["ID"], "VALUE": o["VALUE"], "XML_ID": o["XML_ID"]} for o in row["LIST"]]
        self.call("crm.deal.userfield.update", id=row["ID"], fields={"LIST": [*kept, {"VALUE": option}]})

    def _field(self, name: str) -> dict[str, Any]:
        return next(row for row in self._fields("deal") if row["EDIT_FORM_LABEL"] == name)

    def add_deal(self, pipeline: str, stage: str) -> None:
        row = self._stage(pipeline, stage)
        fields = {"title": "Сделка", "categoryId": int(row["CATEGORY_ID"] or 0), "stageId": row["STATUS_ID"]}
        self.call("crm.item.add", entityTypeId=2, fields=fields)

    def fill(self, field: str, value: str) -> None:
        row = next(row for row in self._fields("contact") if row["EDIT_FORM_LABEL"] == field)
        fields = {"name": "Пациент", row["FIELD_NAME"]: value}
        self.call("crm.item.add", entityTypeId=3, fields=fields, useOriginalUfNames="Y")

    def _categories(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call("crm.category.list", entityTypeId=2)["categories"]
        return rows

    def _stages(self, category: int) -> list[dict[str, Any]]:
        directory = f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
        rows: list[dict[str, Any]] = self.call(
            "crm.status.list", filter={"ENTITY_ID": directory}, order={"SORT": "ASC"}
        )
        return rows

    def _stage(self, pipeline: str, stage: str) -> dict[str, Any]:
        category = next(row["id"] for row in self._categories() if row["name"] == pipeline)
        return next(row for row in self._stages(category) if row["NAME"] == stage)

    def _fields(self, entity: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call(f"crm.{entity}.userfield.list", filter={"LANG": "ru"})
        return rows


class AliceHands:
    """On amoCRM, by a long-lived token."""

    def __init__(self, url: str, token: str) -> None:
        self._base = f"{url}/api/v4/"
        self._headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, self._base + path, json=body, headers=self._headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else {}

    def pipelines(self) -> dict[str, list[str]]:
        return {row["name"]: [s["name"] for s in self._usual(row)] for row in self._pipelines()}

    def fields(self, entity: str) -> list[str]:
        return [row["name"] for row in self._fields(entity)]

    def add_pipeline(self, name: str, *stages: str) -> None:
        statuses = [{"name": stage, "sort": 10 * number, "color": "#fffeb2"} for number, stage in enumerate(stages, 1)]
        row = {
            "name": name,
            "sort": 500,
            "is_main": False,
            "is_unsorted_on": False,
            "_embedded": {"statuses": statuses},
        }
        self.call("POST", "leads/pipelines", [row])

    def rename_stage(self, pipeline: str, stage: str, name: str) -> None:
        home, row = self._stage(pipeline, stage)
        self.call("PATCH", f"leads/pipelines/{home}/statuses/{row}", {"name": name})

    def remove_stage(self, pipeline: str, stage: str) -> None:
        home, row = self._stage(pipeline, stage)
        self.call("DELETE", f"leads/pipelines/{home}/statuses/{row}")

    def add_field(self, entity: str, name: str) -> None:
        self.call("POST", f"{ENTITIES[entity]}/custom_fields", [{"name": name, "type": "text"}])

    def rename_field(self, entity: str, name: str, other: str) -> None:
        row = next(row for row in self._fields(entity) if row["name"] == name)
        self.call("PATCH", f"{ENTITIES[entity]}/custom_fields/{row['id']}", {"name": other})

    def remove_pipeline(self, name: str) -> None:
        found = next(row["id"] for row in self._pipelines() if row["name"] == name)
        self.call("DELETE", f"leads/pipelines/{found}")

    def options(self, field: str) -> list[str]:
        return [option["value"] for option in self._field(field)["enums"]]

    def add_list(self, field: str, *options: str) -> None:
        enums = [{"value": option, "sort": 10 * number} for number, option in enumerate(options, 1)]
        self.call("POST", "leads/custom_fields", [{"name": field, "type": "select", "enums": enums}])

    def add_option(self, field: str, option: str) -> None:
        row = self._field(field)
        enums = [*row["enums"], {"value": option, "sort": 900}]
        self.call("PATCH", f"leads/custom_fields/{row['id']}", {"name": field, "enums": enums})

    def _field(self, name: str) -> dict[str, Any]:
        return next(row for row in self._fields("deal") if row["name"] == name)

    def add_deal(self, pipeline: str, stage: str) -> None:
        home, row = self._stage(pipeline, stage)
        self.call("POST", "leads", [{"name": "Сделка", "pipeline_id": home, "status_id": row}])

    def fill(self, field: str, value: str) -> None:
        row = next(row for row in self._fields("contact") if row["name"] == field)
        values = [{"field_id": row["id"], "values": [{"value": value}]}]
        self.call("POST", "contacts", [{"name": "Пациент", "custom_fields_values": values}])

    def _pipelines(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call("GET", "leads/pipelines")["_embedded"]["pipelines"]
        return rows

    def _usual(self, pipeline: dict[str, Any]) -> list[dict[str, Any]]:
        """Without «Неразобранное», which the vendor keeps for itself."""
        return [row for row in pipeline["_embedded"]["statuses"] if row["type"] == 0]

    def _stage(self, pipeline: str, stage: str) -> tuple[int, int]:
        home = next(row for row in self._pipelines() if row["name"] == pipeline)
        return home["id"], next(row["id"] for row in self._usual(home) if row["name"] == stage)

    def _fields(self, entity: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        page: str | None = f"{ENTITIES[entity]}/custom_fields?limit=250"
        while page:
            answer = self.call("GET", page)
            rows += answer["_embedded"]["custom_fields"]
            following = answer["_links"].get("next", {}).get("href", "")
            page = following.removeprefix(self._base) or None
        return rows
