"""What can be written to a portal, each as a generator (bitrix24.md §4.3, §4.8, §4.11, §6).

It yields commands that travel together, by keys of its own, is given the replies, and returns what became of the write. What
it raises (a refusal, a limit) is the write's answer; a limit that let none of its commands through is raised at its yield.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from widget_backend.clock import now
from widget_backend.crm import asking
from widget_backend.crm.asking import Written
from widget_backend.crm.bitrix24 import words
from widget_backend.crm.bitrix24.client import Client, Inner, Replies, as_map
from widget_backend.crm.bitrix24.judge import VENDOR
from widget_backend.crm.bitrix24.known import REFUSALS
from widget_backend.crm.bitrix24.register import deals, fields
from widget_backend.crm.bitrix24.register.moments import spoken
from widget_backend.crm.bitrix24.register.questions import SPELLED
from widget_backend.crm.chart import Chart
from widget_backend.crm.native import FLOW
from widget_backend.crm.records import FieldValues
from widget_backend.errors import Missing, RateLimited, Rejected, Unsupported, VendorError
from widget_backend.texts import Text

Order: TypeAlias = Generator[Mapping[str, Inner], Replies, Written]

#: codes that say that what was written to is no more
GONE = frozenset({"NOT_FOUND", "OWNER_NOT_FOUND"})
#: minutes before a to-do's deadline at which its person is reminded
REMINDERS = (0, 15)
#: behind a bracket: takes no room, and makes it no code of the messenger's (§6)
UNREAD = "\u200b"

_NO_BOT = Text(
    "В Битрикс24 нет ботов, которых запускают на сделке. Ничего не сделано; для этого служат роботы на этапах.",
    "Bitrix24 has no bots to start on a deal. Nothing was done; robots on stages stand in for them.",
)
_NO_TAGS = Text(
    "Тегов у сделок в Битрикс24 нет. Ничего не записано; для этого служат поля.",
    "Bitrix24 has no tags on deals. Nothing was written; fields stand in for them.",
)
_NOT_THERE = Text(
    "Битрикс24 не поставил сделку на этап «{stage}»: похоже, его больше нет. Сделка цела; посмотрите, где она стоит, и "
    "выберите другой этап.",
    "Bitrix24 did not put the deal at the stage “{stage}”: it seems to be no more. The deal is safe; see where it stands and "
    "choose another stage.",
)
_IS_GONE = Text(
    "В Битрикс24 этой записи больше нет: её удалили. Ничего не сделано; делать ничего не нужно.",
    "Bitrix24 has no such record any more: it was deleted. Nothing was done; nothing needs to be done.",
)
_NO_GOODS = Text(
    "Товары в эту сделку не скопированы: Битрикс24 отказал ({words}). Остальное на месте; перенесите товары вручную.",
    "The goods were not copied into this deal: Bitrix24 refused ({words}). The rest is in place; add the goods by hand.",
)
_OPEN_DEAL = Text("Открыть сделку", "Open the deal")


@dataclass
class Desk:
    """What orders know of the portal. ``currency``: its own, empty until it is known. ``notices``: whether people can be
    sent any, as far as we know."""

    client: Client
    chart: Chart
    application: bool
    currency: str = ""
    notices: bool = True

    def say(self, words: Text) -> str:
        """In the language of the portal."""
        return words.into("en" if self.chart.language == "en" else "ru")


def begin(write: asking.Write, desk: Desk, key: str) -> Order:
    """The order of a write; its commands' keys begin with ``key``."""
    return _ORDERS[type(write)](write, desk, key)


def _create(write: asking.CreateDeal, desk: Desk, key: str) -> Order:
    """The goods name the new deal by reference (§3.4). Where they alone were refused, the deal stands, and a note says so."""
    draft, goods = write.draft, f"{key}goods"
    before, currency = _currency(desk, key, draft.fields, draft.currency)
    body = deals.created(draft, desk.chart, currency, write.products)
    commands = {**before, key: Inner("crm.item.add", {"entityTypeId": words.DEAL, "fields": body, **SPELLED})}
    if write.products:
        commands[goods] = _goods(f"$result[{key}][item][id]", write)
    replies = yield commands
    _learn(desk, key, replies)
    made = as_map(as_map(_told(replies, key)).get("item")).get("id")
    if not made:
        raise desk.client.unclear([commands[key]])
    if goods in replies.errors:
        yield from _goods_later(str(made), write, replies.errors[goods], desk, goods)
    return Written(str(made))


