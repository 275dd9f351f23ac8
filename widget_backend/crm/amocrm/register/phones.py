"""Phones in E.164, so that two spellings of one number are equal. Pure.

Russian numbers are read in every way people type them; a foreign one needs its plus, or two zeros.
"""

from __future__ import annotations

import re

#: digits of a number with its country (E.164)
SHORTEST, LONGEST = 8, 15
#: digits of a number inside Russia
NATIONAL = 10

#: what begins a number that is dialled after the call is answered
_EXTENSION = re.compile(r"доб|ext|внутр|[x#,;]", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[^0-9]")


def normalised(typed: str) -> str:
    """The number in E.164; what cannot be read so stays as it was typed."""
    text = typed.strip()
    number = _EXTENSION.split(text)[0].strip()
    digits, plus = _NOT_DIGIT.sub("", number), number.startswith("+")
    if russian := _russian(digits, plus):
        return russian
    abroad = digits if plus else digits[2:] if digits.startswith("00") else ""
    return f"+{abroad}" if SHORTEST <= len(abroad) <= LONGEST else text


def searched(phone: str) -> tuple[str, ...]:
    """What to search for, one after the other: whether the vendor looks for parts of a number or for whole ones is not
    said (amocrm.md §2.5). The part comes first, as it is in every spelling."""
    digits = _NOT_DIGIT.sub("", phone)
    return (digits[-NATIONAL:], digits) if phone.startswith("+7") else (digits,)


def _russian(digits: str, plus: bool) -> str:
    if len(digits) == NATIONAL + 1:
        # «+8 9…» is «8 9…» typed by somebody who was asked for a plus: no country has 89, but Vietnam has 84
        home = digits[0] == "7" or digits.startswith("89") or (digits[0] == "8" and not plus)
        return f"+7{digits[1:]}" if home else ""
    return f"+7{digits}" if len(digits) == NATIONAL and digits[0] in "3489" and not plus else ""
