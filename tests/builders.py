"""
Build the smallest sensible order, line, node, position, plan ... A test names only the values that it is about.

Builders make domain values only, so every tier can use them. Amounts are minor units; the time is noon UTC on one Thursday.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from comanda.domain import ids
from comanda.domain.lifecycle.node_work.ship import Shipment
from comanda.domain.lifecycle.node_work.work import Step, advance
from comanda.domain.lifecycle.place import place_order
from comanda.domain.nodes.calendars import Calendar
from comanda.domain.nodes.node import Node
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.component import Component, kit_of
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.fulfillment import Package
from comanda.domain.orders.hold_rules import Condition
from comanda.domain.orders.line import Allocation, Discount, Line
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Charge, Order, Totals
from comanda.domain.orders.rule_holds import HoldType
from comanda.domain.orders.status import Status
from comanda.domain.orders.tender import Tender
from comanda.domain.routing import workload
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Limits, Plan, PlannedFulfillment, PlannedLine
from comanda.domain.routing.route import route
from comanda.domain.scheduling import schedule
from comanda.domain.stock.stock import SELLABLE, Position

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
TODAY = "2026-11-19"
CELL = "test1"
ORDER_ID = ids.order(CELL, ids.ulid(1_795_000_000_000, 7))

CHICAGO = (41.9, -87.6)
DENVER = (39.7, -105.0)
NEW_YORK = (40.7, -74.0)

ALWAYS_OPEN = Calendar(timezone="America/Chicago", hours=tuple((day, time(0), time.max) for day in range(7)))


def an_order_id(n: int = 7) -> str:
    """Return a valid order id of this cell. Another `n` is another order."""
    return ids.order(CELL, ids.ulid(1_795_000_000_000, n))


def a_line(
    sku: str = "TEA-001",
    quantity: int = 1,
    unit_price: int = 1000,
    *,
    line_id: str = "",
    method: str = SHIP,
    node: str | None = None,
    discount: int = 0,
    tax: int = 0,
    **changes: Any,
) -> Line:
    """Return a line as a channel sends it. Without `line_id`, `an_order` numbers it by its place in the order."""
    return Line(
        line_id=line_id,
        sku=sku,
        quantity=quantity,
        unit_price=unit_price,
        method=method,
        node_id=node,
        tax=tax,
        discounts=(Discount(code="LINE", amount=discount),) if discount else (),
        **changes,
    )


def an_allocation(quantity: int, status: Status, **changes: Any) -> Allocation:
    return Allocation(quantity=quantity, status=status, **changes)


def a_bundle(
    sku: str = "SET",
    sets: int = 1,
    unit_price: int = 1000,
    *parts: tuple[str, int, int],
    line_id: str = "b",
    discount: int = 0,
    tax: int = 0,
    together: bool = True,
    **changes: Any,
) -> tuple[Bundle | Line, ...]:
    """Return a bundle and its components, for `an_order`. `parts` are (sku, units in a set, price share).

    The components are lines <line_id>1, <line_id>2 ... `together`: they leave in sets; else the channel sells them singly.
    """
    bundle = Bundle(
        line_id=line_id,
        sku=sku,
        quantity=sets,
        unit_price=unit_price,
        place=0,
        tax=tax,
        discounts=(Discount(code="LINE", amount=discount),) if discount else (),
        title=sku.title(),
    )
    group = kit_of(line_id) if together else None
    lines = (
        a_line(
            part,
            sets * ratio,
            0,
            line_id=f"{line_id}{n}",
            kind="COMPONENT",
            group=group,
            component=Component(bundle=line_id, ratio=ratio, price_share=share),
            **changes,
        )
        for n, (part, ratio, share) in enumerate(parts or (("POT", 1, 600_000), ("CUP", 2, 400_000)), 1)
    )
    return (bundle, *lines)


def a_line_in(*allocations: Allocation, sku: str = "TEA-001", line_id: str = "1", **changes: Any) -> Line:
    """Return a line with these allocations."""
    quantity = sum(a.quantity for a in allocations)
    return replace(a_line(sku, quantity, line_id=line_id, **changes), allocations=allocations)


def an_order(
    *lines: Line | Bundle,
    order_id: str = ORDER_ID,
    shipping: int = 0,
    shipping_tax: int = 0,
    discount: int = 0,
    paid: Sequence[int] | None = None,
    prices_include_tax: bool = False,
    **changes: Any,
) -> Order:
    """Return an order as a channel sends it, with right totals, paid by one card unless `paid` names the tenders."""
    given = tuple(replace(line, line_id=line.line_id or str(i)) for i, line in enumerate(lines or (a_line(),), 1))
    numbered = tuple(line for line in given if isinstance(line, Line))
    bundles = tuple(replace(one, place=i) for i, one in enumerate(given) if isinstance(one, Bundle))
    totals = totals_of(given, shipping, shipping_tax, discount, prices_include_tax=prices_include_tax)
    fields: dict[str, Any] = {
        "channel": "web",
        "external_id": f"WEB-{order_id[-4:]}",
        "currency": "USD",
        "locale": "en-US",
        "customer_id": "cus-1",
        "placed_at": NOW,
        "destination": Destination(
            country="US", region="IL", postal_prefix="606", latitude=CHICAGO[0], longitude=CHICAGO[1]
        ),
        "charges": (Charge(kind="SHIPPING", amount=shipping, tax=shipping_tax),) if shipping or shipping_tax else (),
        "discounts": (Discount(code="ORDER", amount=discount),) if discount else (),
        "payments": tuple(
            Tender(method="CARD", reference=f"auth-{i}", authorized=amount)
            for i, amount in enumerate((totals.total,) if paid is None else paid, 1)
        ),
        "totals": totals,
    }
    fields["bundles"] = bundles
    return Order(order_id=order_id, lines=numbered, prices_include_tax=prices_include_tax, **(fields | changes))


def totals_of(
    lines: Sequence[Line | Bundle],
    shipping: int = 0,
    shipping_tax: int = 0,
    discount: int = 0,
    *,
    prices_include_tax: bool = False,
) -> Totals:
    """Return the totals by a channel's own arithmetic, written out so that it does not use ours."""
    goods = discounts = tax = 0
    for line in lines:
        goods += line.quantity * line.unit_price
        tax += line.tax
        for given in line.discounts:
            discounts += given.amount
    discounts += discount
    tax += shipping_tax
    total = goods - discounts + shipping
    if not prices_include_tax:
        total += tax
    return Totals(goods=goods, discounts=discounts, charges=shipping, tax=tax, total=total)


