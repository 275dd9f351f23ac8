"""Form bodies with bracket keys, as both vendors send them."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.crm import forms
from widget_backend.crm.bitrix24.client import flatten
from widget_backend.errors import InvalidInput

NAMES = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), min_size=1, max_size=10)
TREES = st.recursive(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    lambda t: st.dictionaries(NAMES, t, min_size=1, max_size=4),
    max_leaves=20,
)


def test_brackets_nest() -> None:
    body = b"event=ONCRMDEALUPDATE&data[FIELDS][ID]=15&auth%5Bmember_id%5D=5f&auth[scope]=crm%2Cplacement&empty="

    assert forms.read_form(body) == {
        "event": "ONCRMDEALUPDATE",
        "data": {"FIELDS": {"ID": "15"}},
        "auth": {"member_id": "5f", "scope": "crm,placement"},
        "empty": "",
    }


def test_empty_brackets_count() -> None:
    assert forms.read_form(b"document_id[]=crm&document_id[]=DEAL_15") == {"document_id": {"0": "crm", "1": "DEAL_15"}}


def test_russian_and_broken_letters_are_read() -> None:
    assert forms.read_form("name=Чистка&odd=%FF".encode()) == {"name": "Чистка", "odd": "�"}


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a=2",
        b"a[b]=1&a[b]=2",
        b"a=1&a[b]=2",
        b"a[b]=1&a=2",
        b"a[b=1",
        b"a]b[=1",
        b"a[b]c=1",
        b"[b]=1",
        b"=1",
        b"a[b[c]]=1",
        b"a" + b"[b]" * 9 + b"=1",
        b"k" * 301 + b"=1",
        b"&".join(b"a[%d]=1" % n for n in range(5001)),
        b"a=" + b"1" * 1_000_000,
        b"a=%00",
        b"a[b]=15\0",
    ],
)
def test_what_is_doubled_malformed_too_deep_or_too_large_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        forms.read_form(body)


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_was_flattened_comes_back(tree: forms.Tree) -> None:
    assert forms.read_form(urlencode(list(flatten(tree))).encode()) == tree


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        forms.read_form(body)
    except InvalidInput as refusal:
        assert "Nothing was stored" in refusal.message.en
