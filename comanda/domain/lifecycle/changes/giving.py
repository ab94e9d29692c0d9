"""
Say what an order gives away against what its goods usually cost, and what goods that join it usually cost.

The usual price of units is what they were sold for; of units that join an order it is that of the price list, or what the
order's units of their sku usually cost, if that is more. A bundle costs what its components cost by themselves, if that is
more than its own price, because whoever makes it chooses them.

Called by   functions/intake, for persons only; comanda.domain.limits decides
Returns     sales for `comanda.domain.limits.require`; lines and changes with what their units usually cost
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.changed_amounts import NewAppeasement, NewDiscount, NewPrice
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.changes.wanted_changes import Wanted, live
from comanda.domain.limits import Goods, Sale
from comanda.domain.money import share_of_units, spread
from comanda.domain.orders import bundles
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Discount, Line
from comanda.domain.orders.order import Order


def usual_prices(order: Order, listed: Mapping[str, int]) -> dict[str, int]:
    """Return what a unit of each sku usually costs: of those of the lists, and of those that the order has a price for."""
    found = dict(listed)
    for row in order.as_sent():
        each = -(-row.usual_of(row.sold) // row.sold)
        if each:
            found[row.sku] = max(found.get(row.sku, 0), each)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Lines that join a sale, with what they usually cost. `unknown` are the ids of those of which nothing says that; `parts`
    are the components of bundles, by their line ids, with the parts of the price that they carry."""

    lines: tuple[Line, ...]
    bundles: tuple[Bundle, ...] = ()
    unknown: frozenset[str] = frozenset()
    parts: Mapping[str, Goods] = field(default_factory=dict)


def joining(lines: Sequence[Line], sets: Sequence[Bundle], prices: Mapping[str, int], at: str) -> Joining:
    """Return lines with what they usually cost by these prices of a unit. `at` is the pointer of the lines."""
    unknown, parts = set[str](), dict[str, Goods]()
    rows: list[Line | Bundle] = [*(line for line in lines if line.component is None), *sets]
    priced: list[Line | Bundle] = []
    for row in rows:
        own = [line for line in lines if line.component and line.component.bundle == row.line_id]
        each = _set_price(row, own, prices)
        if each is None:
            unknown.add(row.line_id)
        priced.append(row if each is None else replace(row, usual=_if_other(row, each)))
        if isinstance(row, Bundle) and each is not None:
            parts |= _parts(row, own, prices, at)
    by_id = {row.line_id: row for row in priced if isinstance(row, Line)}
    return Joining(
        lines=tuple(by_id.get(line.line_id, line) for line in lines),
        bundles=tuple(row for row in priced if isinstance(row, Bundle)),
        unknown=frozenset(unknown),
        parts=parts,
    )


def _set_price(row: Line | Bundle, own: Sequence[Line], prices: Mapping[str, int]) -> int | None:
    """Return what a unit, or a set of these components, usually costs. None: nothing says it."""
    if not own:
        return prices.get(row.sku)
    if any(line.sku not in prices for line in own):
        return None
    of_parts = sum(line.component.ratio * prices[line.sku] for line in own if line.component)
    return max(prices.get(row.sku, 0), of_parts)


def _if_other(row: Line | Bundle, each: int) -> int | None:
    return None if each == row.unit_price else each * row.quantity