def placed(order: Order, *kinds: HoldType, now: datetime = NOW, **policy: str) -> Order:
    """Return the placed order, with the holds of these `kinds`. `policy` is the channel's discount_after_cancel."""
    return saved(place_order(order, kinds, "shop", now, **policy))


def saved(decision: Decision) -> Order:
    """Return the order of a decision, as the store would have saved it."""
    return replace(decision.order, version=decision.order.version + 1)


def a_tender(authorized: int, **changes: Any) -> Tender:
    return Tender(method="CARD", reference=changes.pop("reference", "auth"), authorized=authorized, **changes)


def a_hold_type(id: str = "FRAUD", *blocks: str, queue: str = "holds", **changes: Any) -> HoldType:  # noqa: A002  # the domain's word
    """Return a type of hold. The parts of a `Condition` may be named too: the type then has a rule with them."""
    parts = {name: changes.pop(name) for name in Condition.__slots__ if name in changes}
    if parts:
        changes["when"] = Condition(**parts)
    return HoldType(
        id=id, blocks=blocks or ("schedule", "ship"), reason=changes.pop("reason", "looks odd"), queue=queue, **changes
    )


def a_node(
    node_id: str = "dc-1",
    at: tuple[float, float] = CHICAGO,
    *,
    type: str = "WAREHOUSE",  # noqa: A002  # the domain's word
    country: str = "US",
    calendar: Calendar = ALWAYS_OPEN,
    **changes: Any,
) -> Node:
    """Return a node that ships. Stores hand over at the counter too."""
    changes.setdefault("pickup", type == "STORE")
    return Node(
        node_id=node_id, type=type, country=country, latitude=at[0], longitude=at[1], calendar=calendar, **changes
    )


