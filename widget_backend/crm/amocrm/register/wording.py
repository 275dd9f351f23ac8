"""Our writes as the vendor's requests (amocrm.md §4.5, §4.6, §6.3, §6.4). Pure: nothing is sent before all can be said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from widget_backend.clock import now
from widget_backend.crm.amocrm.judge import VENDOR
from widget_backend.crm.amocrm.register import deals
from widget_backend.crm.amocrm.register.fields import Body
from widget_backend.crm.asking import (
    AddNote,
    AddTask,
    CallBack,
    CloseTask,
    CreateDeal,
    DeleteDeal,
    Notify,
    StartBot,
    UpdateContact,
    UpdateDeal,
)
from widget_backend.crm.chart import Chart
from widget_backend.errors import Forbidden, Rejected, Unsupported
from widget_backend.texts import Text

#: the task type every account has (§4.6), where the chart knows none
USUAL_TYPE: Final = 1
#: a deal, in the calls of API v2 (§6.4)
DEAL: Final = 2
#: longest text a bot shows at once (§6.3)
SHOWN: Final = 80
#: the only addresses an answer to a bot is sent to (§6.3)
CONTINUE: Final = re.compile(r"/api/v4/(?:salesbot|marketingbot)/[A-Za-z0-9_-]{1,64}/continue/[A-Za-z0-9_-]{1,64}")

CLOSED: Final = Text("Закрыто роботом", "Closed by a robot")
FOREIGN = Text(
    "Ответ боту не отправлен: его адрес не принадлежит этому аккаунту amoCRM. Ключ доступа никуда не ушёл; ничего делать не "
    "нужно.",
    "The bot's answer was not sent: its address is not of this amoCRM account. The access key went nowhere; nothing needs to "
    "be done.",
)
NO_NUMBER = Text(
    "Действие не отправлено: сделка, сотрудник, этап или бот указаны не номером amoCRM. Остальное сделано; исправьте правило "
    "или выберите их в настройках заново.",
    "The action was not sent: its deal, user, stage or bot is not a number of amoCRM. The rest is done; correct the rule or "
    "choose them anew in the settings.",
)
UNDELETED = Text(
    "amoCRM не даёт удалить сделку через API. Сделка не изменена: закройте её или удалите в самой amoCRM.",
    "amoCRM lets no deal be deleted through the API. The deal is as it was: close it or delete it in amoCRM itself.",
)


@dataclass(frozen=True, slots=True)
class Lane:
    """Where writes of a kind are sent, as an array. ``adds``: order among these does not matter."""

    method: str
    path: str
    key: str
    repeatable: bool = False
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One write, ready to be sent. ``record``: the id it changes, empty for a new one. An empty body has nothing to say.

    ``goods``: elements to be linked to the deal once it has a number.
    """

    lane: Lane
    body: Body
    record: str = ""
    goods: tuple[Any, ...] = ()


