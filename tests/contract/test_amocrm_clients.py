"""Public amoCRM clients that are not ours, driven against the emulator: only their base address is patched."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import requests
from aioamocrm import (
    AmoCRMClient,
    AmoCRMError,
    AuthError,
    Contact,
    Embedded,
    Lead,
    LongLivedToken,
    MemoryTokenStorage,
    Note,
    OAuth2,
    Task,
    ValidationError,
    parse_webhook,
)
from amocrm.v2 import Company as SyncCompany
from amocrm.v2 import Contact as SyncContact
from amocrm.v2 import Lead as SyncLead
from amocrm.v2 import Pipeline, Tag, custom_field, tokens
from amocrm.v2.account import AccountInteraction
from amocrm.v2.entity.events import Event
from amocrm.v2.entity.task import Task as SyncTask
from amocrm.v2.entity.user import User
from amocrm.v2.exceptions import NotFound
from amocrm.v2.exceptions import ValidationError as SyncValidationError
from amocrm.v2.interaction import BaseInteraction

from widget_backend.sandbox.amocrm import Account, create_app
from widget_backend.sandbox.amocrm.hooks.delivery import Delivery, deliver, encoded
from widget_backend.sandbox.amocrm.state import Integration
from widget_backend.sandbox.faults import Fault, Faults
from widget_backend.sandbox.mount import serve

HOME = "https://app.example/install"

Flow = Callable[[AmoCRMClient], Coroutine[Any, Any, None]]


class Served:
    """Alice's account on a loopback port, with one public integration."""

    def __init__(self, account: Account, faults: Faults, url: str) -> None:
        self.account = account
        self.faults = faults
        self.url = url
        self.integration: Integration = account.issue_integration("public-app", redirect_uri=HOME)


@pytest.fixture
def alice() -> Iterator[Served]:
    account = Account.demo()
    account.settings.rate = False
    app = create_app(account)
    with serve(app.wsgi_app) as server:
        yield Served(account, app.faults, server.url)


