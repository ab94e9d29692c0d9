"""
Find card numbers in text from strangers. They are never stored, so a text that holds one is refused.

A card number has an issuer's range with one of its lengths, passes the Luhn check (ISO/IEC 7812-1) and is written in one
group or in groups as on a card. docs/text.md has the table of fields and rules, and how many honest numbers are refused.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby

from comanda.domain import check_digit

# First digits from and to, both included, and the lengths that their issuer gives. ISO/IEC 7812; the networks' own tables.
ISSUERS: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
    ("UATP", "1", "1", (15,)),
    ("Visa", "4", "4", (13, 16, 19)),
    ("Mastercard", "51", "55", (16,)),
    ("Mastercard", "2221", "2720", (16,)),
    ("American Express", "34", "34", (15,)),
    ("American Express", "37", "37", (15,)),
    ("Diners Club", "300", "305", (14, 16, 17, 18, 19)),
    ("Diners Club", "3095", "3095", (14, 16, 17, 18, 19)),
    ("Diners Club", "36", "36", (14, 16, 17, 18, 19)),
    ("Diners Club", "38", "39", (14, 16, 17, 18, 19)),
    ("JCB", "3528", "3589", (16, 17, 18, 19)),
    ("Discover", "6011", "6011", (16, 17, 18, 19)),
    ("Discover", "644", "649", (16, 17, 18, 19)),
    ("Discover, Elo, RuPay, Troy, Verve", "65", "65", (16, 17, 18, 19)),
    ("UnionPay", "62", "62", (16, 17, 18, 19)),
    ("UnionPay, RuPay", "81", "82", (16, 17, 18, 19)),
    ("RuPay, Hipercard, Cabal", "60", "60", (16, 19)),
    ("RuPay", "508", "508", (16,)),
    ("Maestro", "5018", "5018", tuple(range(12, 20))),
    ("Maestro", "5020", "5020", tuple(range(12, 20))),
    ("Maestro", "5038", "5038", tuple(range(12, 20))),
    ("Maestro", "5893", "5893", tuple(range(12, 20))),
    ("Maestro", "6304", "6304", tuple(range(12, 20))),
    ("Maestro", "6390", "6390", tuple(range(12, 20))),
    ("Maestro", "67", "67", tuple(range(12, 20))),
    ("Dankort", "5019", "5019", (16,)),
    ("Elo", "504175", "504175", (16,)),
    ("Elo, Verve", "506", "506", (16, 18, 19)),
    ("Elo", "509", "509", (16,)),
    ("Elo", "636297", "636297", (16,)),
    ("Elo", "636368", "636369", (16,)),
    ("InterPayment, InstaPayment", "636", "639", (16, 17, 18, 19)),
    ("Cabal, Naranja", "5895", "5896", (16,)),
    ("Mir", "2200", "2204", (16, 17, 18, 19)),
    ("Borica", "2205", "2205", (16,)),
    ("Troy", "9792", "9792", (16,)),
    ("Napas", "9704", "9704", (16, 19)),
    ("Humo", "9860", "9860", (16,)),
    ("Uzcard", "8600", "8600", (16,)),
)

# The groups of digits in which a card number is written. Single digits count only if the whole run is single digits.
_GROUPS = frozenset(
    {
        (4, 4, 4, 4),
        (4, 6, 5),
        (4, 6, 4),
        (4, 4, 4),
        (4, 4, 4, 1),
        (4, 4, 4, 2),
        (4, 4, 4, 3),
        (4, 4, 4, 4, 1),
        (4, 4, 4, 4, 2),
        (4, 4, 4, 4, 3),
        (4, 3, 3, 3),
        (4, 4, 5),
        (4, 5, 6),
        (6, 13),
    }
)
_FEWEST, _MOST = 12, 19
_LONGEST_PHONE = 15  # digits, ITU-T E.164
_LONGEST_RUN = 40  # groups: a longer run is a table of numbers, and each group is checked alone

# The signs between groups: a blank of any kind, a dash of any kind, or one of `_ , : . / |`, up to three of them.
_BETWEEN = r"[\s_,:;./|~*·•\-\u2010-\u2015\u2212]{1,4}"
_RUN = rf"(?<![0-9])(\+?)([0-9]+(?:{_BETWEEN}[0-9]+)*)"  # compiled when a text has so many digits
_NAMED = r"(?<![a-z])(?:cards?|pan|cart[aã]o|tarjeta|visa|mastercard|amex|maestro)(?![a-z])"

# Numbers that are known to be something else: a boleto's line, in its groups or not, and a bank account (ISO 13616).
_BOLETO = (
    r"(?<![0-9])(?:[0-9]{5}\.?[0-9]{5}\s?[0-9]{5}\.?[0-9]{6}\s?[0-9]{5}\.?[0-9]{6}\s?[0-9]\s?[0-9]{14}"
    r"|[0-9]{11}[\s-]?[0-9](?:\s?[0-9]{11}[\s-]?[0-9]){3})(?![0-9])"
)
_IBAN = r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"


def looks_like_a_card(text: str) -> bool:
    """Return True if a text that people wrote holds a card number, in one group or in several, among other numbers or
    alone."""
    if _few_digits(text):
        return False
    return any(_holds_a_card(run, phone=phone) for phone, run in _runs(text))


def _holds_a_card(run: list[str], *, phone: bool) -> bool:
    return next(_cards(run, phone=phone), None) is not None


def _cards(run: list[str], *, phone: bool) -> Iterator[tuple[int, int]]:
    """Yield the first and the last group of each card number in a run of groups."""
    for first in range(len(run)):
        sizes: tuple[int, ...] = ()
        for last in range(first, min(len(run), first + 5)):
            sizes += (len(run[last]),)
            if len(sizes) > 1 and sizes not in _GROUPS:
                continue
            if phone and not first and sum(sizes) <= _LONGEST_PHONE:
                continue
            if _is_a_card("".join(run[first : last + 1])):
                yield first, last
    first = 0
    for alone, digits in groupby(run, lambda group: len(group) == 1):
        many = list(digits)
        if alone and _is_a_card("".join(many)):
            yield first, first + len(many) - 1
        first += len(many)


def masked(text: str) -> str:
    """Return a text that people wrote with a dot for each digit of a card number but the last four."""
    for first, last in _cards_in(text):
        text = text[:first] + _dots(text[first:last], keep=4) + text[last:]
    # Two numbers may share digits: no digit of such a text is kept.
    return _dots(text, keep=0) if looks_like_a_card(text) else text


def _cards_in(text: str) -> list[tuple[int, int]]:
    """Return the beginning and the end of each card number in a text."""
    if _few_digits(text):
        return []
    plain, places = _plain_with_places(text)
    # What is known to be something else is as long as before, so that places stay right.
    seen = re.sub(_BOLETO, lambda match: "x" * len(match[0]), plain)
    seen = re.sub(_IBAN, lambda match: _without_account(match).ljust(len(match[0])), seen)
    found: list[tuple[int, int]] = []
    for run in re.finditer(_RUN, seen):
        groups = [(run.start(2) + group.start(), run.start(2) + group.end()) for group in re.finditer("[0-9]+", run[2])]
        together = [groups] if len(groups) <= _LONGEST_RUN else [[group] for group in groups]
        for some in together:
            for first, last in _cards([seen[begin:end] for begin, end in some], phone=bool(run[1])):
                found.append((places[some[first][0]], places[some[last][1] - 1] + 1))
    return found


def _plain_with_places(text: str) -> tuple[str, list[int]]:
    """Return the text as it is searched, and the place in the text that each of its characters came from."""
    plain: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in _plain(character):
            plain.append(one)
            places.append(place)
    return "".join(plain), places


def _dots(text: str, *, keep: int) -> str:
    """Return the text with a dot for each digit but the last ones."""
    digits = [i for i, character in enumerate(text) if character.isdigit()]
    hidden = set(digits[: len(digits) - keep])
    return "".join("•" if i in hidden else character for i, character in enumerate(text))


def grouped_like_a_card(text: str) -> bool:
    """Return True if a number of another kind, such as a reference or a phone number, is a card number after all.

    The number must be written in groups as on a card, with nothing else in the run, or the text must name a card.
    """
    if _few_digits(text):
        return False
    if re.search(_NAMED, text, re.IGNORECASE) and looks_like_a_card(text):
        return True
    return any(
        (tuple(map(len, run)) in _GROUPS or all(len(group) == 1 for group in run)) and _is_a_card("".join(run))
        for phone, run in _runs(text)
        if not (phone and sum(map(len, run)) <= _LONGEST_PHONE)
    )


def _few_digits(text: str) -> bool:
    return len(text) < _FEWEST or sum(map(str.isdigit, text)) < _FEWEST


def _runs(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Yield each run of groups of ASCII digits, and before it True if a `+` marks a phone number at its beginning."""
    seen = re.sub(_IBAN, _without_account, re.sub(_BOLETO, " x ", _plain(text)))
    for plus, run in re.findall(_RUN, seen):
        groups = re.findall("[0-9]+", run)
        if len(groups) > _LONGEST_RUN:
            yield from ((False, [group]) for group in groups)
        else:
            yield bool(plus), groups


