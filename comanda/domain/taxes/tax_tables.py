"""
Find the rate of tax of a class of goods at a place on a day, and refuse tables that say two rates for one. Pure.

Called by   comanda.domain.taxes.quotes, functions/directory
Returns     a row of the table; a Problem for each row that contradicts another

Of the rows that fit, the most specific counts. A row of the class goes before a row of all classes: what is said about books
holds in every place that says nothing about books itself. Then a row of a longer beginning of the postal code goes before one
of a shorter, and a row of the region before one of the whole country. Rows that are equally specific never hold on one day.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comanda.domain.errors import Problem
from comanda.domain.taxes.places import Place

_NEVER = "9"  # after every day


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """A rate of tax from the day `valid_from` until the day before `valid_until`; None is no end.

    `rate` is a decimal fraction of the net amount. An empty region, beginning of the postal code or class is any. `name` is the
    tax as people call it: VAT.
    """

    country: str
    region: str = ""
    postal_prefix: str = ""
    tax_class: str = ""
    valid_from: str
    valid_until: str | None = None
    rate: str
    name: str
    zero_rate_reason: str = ""  # why a rate of 0 is 0

    def fits(self, place: Place, tax_class: str, day: str) -> bool:
        return (
            self.country == place.country
            and self.region in ("", place.region)
            and place.postal_prefix.startswith(self.postal_prefix)
            and self.tax_class in ("", tax_class)
            and self.valid_from <= day
            and (self.valid_until is None or day < self.valid_until)
        )

    @property
    def specificity(self) -> tuple[bool, int, bool]:
        """Return what decides between rows that fit: the larger counts."""
        return bool(self.tax_class), len(self.postal_prefix), bool(self.region)

    @property
    def scope(self) -> tuple[str, str, str, str]:
        """Return what a row says a rate for. Two rows of one scope do not hold on the same day."""
        return self.country, self.region, self.postal_prefix, self.tax_class


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTable:
    """The rates of tax of a retailer. `synthetic`: its rates are examples, and no authority said them."""

    rows: tuple[TaxRow, ...] = ()
    synthetic: bool = False

    def find(self, place: Place, tax_class: str, day: str) -> TaxRow | None:
        """Return the most specific row that fits, or None: the table says nothing about this."""
        fitting = (row for row in self.rows if row.fits(place, tax_class, day))
        return max(fitting, key=lambda row: row.specificity, default=None)


def contradictions(rows: Sequence[TaxRow]) -> Iterator[Problem]:
    """Yield a problem for each row that says a rate for what another row of the same days says."""
    by_scope: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        by_scope[row.scope].append(i)
    for places in by_scope.values():
        yield from _meeting(rows, sorted(places, key=lambda i: rows[i].valid_from))


def _meeting(rows: Sequence[TaxRow], places: Sequence[int]) -> Iterator[Problem]:
    """Yield a problem for each row that begins before an earlier one ends. The rows are of one scope, by their first days."""
    last = places[0]  # the row that ends last, of those before
    for i in places[1:]:
        if rows[i].valid_from < (rows[last].valid_until or _NEVER):
            message = f"/rows/{last} says a rate for the same place, class and days, from {rows[i].valid_from} on"
            yield Problem(pointer=f"/rows/{i}", code="overlapping", message=message)
        last = max(last, i, key=lambda row: rows[row].valid_until or _NEVER)
