"""Phones as people type them to E.164, so that two spellings of one number are equal. Pure.

Russian numbers are read in every way people type them; a foreign one with its plus, two zeros, or all its digits.
"""

from __future__ import annotations

import re
from typing import Final

#: digits of a number with its country (E.164)
SHORTEST: Final = 8
LONGEST: Final = 15
#: digits of a number inside Russia
NATIONAL: Final = 10

#: what begins a number that is dialled after the call is answered
_EXTENSION = re.compile(r"доб|ext|внутр|[x#,;]", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[^0-9]")


def e164(typed: str) -> str:
    """The number in E.164; what cannot be read so stays as it was typed."""
    text = typed.strip()
    number = _EXTENSION.split(text, maxsplit=1)[0].strip()
    found, plus = digits(number), number.startswith("+")
    if russian := _russian(found, plus):
        return russian
    abroad = found[2:] if found.startswith("00") and not plus else found
    # without a plus, fewer digits are a number of somebody's own town
    named = plus or abroad != found or len(found) > NATIONAL
    return f"+{abroad}" if named and SHORTEST <= len(abroad) <= LONGEST else text


def digits(phone: str) -> str:
    """All its digits."""
    return _NOT_DIGIT.sub("", phone)


def _russian(found: str, plus: bool) -> str:
    if found.startswith("007") and not plus:
        found = found[2:]
    if len(found) == NATIONAL + 1:
        # «+8 9…» is «8 9…» typed by somebody who was asked for a plus: no country has 89, but Vietnam has 84
        home = found[0] == "7" or found.startswith("89") or (found[0] == "8" and not plus)
        return f"+7{found[1:]}" if home else ""
    return f"+7{found}" if len(found) == NATIONAL and found[0] in "3489" and not plus else ""
