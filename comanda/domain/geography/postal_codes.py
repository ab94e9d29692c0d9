"""Check the form of postal codes, in the countries whose places are known, before a code is looked up."""

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


# By country: the reader of its codes, and their form in words.
_FORMS: dict[str, tuple[Callable[[str], int | None], str]] = {
    "US": (_zip_code, "5 digits, or 5 and 4 with a dash"),
    "BR": (_cep, "8 digits, with or without a dash after the fifth"),
}


def number(country: str, postal_code: str) -> int | None:
    """Return the number under which a code is looked up: 60601 for the ZIP code 60601-1234, 1310100 for the CEP 01310-100.

    None: the code does not have its country's form, or the country's form is not known.
    """
    return _FORMS[country][0](postal_code.strip()) if country in _FORMS else None


def problem(country: str, postal_code: str, pointer: str) -> Problem | None:
    """Return the problem of a code that does not have its country's form. `pointer` names the field.

    None: the code fits, is blank, or belongs to a country whose form is not known.
    """
    if country not in _FORMS or not postal_code.strip() or number(country, postal_code) is not None:
        return None
    wanted = _FORMS[country][1]
    for other in _FORMS:
        if number(other, postal_code) is not None:
            message = f"looks like a code of {other}; those of {country} have {wanted}"
            return Problem(pointer=pointer, code="wrong-country", message=message)
    return Problem(pointer=pointer, code="malformed", message=f"postal codes of {country} have {wanted}")
