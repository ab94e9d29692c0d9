"""
Make the access key of an NF-e, the 44 characters by which everybody finds it. Pure.

Called by   comanda.domain.documents.nfe
Returns     keys: state, year and month, CNPJ, model, series, number, kind of issue, code, check digit
Raises      nothing

Source      Manual de Orientação do Contribuinte 7.0, section 2.2.6: modulo 11 with the weights 2 to 9 from the right.
            NT conjunta 2025.001: letters of a CNPJ count as their ASCII code less 48.
"""

import hashlib
from dataclasses import dataclass

from comanda.domain.documents.nfe.registrations import modulo_11

MODEL = "55"
NORMAL = "1"  # issued while the authority answers
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9)
# Codes that no NF-e may have (rule B03-10): they would be guessed.
_NEVER = frozenset(digit * 8 for digit in "0123456789") | frozenset("01234567890123456"[i : i + 8] for i in range(10))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """The parts of a key. `month` is the local year and month of issue, as 2611."""

    state_code: str
    month: str
    cnpj: str
    series: int
    number: int
    code: str

    @property
    def text(self) -> str:
        first = f"{self.state_code}{self.month}{self.cnpj}{MODEL}{self.series:03d}{self.number:09d}{NORMAL}{self.code}"
        return f"{first}{check_digit(first)}"


def is_of(key: str, cnpj: str, series: int, number: int) -> bool:
    """Return True if a key is that of an NF-e of this company, series and number."""
    return key[6:34] == f"{cnpj}{MODEL}{series:03d}{number:09d}"


def series_and_number(key: str) -> tuple[int, int]:
    """Return the series and the number that are in a key."""
    return int(key[22:25]), int(key[25:34])


def check_digit(first: str) -> int:
    """Return the check digit of the first 43 characters of a key."""
    weighted = ((ord(c) - ord("0")) * _WEIGHTS[i % 8] for i, c in enumerate(reversed(first)))
    return modulo_11(sum(weighted))


def code_of(document_id: str, number: int) -> str:
    """Return the eight digits of a document that keep its key from being guessed. They are not its number, as the rules want.

    They follow from the random id of the order, so the same document has the same key whenever it is made.
    """
    for turn in range(100):
        digest = hashlib.sha256(f"{document_id}/{turn}".encode()).digest()
        code = f"{int.from_bytes(digest[:8], 'big') % 10**8:08d}"
        if code not in _NEVER and int(code) != number:
            break
    return code