@pytest.fixture
def amocrm_api(alice: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """``amocrm-api``, signed in by a code; its two fixed addresses lead to the emulator."""
    post = requests.post
    manager = tokens.default_token_manager
    monkeypatch.setattr(BaseInteraction, "_get_url", lambda _, path: f"{alice.url}/api/v4/{path}")
    monkeypatch.setattr(
        "amocrm.v2.tokens.requests.post",
        lambda url, **more: post(url.replace("https://acme.amocrm.ru", alice.url), **more),
    )
    monkeypatch.setattr(manager, "_storage", tokens.MemoryTokensStorage())
    manager("public-app", alice.integration.client_secret, "acme", HOME)
    manager.init(alice.account.authorization_code("public-app"))
    return alice


@pytest.fixture
def aio(alice: Served) -> Callable[[Flow], None]:
    """Run a flow with ``aioamocrm`` and a long-lived token."""

    def run(flow: Flow) -> None:
        async def main() -> None:
            token = LongLivedToken(alice.account.long_lived_token())
            async with AmoCRMClient(base_url=alice.url, auth=token, rate_limit=None) as amo:
                await flow(amo)

        asyncio.run(main())

    return run


def test_amocrm_api_reads_the_structure(amocrm_api: Served) -> None:
    [pipeline] = Pipeline.objects.all()

    account = AccountInteraction().get(include=["task_types"])

    assert (account["name"], account["subdomain"]) == ("Клиника", "acme")
    assert [task["id"] for task in account["_embedded"]["task_types"]] == [1, 2]
    assert [status.name for status in pipeline.statuses][:2] == ["Неразобранное", "Первичный контакт"]
    assert [status.id for status in pipeline.statuses][-2:] == [142, 143]
    assert [field.code for field in custom_field.CustomFieldModel.get_for(SyncContact())] == [
        "POSITION",
        "PHONE",
        "EMAIL",
    ]
    assert [user.is_admin for user in User.objects.all()] == [True, False]


def test_amocrm_api_creates_and_reads_a_lead(amocrm_api: Served) -> None:
    lead = SyncLead(name="Чистка", price=4500)
    lead.save()
    contact = SyncContact(first_name="Анна", last_name="Иванова").save()
    company = SyncCompany(name="Ромашка").save()
    lead = SyncLead.objects.get(lead.id)

    lead.contacts.append(contact, main=True)
    lead.tags.add("sync")
    lead.status = 142
    lead.save()

    fresh = SyncLead.objects.get(lead.id)
    assert (fresh.price, fresh.status.id, fresh.closed_at is not None) == (4500, 142, True)
    assert [tag.name for tag in fresh.tags] == ["sync"]
    assert [each.name for each in fresh.contacts] == ["Анна Иванова"]
    assert [each.name for each in Tag.leads.all()] == ["sync"]
    assert [each.id for each in SyncCompany.objects.filter(query="Ромашка")] == [company.id]
    with pytest.raises(NotFound):
        SyncLead.objects.get(1)


def test_amocrm_api_writes_fields_by_name_and_code(amocrm_api: Served) -> None:
    class Patient(SyncContact):
        phone = custom_field.ContactPhoneField("Телефон", enum_code="MOB")
        position = custom_field.TextCustomField("Должность", code="POSITION")

    patient = Patient(first_name="Иван", last_name="Петров")
    patient.phone = "+79990000001"
    patient.position = "инженер"
    patient.save()

    [found] = Patient.objects.filter(query="79990000001")
    assert (found.id, found.phone, found.position) == (patient.id, "+79990000001", "инженер")


def test_amocrm_api_adds_notes_tasks_and_reads_events(amocrm_api: Served) -> None:
    lead = SyncLead(name="A", price=1).save()
    lead.notes(text="Позвонить завтра").save()
    lead.tasks.add(SyncTask(text="Позвонить", task_type_id=1, complete_till=datetime.datetime(2027, 1, 1)))
    stored = SyncLead.objects.get(lead.id)

    assert [note.text for note in stored.notes.objects.all()] == ["Позвонить завтра"]
    assert [(task.text, task.is_completed, task.entity_id) for task in stored.tasks] == [("Позвонить", False, lead.id)]
    assert [event.type for event in Event.objects.all()] == ["task_added", "common_note_added", "lead_added"]


def test_amocrm_api_reads_page_after_page(amocrm_api: Served) -> None:
    requests.post(f"{amocrm_api.url}/_sandbox/leads", json=[{"name": "A", "count": 251}], timeout=5)

    names = [lead.id for lead in SyncLead.objects.all()]

    assert (len(names), len(set(names))) == (251, 251)
    assert [row.operation for row in amocrm_api.faults.log].count("GET /leads") == 2


def test_amocrm_api_refreshes_an_old_token(amocrm_api: Served) -> None:
    storage = tokens.default_token_manager._storage
    refresh = storage.get_refresh_token()
    amocrm_api.account.skew = -2 * 86_400
    storage.save_tokens(amocrm_api.account.grant("public-app").access, refresh)
    amocrm_api.account.skew = 0

    [pipeline] = Pipeline.objects.all()

    assert pipeline.name == "Воронка"
    assert storage.get_refresh_token() != refresh


def test_amocrm_api_shows_what_is_refused(amocrm_api: Served) -> None:
    with pytest.raises(SyncValidationError, match="NotSupportedChoice"):
        SyncLead(name="A", price=1, loss_reason_id=1).save()


def test_aioamocrm_reads_the_structure(aio: Callable[[Flow], None]) -> None:
    async def flow(amo: AmoCRMClient) -> None:
        account = await amo.account.get(with_=["task_types"])
        [pipeline] = await amo.pipelines.list()
        statuses = await amo.pipelines.statuses(pipeline.id or 0)
        fields = [field async for field in amo.leads.custom_fields.iterate(limit=7)]
        users = [user async for user in amo.users.iterate(with_=["role"])]

        assert (account.id, pipeline.name, len(statuses), len(fields)) == (777001, "Воронка", 7, 19)
        assert [user.name for user in users] == ["Анна Админова", "Мария Менеджерова"]
        assert (await amo.leads.custom_fields.get(fields[0].id or 0)).name == "utm_content"

    aio(flow)


def test_aioamocrm_creates_updates_and_filters(aio: Callable[[Flow], None]) -> None:
    async def flow(amo: AmoCRMClient) -> None:
        fields = await amo.request("POST", "leads/custom_fields", json=[SERVICE])
        field = fields["_embedded"]["custom_fields"][0]
        first = Lead(name="Чистка", price=4500)
        first.set_field(field["id"], "Чистка")
        made = await amo.leads.create([first, Lead(name="Осмотр", price=100)])
        await amo.leads.update([Lead(id=made[1].id, status_id=143)])

        lead = await amo.leads.get(made[0].id or 0)
        lost = [each async for each in amo.leads.iterate(filter={"price": {"to": 200}})]
        assert (lead.field_value("SERVICE"), lead.price) == ("Чистка", 4500)
        assert [(each.name, each.status_id) for each in lost] == [("Осмотр", 143)]

    aio(flow)


def test_aioamocrm_creates_a_lead_with_its_contact(aio: Callable[[Flow], None]) -> None:
    async def flow(amo: AmoCRMClient) -> None:
        contact = Contact(first_name="Анна")
        contact.set_field("PHONE", "+79990000002", enum_code="WORK")
        [result] = await amo.leads.create_complex([Lead(name="Заявка", embedded=Embedded(contacts=[contact]))])
        await amo.leads.notes.create([Note.common(result.id or 0, "текст")])
        [task] = await amo.tasks.create(
            [Task(text="x", complete_till=1_900_000_000, entity_id=result.id, entity_type="leads")]
        )
        await amo.tasks.complete(task.id or 0, result="готово")

        lead = await amo.leads.get(result.id or 0, with_="contacts")
        person = await amo.contacts.get(result.contact_id or 0)
        notes = [note async for note in amo.leads.notes.iterate(entity_id=result.id)]
        done = await amo.tasks.get(task.id or 0)
        assert (lead.embedded.contacts[0].id, lead.embedded.contacts[0].is_main) == (person.id, True)
        assert person.field_value("PHONE", enum_code="WORK") == "+79990000002"
        assert [note.text for note in notes] == ["текст"]
        assert (done.is_completed, done.result and done.result.text) == (True, "готово")

    aio(flow)


def test_aioamocrm_links_and_unlinks(aio: Callable[[Flow], None]) -> None:
    async def flow(amo: AmoCRMClient) -> None:
        [lead] = await amo.leads.create([Lead(name="A")])
        [person] = await amo.contacts.create([Contact(name="Иван")])

        await amo.leads.link(lead.id or 0, "contacts", person.id or 0, metadata={"is_main": True})
        [link] = await amo.leads.links(lead.id or 0)
        await amo.leads.unlink(lead.id or 0, "contacts", person.id or 0)

        assert (link.to_entity_id, (link.metadata or {})["main_contact"]) == (person.id, True)
        assert await amo.leads.links(lead.id or 0) == []

    aio(flow)


def test_aioamocrm_shows_every_issue_of_a_batch(aio: Callable[[Flow], None]) -> None:
    async def flow(amo: AmoCRMClient) -> None:
        with pytest.raises(ValidationError) as refusal:
            await amo.leads.create([{"name": "A"}, {"name": "B", "responsible_user_id": 1}])

        issues = [(each.request_id, each.code, each.path) for each in refusal.value.errors]
        assert issues == [("1", "NotSupportedChoice", "responsible_user_id")]
        assert [lead async for lead in amo.leads.iterate()] == []

    aio(flow)


def test_aioamocrm_renews_its_tokens_and_repeats_the_call(alice: Served) -> None:
    async def main() -> None:
        auth = OAuth2("public-app", alice.integration.client_secret, HOME, MemoryTokenStorage())
        async with AmoCRMClient(base_url=alice.url, auth=auth, rate_limit=None) as amo:
            first = await amo.exchange_code(alice.account.authorization_code("public-app"))
            alice.faults.plan(Fault(1, "auth_401"))
            assert (await amo.account.get()).id == 777001
            second = await auth.storage.load()
            assert second is not None
            assert second.refresh_token != first.refresh_token
            with pytest.raises(AuthError):
                await amo.exchange_code("garbage")

    asyncio.run(main())


def test_aioamocrm_waits_out_the_rate(alice: Served, aio: Callable[[Flow], None]) -> None:
    alice.faults.plan(Fault(1, "limit_429"), Fault(2, "timeout_504"), Fault(3, "payment_402"))

    async def flow(amo: AmoCRMClient) -> None:
        with pytest.raises(AmoCRMError) as refusal:
            await amo.account.get()
        assert refusal.value.status_code == 402

    aio(flow)

    assert [row.status for row in alice.faults.log] == [429, 504, 402]


def test_aioamocrm_reads_the_hooks(alice: Served, aio: Callable[[Flow], None]) -> None:
    sent: list[Delivery] = []

    async def flow(amo: AmoCRMClient) -> None:
        events = {"destination": "https://app.example/hook", "settings": ["add_lead", "status_lead", "add_contact"]}
        await amo.request("POST", "webhooks", json=events)
        [lead] = await amo.leads.create([Lead(name="A")])
        person = Contact(name="Иван")
        person.set_field("PHONE", "+79990000003", enum_code="WORK")
        await amo.contacts.create([person])
        await amo.leads.update([Lead(id=lead.id, status_id=142)])

    aio(flow)
    deliver(alice.account, lambda delivery: sent.append(delivery) or 200)

    events = [event for each in sent for event in parse_webhook(encoded(each.form)).events]
    assert [(event.entity, event.action) for event in events] == [
        ("leads", "add"),
        ("contacts", "add"),
        ("leads", "status"),
    ]
    assert events[1].field_value("PHONE") == "+79990000003"
    assert events[2].payload["status_id"] == "142"
    assert parse_webhook(encoded(sent[0].form)).subdomain == "acme"


SERVICE = {
    "name": "Услуга",
    "type": "select",
    "code": "SERVICE",
    "enums": [{"value": "Чистка", "sort": 1}, {"value": "Осмотр", "sort": 2}],
}
