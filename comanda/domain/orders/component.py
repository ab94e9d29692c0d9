"""
Define what makes a line a component of a bundle: its place in a set, and its part of the bundle's amounts.

A set is one unit of the bundle with all its components. Every set is divided alike, so that shipped and cancelled sets add up
to the cent: set k of n carries floor(total x k / n) - floor(total x (k-1) / n) of an amount of the bundle, and the components
share it by largest remainder. Inside a set, unit k of n of a component carries its part in the same way as units of a line.

Called by   comanda.domain.orders.line; comanda.domain.billing, which computes and invoices the parts
Returns     values, and parts of amounts in minor units
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAmount:
    """A component's part of an amount of its bundle: the price, the discounts, or the tax of all sets.

    Sets carry floor(total / sets) or one minor unit more. `low` is the part of a set with the lower amount, `high` of the
    others.
    """

    total: int = 0
    low: int = 0
    high: int = 0

    def of_first(self, units: int, ratio: int, sets: int) -> int:
        """Return the part that the first `units` units of the component carry, of which `ratio` make a set."""
        whole, rest = divmod(units, ratio)
        carried = self._of_sets(whole, sets)
        return carried + (self._of_sets(whole + 1, sets) - carried) * rest // ratio if rest else carried

    def _of_sets(self, whole: int, sets: int) -> int:
        higher = self.total * whole // sets - self.total // sets * whole
        return (whole - higher) * self.low + higher * self.high


NOTHING = SetAmount()


def kit_of(bundle: str) -> str:
    """Return the group of the components of a bundle, by its line id. No group of a caller begins with a blank."""
    return f" {bundle}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """The place of a line in its bundle: `ratio` units make a set, and carry `price_share` parts per million of it."""

    bundle: str  # the line id of the bundle
    ratio: int
    price_share: int
    goods: SetAmount = NOTHING
    discount: SetAmount = NOTHING
    tax: SetAmount = NOTHING

    def carried(self, amount: SetAmount, first: int, last: int, quantity: int) -> int:
        """Return the part of one of these amounts that units first+1 .. last of the line's `quantity` units carry."""
        sets = quantity // self.ratio
        return amount.of_first(last, self.ratio, sets) - amount.of_first(first, self.ratio, sets)
