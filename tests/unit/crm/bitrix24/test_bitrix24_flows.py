"""Workflows of ours in Boris's portal: their file, and how they are put there, found again and taken away."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest
from bitrix24_answers import Refused
from hypothesis import given
from hypothesis import strategies as st
from native_samples import ground, note, rule

from widget_backend.crm.bitrix24.native import PortalNative, bpt
from widget_backend.crm.native import Flow
from widget_backend.crm.port import Application, Connection
from widget_backend.errors import InvalidInput, Rejected, Unavailable
from widget_backend.robots.rule import Condition
from widget_backend.sandbox.bitrix24.crm import bpt as portals

NATIVE = PortalNative()
OURS = Connection("https://boris.bitrix24.example/rest/", "token0of0boris", Application("https://dent.example"))
FLOW = Flow("Стоматология: Позвонить", "dental-crm:call", b"file")
WAITS = rule(
    note(), on="before", span="1d", field="field.deal.visit_at", conditions=(Condition("deal.amount", "more", 5),)
)

ADD, LIST = "bizproc.workflow.template.add", "bizproc.workflow.template.list"
RUNS, KILL, DELETE = "bizproc.workflow.instances", "bizproc.workflow.kill", "bizproc.workflow.template.delete"


def test_a_workflow_waits_looks_where_the_deal_stands_and_acts() -> None:
    flow = NATIVE.flow(WAITS, ground())

    root = portals.read(flow.content)["TEMPLATE"][0]
    wait, choice = root["Children"].values()
    held, otherwise = choice["Children"].values()
    asks = held["Properties"]["mixedcondition"].values()
    assert (flow.name, flow.description) == ("Стоматология: Позвонить", "dental-crm:call")
    assert wait["Properties"]["TimeoutTime"] == '=dateadd({=Document:UF_CRM_DEAL_VISIT_AT},"-1d")'
    assert [(one["field"], one["operator"], one["value"]) for one in asks] == [
        ("STAGE_ID", "=", "C5:NEW"),
        ("UF_CRM_DEAL_VISIT_AT", "!empty", ""),
        ("OPPORTUNITY", ">", "5"),
    ]
    assert held["Children"][0]["Properties"]["CommentText"] == "Внимание"
    assert otherwise["Children"] == {}


def test_the_same_rule_is_the_same_file() -> None:
    assert NATIVE.flow(WAITS, ground()) == NATIVE.flow(WAITS, ground())


@pytest.mark.parametrize("of", [rule(), rule(on="left"), rule(on="stuck", span="1d", stages=("open",))])
def test_what_does_not_wait_at_one_stage_is_no_workflow(of: Any) -> None:
    with pytest.raises(InvalidInput, match="cannot be handed to the CRM"):
        NATIVE.flow(of, ground())


PHP = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
    lambda inner: (
        st.dictionaries(st.text("abЯ", min_size=1, max_size=4), inner, max_size=3) | st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PHP)
def test_a_portal_reads_what_we_write(value: Any) -> None:
    parts = {"VERSION": 2, "PARAMETERS": value, "VARIABLES": [], "CONSTANTS": [], "TEMPLATE": [{"Type": portals.ROOT}]}

    read = portals.read(zlib.compress(bpt.serialized(parts)))

    assert read["PARAMETERS"] == _as_php(value)


def _as_php(value: Any) -> Any:
    if isinstance(value, list):
        return {number: _as_php(item) for number, item in enumerate(value)}
    return {key: _as_php(item) for key, item in value.items()} if isinstance(value, dict) else value


def test_it_is_put_there_to_be_started_by_us_alone(boris: Any, door: Any) -> None:
    boris.answers(ADD, 525)

    assert NATIVE.install(OURS, door, FLOW) == "525"
    (sent,) = boris.sent(ADD)
    assert (sent["NAME"], sent["DESCRIPTION"], sent["AUTO_EXECUTE"]) == (FLOW.name, FLOW.description, "0")
    assert [sent[f"DOCUMENT_TYPE[{n}]"] for n in range(3)] == ["crm", "CCrmDocumentDeal", "DEAL"]
    assert base64.b64decode(sent["TEMPLATE_DATA[1]"]) == b"file"


def test_one_that_an_earlier_try_has_left_is_taken_over(boris: Any, door: Any) -> None:
    boris.answers(LIST, [{"ID": "524", "DESCRIPTION": "another"}, {"ID": "525", "DESCRIPTION": "dental-crm:call"}])
    boris.answers("bizproc.workflow.template.update", 525)

    assert NATIVE.install(OURS, door, FLOW) == "525"
    assert boris.sent(ADD) == []


def test_a_portal_that_does_not_say_what_it_made_is_asked_again(boris: Any, door: Any) -> None:
    boris.answers(ADD, None)

    with pytest.raises(Unavailable):
        NATIVE.install(OURS, door, FLOW)


def test_it_goes_with_all_that_wait_in_it(boris: Any, door: Any) -> None:
    boris.answers(RUNS, [{"ID": "a.1"}, {"ID": "b.2"}], [])
    boris.answers(KILL, True)
    boris.answers(DELETE, None)

    NATIVE.remove(OURS, door, "525")

    assert [sent["ID"] for sent in boris.sent(KILL)] == ["a.1", "b.2"]
    assert [sent["ID"] for sent in boris.sent(DELETE)] == ["525"]


def test_one_that_is_gone_is_gone(boris: Any, door: Any) -> None:
    boris.answers(DELETE, Refused("ERROR_TEMPLATE_NOT_FOUND", "Workflow template not found."))

    NATIVE.remove(OURS, door, "525")


def test_one_of_anothers_stays_and_is_told(boris: Any, door: Any) -> None:
    boris.answers(DELETE, Refused("", "You can delete ONLY templates created by current application"))

    with pytest.raises(Rejected):
        NATIVE.remove(OURS, door, "525")
