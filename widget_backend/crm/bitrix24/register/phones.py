"""Phones as people type them to E.164. Pure."""

from __future__ import annotations

import re

#: what an extension begins with
_EXTENSION = re.compile(r"(доб|ext|x|#|,|;)", re.IGNORECASE)
_DIGITS = re.compile(r"\D")
#: E.164 has at most 15 digits; a number of less than eight is a short one of somebody's own exchange
_FEWEST, _MOST = 8, 15


def e164(typed: str) -> str:
    """``+`` and the digits, without an extension; what cannot be read so stays as it was typed.

    A number of eleven digits with 8 in front, or of ten without any code, is of the +7 zone: nobody writes others so there.
    """
    head = _EXTENSION.split(typed.strip(), maxsplit=1)[0]
    digits = _DIGITS.sub("", head)
    if head.startswith("00"):
        digits = digits.removeprefix("00")
    elif not head.startswith("+") and len(digits) == 11 and digits[0] == "8":
        digits = "7" + digits[1:]
    elif not head.startswith("+") and len(digits) == 10:
        digits = "7" + digits
    return f"+{digits}" if _FEWEST <= len(digits) <= _MOST else typed.strip()
