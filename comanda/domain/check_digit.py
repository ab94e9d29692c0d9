"""
Compute the check digit of GS1's numbers (GTIN, SSCC), and write every GTIN with 14 digits.

Source      GS1 General Specifications, section 7.9: weights 3 and 1 in turn, from the right, modulo 10
"""

_GTIN_LENGTHS = (8, 12, 13, 14)


def is_right(digits: str) -> bool:
    """Return True if the last digit is the check digit of the digits before it."""
    total = sum(int(digit) * (1 if i % 2 else 3) for i, digit in enumerate(reversed(digits[:-1])))
    return (total + int(digits[-1])) % 10 == 0


def with_check_digit(digits: str) -> str:
    """Return the digits with their check digit behind them."""
    return next(text for digit in "0123456789" if is_right(text := digits + digit))


def is_sscc(text: str) -> bool:
    """Return True for the 18 digits of a serial shipping container code whose check digit is right."""
    return text.isascii() and text.isdigit() and len(text) == 18 and is_right(text)


def gtin_14(text: str) -> str | None:
    """Return a GTIN of 8, 12, 13 or 14 digits with 14 digits, or None for a text that is no GTIN."""
    if not (text.isascii() and text.isdigit() and len(text) in _GTIN_LENGTHS and int(text) and is_right(text)):
        return None
    return text.zfill(14)