def _goods_later(
    deal: str, write: asking.CreateDeal, error: VendorError, desk: Desk, key: str
) -> Generator[Mapping[str, Inner], Replies, None]:
    """Once more what the portal only put off; a word to the people where the deal stays without its goods."""
    left: VendorError | None = error
    try:
        if isinstance(error, RateLimited):
            replies = yield {key: _goods(deal, write)}
            left = replies.errors.get(key)
        if left:
            words = desk.say(_NO_GOODS.format(words=left.words or left.code))
            yield {key: _comment(deal, words)}
    except RateLimited:
        return


def _goods(deal: str, write: asking.CreateDeal) -> Inner:
    lines = {"ownerType": "D", "ownerId": deal, "productRows": deals.lines(write.products)}
    return Inner("crm.item.productrow.set", lines)


def _update_deal(write: asking.UpdateDeal, desk: Desk, key: str) -> Order:
    before, currency = _currency(desk, key, write.fields)
    body = deals.changed(write, desk.chart, currency)
    if not body and write.tags:
        raise Unsupported(_NO_TAGS, vendor=VENDOR, code="no_tags", words=_NO_TAGS.en)
    if body:
        item = yield from _changed(words.DEAL, write.id, body, before, desk, key)
        if write.stage and item and not deals.arrived(item, write.stage):
            text = _NOT_THERE.format(stage=_stage(desk.chart, write.stage))
            raise Rejected(text, vendor=VENDOR, operation="crm.item.update", code="no_stage", words=write.stage)
    return Written(write.id)


def _update_contact(write: asking.UpdateContact, desk: Desk, key: str) -> Order:
    before, currency = _currency(desk, key, write.fields)
    body = fields.write(desk.chart, write.fields, currency)
    if write.responsible:
        body["assignedById"] = write.responsible
    if body:
        yield from _changed(words.CONTACT, write.id, body, before, desk, key)
    return Written(write.id)


def _add_task(write: asking.AddTask, desk: Desk, key: str) -> Order:
    body = {"deadline": spoken(write.deadline), "title": write.title, "description": _signed(write.text, write.sign)}
    return (yield from _todo(write.deal, write.responsible, body, desk, key))


def _close_task(write: asking.CloseTask, desk: Desk, key: str) -> Order:
    """A to-do has no place for words of its own."""
    replies = yield {key: Inner("crm.activity.update", {"id": write.id, "fields": {"COMPLETED": "Y"}})}
    _told(replies, key)
    return Written(write.id)


def _add_note(write: asking.AddNote, desk: Desk, key: str) -> Order:
    replies = yield {key: _comment(write.deal, _signed(write.text, write.sign))}
    return Written(str(_told(replies, key) or ""))


def _notify(write: asking.Notify, desk: Desk, key: str) -> Order:
    """A notice of the messenger; where the key may send none, a to-do that is due now."""
    if desk.notices:
        replies = yield {key: Inner("im.notify.system.add", _notice(write, desk))}
        error = replies.errors.get(key)
        if error is None and replies.values.get(key):
            return Written(str(replies.values[key]))
        if error and not (isinstance(error, REFUSALS) and write.deal):
            raise error
        desk.notices = error is None or error.code.casefold() not in ("insufficient_scope", "error_method_not_found")
    title, _, rest = write.text.partition("\n")
    body = {"deadline": spoken(now()), "title": title, "description": _signed(rest, write.sign)}
    return (yield from _todo(write.deal, write.user, body, desk, key))


def _delete(write: asking.DeleteDeal, desk: Desk, key: str) -> Order:
    replies = yield {key: Inner("crm.item.delete", {"entityTypeId": words.DEAL, "id": write.id})}
    error = replies.errors.get(key)
    if error and error.code not in GONE:
        raise error
    return Written(write.id)


def _call_back(write: asking.CallBack, desk: Desk, key: str) -> Order:
    """A token that was answered, or has run out, is refused as if for lack of rights (§11)."""
    if write.reply:
        told: dict[str, Any] = {"EVENT_TOKEN": write.reply, "RETURN_VALUES": write.values}
        replies = yield {key: Inner("bizproc.event.send", told | ({"LOG_MESSAGE": write.words} if write.words else {}))}
        error = replies.errors.get(key)
        if error and error.code.upper() != "ACCESS_DENIED":
            raise error
    return Written()


