"""Families: who of those with one phone is meant (Q-13, Q-19). Pure; nobody is ever merged here.

People are told apart by their number in the clinic's system, else by name and birth date. Where neither tells, the answer is
«unclear», and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from widget_backend.crm.records import Contact

Kinship = Literal["same", "likely", "nameless", "unclear", "different"]

MIS_NUMBER: Final = "field.contact.ident_number"
BIRTH_DATE: Final = "field.contact.birth_date"
#: words that CRMs and telephony put where no name is known
FILLERS: Final = frozenset(
    (
        *("без", "имени", "имя", "не", "указано", "неизвестный", "неизвестно", "новый", "клиент", "пациент", "контакт"),
        *("входящий", "исходящий", "звонок", "лид", "гость", "unknown", "noname", "no", "name", "new", "contact"),
        *("client", "patient", "incoming", "call", "lead", "guest"),
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as far as it says who he is. ``number``: of the patient in the clinic's system."""

    contact: str
    name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    number: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """``same``: contacts that are the person meant, himself first. ``unclear``: those who may be meant, if that cannot be
    told; ``same`` is he alone then."""

    same: tuple[str, ...]
    unclear: tuple[str, ...] = ()


def person(contact: Contact) -> Person:
    """Who a contact says he is."""
    born, number = contact.fields.get(BIRTH_DATE), contact.fields.get(MIS_NUMBER)
    return Person(contact.id, contact.name, born if type(born) is date else None, "" if number is None else str(number))


def tell(who: Person, others: Sequence[Person]) -> Told:
    """Who of the others with the same phone is this person too. The order of the others says nothing."""
    around = sorted((other for other in others if other.contact != who.contact), key=lambda other: other.contact)
    by_kind: dict[Kinship, list[Person]] = {}
    for other in around:
        by_kind.setdefault(kinship(who, other), []).append(other)
    sure, likely, nameless = (by_kind.get(kind, []) for kind in ("same", "likely", "nameless"))
    if not words(who.name):
        return _nameless(who, around, [*sure, *nameless], by_kind)
    doubtful = [*by_kind.get("unclear", []), *likely]
    alone = len(likely) == 1 and len(around) - len(nameless) == 1
    if doubtful and not alone:
        return Told((who.contact,), _ids([who, *(one for one in around if one in [*sure, *doubtful])]))
    mine = [*sure, *likely] + ([] if by_kind.get("different") else nameless)
    return Told((who.contact, *_ids(mine)))


def _nameless(
    who: Person, around: Sequence[Person], others: Sequence[Person], by_kind: dict[Kinship, list[Person]]
) -> Told:
    """Known by his number under a name, or by nothing but the phone: then it is whoever alone has it."""
    by_number = [other for other in by_kind.get("same", []) if words(other.name)]
    if by_number:
        known = by_number[0]
        told = tell(replace(known, birth_date=who.birth_date or known.birth_date), [who, *around])
        rest = [one for one in (told.unclear or told.same) if one != who.contact]
        return Told((who.contact,), (who.contact, *rest)) if told.unclear else Told((who.contact, *rest))
    named = [other for other in others if words(other.name)]
    one = all(
        kinship(first, second) in ("same", "likely") for first in named for second in named if first is not second
    )
    if named and (not one or by_kind.get("different")):
        return Told((who.contact,), _ids([who, *named]))
    return Told((who.contact, *_ids(others)))


def kinship(one: Person, other: Person) -> Kinship:
    """What two contacts with one phone are to each other; the same seen from either side."""
    if one.number and other.number:
        return "same" if one.number == other.number else "different"
    if one.birth_date and other.birth_date and one.birth_date != other.birth_date:
        return "different"
    return _by_name(words(one.name), words(other.name), born=one.birth_date is not None and bool(other.birth_date))


def _by_name(mine: frozenset[str], theirs: frozenset[str], *, born: bool) -> Kinship:
    """``born``: the birth date is the same."""
    if not mine or not theirs:
        return "nameless"
    fewer, more = sorted((mine, theirs), key=lambda said: (len(said), sorted(said)))
    left = [word for word in fewer if not _says(word, more)]
    if not left:
        # a full name with the father's is one person's; «Иван Иванов» may be the father's and the son's
        return "same" if born or (fewer == more and len([word for word in more if len(word) > 1]) >= 3) else "likely"
    written_otherwise = all(any(word[:2] == other[:2] for other in more - fewer) for word in left)
    return "unclear" if born or len(fewer) < 2 or written_otherwise else "different"


def _says(word: str, name: frozenset[str]) -> bool:
    """Whether a name has this word; an initial stands for any word that begins so."""
    return word in name or any(other[0] == word[0] for other in name if 1 in (len(word), len(other)))


def words(name: str) -> frozenset[str]:
    """The words of a name by which people are told apart; none where it is a phone or says that there is no name."""
    said = re.findall(r"[^\W\d_]+", name.casefold().replace("ё", "е"))
    return frozenset(word for word in said if word not in FILLERS)


def _ids(people: Sequence[Person]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person.contact for person in people))