def _plain(text: str) -> str:
    """Return the text with ASCII digits for the digits of every script, and without invisible characters."""
    if text.isascii():
        return text
    import unicodedata

    found = []
    for character in unicodedata.normalize("NFKC", text):
        digit = unicodedata.digit(character, -1)
        if digit >= 0:
            found.append(str(digit))
        elif unicodedata.category(character) not in ("Cf", "Cc", "Mn") or character.isspace():
            found.append(character)
    return "".join(found)


def _without_account(match: re.Match[str]) -> str:
    account = match[0].replace(" ", "")
    digits = "".join(str(int(character, 36)) for character in account[4:] + account[:4])
    return " x " if int(digits) % 97 == 1 else match[0]


def _is_a_card(digits: str) -> bool:
    return (
        _FEWEST <= len(digits) <= _MOST
        and any(first <= digits[: len(first)] <= last and len(digits) in lengths for _, first, last, lengths in ISSUERS)
        and _luhn(digits)
        and not _something_else(digits)
    )


def _luhn(digits: str) -> bool:
    total = 0
    for i, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if i % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _something_else(digits: str) -> bool:
    """Return True if the digits are a number of another kind, by its own check digits or by its form."""
    match len(digits):
        case 12:
            return check_digit.is_right(digits)
        case 13:
            return (
                check_digit.is_right(digits) or re.match("49(?:15|16|17)|436", digits) is not None
            )  # mobile phones, without their +
        case 14:
            return check_digit.is_right(digits) or _cnpj(digits) or _siret(digits) or _dates(digits[:8])
        case 16:
            return _dates(digits[:8], digits[8:])
    return False


