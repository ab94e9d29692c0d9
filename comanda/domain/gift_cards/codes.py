"""
Make and read the codes of gift cards: 95 random bits in 19 characters of Crockford's base 32, and a check character.

Called by   comanda.aws.books, functions/gift_cards, functions/intake
Returns     codes of 20 characters; None for a text that is no code
Raises      nothing
Source      crockford.com/base32.html; the check character is Luhn's modulo 32, which finds each wrong character
"""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 20
_GROUP = 4
_LOOK_ALIKE = str.maketrans("OIL", "011", "- ")
RANDOM_BITS = 95


def make(bits: int) -> str:
    """Return the code of 95 random bits."""
    body = "".join(_ALPHABET[bits >> shift & 31] for shift in range(RANDOM_BITS - 5, -1, -5))
    return body + _check_character(body)


def read(typed: str) -> str | None:
    """Return the code that a person typed, with or without blanks and dashes. None for a text that is no code."""
    code = typed.upper().translate(_LOOK_ALIKE)
    if len(code) != _LENGTH or not set(_ALPHABET).issuperset(code):
        return None
    return code if _check_character(code[:-1]) == code[-1] else None


def grouped(code: str) -> str:
    """Return the code as it is printed: in groups of four."""
    return "-".join(code[i : i + _GROUP] for i in range(0, _LENGTH, _GROUP))


def last4(code: str) -> str:
    return code[-_GROUP:]


def _check_character(body: str) -> str:
    total = 0
    for i, character in enumerate(reversed(body)):
        value = _ALPHABET.index(character) * (1 if i % 2 else 2)
        total += value // 32 + value % 32
    return _ALPHABET[-total % 32]
