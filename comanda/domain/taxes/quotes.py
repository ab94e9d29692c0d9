"""
Tax goods and charges before they are sold: by the rates that were given, or by a table of rates. Pure.

Called by   comanda.aws.directory.taxes, comanda.domain.drafts and .lifecycle, functions/directory
Returns     the tax of each amount, rounded half up amount by amount
Raises      nothing: where no rate is known the tax is 0, and it says that it is estimated
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from comanda.domain.money import tax_of
from comanda.domain.taxes.places import Place
from comanda.domain.taxes.tax_tables import TaxRow, TaxTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxable:
    """An amount to tax, in minor units, less its discounts. `rate` was given with it; None: the port finds it. `tax_class` is
    the class of its goods or the kind of its charge; empty: it has none. `to` is where it is taxed; None: that is not known."""

    amount: int
    tax_class: str = ""
    rate: str | None = None
    to: Place | None = None

    def no_rate(self, table: str) -> str:
        """Return in words why it has no rate, by the name of a table that was asked, with its version, or of a service."""
        of = f"the class {self.tax_class}" if self.tax_class else "goods without a class"
        if self.to is None:
            return "no place is known"
        if table and "@" not in table:
            return (
                f"the tax service {table} refuses the address in {self.to}, or the tax code of {of}: check the address"
            )
        return f"the tax table {table} has no rate of {of} in {self.to}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """The tax of an amount by a rate. `name` is what people call the tax; empty: no row of a table says the rate. `estimated`:
    the rate is not the one that the law has for the goods, the place and the day, as far as the port knows. `table` is the
    table that was asked, with its version; empty: none was. `zero_rate_reason` is why a rate of 0 is 0; empty: nothing says."""

    rate: str
    amount: int
    name: str = ""
    estimated: bool = False
    table: str = ""
    zero_rate_reason: str = ""


class TaxPort(Protocol):
    """A port that taxes amounts on a day. All amounts include their tax, or none does."""

    def quote(self, amounts: Sequence[Taxable], day: str, /, *, included: bool) -> tuple[Tax, ...]:
        """Return the tax of each amount, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Know what the rates of a sale depend on: the places of nodes by their ids, the classes of goods by skus, and a port."""

    counters: Mapping[str, Place]
    classes: Callable[[Iterable[str]], Mapping[str, str]]
    quote: Callable[[Sequence[Taxable]], Sequence[Tax]]


class GivenRates:
    """Tax each amount by the rate that was given with it. An amount without a rate is not taxed."""

    def quote(self, amounts: Sequence[Taxable], _day: str, /, *, included: bool) -> tuple[Tax, ...]:
        return tuple(
            Tax(rate=one.rate or "0", amount=tax_of(one.amount, one.rate or "0", included=included), estimated=True)
            for one in amounts
        )


@dataclass(frozen=True, slots=True)
class TableRates:
    """Tax each amount by the table's rate for its class, its place and the day. A rate that was given goes before.

    `name` is the table's, with its version. The rows are searched once for each place and class of a sale.
    """

    table: TaxTable
    name: str = ""

    def quote(self, amounts: Sequence[Taxable], day: str, /, *, included: bool) -> tuple[Tax, ...]:
        @cache
        def row(to: Place, tax_class: str) -> TaxRow | None:
            return self.table.find(to, tax_class, day)

        return tuple(
            self._tax(one, None if one.rate is not None or one.to is None else row(one.to, one.tax_class), included)
            for one in amounts
        )

    def _tax(self, one: Taxable, row: TaxRow | None, included: bool) -> Tax:
        rate = row.rate if row else one.rate or "0"
        return Tax(
            rate=rate,
            amount=tax_of(one.amount, rate, included=included),
            name=row.name if row else "",
            estimated=row is None or self.table.synthetic,
            table="" if one.rate is not None else self.name,
            zero_rate_reason=row.zero_rate_reason if row else "",
        )
