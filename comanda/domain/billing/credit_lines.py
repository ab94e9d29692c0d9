"""
Compute what a credit note takes off the lines of an invoice, to the cent that was invoiced.

The units of an invoice line are credited first to last. Unit k of n has floor(total x k / n) - floor(total x (k-1) / n) of each
amount of the line, and costs no less than nothing, as on the invoice. An amount is shared by what is left of the lines, and
within a line by what is left of its goods, its charges and their taxes. The units that are left then share what is left.

Called by   comanda.domain.billing.credit_notes
Returns     amounts in minor units of the invoice's currency
Raises      nothing
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

from comanda.domain.billing.invoice_facts import InvoiceLine
from comanda.domain.billing.unit_amounts import rising
from comanda.domain.money import share_of_units, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Amounts of an invoice line, as on the invoice: `tax` includes `charges_tax`."""

    goods: int = 0
    discount: int = 0
    charges: int = 0
    tax: int = 0
    charges_tax: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(**{name: getattr(self, name) + getattr(other, name) for name in _NAMES})

    def __sub__(self, other: "Amounts") -> "Amounts":
        return Amounts(**{name: getattr(self, name) - getattr(other, name) for name in _NAMES})

    def total(self, *, included: bool) -> int:
        """Return what the customer pays for it. `included`: prices include their tax."""
        return self.goods - self.discount + self.charges + (0 if included else self.tax)


_NAMES = tuple(field.name for field in fields(Amounts))


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """The credit of a line of an invoice. `quantity` is 0 when an amount is credited, and no units."""

    line_id: str
    sku: str
    quantity: int
    amounts: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """The rest of an invoice line that is not credited: amounts, and `units`.

    `shared` are the amounts that the units had, and their number, when an amount was last credited, or on the invoice;
    `taken` of them were credited since.
    """

    line_id: str
    sku: str
    left: Amounts
    shared: tuple[Amounts, int]
    taken: int = 0

    @classmethod
    def invoiced(cls, line: InvoiceLine) -> Self:
        amounts = Amounts(**{name: getattr(line, name) for name in _NAMES})
        return cls(line_id=line.line_id, sku=line.sku, left=amounts, shared=(amounts, line.quantity))

    @property
    def units(self) -> int:
        return self.shared[1] - self.taken

    def less(self, credited: CreditLine) -> Self:
        """Return what is left after a credit note. An amount is taken off all units that are left."""
        left = self.left - credited.amounts
        if credited.quantity:
            return replace(self, left=left, taken=self.taken + credited.quantity)
        return replace(self, left=left, shared=(left, self.units), taken=0)

    def next_units(self, quantity: int, *, keep_charges: bool) -> CreditLine:
        """Return the credit of the next units. With `keep_charges` they are still charged their part of shipping and the like."""
        amounts, count = self.shared
        first, last = self.taken, self.taken + quantity
        found = _of_units(amounts, first, last, count)
        if keep_charges:
            found = replace(
                found,
                discount=min(found.discount, found.goods),
                charges=0,
                tax=found.tax - found.charges_tax,
                charges_tax=0,
            )
        return self._credit(quantity, found)

    def all_left(self) -> CreditLine:
        return self._credit(self.units, self.left)

    def of_charges(self, amount: int, *, included: bool) -> CreditLine:
        """Return the credit of an amount of the line's charges, with their tax."""
        charges = replace(self.left, goods=0, discount=0, charges=_charges_left(self.left), tax=self.left.charges_tax)
        return self._credit(0, _parted(charges, amount, included))

    def of_amount(self, amount: int, *, included: bool) -> CreditLine:
        """Return the credit of an amount, shared by what is left of goods, charges and their taxes."""
        return self._credit(0, _parted(self.left, amount, included))

    def _credit(self, quantity: int, amounts: Amounts) -> CreditLine:
        return CreditLine(line_id=self.line_id, sku=self.sku, quantity=quantity, amounts=amounts)