def _cnpj(digits: str) -> bool:
    """Return True if the digits are a CNPJ, Brazil's number of a company, with its two check digits modulo 11."""
    for end, weights in ((12, (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)), (13, (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))):
        rest = sum(int(digit) * weight for digit, weight in zip(digits[:end], weights, strict=True)) % 11
        if int(digits[end]) != (0 if rest < 2 else 11 - rest):
            return False
    return True


def _siret(digits: str) -> bool:
    """Return True if the digits are a SIRET, France's number of an establishment.

    The company's nine digits pass the Luhn check, and the company has fewer than 1,000 establishments.
    """
    return digits[9:11] == "00" and _luhn(digits[:9])


def _dates(*parts: str) -> bool:
    """Return True if all parts are dates of the years 1900 to 2100, as DDMMYYYY, MMDDYYYY or YYYYMMDD."""
    return all(any(_day(part[y : y + 4], *rest) for y, *rest in _orders(part)) for part in parts)


def _orders(part: str) -> Iterator[tuple[int, str, str]]:
    yield 4, part[2:4], part[:2]
    yield 4, part[:2], part[2:4]
    yield 0, part[4:6], part[6:]


def _day(year: str, month: str, day: str) -> bool:
    if not "1900" <= year <= "2100":
        return False
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
