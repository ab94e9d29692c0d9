"""
Keep the accounts of one order by themselves: plain fractions, one entry for each unit, and nothing of the product's code.

Each unit has its part of its line's discounts and tax, which are cut over the units first to last. Units that a change adds come
last, with a tax of their own and no discount; the last units are cancelled first, and come back first. Charges, and discounts that
no line carries, are cut anew over the open units with every change; units that are invoiced keep what they were billed for.
`docs/api.md` and `docs/changes.md` say so in words. Amounts are integer minor units; only divisions are fractions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

AMOUNTS = ("goods", "discounts", "charges", "tax")


class Refused(Exception):
    """Say that the change would take back a discount, or cost less than nothing."""


def nearest(exact: Fraction) -> int:
    """Return the nearest integer; a half is rounded up."""
    return floor(exact + Fraction(1, 2))


def cut(total: int, pieces: int) -> list[int]:
    """Return the part of each of so many equal pieces, in their order: what the first k have is the floor of k parts."""
    ends = [floor(Fraction(total) * k / pieces) for k in range(pieces + 1)]
    return [after - before for before, after in pairwise(ends)]


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """Return the share of each weight: what is left of the floors goes to the largest remainders, the earlier one first."""
    even = weights if any(weights) else [1] * len(weights)
    exact = [Fraction(total * weight, sum(even)) for weight in even]
    found = [floor(one) for one in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: floor(exact[i]) - exact[i])
    for i in by_rest[: total - sum(found)]:
        found[i] += 1
    return found


def never_less(costs: Sequence[int]) -> list[int]:
    """Return the costs of units where none is below nothing: what one would give back is taken from those before it."""
    ends = [*accumulate(costs, initial=0)]
    if ends[-1] < 0:
        return [*costs]
    ends = [min(ends[-1], most) for most in accumulate(ends, max)]
    return [after - before for before, after in pairwise(ends)]


def by_cost(tax: int, costs: Sequence[int]) -> list[int]:
    """Return the tax of each unit: the first k have the floor of what they cost of it. What costs nothing has it in equal pieces."""
    if sum(costs) <= 0:
        return cut(tax, len(costs))
    ends = [floor(Fraction(tax * so_far, sum(costs))) for so_far in accumulate(costs, initial=0)]
    return [after - before for before, after in pairwise(ends)]


@dataclass
class Unit:
    goods: int
    discount: int
    tax: int
    own_discount: int  # without its part of the order's discount
    charges: int = 0
    charges_tax: int = 0
    order_discount: int = 0
    tax_off: int = 0  # by discounts
    charges_tax_off: int = 0
    billed: bool = False
    gone: bool = False

    @property
    def open(self) -> bool:
        return not (self.billed or self.gone)

    def amounts(self) -> dict[str, int]:
        return {
            "goods": self.goods,
            "discounts": self.discount + self.order_discount,
            "charges": self.charges,
            "tax": self.tax - self.tax_off + self.charges_tax - self.charges_tax_off,
        }


@dataclass
class Article:
    """A line or the sets of a bundle, sold at one price. `rate` is None if it came without one."""

    sold: int
    price: int
    discount: int
    tax: int  # of what was sold at first
    rate: Fraction | None
    came: Fraction | None = None  # the tax of what came, by its net value
    later: list[tuple[int, int]] = field(default_factory=list)  # what joined it: count, tax

    @property
    def count(self) -> int:
        return self.sold + sum(count for count, _ in self.later)

    @property
    def all_tax(self) -> int:
        return self.tax + sum(tax for _, tax in self.later)

    def cut_tax(self) -> list[int]:
        """Return the tax of each piece."""
        return cut(self.tax, self.sold) + [part for count, tax in self.later for part in cut(tax, count)]

    def cut_discount(self, discount: int) -> list[int]:
        """Return the discount of each piece: those that joined later have none."""
        return cut(discount, self.sold) + [0] * (self.count - self.sold)

    def taxed(self, net: int, *, included: bool) -> int:
        """Return the tax of a net value: by the rate, or as it came."""
        if self.rate is not None:
            return nearest(net * self.rate / (1 + self.rate if included else 1))
        if self.came is None:
            return 0
        return min(nearest(net * self.came), net) if included else nearest(net * self.came)

    def note_ratio(self, net: int) -> None:
        if self.rate is None and self.came is None and self.all_tax and net > 0:
            self.came = Fraction(self.all_tax, net)


@dataclass
class Row:
    """The units of one line: of its own article, or of a component, `ratio` of which are in each set of a bundle."""

    article: Article
    share: int = 0  # of the order's discount, which its units carry
    ratio: int = 0  # 0: no component
    parts: int = 0  # of a million, of its set
    bundle: str = ""
    units: list[Unit] = field(default_factory=list)

    def free_tax(self) -> int:
        """Return the tax of open units, sold together, that cost nothing by themselves: no discount lowers it."""
        lots: dict[bool, list[Unit]] = {True: [], False: []}
        for at, unit in enumerate(self.units):
            if unit.open:
                lots[at < self.article.sold * (self.ratio or 1)].append(unit)
        return sum(sum(u.tax for u in lot) for lot in lots.values() if not sum(u.goods - u.discount for u in lot))

    @property
    def open(self) -> list[Unit]:
        return [unit for unit in self.units if unit.open]

    @property
    def live(self) -> list[Unit]:
        return [unit for unit in self.units if not unit.gone]


class Accountant:
    """The accounts of one order. `keeps` says that its discount stays whole when units are cancelled."""

    def __init__(self, *, included: bool, keeps: bool) -> None:
        self.included, self.keeps = included, keeps
        self.rows: dict[str, Row] = {}
        self.bundles: dict[str, Article] = {}
        self.charges: list[tuple[int, int]] = []
        self.discounts: list[int] = []
        self.later = 0  # of them: given after the sale, so the taxes that came are not less for them
        self.without_units = 0  # of the order's discounts: what is left is not worth them

    # What is sold

    def sell(self, line_id: str, article: Article) -> None:
        self.rows[line_id] = Row(article=article)
        self._cut_line(self.rows[line_id])

    def sell_bundle(self, line_id: str, article: Article, components: Mapping[str, tuple[int, int]]) -> None:
        """Sell sets of a bundle. `components` are (units in a set, parts of a million) by line id."""
        self.bundles[line_id] = article
        for name, (ratio, parts) in components.items():
            self.rows[name] = Row(article=article, ratio=ratio, parts=parts, bundle=line_id)
        self._cut_bundle(line_id)

    def share_discount(self, discount: int) -> None:
        """Share the discount that the order came with, and spread the rest."""
        if discount:
            self.discounts.append(discount)
        if discount and not self.keeps:
            nets = [self._worth(row, own=True) for row in self.rows.values()]
            for row, share in zip(self.rows.values(), shared(min(discount, sum(nets)), nets), strict=True):
                row.share = share
        for row in self.rows.values():
            self._cut(row)
        self.spread(new=True)

    def components(self, bundle: str) -> dict[str, Row]:
        return {name: row for name, row in self.rows.items() if row.bundle == bundle}

    def _cut(self, row: Row) -> None:
        if row.bundle:
            self._cut_bundle(row.bundle)
        else:
            self._cut_line(row)

    def _cut_line(self, row: Row) -> None:
        article = row.article
        discounts, own = article.cut_discount(article.discount + row.share), article.cut_discount(article.discount)
        self._refill(row, [Unit(article.price, *one) for one in zip(discounts, article.cut_tax(), own, strict=True)])

    def _cut_bundle(self, bundle: str) -> None:
        """Divide each set by largest remainder, and each component of a set over its units."""
        article, rows = self.bundles[bundle], [*self.components(bundle).values()]
        filled: list[list[Unit]] = [[] for _ in rows]
        goods = [article.price] * article.count
        of_sets = zip(goods, article.cut_discount(article.discount), article.cut_tax(), strict=True)
        for of_set in of_sets:
            divided = [shared(amount, [row.parts for row in rows]) for amount in of_set]
            for i, row in enumerate(rows):
                price, discount, tax = (cut(amounts[i], row.ratio) for amounts in divided)
                filled[i] += [Unit(*one) for one in zip(price, discount, tax, discount, strict=True)]
        for row, units in zip(rows, filled, strict=True):
            first = units[: article.sold * row.ratio]
            costs = [unit.goods - unit.discount for unit in first]
            shares = cut(row.share, len(first))
            both = [cost - share for cost, share in zip(costs, shares, strict=True)]
            for unit, own, cost in zip(first, never_less(costs), never_less(both), strict=True):
                unit.own_discount, unit.discount = unit.goods - own, unit.goods - cost
            self._refill(row, units)

    @staticmethod
    def _refill(row: Row, units: list[Unit]) -> None:
        """Put new units into a row: those that were cancelled stay so, and no unit was billed."""
        assert not any(unit.billed for unit in row.units)
        live = len(row.live) + len(units) - len(row.units)
        for unit in units[live:]:
            unit.gone = True
        row.units = units

    @staticmethod
    def _worth(row: Row, *, own: bool = False) -> int:
        taken = sum(unit.own_discount if own else unit.discount for unit in row.open)
        return max(0, sum(unit.goods for unit in row.open) - taken)

    # What a change does

    def spread(self, *, new: bool = False) -> None:
        """Cut the charges, and the discounts that no line carries, over the open units. These take off taxes, but not of what is
        `new`."""
        rows = [*self.rows.values()]
        billed = [unit for row in rows for unit in row.units if unit.billed]
        for row in rows:
            for unit in row.open + [unit for unit in row.units if unit.gone]:
                unit.charges = unit.charges_tax = unit.order_discount = unit.tax_off = unit.charges_tax_off = 0
        left = sum(self.discounts) - sum(row.share for row in rows) - sum(unit.order_discount for unit in billed)
        self.without_units = left
        if not any(row.open for row in rows):
            return
        nets = [self._worth(row, own=True) for row in rows]
        weights = nets if any(nets) else [len(row.open) for row in rows]
        charges = shared(sum(a for a, _ in self.charges) - sum(unit.charges for unit in billed), weights)
        taxes = shared(sum(t for _, t in self.charges) - sum(unit.charges_tax for unit in billed), weights)
        worth = [self._worth(row) for row in rows]
        room = [net + charge for net, charge in zip(worth, charges, strict=True)]
        given = min(left, sum(room))
        self.without_units = left - given
        off = shared(given, worth if left <= sum(worth) else room)
        for row, *amounts in zip(rows, charges, taxes, off, strict=True):
            self._cut_over(row.open, *amounts)
        if not new and left:
            self._take_off_taxes(left, worth, charges, taxes, off)

    def _take_off_taxes(
        self, all_off: int, worth: Sequence[int], charges: Sequence[int], taxes: Sequence[int], off: Sequence[int]
    ) -> None:
        """Take the discounts of open units off their taxes: first those of all goods, and what these are not worth off charges."""
        rows, goods = [*self.rows.values()], sum(worth)
        own = 1 - Fraction(self.later, sum(self.discounts) - sum(row.share for row in rows))  # of each cent of discount

        def left(tax: int, before: int, less: int, cost: int) -> int:
            if less and self.later:
                tax = nearest(tax * (before - less) / (before - own * less)) if less < before else 0
            return min(tax, cost) if self.included else tax

        for row, net, charge, tax, part in zip(rows, worth, charges, taxes, off, strict=True):
            taxed, beyond = sum(unit.tax for unit in row.open), max(0, part - net)
            free = 0 if self.included else row.free_tax()
            rest = free + left(taxed - free, goods, all_off, max(0, net - part))
            rest_of_charges = left(tax, sum(charges), max(0, all_off - goods), charge - beyond)
            uneven = part and row.article.later  # what joined carries another part of the discount than of the tax
            if row.open and (uneven or (rest, rest_of_charges) != (taxed, tax)):
                self._leave_taxes(row, rest, rest_of_charges)

    @staticmethod
    def _leave_taxes(row: Row, rest: int, rest_of_charges: int) -> None:
        """Leave so much of the taxes of open units and of their charges: they follow what both cost, none of which is below nothing."""
        costs = [unit.goods - unit.discount + unit.charges - unit.order_discount for unit in row.open]
        goods = [cost - unit.charges for cost, unit in zip(costs, row.open, strict=True)]
        goods = never_less(goods) if sum(goods) > 0 else [0] * len(goods)
        charges = [all_of_it - its for all_of_it, its in zip(costs, goods, strict=True)]
        for unit, its, of_charges in zip(
            row.open, by_cost(rest, goods), by_cost(rest_of_charges, charges), strict=True
        ):
            unit.tax_off, unit.charges_tax_off = unit.tax - its, unit.charges_tax - of_charges

    @staticmethod
    def _cut_over(units: list[Unit], charges: int, tax: int, discount: int) -> None:
        """Cut header amounts over open units."""
        if not units:
            return
        off = cut(discount, len(units))
        for unit, charge, part in zip(units, cut(charges, len(units)), cut(tax, len(units)), strict=True):
            unit.charges, unit.charges_tax = charge, part
        worth = [unit.goods - unit.discount + unit.charges for unit in units]
        costs = never_less([a - b for a, b in zip(worth, off, strict=True)]) if discount else worth
        for unit, before, cost in zip(units, worth, costs, strict=True):
            unit.order_discount = before - cost

    def reprice(self, line_id: str, price: int) -> None:
        if line_id in self.bundles:
            article, rows = self.bundles[line_id], [*self.components(line_id).values()]
        else:
            article, rows = self.rows[line_id].article, [self.rows[line_id]]
        off = article.discount + sum(row.share for row in rows)
        if off > article.sold * price:
            raise Refused
        article.note_ratio(article.count * article.price - off)
        article.price = price
        if article.rate is not None or article.came is not None:
            counts = [*accumulate((count for count, _ in article.later), initial=article.sold)]
            taxes = [article.taxed(count * price - off, included=self.included) for count in counts]
            article.tax = taxes[0]
            article.later = [(b - a, y - x) for (a, b), (x, y) in zip(pairwise(counts), pairwise(taxes), strict=True)]
        before = self._uncarried()
        for row in rows:
            self._cut(row)
        if line_id in self.bundles and any(
            sum(u.discount for u in row.units) > sum(u.goods for u in row.units[: article.sold * row.ratio])
            for row in rows
        ):
            raise Refused
        self._respread(before)

    def _uncarried(self) -> int:
        self.spread()
        return self.without_units

    def _respread(self, before: int) -> None:
        self.spread()
        if self.without_units > before:
            raise Refused

    def charges_without_units(self) -> int:
        """Return the part of the charges and their tax that no unit has."""
        has = summed(u.amounts() for row in self.rows.values() for u in row.live)["charges"]
        tax = sum(u.charges_tax for row in self.rows.values() for u in row.live)
        return sum(amount + tax for amount, tax in self.charges) - has - tax

    def discount(self, amount: int) -> None:
        self.spread()
        before = self.totals()["discounts"]
        self.discounts.append(amount)
        self.later += amount
        self.spread()
        if self.totals()["discounts"] - before != amount:
            raise Refused

    def charge(self, amount: int, tax: int) -> None:
        if self.included and tax > amount:
            raise Refused
        self.charges.append((amount, tax))
        self.spread()

    def more(self, line_id: str, count: int) -> None:
        """Sell further units of a line, or sets of a bundle, none of which is billed. The first ones take the places of those that
        were cancelled."""
        article = self.bundles.get(line_id) or self.rows[line_id].article
        rows = [*self.components(line_id).values()] or [self.rows[line_id]]
        article.note_ratio(article.count * article.price - article.discount - sum(row.share for row in rows))
        has = max(-(-len(row.live) // (row.ratio or 1)) for row in rows)
        beyond = max(0, has + count - article.count)
        article.later += [(part, self._tax_of(article, part)) for part in (beyond, count - beyond) if part]
        for row in rows:
            self._cut(row)
        self.spread()

    def _tax_of(self, article: Article, count: int) -> int:
        if article.rate is None and article.came is None:
            return nearest(Fraction(article.all_tax * count, article.count))
        return article.taxed(count * article.price, included=self.included)

    def cancel(self, line_id: str, left: int) -> None:
        """Leave so many units of a line, or sets of a bundle: the last ones are cancelled."""
        for row in self.components(line_id).values() or [self.rows[line_id]]:
            stays = left * row.ratio if line_id in self.bundles else left
            for unit in row.live[stays:]:
                unit.gone = True
        self.spread()

    def cost_no_more_than(self, most: int) -> None:
        """Take a cent that the roundings of a discount would add, when units are cancelled, off the taxes of the first units."""
        less = self.totals()["total"] - most
        for row in self.rows.values():
            taxed, left = sum(unit.tax for unit in row.open), sum(unit.tax - unit.tax_off for unit in row.open)
            if less > 0 and taxed:
                taken = min(less, left)
                less -= taken
                self._leave_taxes(row, left - taken, sum(unit.charges_tax - unit.charges_tax_off for unit in row.open))

    def replace(self, line_id: str, count: int, new: str, price: int | None) -> None:
        """Put units of another line in the place of the last ones: at the same price they cost the same to the cent."""
        old, before = self.rows[line_id], self._uncarried()
        article = old.article
        last = old.live[-count:]
        off, tax = sum(unit.discount for unit in last), sum(unit.tax for unit in last)
        paid = article.price if price is None else price
        if off > count * paid:
            raise Refused
        article_of_new = Article(count, paid, off, tax, article.rate, article.came)
        was = Article(article.count, article.price, 0, article.all_tax, article.rate, article.came)
        was.note_ratio(article.count * article.price - article.discount - old.share)
        article_of_new.came = was.came
        if paid != article.price and (was.rate is not None or was.came is not None):
            article_of_new.tax = was.taxed(count * paid - off, included=self.included)
        for unit in last:
            unit.gone = True
        self.sell(new, article_of_new)
        self._respread(before)

    def bill(self, units: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """Invoice the next units of these lines. Returns the amounts of each line of the invoice."""
        found = {}
        for line_id, count in units.items():
            part = self.rows[line_id].open[:count]
            found[line_id] = summed(unit.amounts() for unit in part)
            for unit in part:
                unit.billed = True
        return found

    # What the order costs

    def totals(self) -> dict[str, int]:
        return self._with_total(unit for row in self.rows.values() for unit in row.live)

    def invoiced(self) -> int:
        return self._with_total(u for row in self.rows.values() for u in row.units if u.billed)["total"]

    def _with_total(self, units: Iterable[Unit]) -> dict[str, int]:
        sums = summed(unit.amounts() for unit in units)
        tax = 0 if self.included else sums["tax"]
        return sums | {"total": sums["goods"] - sums["discounts"] + sums["charges"] + tax}


def summed(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found = dict.fromkeys(AMOUNTS, 0)
    for row in rows:
        for name in AMOUNTS:
            found[name] += row[name]
    return found
