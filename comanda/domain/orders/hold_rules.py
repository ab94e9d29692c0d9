"""
Judge the rules of hold types: conditions over a new order and its customer, and scores of weighted rules.

A condition is true if each of its parts that is given is true. A part that is a list is true if one of its values is.

Called by   comanda.domain.orders.rule_holds; comanda.aws.directory.hold_types, which makes the rules; functions/intake, which reads the facts that the rules need
Returns     lines to hold, contributions to a score, and what must be read
Raises      nothing
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from comanda.domain.orders import hold_figures
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.order import Order

CUSTOMER, EMAIL, PHONE, ADDRESS = "CUSTOMER", "EMAIL", "PHONE", "ADDRESS"
GIVEN, NOWHERE = "GIVEN", "NOWHERE"  # beside the precisions of `gazetteer`: coordinates were sent, or there are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """Many orders, or much value, in the hours before an order, of one customer, e-mail, phone or address.

    The new order counts too. `total_at_least` is in minor units; orders in other currencies add nothing to it.
    """

    per: str
    hours: int
    orders_at_least: int | None = None
    total_at_least: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition on an order. Without any part, it is true of every order."""

    total_at_least: tuple[int, str] | None = (
        None  # minor units and currency; of an article's goods where lines are judged
    )
    units_at_least: int | None = None  # of the order, or of one article where lines are judged
    lines_at_least: int | None = None
    channels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()  # of products
    payment_methods: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # of a destination
    precisions: tuple[str, ...] = ()  # of a destination's location
    addresses_differ: bool | None = None  # the address of the bill, from that of the delivery
    first_order: bool | None = None
    velocity: Velocity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRule:
    """Points that an order gets if the condition is true of it. Negative points speak for the order."""

    id: str
    points: int
    when: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A sum of points from which an order is held."""

    at_least: int
    rules: tuple[ScoreRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierOrders:
    """The earlier orders of one customer, e-mail, phone or address within some hours, totals by currency."""

    orders: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts that rules may know of a new order beside the order itself.

    `earlier` returns the earlier orders by kind of velocity and hours: of each address where an order has several, and none
    where nobody knows, as of an order without an e-mail. None is a fact that nobody knows, too. A part of a condition that needs an unknown fact is false.
    """

    classes: Mapping[str, str] = field(default_factory=dict)  # by sku
    addresses_differ: bool | None = None
    first_order: bool | None = None
    earlier: Callable[[str, int], Sequence[EarlierOrders]] = lambda _per, _hours: ()


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededFacts:
    """The facts that some conditions need. `velocity` has the longest hours by kind."""

    first_order: bool
    velocity: Mapping[str, int]


def needed(conditions: Iterable[Condition]) -> NeededFacts:
    """Return the facts that must be read to judge these conditions."""
    first_order, hours = False, dict[str, int]()
    for one in conditions:
        first_order = first_order or one.first_order is not None
        if one.velocity:
            hours[one.velocity.per] = max(one.velocity.hours, hours.get(one.velocity.per, 0))
    return NeededFacts(first_order=first_order, velocity=hours)


def needs_contact(when: Condition) -> bool:
    """Return True if the condition asks something of the customer's name and addresses."""
    return when.velocity is not None or when.addresses_differ is not None


def is_about_address(when: Condition) -> bool:
    """Return True if another address may change what the condition says of an order."""
    counts = when.velocity is not None and when.velocity.per == ADDRESS
    return bool(when.countries or when.precisions or counts) or when.addresses_differ is not None


def true_of_order(when: Condition, order: Order, facts: Facts) -> bool:
    """Return True if the condition is true of the whole order: for parts that name lines, of one of its lines."""
    return (
        _true_beside_lines(when, order, facts)
        and (when.total_at_least is None or order.totals.total >= when.total_at_least[0])
        and (not (when.skus or when.classes) or _names_what_is_left(when, order, facts))
        and _reaches_figures(when.units_at_least, when.lines_at_least, order)
    )


