"""Deletes: what leans on something goes first, what is gone already is as good as deleted."""

from __future__ import annotations

import pytest
from bitrix24_answers import Refused, create, delete, status

from widget_backend.crm.bitrix24 import reading
from widget_backend.crm.model import Kind, Remote
from widget_backend.errors import Rejected, Unsupported

PIPELINE = Remote(Kind.PIPELINE, "5", {"name": "Приемы", "position": 10})
STAGE = reading.stage(status(201, 5, "NEW", "Новая", 10, "Y"), "5")
OTHER = reading.stage(status(301, 6, "DENT_X", "Наш этап", 10), "6")
FIELD = Remote(Kind.FIELD, "UF_CRM_DEAL_BRANCH", {"name": "Филиал"}, entity="deal", native="401")
SOURCE = Remote(Kind.SOURCE, "DENT_SITE", {"name": "Сайт"}, native="501")
CARD = Remote(Kind.CARD, "deal:5", {"sections": ()}, parent="5", entity="deal")


def test_everything_goes_in_one_request_in_an_order_that_works(boris, carry):
    carry(delete(PIPELINE), delete(STAGE), delete(OTHER), delete(SOURCE), delete(FIELD), delete(CARD))

    assert boris.methods == [
        [
            "crm.item.details.configuration.reset",
            "crm.deal.userfield.delete",
            "crm.status.delete",
            "crm.status.delete",
            "crm.category.delete",
        ]
    ]
    assert [sent["id"] for sent in boris.sent("crm.status.delete")] == ["501", "301"]


def test_deletes_come_after_what_is_made(boris, carry):
    boris.makes_numbered("crm.status.add")

    carry(delete(SOURCE), create(Kind.SOURCE, "source.phone", name="Телефон"))

    assert boris.methods == [["crm.status.add"], ["crm.status.delete"]]


def test_stages_go_with_their_pipeline(boris, carry):
    outcomes = carry(delete(PIPELINE), delete(STAGE))

    assert boris.methods == [["crm.category.delete"]]
    assert [(o.error, o.remote) for o in outcomes.values()] == [(None, None), (None, None)]


def test_an_answer_without_a_value_is_a_done_delete(boris, carry):
    boris.answers("crm.category.delete", None)

    assert carry(delete(PIPELINE))["pipeline.5"].error is None


def test_a_stage_of_the_vendor_goes_by_force_only(boris, carry):
    carry(delete(STAGE), delete(OTHER))

    assert boris.sent("crm.status.delete") == [{"id": "201", "params[FORCED]": "Y"}, {"id": "301"}]


@pytest.mark.parametrize("words", ["The 'ID' field is not found.", "Элемент не найден"])
def test_what_is_gone_is_deleted(boris, carry, words):
    boris.answers("crm.deal.userfield.delete", Refused("", words))

    assert carry(delete(FIELD))["field.UF_CRM_DEAL_BRANCH"].error is None


def test_a_pipeline_with_deals_stays_and_so_do_its_stages(boris, carry):
    boris.answers("crm.category.delete", Refused("0", "Deals related to the funnel were detected"))

    outcomes = carry(delete(PIPELINE), delete(STAGE))

    assert [type(o.error) for o in outcomes.values()] == [Rejected, Rejected]


def test_what_has_no_call_is_said(carry):
    assert isinstance(carry(delete(Remote(Kind.TAG, "1", {"name": "VIP"})))["tag.1"].error, Unsupported)
