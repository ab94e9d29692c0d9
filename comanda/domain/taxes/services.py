"""
Take over the taxes that an outside service has computed, to the minor unit. Pure.

The service is asked for amounts and answers their taxes. A sale keeps rates: its lines may be cut, and taxed again by them.
So each answer becomes the rate that gives exactly its tax for its amount.

Called by   comanda.aws.taxes, comanda.aws.directory.tax_service, functions/taxes
Returns     questions and taxes of the port; addresses
Raises      Unfit for an answer that no rate gives
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from comanda.domain.money import tax_of
from comanda.domain.taxes.places import Place

_MOST_PLACES = 9  # of a rate (`text.RATE`): enough for a tax that is no rate's, of amounts below 10^9 minor units
_MOST_NAME = 100  # characters of the taxes that make a rate up


class Unfit(ValueError):
    """The answer of a service cannot be the tax of what it was asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address as far as it is known: a service wants all of it. `country` and `region` are codes."""

    country: str
    region: str = ""
    postal_code: str = ""
    city: str = ""
    line1: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An amount that a service taxes, in minor units, less its discounts. `code` is the service's own for its class, empty for
    goods of no special one."""

    amount: int
    to: Address
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to a service. `company` and `customer` are as the service knows them; `origin` is where the seller is, None if
    it is not known. `included`: the amounts include their tax."""

    company: str
    customer: str
    day: str
    currency: str
    included: bool
    origin: Address | None
    rows: Sequence[Asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A tax of a row by one authority: its name as people call it, and its rate as a fraction of the net amount."""

    name: str
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The tax of a row in units of its currency, as the service said it. `exempt`: the buyer or the goods are exempt from it."""

    tax: Decimal
    parts: Sequence[Part] = ()
    exempt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """The tax of a row in minor units, with the rate that gives exactly it."""

    rate: str
    amount: int
    name: str
    exempt: bool


def rated(amount: int, answered: Answered, digits: int, *, included: bool) -> Rated:
    """Return the tax of an amount as a sale keeps it. `digits` are those of the currency. Raises Unfit.

    A service says a tax with more digits than the currency has only if it has not rounded: half up is then ours.
    """
    tax = int((answered.tax * 10**digits).quantize(Decimal(1), ROUND_HALF_UP))
    names = dict.fromkeys(part.name for part in answered.parts if part.name)
    rate = rate_of(amount, tax, sum((part.rate for part in answered.parts), Decimal(0)), included=included)
    return Rated(rate=rate, amount=tax, name=", ".join(names)[:_MOST_NAME], exempt=answered.exempt and not tax)


def rate_of(amount: int, tax: int, usual: Decimal, *, included: bool) -> str:
    """Return the rate by which the tax of an amount is exactly this one: the usual rate if it does that, else the shortest one.

    The taxes of several authorities are rounded one by one, and a part of the amount may be free of tax. Raises Unfit.
    """
    net, usual = amount - tax if included else amount, round(usual, _MOST_PLACES)
    if usual >= 0 and tax_of(amount, _plain(usual), included=included) == tax:
        return _plain(usual)
    if not 0 <= tax <= net or net <= 0:
        raise Unfit(f"a tax of {tax} for an amount of {amount}")
    for places in range(4, _MOST_PLACES + 1):
        rate = _plain((Decimal(tax) / net).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
        if tax_of(amount, rate, included=included) == tax:
            return rate
    raise Unfit(f"a tax of {tax} for an amount of {amount}")


def _plain(rate: Decimal) -> str:
    """Return a rate as the API spells it: without an exponent and without zeros at its end."""
    spelled = f"{rate:f}"
    return spelled.rstrip("0").rstrip(".") or "0" if "." in spelled else spelled


class Addresses:
    """The whole addresses that are known of the places of a sale."""

    def __init__(self, known: Iterable[tuple[Place, Address]] = ()) -> None:
        found: dict[tuple[str, str], set[Address]] = defaultdict(set)
        for place, address in known:
            found[_key(place)].add(address)
        self._found: Mapping[tuple[str, str], set[Address]] = found

    def at(self, place: Place) -> Address:
        """Return the address at a place, as far as it is known. Several at one place share what they have in common."""
        there = self._found.get(_key(place), set())

        def shared(values: set[str]) -> str:
            return values.pop() if len(values) == 1 else ""

        return Address(
            country=place.country,
            region=place.region,
            postal_code=shared({one.postal_code for one in there}),
            city=shared({one.city for one in there}),
            line1=shared({one.line1 for one in there}),
        )


def _key(place: Place) -> tuple[str, str]:
    return place.country, place.postal_prefix
