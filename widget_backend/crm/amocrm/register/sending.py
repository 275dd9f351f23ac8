"""Sends writes in their order, packed into arrays; one bad write never stops the others (amocrm.md §2.2, §4, §6.3, §6.4).

Writes of one kind that follow each other go in one request. Tasks and notes only add, so they are put together across each
other; everything else keeps its place. What is refused because its person has left the account is sent once more for nobody:
the account then gives it to whoever the key belongs to, and no patient's deal is left undone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from widget_backend.crm.amocrm.client import Client
from widget_backend.crm.amocrm.judge import VENDOR, problems_of
from widget_backend.crm.amocrm.register import deals
from widget_backend.crm.amocrm.register.wording import ANSWERS, BOTS, Lane, Said, Speaker
from widget_backend.crm.amocrm.writing.arrays import REFUSALS, Arrays, Entry
from widget_backend.crm.asking import Write, Written
from widget_backend.crm.chart import Chart
from widget_backend.errors import Missing, Rejected, VendorError
from widget_backend.texts import Text

#: whose a record is
PERSON: Final = "responsible_user_id"

NOT_STARTED = Text(
    "amoCRM не запустила бота. Остальное сделано; проверьте, что бот с таким номером есть и включён.",
    "amoCRM did not start the bot. The rest is done; check that a bot of this number exists and is switched on.",
)

log = logging.getLogger(__name__)


@dataclass
class Batch:
    """Writes for one request; by the number of the write."""

    lane: Lane
    said: dict[int, Said] = field(default_factory=dict)

    def takes(self, said: Said) -> bool:
        """Whether it may go along: a record is changed once in a request."""
        changed = {one.record for one in self.said.values() if one.record}
        return self.lane is said.lane and said.record not in changed


class Sender:
    """Sends to one account."""

    def __init__(self, client: Client, chart: Chart) -> None:
        self._client = client
        self._arrays = Arrays(client)
        self._speaker = Speaker(chart, client.origin)

    def send(self, writes: Sequence[Write]) -> tuple[Written, ...]:
        """One answer per write. Raises :class:`Forbidden` before anything is sent, :class:`VendorError` for a fault of a whole
        request."""
        answers: dict[int, Written] = {}
        said: dict[int, Said] = {}
        for number, write in enumerate(writes):
            try:
                said[number] = self._speaker.say(write)
            except REFUSALS as refusal:
                answers[number] = Written(error=refusal)
        for batch in packed(said):
            answers |= self._carry_out(batch)
        return tuple(answers[number] for number in range(len(writes)))

    def _carry_out(self, batch: Batch) -> dict[int, Written]:
        alone = {BOTS: self._start, ANSWERS: self._answer}.get(batch.lane)
        if alone:
            return {number: alone(said) for number, said in batch.said.items()}
        silent = {number: Written(said.record) for number, said in batch.said.items() if not said.body}
        answers = silent | dict(self._send_array(batch.lane, {n: s for n, s in batch.said.items() if s.body}))
        self._link_goods([(answers[number].id, said) for number, said in batch.said.items()])
        return answers

    def _send_array(self, lane: Lane, said: Mapping[int, Said]) -> Iterator[tuple[int, Written]]:
        entries = [Entry(str(number), one.body) for number, one in said.items()]
        nobodys: dict[int, Said] = {}
        for sent in self._arrays.send(
            lane.method, lane.path, lane.key, entries, lenient=True, repeatable=lane.repeatable
        ):
            for address, row in sent.done:
                yield int(address), Written(said[int(address)].record or str(row["id"]))
            for address, refusal in sent.refused:
                one = said[int(address)]
                if _has_lost_its_person(one, refusal):
                    nobodys[int(address)] = replace(one, body={k: v for k, v in one.body.items() if k != PERSON})
                else:
                    yield int(address), Written(error=refusal)
        if nobodys:
            log.warning("sent without a person who has left: path=%s count=%s", lane.path, len(nobodys))
            yield from self._send_array(lane, nobodys)

    def _link_goods(self, made: Sequence[tuple[str, Said]]) -> None:
        """All goods of all new deals by one request. Refused ones are noted: the deal itself stands."""
        links = [deals.link(product, deal_id) for deal_id, said in made if deal_id for product in said.goods]
        if not links:
            return
        try:
            self._client.write("POST", "leads/link", links, repeatable=True)
        except REFUSALS as refusal:
            log.warning("goods of new deals not linked: deals=%s words=%r", [i for i, _ in made], refusal.words)

    def _answer(self, said: Said) -> Written:
        """A bot that waits no longer was answered before, or has been stopped: no fault (§6.3)."""
        try:
            self._client.write("POST", said.record, said.body, repeatable=True, name="salesbot/continue")
        except Missing:
            return Written()
        except REFUSALS as refusal:
            return Written(error=refusal)
        return Written()

    def _start(self, said: Said) -> Written:
        """Each bot by a request of its own: whether a refused array started some of them is not said, and a patient must not
        be written to twice."""
        try:
            told = self._client.write("POST", BOTS.path, [said.body])
        except REFUSALS as refusal:
            return Written(error=refusal)
        refused = told.get("success") is False
        return Written(error=Rejected(NOT_STARTED, vendor=VENDOR, code="not_started") if refused else None)


def _has_lost_its_person(said: Said, refusal: VendorError) -> bool:
    return PERSON in said.body and any(problem.path == PERSON for problem in problems_of(refusal))


def packed(said: Mapping[int, Said]) -> list[Batch]:
    """Writes put together, as far as their order allows."""
    batches: list[Batch] = []
    for number, one in said.items():
        fitting = next((batch for batch in _reachable(batches, one) if batch.takes(one)), None)
        if fitting is None:
            fitting = Batch(one.lane)
            batches.append(fitting)
        fitting.said[number] = one
    return batches


def _reachable(batches: Sequence[Batch], said: Said) -> Iterator[Batch]:
    """The batches a write may join: the last one, and before it those of additions only."""
    for batch in reversed(batches):
        yield batch
        if not (batch.lane.adds and said.lane.adds):
            return