def _start_bot(write: asking.StartBot, desk: Desk, key: str) -> Order:
    """A workflow of ours: there are no bots. The answer is the id of its run."""
    if not write.bot.startswith(FLOW):
        raise Unsupported(_NO_BOT, vendor=VENDOR, code="no_bots", words=_NO_BOT.en)
    document = ["crm", "CCrmDocumentDeal", f"DEAL_{write.deal}"]
    template = write.bot.removeprefix(FLOW)
    start = Inner("bizproc.workflow.start", {"TEMPLATE_ID": template, "DOCUMENT_ID": document})
    replies = yield {key: start}
    return Written(str(_told(replies, key) or ""))


def _changed(
    entity: int, item_id: str, body: Mapping[str, Any], before: Mapping[str, Inner], desk: Desk, key: str
) -> Generator[Mapping[str, Inner], Replies, Mapping[str, Any]]:
    """The item as it is after the change, empty where the portal does not tell."""
    update = {"entityTypeId": entity, "id": item_id, "fields": body, **SPELLED}
    replies = yield {**before, key: Inner("crm.item.update", update)}
    _learn(desk, key, replies)
    return as_map(as_map(_told(replies, key)).get("item"))


def _todo(deal: str, responsible: str, body: Mapping[str, Any], desk: Desk, key: str) -> Order:
    whose = {"ownerTypeId": words.DEAL, "ownerId": deal} | ({"responsibleId": responsible} if responsible else {})
    inner = Inner("crm.activity.todo.add", {**whose, **body, "pingOffsets": list(REMINDERS)})
    replies = yield {key: inner}
    made = as_map(_told(replies, key)).get("id")
    if not made:
        raise desk.client.unclear([inner])
    return Written(str(made))


def _comment(deal: str, text: str) -> Inner:
    return Inner("crm.timeline.comment.add", {"fields": {"ENTITY_ID": deal, "ENTITY_TYPE": "deal", "COMMENT": text}})


def _currency(desk: Desk, key: str, given: FieldValues, known: str = "") -> tuple[dict[str, Inner], str]:
    """What amounts are said in; where nobody knows, a command that is asked before and a reference to its answer (§3.4)."""
    found = known or desk.chart.currency or desk.currency
    if found or not fields.costs_currency(desk.chart, given):
        return {}, found
    return {f"{key}base": Inner("crm.currency.base.get")}, f"$result[{key}base]"


def _learn(desk: Desk, key: str, replies: Replies) -> None:
    told = replies.values.get(f"{key}base")
    desk.currency = told if isinstance(told, str) else desk.currency


def _notice(write: asking.Notify, desk: Desk) -> dict[str, Any]:
    """A second notice of the same tag takes the place of the first; a webhook has no tags of its own (§6). The only link in it
    is ours: whoever writes codes of one into his name, in a form on a site, gets them shown and not followed."""
    address = f"https://{desk.client.host}/crm/deal/details/{write.deal}/"
    link = f"\n[URL={address}]{desk.say(_OPEN_DEAL)}[/URL]" if write.deal else ""
    words = write.text.replace("[", f"[{UNREAD}")
    said = {"USER_ID": write.user, "MESSAGE": _signed(words + link, write.sign)}
    return said | ({"TAG": f"{deals.ORIGINATOR}:{write.sign}"} if write.sign and desk.application else {})


def _told(replies: Replies, key: str) -> Any:
    """The answer. Raises the refusal, as :class:`Missing` where the record is no more."""
    error = replies.errors.get(key)
    if error is None:
        return replies.values.get(key)
    if isinstance(error, Rejected) and error.code in GONE:
        raise Missing(_IS_GONE, vendor=VENDOR, operation=error.operation, code=error.code, words=error.words)
    raise error


def _signed(text: str, sign: str) -> str:
    return "\n".join(part for part in (text, sign) if part)


def _stage(chart: Chart, stage: str) -> str:
    found = chart.stage_of_id.get(stage)
    return found.name if found else stage


#: what ends a write and not the whole request
ANSWERS: tuple[type[VendorError], ...] = (*REFUSALS, RateLimited)

_ORDERS: Mapping[type, Callable[[Any, Desk, str], Order]] = {
    asking.CreateDeal: _create,
    asking.UpdateDeal: _update_deal,
    asking.UpdateContact: _update_contact,
    asking.AddTask: _add_task,
    asking.CloseTask: _close_task,
    asking.AddNote: _add_note,
    asking.Notify: _notify,
    asking.DeleteDeal: _delete,
    asking.CallBack: _call_back,
    asking.StartBot: _start_bot,
}
