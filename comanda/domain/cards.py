"""
Card numbers are never stored: free text from strangers that looks like one is refused.

Not asked of fields that hold long numbers by their nature, of which one in ten passes the check: ids, tracking numbers,
phone numbers, tax ids.
"""

import re

_DIGITS = re.compile(r"\d+(?:[\s./-]\d+)*")
_GROUP = re.compile(r"\d+")


def looks_like_a_card(text: str) -> bool:
    """13 to 19 digits, maybe in groups, that pass the Luhn check (ISO/IEC 7812-1).

    Whole groups only, with others beside them or not: a card is often followed by its expiry date.
    """
    for run in _DIGITS.findall(text):
        groups = _GROUP.findall(run)
        for first in range(len(groups)):
            digits = ""
            for group in groups[first:]:
                digits += group
                if len(digits) > 19:
                    break
                if len(digits) >= 13 and _luhn(digits):
                    return True
    return False


def _luhn(digits: str) -> bool:
    total = 0
    for i, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if i % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
