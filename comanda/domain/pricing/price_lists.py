"""
Choose the price lists that are in force for a channel, a currency and a day, and refuse lists that contradict each other. Pure.

Called by   comanda.aws.directory.price_lists, comanda.aws.directory.price_list_writer
Returns     lists in the order in which they are asked for a price; a Problem for each contradiction

Of two lists that hold on a day, the one that began last goes before. A sku that it does not have is looked up in the next.
So a list for a week of lower prices needs the skus alone that are cheaper then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comanda.domain.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """A version of a price list, without its prices. It holds from the UTC day `valid_from` until `valid_until`, which is not
    included; None is no end. `prices` names the set of its prices. `tax_rate` is that of prices without one of their own."""

    id: str
    version: int
    prices: str
    channels: frozenset[str]
    currency: str
    valid_from: str
    valid_until: str | None = None
    includes_tax: bool = False
    tax_rate: str | None = None

    def holds_on(self, day: str) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def meets(self, other: "PriceList") -> bool:
        """Return True if both lists hold on a day, for a channel and a currency that both have."""
        return (
            self.currency == other.currency
            and not self.channels.isdisjoint(other.channels)
            and (other.valid_until is None or self.valid_from < other.valid_until)
            and (self.valid_until is None or other.valid_from < self.valid_until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of one unit of a sku in minor units. `tax_rate` None: the list's own rate. `at` is when it was stated, as an
    ISO time in UTC: of two statements the later one counts."""

    sku: str
    unit_price: int
    at: str
    tax_rate: str | None = None
    tax_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """The price of a sku as a version of a list says it."""

    price: Price
    of: PriceList

    @property
    def tax_rate(self) -> str | None:
        """Return the rate of the price, else that of its list. None: neither has one."""
        return self.price.tax_rate or self.of.tax_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A statement about a sku: a price, which replaces the one of before, or, without a price, the end of it."""

    sku: str
    at: str
    price: Price | None


def in_force(lists: Iterable[PriceList], channel: str, currency: str, day: str) -> tuple[PriceList, ...]:
    """Return the lists that hold for a channel, a currency and a day, in the order in which they are asked for a price."""
    found = [one for one in lists if channel in one.channels and one.currency == currency and one.holds_on(day)]
    return tuple(sorted(found, key=lambda one: one.valid_from, reverse=True))


def contradictions(new: PriceList, others: Iterable[PriceList]) -> Iterator[Problem]:
    """Yield a problem for each other list that `new` must not meet: one that begins on the same day, so that neither goes
    before the other, and one that says otherwise whether its prices include tax."""
    for other in sorted(others, key=lambda one: one.id):
        if other.id == new.id or not new.meets(other):
            continue
        both = (
            f"the price list {other.id} holds for {', '.join(sorted(new.channels & other.channels))} in {new.currency}"
        )
        if other.valid_from == new.valid_from:
            message = f"{both} from the same day, so neither goes before the other"
            yield Problem(pointer="/valid_from", code="same-day", message=message)
        if other.includes_tax != new.includes_tax:
            says = "include" if other.includes_tax else "do not include"
            message = f"{both} on the same days, and its prices {says} tax"
            yield Problem(pointer="/includes_tax", code="mixed-tax", message=message)


def changed(known: Iterable[PriceChange], changes: Iterable[PriceChange], since: str) -> Iterator[PriceChange]:
    """Yield what is known of each sku after the changes: its price, or that it has none any more.

    A change that is older than what is known of its sku changes nothing. Neither does one from before `since`, when all prices
    of the list were stated: a sku that was not among them has none since then.
    """
    left = {change.sku: change for change in changes if change.at >= since}
    for before in known:
        change = left.pop(before.sku, None)
        yield before if change is None or change.at < before.at else change
    yield from left.values()
