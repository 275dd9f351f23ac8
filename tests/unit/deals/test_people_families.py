"""Who of those with one phone is meant: by number in the clinic's system, by name and birth date, or nobody can say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.crm.records import Contact
from widget_backend.deals.families import Person, kinship, person, tell, words

SPRING, SUMMER = date(1990, 3, 12), date(2017, 7, 1)

NAMES = (
    "",
    "+7 900 555-01-01",
    "Анна",
    "Аня",
    "Анна Лебедева",
    "Лебедева Анна",
    "Анна Петровна Лебедева",
    "Пётр Лебедев",
)
people = st.builds(
    Person,
    contact=st.integers(1, 5).map(str),
    name=st.sampled_from(NAMES),
    birth_date=st.sampled_from([None, SPRING, SUMMER]),
    number=st.sampled_from(["", "7001", "7002"]),
)
families = st.lists(people, max_size=4, unique_by=lambda one: one.contact)


@given(people, people)
def test_kinship_is_the_same_from_either_side(one: Person, other: Person) -> None:
    assert kinship(one, other) == kinship(other, one)


@given(people, families)
def test_an_answer_names_the_person_and_nobody_twice(who: Person, others: list[Person]) -> None:
    told = tell(who, others)

    assert told.same[0] == who.contact
    assert len(set(told.same)) == len(told.same)
    assert not told.unclear or (told.same == (who.contact,) and who.contact in told.unclear and len(told.unclear) > 1)


@given(people, families, st.randoms())
def test_the_order_of_the_others_says_nothing(who: Person, others: list[Person], random: object) -> None:
    mixed = list(others)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    assert tell(who, mixed) == tell(who, others)


@given(people, families)
def test_two_with_different_birth_dates_or_numbers_are_never_one(who: Person, others: list[Person]) -> None:
    known = {other.contact: other for other in others}
    mine = [known[contact] for contact in tell(who, others).same[1:]]

    assert all(kinship(who, other) != "different" for other in mine)


@given(people, families)
def test_of_those_who_are_not_proven_to_be_him_only_one_person_is_taken_in(who: Person, others: list[Person]) -> None:
    known = {other.contact: other for other in others}
    mine = [known[contact] for contact in tell(who, others).same[1:]]
    named = [one for one in mine if words(one.name) and kinship(who, one) != "same"]

    assert all(kinship(one, other) in ("same", "likely") for one in named for other in named if one is not other)


@pytest.mark.parametrize(
    ("one", "other", "kin"),
    [
        (Person("1", "Анна Лебедева", number="7001"), Person("2", "Аня", number="7001"), "same"),
        (Person("1", "Анна Лебедева", number="7001"), Person("2", "Анна Лебедева", number="7002"), "different"),
        (Person("1", "Анна Лебедева", SPRING), Person("2", "Лебедева Анна", SPRING), "same"),
        (Person("1", "Иван Лебедев", SPRING), Person("2", "Иван Лебедев", SUMMER), "different"),
        (Person("1", "Иван Лебедев", SPRING), Person("2", "Иван Лебедев"), "likely"),
        (Person("1", "Иван Петрович Лебедев"), Person("2", "Лебедев Иван Петрович", SPRING), "same"),
        (Person("1", "Лебедев И. П."), Person("2", "Лебедев Иван Петрович"), "likely"),
        (Person("1", "Артём"), Person("2", "Артем Лебедев"), "likely"),
        (Person("1", "Анна Лебедева"), Person("2", "Пётр Лебедев"), "different"),
        (Person("1", "Анна Лебедева"), Person("2", "Аня Лебедева"), "unclear"),
        (Person("1", "Анна Лебедева"), Person("2", "Анна Лебядева"), "unclear"),
        (Person("1", "Пётр"), Person("2", "Анна Лебедева"), "unclear"),
        (Person("1", "Анна Лебедева", SPRING), Person("2", "Анна Орлова", SPRING), "unclear"),
        (Person("1", "+7 900 555-01-01"), Person("2", "Анна Лебедева"), "nameless"),
        (Person("1", "Входящий звонок +79005550101"), Person("2", "Новый контакт"), "nameless"),
    ],
)
def test_what_two_with_one_phone_are_to_each_other(one: Person, other: Person, kin: str) -> None:
    assert kinship(one, other) == kin


ANNA, PETR = Person("1", "Анна Лебедева", SPRING), Person("2", "Пётр Лебедев", SUMMER)
CALLER, SECOND_CALL = Person("8", "+7 900 555-01-01"), Person("9", "")


@pytest.mark.parametrize(
    ("who", "others", "same", "unclear"),
    [
        (ANNA, [], ("1",), ()),
        (ANNA, [PETR], ("1",), ()),
        (CALLER, [ANNA], ("8", "1"), ()),
        (CALLER, [ANNA, PETR], ("8",), ("8", "1", "2")),
        (CALLER, [SECOND_CALL], ("8", "9"), ()),
        (CALLER, [SECOND_CALL, ANNA], ("8", "1", "9"), ()),
        (ANNA, [CALLER], ("1", "8"), ()),
        (ANNA, [CALLER, PETR], ("1",), ()),
        (Person("7", "Анна"), [ANNA], ("7", "1"), ()),
        (Person("7", "Анна"), [ANNA, PETR], ("7",), ("7", "1", "2")),
        (Person("7", "Анна", SPRING), [ANNA, PETR], ("7", "1"), ()),
        (Person("7", "Ольга"), [ANNA], ("7",), ("7", "1")),
        (Person("7", "", SPRING, "7001"), [Person("1", "Анна", number="7001")], ("7", "1"), ()),
        (
            Person("7", "", SPRING, "7001"),
            [Person("1", "Анна", number="7001"), Person("2", "Анна", SUMMER)],
            ("7", "1"),
            (),
        ),
        (Person("7", "Ольга Лебедева"), [ANNA, PETR], ("7",), ()),
    ],
)
def test_who_is_meant(who: Person, others: list[Person], same: tuple[str, ...], unclear: tuple[str, ...]) -> None:
    told = tell(who, others)

    assert (told.same, told.unclear) == (same, unclear)


def test_a_contact_says_who_he_is() -> None:
    fields = {"field.contact.birth_date": SPRING, "field.contact.ident_number": "7001"}

    assert person(Contact("1", "Анна Лебедева", fields=fields)) == Person("1", "Анна Лебедева", SPRING, "7001")


def test_no_name_shows_in_what_may_be_logged() -> None:
    assert "Лебедева" not in repr(ANNA)
    assert "1990" not in repr(ANNA)