def open_lines(invoiced: Iterable[InvoiceLine], credited: Iterable[Sequence[CreditLine]]) -> dict[str, OpenLine]:
    """Return what is left of an invoice's lines, by line id, after credit notes in the order in which they were issued."""
    lines = {line.line_id: OpenLine.invoiced(line) for line in invoiced}
    for note in credited:
        for one in note:
            lines[one.line_id] = lines[one.line_id].less(one)
    return lines


def with_rest(lines: Mapping[str, OpenLine], credited: Sequence[CreditLine]) -> tuple[CreditLine, ...]:
    """Return these credits with what is left of the lines after them. It costs nothing, as the tax of a unit of a cent that a
    discount takes, and nobody can credit it later."""
    by_line = {one.line_id: one for one in credited}
    for line_id, line in lines.items():
        one = by_line.get(line_id)
        rest = line.less(one).left if one else line.left
        if rest.tax:
            empty = CreditLine(line_id=line_id, sku=line.sku, quantity=0, amounts=Amounts())
            by_line[line_id] = replace(one or empty, amounts=rest + (one or empty).amounts)
    return tuple(by_line.values())


def charges_worth(line: OpenLine, *, included: bool) -> int:
    """Return what is left of a line's charges with their tax: no more than is left of the line."""
    charges = _charges_left(line.left) + (0 if included else line.left.charges_tax)
    return max(0, min(charges, line.left.total(included=included)))


def _charges_left(left: Amounts) -> int:
    """Return what is left of charges: they carry the discount that the goods do not."""
    return max(0, left.charges + min(left.goods - left.discount, 0))


def worth(line: OpenLine, *, included: bool) -> int:
    """Return what is left of a line. Rounding may put a line a cent below nothing: then nothing is left."""
    return max(0, line.left.total(included=included))


def shared_by_worth(amount: int, worth_of: Mapping[str, int]) -> dict[str, int]:
    """Return the part of each line in an amount, which is at most all that they are worth. Lines without a part are left out."""
    parts = spread(amount, list(worth_of.values()))
    return {line_id: part for line_id, part in zip(worth_of, parts, strict=True) if part}


def _of_units(of_all: Amounts, first: int, last: int, count: int) -> Amounts:
    """Return the amounts of units first+1 .. last of so many units, which have all these amounts together."""
    before, after = (_of_first(of_all, units, count) for units in (first, last))
    return after - before


def _of_first(of_all: Amounts, units: int, count: int) -> Amounts:
    """Return the amounts of the first units. Their discount is that after which no unit costs less than nothing."""

    def share(amount: int) -> int:
        return share_of_units(amount, 0, units, count)

    def cost(k: int) -> int:
        return sum(
            sign * share_of_units(amount, 0, k, count)
            for sign, amount in ((1, of_all.goods), (1, of_all.charges), (-1, of_all.discount))
        )

    goods, charges, charges_tax = share(of_all.goods), share(of_all.charges), share(of_all.charges_tax)
    return Amounts(
        goods=goods,
        discount=goods + charges - rising(cost, units, count),
        charges=charges,
        tax=share(of_all.tax - of_all.charges_tax) + charges_tax,
        charges_tax=charges_tax,
    )


def _parted(left: Amounts, amount: int, included: bool) -> Amounts:
    """Return an amount as goods, charges and their taxes, in proportion to what is left of each. It has no discount."""
    goods, goods_tax, charges_tax = left.goods - left.discount, left.tax - left.charges_tax, left.charges_tax
    charges, goods = _charges_left(left), max(0, goods)
    if included:
        goods_tax, charges_tax = min(goods_tax, goods), min(charges_tax, charges)
        goods, charges = goods - goods_tax, charges - charges_tax
    net, of_charges, tax, tax_of_charges = spread(amount, (goods, charges, goods_tax, charges_tax))
    return Amounts(
        goods=net + (tax if included else 0),
        charges=of_charges + (tax_of_charges if included else 0),
        tax=tax + tax_of_charges,
        charges_tax=tax_of_charges,
    )