def lines_of(when: Condition, order: Order, facts: Facts) -> tuple[str, ...]:
    """Return the ids of the lines of which the condition is true. A line's total is that of its article's goods, less discounts.

    A component has the value and the quantity of its bundle's article, and both its own sku and the bundle's.
    """
    if not (_true_beside_lines(when, order, facts) and _reaches_figures(None, when.lines_at_least, order)):
        return ()
    figures = hold_figures.of_lines(order)
    bundles = {bundle.line_id: bundle.sku for bundle in order.bundles}
    least = when.total_at_least[0] if when.total_at_least else 0
    return tuple(
        line.line_id
        for line in order.lines
        if line.live
        and figures[line.line_id].amount >= least
        and figures[line.line_id].units >= (when.units_at_least or 0)
        and (
            names(when, line.sku, facts)
            or (line.component is not None and names(when, bundles[line.component.bundle], facts))
        )
    )


def _names_what_is_left(when: Condition, order: Order, facts: Facts) -> bool:
    """Return True if the condition names a line, as it was sent, of which a unit is left."""
    return any(hold_figures.units_left(order, line) for line in order.as_sent() if names(when, line.sku, facts))


def contributions(score: Score, order: Order, facts: Facts) -> tuple[tuple[str, int], ...]:
    """Return (id, points) of each rule of the score that is true of the order."""
    return tuple((rule.id, rule.points) for rule in score.rules if true_of_order(rule.when, order, facts))


def names(when: Condition, sku: str, facts: Facts) -> bool:
    """Return True if the skus and the classes that the condition names fit this sku. None named: every sku fits."""
    return (not when.skus or sku in when.skus) and (not when.classes or facts.classes.get(sku) in when.classes)


def _true_beside_lines(when: Condition, order: Order, facts: Facts) -> bool:
    """Return True if the parts are true that say nothing about single lines."""
    return (
        (when.total_at_least is None or when.total_at_least[1] == order.currency)
        and (not when.channels or order.channel in when.channels)
        and (not when.tags or _overlap(when.tags, order.tags))
        and (not when.payment_methods or _overlap(when.payment_methods, (one.method for one in order.payments)))
        and (not when.countries or _overlap(when.countries, (to.country for to in _goes_to(order))))
        and (not when.precisions or _overlap(when.precisions, map(_precision, _goes_to(order))))
        and (when.addresses_differ is None or when.addresses_differ == facts.addresses_differ)
        and (when.first_order is None or when.first_order == facts.first_order)
        and (when.velocity is None or _reaches_velocity(when.velocity, order, facts))
    )


def _reaches_figures(units: int | None, lines: int | None, order: Order) -> bool:
    """Return True if the order has so many units and lines left, None: any number."""
    if units is None and lines is None:
        return True
    left = hold_figures.of_order(order)
    return left.units >= (units or 0) and left.lines >= (lines or 0)


def _overlap(wanted: tuple[str, ...], found: Iterable[str]) -> bool:
    return any(one in wanted for one in found)


def _goes_to(order: Order) -> tuple[Destination, ...]:
    return (order.destination, *order.destinations)


def _precision(to: Destination) -> str:
    return to.precision or (NOWHERE if to.latitude is None else GIVEN)


def _reaches_velocity(limit: Velocity, order: Order, facts: Facts) -> bool:
    """Return True if the orders of the customer, the e-mail, the phone, or of any one address of the order reach the limit."""
    return any(_reaches(limit, order, earlier) for earlier in facts.earlier(limit.per, limit.hours))


def _reaches(limit: Velocity, order: Order, earlier: EarlierOrders) -> bool:
    if limit.orders_at_least is not None and earlier.orders + 1 < limit.orders_at_least:
        return False
    if limit.total_at_least is None:
        return True
    least, currency = limit.total_at_least
    own = order.totals.total if order.currency == currency else 0
    return earlier.totals.get(currency, 0) + own >= least
