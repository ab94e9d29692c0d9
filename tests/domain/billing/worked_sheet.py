"""
Calculate an order as a spreadsheet would: a row for each unit, plain fractions, and nothing of the product's code.

A unit has its part of its line's discounts, of the order's discount and of the line's tax, cut over the units first to last. The
charges are shared by the value of the open units of each line and cut over them, anew after a cancel. `docs/api.md` and
`docs/credit-notes.md` say so in words. Amounts are minor units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

FIELDS = ("goods", "discount", "charges", "goods_tax", "charges_tax")


def cut(total: int, pieces: int) -> list[int]:
    """Return the part of each of so many equal pieces: what the first k have is the floor of k parts."""
    ends = [floor(Fraction(total * k, pieces)) for k in range(pieces + 1)]
    return [ends[k + 1] - ends[k] for k in range(pieces)]


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """Return the share of each weight: what is left of the floors goes to the largest remainders, the earlier one first."""
    weights = weights if any(weights) else [1] * len(weights)
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    found = [floor(one) for one in exact]
    for i in sorted(range(len(exact)), key=lambda i: floor(exact[i]) - exact[i])[: total - sum(found)]:
        found[i] += 1
    return found


@dataclass
class Unit:
    line: str
    goods: int
    discount: int
    goods_tax: int
    charges: int = 0
    charges_tax: int = 0
    billed: bool = False
    gone: bool = False


@dataclass
class Sheet:
    """`lines` are (quantity, unit price, line discount, line tax) by id. `paid` are the amounts of the tenders."""

    lines: Mapping[str, tuple[int, int, int, int]]
    discount: int = 0
    charges: int = 0
    charges_tax: int = 0
    included: bool = False
    paid: Sequence[int] = ()
    units: list[Unit] = field(default_factory=list)
    captured: list[int] = field(default_factory=list)
    refunded: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        nets = [count * price - off for count, price, off, _ in self.lines.values()]
        carried = shared(self.discount, nets)
        for (name, (count, price, off, tax)), part in zip(self.lines.items(), carried, strict=True):
            for less, taxed in zip(cut(off + part, count), cut(tax, count), strict=True):
                self.units.append(Unit(name, price, less, taxed))
        self._share_charges()
        self.captured = [0] * len(self.paid)
        self.refunded = [0] * len(self.paid)

    def _share_charges(self) -> None:
        """Share what is not billed of the charges over the units that are open."""
        open_ = {name: [u for u in self.units if u.line == name and not (u.billed or u.gone)] for name in self.lines}
        open_ = {name: units for name, units in open_.items() if units}
        weights = []
        for name, units in open_.items():
            count, _, off, _ = self.lines[name]
            own = cut(off, count)
            places = [i for i, u in enumerate(u for u in self.units if u.line == name) if not (u.billed or u.gone)]
            weights.append(sum(u.goods for u in units) - sum(own[i] for i in places))
        for total, name in ((self.charges, "charges"), (self.charges_tax, "charges_tax")):
            left = total - sum(getattr(u, name) for u in self.units if u.billed)
            for units, share in zip(
                open_.values(), shared(left, weights if any(weights) else [*map(len, open_.values())]), strict=True
            ):
                for unit, part in zip(units, cut(share, len(units)), strict=True):
                    setattr(unit, name, part)

    def cancel(self, line: str, count: int) -> None:
        for unit in [u for u in self.units if u.line == line and not (u.billed or u.gone)][-count:]:
            unit.gone = True
        self._share_charges()

    def bill(self, shipped: Mapping[str, int]) -> "Bill":
        """Bill the next units of each line, and capture what they cost from the first tender that has something left."""
        rows = {}
        for name, count in shipped.items():
            units = [u for u in self.units if u.line == name and not (u.billed or u.gone)][:count]
            rows[name] = Row(count, {one: sum(getattr(u, one) for u in units) for one in FIELDS})
            for unit in units:
                unit.billed = True
        made = Bill(rows, self.included)
        due = made.total
        for i, paid in enumerate(self.paid):
            part = min(due, paid - self.captured[i])
            self.captured[i] += part
            due -= part
        return made

    def refund(self, amount: int) -> None:
        """Give an amount back: the last tender first, none more than was captured of it."""
        for i in reversed(range(len(self.paid))):
            part = min(amount, self.captured[i] - self.refunded[i])
            self.refunded[i] += part
            amount -= part


@dataclass
class Row:
    count: int
    amounts: dict[str, int]

    def total(self, *, included: bool) -> int:
        one = self.amounts
        tax = 0 if included else one["goods_tax"] + one["charges_tax"]
        return one["goods"] - one["discount"] + one["charges"] + tax


@dataclass
class Bill:
    """An invoice. What is credited leaves its rows."""

    rows: dict[str, Row]
    included: bool

    @property
    def total(self) -> int:
        return sum(row.total(included=self.included) for row in self.rows.values())

    @property
    def tax(self) -> int:
        return sum(row.amounts["goods_tax"] + row.amounts["charges_tax"] for row in self.rows.values())

    def credit_units(self, units: Mapping[str, int]) -> tuple[int, int]:
        """Credit the first units of rows of which none was credited before. Return the total and its tax."""
        found = {}
        for name, count in units.items():
            row = self.rows[name]
            found[name] = Row(count, {one: sum(cut(row.amounts[one], row.count)[:count]) for one in FIELDS})
        return self._less(found)

    def credit_charges(self) -> tuple[int, int]:
        """Credit all charges with their tax."""
        zero = {"goods": 0, "discount": 0, "goods_tax": 0}
        return self._less({name: Row(0, row.amounts | zero) for name, row in self.rows.items()})

    def credit_amount(self, amount: int) -> tuple[int, int]:
        """Credit an amount: shared by the rows' totals, then by goods, charges and their taxes."""
        parts = shared(amount, [row.total(included=self.included) for row in self.rows.values()])
        found = {}
        for (name, row), part in zip(self.rows.items(), parts, strict=True):
            one = row.amounts
            goods, charges, taxes = (
                one["goods"] - one["discount"],
                one["charges"],
                (one["goods_tax"], one["charges_tax"]),
            )
            if self.included:
                goods, charges = goods - taxes[0], charges - taxes[1]
            net, of_charges, tax, charges_tax = shared(part, [goods, charges, *taxes])
            if self.included:
                net, of_charges = net + tax, of_charges + charges_tax
            values = {"goods": net, "discount": 0, "charges": of_charges, "goods_tax": tax, "charges_tax": charges_tax}
            found[name] = Row(0, values)
        return self._less(found)

    def _less(self, found: Mapping[str, Row]) -> tuple[int, int]:
        credited = Bill(dict(found), self.included)
        for name, row in found.items():
            was = self.rows[name]
            left = {one: was.amounts[one] - row.amounts[one] for one in FIELDS}
            self.rows[name] = Row(was.count - row.count, left)
        return credited.total, credited.tax
