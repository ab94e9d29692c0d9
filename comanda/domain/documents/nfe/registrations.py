"""
Check numbers of Brazil's registers by their check digits: CNPJ of companies, and CPF of people. Pure.

Called by   comanda.domain.documents.nfe, functions/directory
Returns     numbers without their dots, dashes and slashes
Raises      nothing

Source      IN RFB 2.229/2024: from July 2026 a new CNPJ may have letters in its first twelve places. A character counts as its
            ASCII code less 48, so digits count as before.
"""

import re
from collections.abc import Sequence

_CNPJ, _CPF = re.compile("[0-9A-Z]{12}[0-9]{2}"), re.compile("[0-9]{11}")
_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_ZERO = ord("0")


def plain(number: str) -> str:
    """Return a number as documents have it: 12.345.678/0001-95 is 12345678000195."""
    return re.sub(r"[.\-/ ]", "", number).upper()


def is_cnpj(number: str) -> bool:
    """Return True for a plain CNPJ with its two check digits, of digits or with letters."""
    if not _CNPJ.fullmatch(number) or len(set(number)) == 1:
        return False
    return all(_digit(number[:end], _WEIGHTS[-end:]) == int(number[end]) for end in (12, 13))


def is_cpf(number: str) -> bool:
    """Return True for a plain CPF with its two check digits."""
    if not _CPF.fullmatch(number) or len(set(number)) == 1:
        return False
    return all(_digit(number[:end], range(end + 1, 1, -1)) == int(number[end]) for end in (9, 10))


def is_of_a_buyer(number: str) -> bool:
    """Return True for a CPF or a CNPJ as people write it, with its check digits."""
    found = plain(number)
    return is_cpf(found) or is_cnpj(found)


def _digit(characters: str, weights: Sequence[int]) -> int:
    return modulo_11(sum((ord(c) - _ZERO) * weight for c, weight in zip(characters, weights, strict=True)))


def modulo_11(total: int) -> int:
    """Return the check digit of a weighted sum: what it lacks to a multiple of 11, 0 instead of 10 and 11."""
    rest = total % 11
    return 0 if rest < 2 else 11 - rest