def a_position(sku: str = "TEA-001", node: str = "dc-1", on_hand: int = 10, **changes: Any) -> Position:
    """Return a position with so many sellable units and no demand."""
    demand = sum(quantity for _, quantity in changes.get("hard", ()))
    changes.setdefault("free", on_hand - demand)
    return Position(sku=sku, node=node, on_hand=((SELLABLE, on_hand),), **changes)


def a_plan(*fulfillments: tuple[Node, Mapping[str, int]], order: Order, leftovers: Sequence[Any] = ()) -> Plan:
    """Return a plan that gives each node these units (line id: quantity) of the order."""
    return Plan(
        fulfillments=tuple(
            PlannedFulfillment(
                node=node,
                method=order.line(next(iter(units))).method,
                service=order.line(next(iter(units))).service,
                lines=tuple(
                    PlannedLine(line_id=line_id, sku=order.line(line_id).sku, quantity=quantity)
                    for line_id, quantity in units.items()
                ),
                turns=workload.turns(node, NOW, sum(units.values()), {}) or (),
            )
            for node, units in fulfillments
        ),
        leftovers=tuple(leftovers),
    )


def offered(
    order: Order, *to: tuple[Node, Mapping[str, int]], now: datetime = NOW, positions: Sequence[Position] | None = None
) -> Order:
    """
    Return the order with its units offered to these nodes, which have enough stock.

    Without `to`, one warehouse gets the whole order; for a pickup, the customer's store.
    """
    if not to:
        store = order.lines[0].node_id
        node = a_node(store, type="STORE") if order.lines[0].method == PICKUP and store else a_node()
        to = ((node, {line.line_id: line.unplaced() for line in order.lines if line.unplaced()}),)
    plenty = positions or [a_position(line.sku, node.node_id, 100_000) for node, _ in to for line in order.lines]
    return saved(schedule.schedule(order, a_plan(*to, order=order), plenty, now))


def routed(
    order: Order, positions: Sequence[Position], *nodes: Node, now: datetime = NOW, limits: Limits | None = None
) -> Plan:
    """Return the router's plan under the default rules."""
    world = RouterInputs(positions=positions, nodes=nodes or (a_node(),), limits=limits or Limits())
    return route(order, world, now)


def a_step(number: int = 1, at: datetime = NOW, actor: str = "picker-1", **units: int) -> Step:
    """Return a step on fulfillment `number`, of all its units or of those given as l<line id>=quantity."""
    return Step(number=number, actor=actor, at=at, units={k[1:]: q for k, q in units.items()} if units else None)


def worked(order: Order, *transactions: str, number: int = 1) -> Order:
    """Return the order after its node did these steps with all units of a fulfillment."""
    for transaction in transactions:
        order = saved(advance(order, transaction, a_step(number)))
    return order


def a_package(package_id: str = "P1", *contents: tuple[str, int], **changes: Any) -> Package:
    return Package(
        package_id=package_id,
        contents=changes.pop("contents", contents),
        carrier=changes.pop("carrier", "UPS"),
        tracking_number=changes.pop("tracking_number", f"1Z-{package_id}"),
        **changes,
    )


def a_shipment(shipment_id: str = "S1", *packages: Package, at: datetime = NOW) -> Shipment:
    return Shipment(shipment_id=shipment_id, shipped_at=at, packages=packages)


def later(**by: int) -> datetime:
    """Return a time after the day's noon, by the arguments of timedelta."""
    return NOW + timedelta(**by)
