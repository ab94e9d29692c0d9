"""
Find in what a bank tells of an entry the names of payouts, of operations of ours, and of credit accounts and invoices.

Called by   comanda.domain.reconciliation.statement; comanda.aws.books.settlements; functions/inbox
Returns     names
Raises      nothing

A name has a digit and no blank. Account numbers and card numbers are no names, so that none is looked up or kept.
Payments in euros have no tilde (SEPA): banks write another sign in its place, or none.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from comanda.domain.card_numbers import looks_like_a_card

MOST_NAMES = 20
_NAME = re.compile(r"(?=[A-Za-z0-9_#~-]*[0-9])[A-Za-z0-9][A-Za-z0-9_#~-]{7,99}")
_ACCOUNT = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_PAYOUT = re.compile(r"po_[A-Za-z0-9]{8,64}")
_OPERATION = re.compile(r"(ord_[a-z0-9]{1,10}_[0-9A-Z]{26})[#-](capture|refund)[#-]([0-9]{1,4})")

_CREDIT_ACCOUNT = re.compile(r"(?:ac[_-])?([0-9a-f]{32})")
_INVOICE = re.compile(r"(?:inv|INV)[_-]([A-Za-z0-9]{1,10})[_-]([0-9A-Za-z]{26})-([0-9]{3,4})")
_NUMBER = re.compile(r"(.{1,81})-([0-9]{6,12})")
# The number of an invoice after what may be the prefix of its seller, with any sign in place of the tilde.
_WITHOUT_TILDE = re.compile(
    r"(?<![A-Za-z0-9._~-])([A-Za-z0-9._-]{1,16}?)[^A-Za-z0-9~]([A-Za-z0-9_-]{1,64}-[0-9]{6,12})(?![A-Za-z0-9])"
)
# The number of an invoice whose series has a dot, as the ids of nodes may, alone and after what may be a prefix: no other name has one.
_DOTTED = r"[A-Za-z0-9_~-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){1,31}-[0-9]{6,12}(?![A-Za-z0-9])"
_WITH_DOTS = re.compile(
    rf"(?:(?<![A-Za-z0-9._~-])([A-Za-z0-9_-]{{1,16}})[^A-Za-z0-9._~-])?(?<![A-Za-z0-9._~-])({_DOTTED})"
)


def names_in(references: Sequence[str], texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names among references, and all names: those of free texts too. Payouts come first."""
    told = [name for name in references if _is_name(name)]
    parts = [part for text in texts for part in re.split(r"[^A-Za-z0-9_#~-]+", text) if _is_name(part)]
    found = (one for text in (*references, *texts) for one in _WITHOUT_TILDE.finditer(text))
    parts += [f"{one[1]}~{one[2]}" for one in found if not _is_account(one[1])]
    dotted = [one for text in (*references, *texts) for one in _WITH_DOTS.finditer(text)]
    parts += [name for one in dotted for name in _dotted_names(*one.groups()) if not _is_account(name.replace(".", ""))]
    payouts = [part for part in parts if _PAYOUT.fullmatch(part)]
    told = sorted(dict.fromkeys([*told, *payouts]), key=lambda name: not _PAYOUT.fullmatch(name))
    return tuple(told[:MOST_NAMES]), tuple(dict.fromkeys([*told, *parts]))[:MOST_NAMES]


def _dotted_names(before: str | None, number: str) -> Iterator[str]:
    """Yield the number of an invoice, and the number with the word before it as the prefix of its seller."""
    yield number
    if before and not _is_account(before):
        yield f"{before}~{number}"


def operation_in(names: Sequence[str]) -> tuple[str, str, int] | None:
    """Return (order id, purpose, number) of the first operation of ours that is named, None when none is."""
    for name in names:
        if found := _OPERATION.fullmatch(name):
            return found[1], found[2], int(found[3])
    return None


def is_of_provider(names: Sequence[str]) -> bool:
    """Return True for what names a payout of a provider or an operation of ours: it is money of no customer."""
    return operation_in(names) is not None or any(map(_PAYOUT.fullmatch, names))


def accounts_in(names: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of credit accounts that are named. Banks leave signs out that ids have, so the digits alone name one, too."""
    found = (_CREDIT_ACCOUNT.fullmatch(name.lower()) for name in names)
    return tuple(dict.fromkeys(f"ac_{one[1]}" for one in found if one))


def invoices_in(names: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return (order id, number) of the invoices that are named by their ids."""
    found = (_INVOICE.fullmatch(name) for name in names)
    return tuple(dict.fromkeys((f"ord_{one[1].lower()}_{one[2].upper()}", int(one[3])) for one in found if one))


def numbers_in(names: Sequence[str], prefixes: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Return (series, number) of what may be the numbers of invoices, as they are written and in small letters.

    `prefixes` are those of sellers: one that a series begins with is one also in other letters and without its tilde.
    """
    found = [one for name in names if (one := _NUMBER.fullmatch(name))]
    spelled = [(spelling, int(one[2])) for one in found for spelling in _spellings(one[1], prefixes)]
    return tuple(dict.fromkeys(spelled))


def _spellings(series: str, prefixes: Collection[str]) -> Iterator[str]:
    """Yield the series of invoices that may be meant by one."""
    yield from (series, series.lower())
    for prefix in prefixes:
        if series[: len(prefix)].lower() == prefix.lower():
            rest = series[len(prefix) :].lstrip("~_-#.")
            yield from (f"{prefix}~{rest}", f"{prefix}~{rest.lower()}")


def most_exact(numbers: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the numbers without those that are the end of another: they were read without the prefix of their seller, or without
    what stands before a dot."""
    listed = list(numbers)
    ends = {(series[cut.end() :], number) for series, number in listed for cut in re.finditer("[~.]", series)}
    return [one for one in listed if one not in ends]


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) and not _is_account(text)


def _is_account(text: str) -> bool:
    """Return True for what may be the number of a bank account or a card."""
    return bool(_ACCOUNT.fullmatch(text)) or looks_like_a_card(text)
