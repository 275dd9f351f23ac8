"""Terms: how long what is kept, taken from the code that drops it; the policy names no number of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from installer.wizard.words.plural import Noun, counted
from widget_backend import answers, requestlog
from widget_backend.deals import effect_log, own_marks
from widget_backend.inbox import losses, messages
from widget_backend.robots import firing_log, timers
from widget_backend.texts import Text

DAY: Final = Noun(("день", "дня", "дней"), ("day", "days"))
CONNECTED: Final = Text("пока приложение подключено", "as long as the application is connected")
AFTER: Final = Text("остаются и после удаления, как доказательство", "stay after removal too, as proof")


@dataclass(frozen=True, slots=True)
class Kept:
    """``tables``: of our database, where it lies. ``life``: how long, in words where no clock ends it."""

    tables: tuple[str, ...]
    what: Text
    life: timedelta | Text

    @property
    def said(self) -> Text:
        """What, and how long."""
        return Text(f"{self.what.ru}: {self._long.ru}.", f"{self.what.en}: {self._long.en}.")

    @property
    def _long(self) -> Text:
        return self.life if isinstance(self.life, Text) else counted(self.life.days, DAY)


#: in the order in which a person asks
KEPT: Final = (
    Kept(
        ("inbox_message",),
        Text(
            "сообщения CRM о сделках, контактах и делах, зашифрованы",
            "what the CRM tells of deals, contacts and to-dos, sealed",
        ),
        messages.LIFE,
    ),
    Kept(
        ("request_log",),
        Text(
            "журнал запросов к CRM без токенов, имён и телефонов",
            "the log of requests to the CRM, without tokens, names and phones",
        ),
        requestlog.KEPT,
    ),
    Kept(
        ("effect",),
        Text(
            "содержание записей, сделанных в CRM, зашифровано; номера записей остаются дольше, чтобы ничего не сделать дважды",
            "what was written to the CRM, sealed; the numbers stay longer, so that nothing is done twice",
        ),
        effect_log.LIFE,
    ),
    Kept(
        ("robot_cause", "robot_firing"),
        Text("что сделали правила и почему, в журнале", "what rules did and why, in the journal"),
        firing_log.LIFE,
    ),
    Kept(("own_mark",), Text("отметки о собственных изменениях", "marks of our own changes"), own_marks.LIFE),
    Kept(("answer",), Text("ответы на повторённые запросы", "answers to requests that come again"), answers.LIFE),
    Kept(
        ("inbox_loss",),
        Text("счёт событий, о которых CRM не сообщила", "the count of events that the CRM did not tell"),
        losses.KEPT,
    ),
    Kept(("robot_timer",), Text("сработавшие напоминания", "timers that rang"), timers.LIFE),
    Kept(
        (
            "deal_state",
            "contact_state",
            "stage_transition",
            "route_decision",
            "deal_copy",
            "visit",
            "rota",
            "arrival",
            "robot_increase",
            "inbox_reconcile",
        ),
        Text(
            "номера сделок, история этапов, решения о маршруте с причиной, связи копий, отпечатки полей (хеши, не значения)",
            "numbers of deals, the history of stages, decisions on the route with their reason, ties of copies, fingerprints "
            "of fields (hashes, not values)",
        ),
        CONNECTED,
    ),
    Kept(
        (
            "installation",
            "chart",
            "binding",
            "robot_rule",
            "robot_book",
            "run",
            "step",
            "wizard_run",
            "wizard_plan",
            "wizard_draft",
        ),
        Text(
            "настройки клиники: часы работы, сотрудники и роли, правила, ход установки",
            "the clinic's settings: hours, employees and roles, rules, how the set-up went",
        ),
        CONNECTED,
    ),
    Kept(("token",), Text("ключи доступа к CRM, зашифрованы", "the keys of access to the CRM, sealed"), CONNECTED),
    Kept(
        ("audit_row", "audit_chain", "deletion_note"),
        Text(
            "журнал действий (кто, когда, что) и записи об удалении",
            "the log of acts (who, when, what) and notes of deletion",
        ),
        AFTER,
    ),
)
#: tables that tell nothing of a clinic's work
TECHNICAL: Final = frozenset({"rate_budget", "rate_hold", "spent", "ticket", "job_fault"})