TASKS: Final = Lane("POST", "tasks", "tasks", adds=True)
NOTES: Final = Lane("POST", "leads/notes", "notes", adds=True)
NEW_DEALS: Final = Lane("POST", "leads", "leads")
DEALS: Final = Lane("PATCH", "leads", "leads", repeatable=True)
CONTACTS: Final = Lane("PATCH", "contacts", "contacts", repeatable=True)
CLOSINGS: Final = Lane("PATCH", "tasks", "tasks", repeatable=True)
BOTS: Final = Lane("POST", "/api/v2/salesbot/run", "")
ANSWERS: Final = Lane("POST", "", "", repeatable=True)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Puts writes into words. ``origin``: the account's own address, the only one its key is sent to."""

    chart: Chart
    origin: str

    def say(self, write: Any) -> Said:
        """Raises :class:`Rejected` and :class:`Unsupported` for what cannot be said, :class:`Forbidden` for what must not."""
        try:
            return SAYINGS[type(write)](self, write)
        except ValueError:
            raise Rejected(NO_NUMBER, vendor=VENDOR, code="no_number", words=type(write).__name__) from None

    def new_deal(self, write: CreateDeal) -> Said:
        """A deal with its links and tags; its goods are linked afterwards (§4.4)."""
        return Said(NEW_DEALS, deals.new_deal(write.draft, self.chart), goods=write.products)

    def changed_deal(self, write: UpdateDeal) -> Said:
        """What is given, and no more."""
        return Said(DEALS, deals.changed_deal(write, self.chart), write.id)

    def changed_contact(self, write: UpdateContact) -> Said:
        """What is given, and no more."""
        return Said(CONTACTS, deals.changed_contact(write, self.chart), write.id)

    def task(self, write: AddTask) -> Said:
        """A task at a deal."""
        kind = self.chart.names.get(write.type) or USUAL_TYPE
        text = _lines(write.title, write.text, write.sign)
        body = _task(write.deal, text, int(write.deadline.timestamp()), int(kind))
        return Said(TASKS, body | ({"responsible_user_id": int(write.responsible)} if write.responsible else {}))

    def notice(self, write: Notify) -> Said:
        """A task that is due now: amoCRM notifies of those, and knows no other notices."""
        body = _task(write.deal, _lines(write.text, write.sign), int(now().timestamp()), USUAL_TYPE)
        return Said(TASKS, body | {"responsible_user_id": int(write.user)})

    def closing(self, write: CloseTask) -> Said:
        """A task done; the vendor wants to hear how (§4.6)."""
        words = write.words or CLOSED.into(self.chart.language)
        return Said(CLOSINGS, {"id": int(write.id), "is_completed": True, "result": {"text": words}}, write.id)

    def note(self, write: AddNote) -> Said:
        """A plain note, which wakes no triggers of the clinic's own."""
        params = {"text": _lines(write.text, write.sign)}
        quiet = {"is_need_to_trigger_digital_pipeline": False}
        return Said(NOTES, {"entity_id": int(write.deal), "note_type": "common", "params": params, **quiet})

    def deletion(self, write: DeleteDeal) -> Said:
        """Refused: v4 has no such call (§4.1)."""
        raise Unsupported(UNDELETED, vendor=VENDOR, operation="DELETE leads", code="undeleted")

    def bot(self, write: StartBot) -> Said:
        """A bot to be started on a deal."""
        return Said(BOTS, {"bot_id": int(write.bot), "entity_id": int(write.deal), "entity_type": DEAL})

    def answer(self, write: CallBack) -> Said:
        """The answer to a bot that waits. It shows what is short enough; the whole text is there for a step of its own."""
        host, path = write.reply[: len(self.origin)], write.reply[len(self.origin) :]
        if host.lower() != self.origin or not CONTINUE.fullmatch(path):
            raise Forbidden(FOREIGN)
        told = {"status": "fail" if write.failed else "success", "text": write.words, **write.values}
        body: Body = {"data": {name: str(value) for name, value in told.items() if value}}
        if write.words:
            show = {"handler": "show", "params": {"type": "text", "value": shortened(write.words)}}
            body["execute_handlers"] = [show]
        return Said(ANSWERS, body, record=path)


def shortened(words: str) -> str:
    """What a bot may show at once."""
    return words if len(words) <= SHOWN else words[: SHOWN - 1].rstrip() + "…"


def _task(deal: str, text: str, due: int, kind: int) -> Body:
    return {"entity_id": int(deal), "entity_type": "leads", "text": text, "complete_till": due, "task_type_id": kind}


def _lines(*parts: str) -> str:
    """Title, words and sign, each on a line of its own."""
    return "\n".join(part for part in parts if part)


SAYINGS: Final[Mapping[type, Callable[[Speaker, Any], Said]]] = {
    CreateDeal: Speaker.new_deal,
    UpdateDeal: Speaker.changed_deal,
    UpdateContact: Speaker.changed_contact,
    AddTask: Speaker.task,
    Notify: Speaker.notice,
    CloseTask: Speaker.closing,
    AddNote: Speaker.note,
    DeleteDeal: Speaker.deletion,
    StartBot: Speaker.bot,
    CallBack: Speaker.answer,
}
