"""What a postal code looks like in the countries whose places are known: said before anything is looked up."""

import re

from comanda.domain.errors import Problem

# (what fits, in words; the part of it that is looked up is group 1, without the dash)
_FORMS = {
    "US": (re.compile(r"(\d{5})(?:-\d{4})?", re.ASCII), "5 digits, or 5 and 4 with a dash"),
    "BR": (re.compile(r"(\d{5}-?\d{3})", re.ASCII), "8 digits, with or without a dash after the fifth"),
}


def number(country: str, postal_code: str) -> int | None:
    """What is looked up: 60601 of the ZIP code 60601-1234, 1310100 of the CEP 01310-100. None: nothing that fits."""
    if country not in _FORMS:
        return None
    fits = _FORMS[country][0].fullmatch(postal_code.strip())
    return int(fits[1].replace("-", "")) if fits else None


def problem(country: str, postal_code: str, pointer: str) -> Problem | None:
    """
    What is wrong with it as a code of that country, naming the field. None for what fits, for none given, and for
    countries that we know nothing of.
    """
    if country not in _FORMS or not postal_code.strip() or number(country, postal_code) is not None:
        return None
    wanted = _FORMS[country][1]
    for other in _FORMS:
        if number(other, postal_code) is not None:
            return Problem(
                pointer=pointer, code="wrong-country", message=f"looks like a code of {other}; those of {country} have {wanted}"
            )  # fmt: skip
    return Problem(pointer=pointer, code="malformed", message=f"postal codes of {country} have {wanted}")
