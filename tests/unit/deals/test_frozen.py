"""A write comes back from its text exactly as it was."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from widget_backend.crm.asking import AddTask, CallBack, CreateDeal, Draft, StartBot, UpdateContact, UpdateDeal, Write
from widget_backend.crm.records import Product
from widget_backend.deals.frozen import freeze, thaw

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    TEXT,
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(TEXT, max_size=3).map(tuple),
)
FIELDS = st.dictionaries(TEXT, VALUE, max_size=4)
#: what a vendor's folder carries along: JSON, whatever its names are
WIRE = st.dictionaries(
    TEXT, st.recursive(st.none() | st.booleans() | TEXT, lambda s: st.lists(s) | st.dictionaries(TEXT, s))
)
MOMENTS = st.datetimes(timezones=st.just(UTC))
DRAFTS = st.builds(
    Draft, title=TEXT, stage=TEXT, pipeline=TEXT, marker=TEXT, contacts=st.tuples(TEXT), fields=FIELDS, own=WIRE
)
WRITES = st.one_of(
    st.builds(CreateDeal, DRAFTS, st.lists(st.builds(Product, WIRE), max_size=2).map(tuple)),
    st.builds(UpdateDeal, TEXT, fields=FIELDS, tags=st.tuples(TEXT)),
    st.builds(UpdateContact, TEXT, fields=FIELDS),
    st.builds(AddTask, TEXT, TEXT, TEXT, MOMENTS, TEXT),
    st.builds(CallBack, TEXT, st.dictionaries(TEXT, TEXT)),
    st.builds(StartBot, TEXT, TEXT),
)


@given(WRITES)
def test_there_and_back(write: Write) -> None:
    assert thaw(freeze(write)) == write
