"""Carries talks to the portal: all that is wanted at a time in one batch, by fifty commands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from widget_backend.crm.bitrix24.client import BATCH, Client, Inner
from widget_backend.crm.bitrix24.known import REFUSALS
from widget_backend.crm.bitrix24.register.talks import Reply, T, Talk


class Reader:
    """Reads from one portal; the same command asked twice at a time is sent once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def hold(self, talk: Talk[T]) -> T:
        """A talk from its beginning to its end. Raises :class:`VendorError`; a mere refusal is for the talk to judge."""
        try:
            wanted = next(talk)
            while True:
                wanted = talk.send(self.ask(wanted))
        except StopIteration as end:
            result: T = end.value
            return result

    def ask(self, wanted: Sequence[Inner]) -> list[Reply]:
        """A reply for each command. Raises what is no mere refusal of one."""
        distinct = list({inner.text: inner for inner in wanted}.values())
        told: dict[str, Reply] = {}
        for start in range(0, len(distinct), BATCH):
            told |= self._batch(distinct[start : start + BATCH])
        return [told[inner.text] for inner in wanted]

    def _batch(self, commands: Sequence[Inner]) -> dict[str, Reply]:
        numbered = {f"c{number}": inner for number, inner in zip(count(1), commands, strict=False)}
        replies = self._client.batch(numbered)
        for error in replies.errors.values():
            if not isinstance(error, REFUSALS):
                raise error
        silent = [inner for key, inner in numbered.items() if key not in replies.values and key not in replies.errors]
        if silent:
            raise self._client.unclear(silent)
        return {inner.text: Reply(replies.values.get(key), replies.errors.get(key)) for key, inner in numbered.items()}
