"""
Choose the rates of tax of what is sold. The rule is a port, so that another one can ask a provider for them.

Called by   functions/drafts
Returns     rates as decimal fractions: 0.0825 is 8.25 %
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedItem:
    """An item that is sold. `given` is the rate that the caller sends, `listed` that of the price list; None: there is none."""

    sku: str
    tax_class: str | None = None
    given: str | None = None
    listed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPlace:
    """The place to which items go, as far as tax asks for it."""

    country: str
    region: str = ""
    postal_prefix: str = ""


class TaxRates(Protocol):
    """A rule that gives each item the rate of its tax on a UTC day. `to` is None where the place is not known yet."""

    def rates(self, items: Sequence[TaxedItem], to: TaxPlace | None, day: str) -> tuple[str, ...]:
        """Return the rate of each item, in their order."""
        ...


class RatesAsGiven:
    """Take the rate that the caller sends, else that of the price list, else none."""

    def rates(self, items: Sequence[TaxedItem], to: TaxPlace | None, day: str) -> tuple[str, ...]:  # noqa: ARG002  the port
        return tuple(item.given or item.listed or "0" for item in items)
