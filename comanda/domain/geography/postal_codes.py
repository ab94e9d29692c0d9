"""What a postal code looks like in the countries whose places are known: said before anything is looked up."""

from collections.abc import Callable

from comanda.domain.errors import Problem


def _zip_code(text: str) -> int | None:
    five, dash, four = text.partition("-")
    return int(five) if _digits(five, 5) and (not dash or _digits(four, 4)) else None


def _cep(text: str) -> int | None:
    eight = text[:5] + text[6:] if text[5:6] == "-" else text
    return int(eight) if _digits(eight, 8) else None


def _digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


# How it is read, and what is asked for, in words.
_FORMS: dict[str, tuple[Callable[[str], int | None], str]] = {
    "US": (_zip_code, "5 digits, or 5 and 4 with a dash"),
    "BR": (_cep, "8 digits, with or without a dash after the fifth"),
}


def number(country: str, postal_code: str) -> int | None:
    """What is looked up: 60601 of the ZIP code 60601-1234, 1310100 of the CEP 01310-100. None: nothing that fits."""
    return _FORMS[country][0](postal_code.strip()) if country in _FORMS else None


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
            message = f"looks like a code of {other}; those of {country} have {wanted}"
            return Problem(pointer=pointer, code="wrong-country", message=message)
    return Problem(pointer=pointer, code="malformed", message=f"postal codes of {country} have {wanted}")