def _parts(bundle: Bundle, own: Sequence[Line], prices: Mapping[str, int], at: str) -> dict[str, Goods]:
    """Return the components of a bundle as goods. Their parts of a set are rounded by less than one minor unit."""
    places = [(line, line.component) for line in own if line.component]
    carried = spread(bundle.unit_price, [place.price_share for _, place in places])
    return {
        line.line_id: Goods(at=at, asked=part + 1, usual=place.ratio * prices[line.sku], part=True)
        for (line, place), part in zip(places, carried, strict=True)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsChanges:
    """The changes of a person, with what the units that they touch usually cost. `places` are pointers by line id."""

    changes: Sequence[Wanted]
    unknown: frozenset[str]
    parts: Mapping[str, Goods]
    places: Mapping[str, str]


def of_person(order: Order, changes: Iterable[Wanted], listed: Mapping[str, int]) -> PersonsChanges:
    """Return changes as those of a person. `listed` are the list prices of the skus that they add, and of further units."""
    asking = _Asking(order, usual_prices(order, listed))
    made = [asking.as_persons(f"/changes/{i}", one) for i, one in enumerate(changes)]
    return PersonsChanges(changes=made, unknown=frozenset(asking.unknown), parts=asking.parts, places=asking.places)


def of_application(changes: Iterable[Wanted]) -> list[Wanted]:
    """Return changes as those of an application: what they give uses up no limit of a person."""
    return [_as_applications(one) for one in changes]


def _as_applications(one: Wanted) -> Wanted:
    match one:
        case NewDiscount() | NewAppeasement():
            return replace(one, of_application=True)
        case NewLines():
            return replace(
                one,
                lines=tuple(replace(line, discounts=_marked(line.discounts)) for line in one.lines),
                bundles=tuple(replace(bundle, discounts=_marked(bundle.discounts)) for bundle in one.bundles),
            )
    return one


def _marked(discounts: Iterable[Discount]) -> tuple[Discount, ...]:
    return tuple(replace(discount, of_application=True) for discount in discounts)


class _Asking:
    """Collect what the changes of a request touch. `prices` are the usual ones by sku."""

    def __init__(self, order: Order, prices: Mapping[str, int]) -> None:
        self.order, self.prices = order, prices
        self.unknown: set[str] = set()
        self.parts: dict[str, Goods] = {}
        self.places: dict[str, str] = {}

    def as_persons(self, at: str, one: Wanted) -> Wanted:
        """Return a change with what the units that it touches usually cost."""
        match one:
            case NewPrice():
                self.places[one.line_id] = f"{at}/unit_price"
                return replace(one, keeps_usual=True)
            case NewQuantity():
                self.places.setdefault(one.line_id, f"{at}/quantity")
                return replace(one, unit_usual=self._usual_of_further(one))
            case Replacement():
                self.places[one.new_line_id] = f"{at}/unit_price"
                each = self._usual(one.new_line_id, one.sku)
                return replace(one, usual=None if each is None else each * one.quantity)
            case NewLines():
                return self._lines(f"{at}/lines", one)
        return one

    def _lines(self, at: str, one: NewLines) -> NewLines:
        found = joining(one.lines, one.bundles, self.prices, at)
        self.unknown |= found.unknown
        self.parts |= found.parts
        self.places |= {line.line_id: at for line in found.lines} | {bundle.line_id: at for bundle in found.bundles}
        return replace(one, lines=found.lines, bundles=found.bundles)

    def _usual(self, line_id: str, sku: str) -> int | None:
        if sku not in self.prices:
            self.unknown.add(line_id)
        return self.prices.get(sku)

    def _usual_of_further(self, one: NewQuantity) -> int | None:
        """Return what each further unit of a line, or set of a bundle, usually costs. None: there are none, or nothing says
        it."""
        row = next((row for row in self.order.as_sent() if row.line_id == one.line_id), None)
        if row is None or _is_part(row) or one.quantity <= live(self.order, one.line_id):
            return None
        return self._usual(one.line_id, row.sku)


def _is_part(row: Line | Bundle) -> bool:
    return isinstance(row, Line) and row.component is not None


def sale(order: Order, asked: PersonsChanges | None = None) -> Sale:
    """Return what an order gives away by the units that are left, after the changes of a person if there are any."""
    places, unknown = (asked.places, asked.unknown) if asked else ({}, frozenset[str]())
    goods = {
        row.line_id: replace(one, usual=None if row.line_id in unknown else one.usual)
        for row in order.as_sent()
        if not _is_part(row) and (one := _goods(order, row, places.get(row.line_id, "/changes")))
    }
    return Sale(
        currency=order.currency,
        goods=goods | dict(asked.parts if asked else {}),
        given=given_after_sale(order),
        off_at=next(iter(places.values()), "/changes"),
        given_at="/changes",
    )


def _goods(order: Order, row: Line | Bundle, at: str) -> Goods | None:
    units = live(order, row.line_id)
    shared = _came_with(order, row) if order.given_before else 0
    shared = share_of_units(shared, 0, min(units, row.sold), row.sold)
    return Goods(at=at, asked=units * row.unit_price, usual=row.usual_of(units), shared=shared) if units else None


def _came_with(order: Order, row: Line | Bundle) -> int:
    """Return the discounts of a line that came with the order, and its part of the order's."""
    own = sum(discount.amount for discount in row.discounts if not discount.by)
    if isinstance(row, Line):
        return own + row.order_discount
    return own + sum(line.order_discount for line in bundles.components(order, row.line_id))


def given_after_sale(order: Order) -> int:
    """Return the sum of the discounts and credit notes that persons gave after the sale, those of added lines and of a pending
    change, too.

    What applications gave is not theirs. Units that are cancelled give their discounts back.
    """
    given = order.pending.given if order.pending else 0
    given += sum(credit.total for credit in order.credits if credit.by_person)
    return given + sum(d.amount for d in order.discounts if _by_person(d)) + sum(map(_given_on, _with_live(order)))


def _by_person(discount: Discount) -> bool:
    """Return True for a discount that a person gave after the sale."""
    return bool(discount.by) and not discount.of_application


def _with_live(order: Order) -> Iterator[tuple[Line | Bundle, int]]:
    for row in order.as_sent():
        if any(map(_by_person, row.discounts)):
            yield row, live(order, row.line_id)


def _given_on(row_and_live: tuple[Line | Bundle, int]) -> int:
    row, units = row_and_live
    return share_of_units(sum(d.amount for d in row.discounts if _by_person(d)), 0, min(units, row.sold), row.sold)


def place_above(changes: Sequence[Wanted], given: int, most: int) -> str:
    """Return the pointer of the first change whose discounts make more than `most` of what was `given` before."""
    for i, one in enumerate(changes):
        if isinstance(one, NewDiscount | NewAppeasement):
            given, name = given + one.amount, "amount"
        elif isinstance(one, NewLines):
            given, name = given + _discounts_of(one), "lines"
        else:
            continue
        if given > most:
            return f"/changes/{i}/{name}"
    return "/changes"


def _discounts_of(one: NewLines) -> int:
    return sum(line.discount for line in one.lines) + sum(bundle.discount for bundle in one.bundles)
