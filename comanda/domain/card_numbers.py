"""
Find card numbers in text from strangers. They are never stored, so a text that holds one is refused.

A card number has an issuer's range with one of its lengths, passes the Luhn check (ISO/IEC 7812-1) and is written in one
group or in groups as on a card. docs/text.md has the table of fields and rules, and how many honest numbers are refused.
"""

import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from comanda.domain import check_digit
from comanda.domain.card_issuers import FEWEST, MOST, is_a_card

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
_LONG = 4  # digits: so many and more in each of a few groups are found among other numbers, whatever their sizes
_MOST_LONG = 4
_MOST_OF_A_ROW = 5  # groups with the same sign between all of them
_WITHIN = ("", "-", ".", "_")  # the signs within a number, with blanks or without; others stand between numbers
_CODE = (3, 4)  # digits of the code that is printed on a card
_LONGEST_PHONE = 15  # digits, ITU-T E.164
_LONGEST_RUN = 40  # groups: a longer run is a table of numbers, and each group is checked alone

# The signs between groups: a blank of any kind, a dash of any kind, or one of `_ , : . / |`, up to three of them.
_BETWEEN = r"[\s_,:;./|~*·•\-\u2010-\u2015\u2212]{1,4}"
_RUN = rf"(?<![0-9])(\+?)([0-9]+(?:{_BETWEEN}[0-9]+)*)"  # compiled when a text has so many digits
_NAMED = r"(?<![a-z])(?:cards?|pan|cart[aã]o|tarjeta|visa|mastercard|amex|maestro)(?![a-z])"

# The end of a card's validity often stands behind its number.
_VALIDITY = r"(?<![0-9./-])(?:0?[1-9]|1[0-2]) ?/ ?(?:20)?(?:2[4-9]|3[0-9])(?![0-9./-])"

# Numbers that are known to be something else: a boleto's line and an NF-e's key, in their groups or not, and a bank account
# (ISO 13616).
_BOLETO = (
    r"(?<![0-9])(?:[0-9]{5}\.?[0-9]{5}\s?[0-9]{5}\.?[0-9]{6}\s?[0-9]{5}\.?[0-9]{6}\s?[0-9]\s?[0-9]{14}"
    r"|[0-9]{11}[\s-]?[0-9](?:\s?[0-9]{11}[\s-]?[0-9]){3})(?![0-9])"
)
_ACCESS_KEY = r"(?<![0-9])[0-9]{4}(?: ?[0-9]{4}){10}(?![0-9])"
_MODELS = ("55", "57", "59", "65")  # of the documents of Brazil that have such a key, in its places 21 and 22
_IBAN = r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"


def looks_like_a_card(text: str) -> bool:
    """Return True if a text that people wrote holds a card number, in one group or in several, among other numbers or
    alone."""
    if _few_digits(text):
        return False
    return any(_holds_a_card(run, signs, phone=phone) for phone, run, signs in _runs(text))


def _holds_a_card(run: list[str], signs: list[str], *, phone: bool) -> bool:
    return next(_cards(run, signs, phone=phone), None) is not None


def _cards(run: list[str], signs: list[str], *, phone: bool) -> Iterator[tuple[int, int]]:
    """Yield the first and the last group of each card number in a run of groups. `signs` are those between the groups."""
    sizes = tuple(map(len, run))
    if sum(sizes) < FEWEST:
        return
    for first, last in (*_windows(sizes), *_unusual(run, signs)):
        digits = sum(sizes[first : last + 1])
        if phone and not first and digits <= _LONGEST_PHONE:
            continue
        if FEWEST <= digits <= MOST and is_a_card("".join(run[first : last + 1])):
            yield first, last
    first = 0
    for alone, many in groupby(sizes, lambda size: size == 1):
        end = first + len(list(many))
        if alone and is_a_card("".join(run[first:end])):
            yield first, end - 1
        first = end


