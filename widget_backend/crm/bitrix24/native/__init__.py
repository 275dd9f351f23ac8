"""The portal's own automation: which rules it can carry out, the archive with robots for its stages, workflows of ours."""

from __future__ import annotations

from collections.abc import Sequence

from widget_backend.crm.bitrix24.client import Client
from widget_backend.crm.bitrix24.native import archive, bpt, flows, nodes, saying, words
from widget_backend.crm.bitrix24.native.saying import Said
from widget_backend.crm.bitrix24.native.unsaid import Unsaid, joined
from widget_backend.crm.native import MARK, Flow, Ground, Pack, Saying
from widget_backend.crm.port import Connection
from widget_backend.errors import InvalidInput
from widget_backend.robots.rule import Rule
from widget_backend.texts import Text
from widget_backend.transport import Door


class PortalNative:
    """See :class:`widget_backend.crm.native.Native`."""

    page = "/marketplace/configuration/import_vertical_crm/"

    def say(self, rule: Rule, ground: Ground) -> Saying:
        """See :class:`Native`."""
        found = saying.outlook(rule, ground)
        if "flow" in found.ways:
            return Saying(found.rule, found.ways, (*found.remarks, words.CAME_BACK), found.reasons)
        return found

    def pack(self, rules: Sequence[Rule], ground: Ground) -> Pack:
        """See :class:`Native`."""
        return archive.pack([_said(rule, ground) for rule in rules], ground.chart)

    def flow(self, rule: Rule, ground: Ground) -> Flow:
        """See :class:`Native`."""
        chains = _said(rule, ground).chains
        if "flow" not in saying.outlook(rule, ground).ways:
            raise InvalidInput(words.UNSAYABLE.format(rule=rule.name, reasons=words.NO_WAIT))
        language = "en" if ground.chart.language == "en" else "ru"
        name = words.FLOW.format(rule=Text(chains[0].name, chains[0].name)).into(language)
        root = nodes.as_flow(chains[0], name, language)
        return Flow(name, MARK.format(rule=rule.key), bpt.file(root))

    def install(self, connection: Connection, door: Door, flow: Flow) -> str:
        """See :class:`Native`."""
        return flows.install(Client(connection, door), flow)

    def remove(self, connection: Connection, door: Door, made: str) -> None:
        """See :class:`Native`."""
        flows.remove(Client(connection, door), made)


def _said(rule: Rule, ground: Ground) -> Said:
    try:
        return saying.said(rule, ground)
    except Unsaid as unsaid:
        reasons = joined(unsaid.reasons)
        raise InvalidInput(words.UNSAYABLE.format(rule=rule.name, reasons=reasons)) from unsaid