def _windows(sizes: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last group of each part of a run that has the form of a card number, among whatever numbers."""
    for first, size in enumerate(sizes):
        if size >= FEWEST:
            yield first, first
        for end in range(first + 2, min(len(sizes), first + 5) + 1):
            if sizes[first:end] in _GROUPS:
                yield first, end - 1


def _unusual(run: list[str], signs: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last group of each part of a run that may be a card number in groups that no card has: a few long
    ones, or all that have the same sign between them, but for a card's code behind them."""
    first = 0
    for sign, same in groupby(signs):
        end = first + len(list(same))
        if sign in _WITHIN:
            whole = {(first, end), (first, end - 1)} if len(run[end]) in _CODE else {(first, end)}
            yield from (one for one in _pairs(first, end) if _is_row(run, *one, whole=one in whole))
        first = end


def _pairs(first: int, end: int) -> Iterator[tuple[int, int]]:
    for begin in range(first, end):
        for last in range(begin + 1, min(end + 1, begin + _MOST_OF_A_ROW)):
            yield begin, last


def _is_row(run: list[str], first: int, last: int, *, whole: bool) -> bool:
    """Return True for groups of four digits and more, or for `whole` rows without a single digit or a GTIN, behind which a
    quantity may stand."""
    groups = run[first : last + 1]
    if len(groups) <= _MOST_LONG and min(map(len, groups)) >= _LONG:
        return True
    if not whole:
        return False
    articles = (len(one) >= FEWEST and check_digit.is_right(one) for one in groups)
    return all(len(one) > 1 for one in groups[:-1]) and not any(articles)


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
    seen = re.sub(_ACCESS_KEY, lambda match: _without_key(match).ljust(len(match[0])), plain)
    seen = re.sub(_BOLETO, lambda match: "x" * len(match[0]), seen)
    seen = re.sub(_IBAN, lambda match: _without_account(match).ljust(len(match[0])), seen)
    seen = re.sub(_VALIDITY, lambda match: "x" * len(match[0]), seen)
    found: list[tuple[int, int]] = []
    for run in re.finditer(_RUN, seen):
        groups = [(run.start(2) + group.start(), run.start(2) + group.end()) for group in re.finditer("[0-9]+", run[2])]
        together = [groups] if len(groups) <= _LONGEST_RUN else [[group] for group in groups]
        for some in together:
            signs = [_sign(seen[end:begin]) for (_, end), (begin, _) in pairwise(some)]
            for first, last in _cards([seen[begin:end] for begin, end in some], signs, phone=bool(run[1])):
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

    The number must be written in groups as on a card, with nothing else in the run, or the text must name a card. Invisible
    characters may part the groups.
    """
    if _few_digits(text):
        return False
    if re.search(_NAMED, text, re.IGNORECASE) and looks_like_a_card(text):
        return True
    return any(
        (tuple(map(len, run)) in _GROUPS or all(len(group) == 1 for group in run)) and is_a_card("".join(run))
        for unseen in (("",) if text.isascii() else ("", " "))
        for phone, run, _ in _runs(text, unseen)
        if not (phone and sum(map(len, run)) <= _LONGEST_PHONE)
    )


def _few_digits(text: str) -> bool:
    return len(text) < FEWEST or sum(map(str.isdigit, text)) < FEWEST


def _runs(text: str, unseen: str = "") -> Iterator[tuple[bool, list[str], list[str]]]:
    """Yield each run of groups of ASCII digits with the signs between them, and before it True if a `+` marks a phone number at
    its beginning. `unseen` stands for each invisible character."""
    seen = re.sub(_BOLETO, " x ", re.sub(_ACCESS_KEY, _without_key, _plain(text, unseen)))
    seen = re.sub(_IBAN, _without_account, seen)
    for plus, run in re.findall(_RUN, re.sub(_VALIDITY, " x ", seen)):
        if len(run) < FEWEST:
            continue
        groups = re.findall("[0-9]+", run)
        if len(groups) > _LONGEST_RUN:
            yield from ((False, [group], []) for group in groups)
        else:
            yield bool(plus), groups, list(map(_sign, re.split("[0-9]+", run)[1:-1]))


def _sign(between: str) -> str:
    """Return the sign between two groups: blanks and line breaks are one."""
    return between.strip()


def _plain(text: str, unseen: str = "") -> str:
    """Return the text with ASCII digits for the digits of every script, and with `unseen` for each invisible character."""
    if text.isascii():
        return text
    import unicodedata

    found = []
    for character in unicodedata.normalize("NFKC", text):
        digit = unicodedata.digit(character, -1)
        if digit >= 0:
            found.append(str(digit))
        elif unicodedata.category(character) in ("Cf", "Cc", "Mn") and not character.isspace():
            found.append(unseen)
        else:
            found.append(character)
    return "".join(found)


def _without_account(match: re.Match[str]) -> str:
    account = match[0].replace(" ", "")
    digits = "".join(str(int(character, 36)) for character in account[4:] + account[:4])
    return " x " if int(digits) % 97 == 1 else match[0]


def _without_key(match: re.Match[str]) -> str:
    digits = match[0].replace(" ", "")
    rest = sum(int(digit) * (2 + i % 8) for i, digit in enumerate(reversed(digits[:-1]))) % 11
    is_key = digits[20:22] in _MODELS and int(digits[-1]) == (0 if rest < 2 else 11 - rest)
    return " x " if is_key else match[0]
