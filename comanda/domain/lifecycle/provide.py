"""
Schedule digital lines and services without a node, and record that their units were provided.

A unit is provided at once: a code, a link or a note proves it. The text of the proof is in the Customers table alone.

Called by   functions/route (`schedule_provided`), functions/intake (`provide`), functions/invoice (`provide_cards`)
Returns     decisions, or None when there is nothing to schedule or to provide
Raises      NotAllowed, Held, Invalid: see each function
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.orders import bought_cards
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.provision import BLOCKED_BY, Cards, Provision
from comanda.domain.orders.status import Status


def schedule_provided(order: Order, now: datetime) -> Decision | None:
    """Schedule the units that need no node, for an order of which nothing else is to be routed. Raises Held."""
    units = {line.line_id: n for line in order.lines if (n := line.to_schedule())}
    if not units:
        return None
    order.require_unheld("schedule")
    order.require_unheld("release")
    rows = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in units.items()]
    return Decision(
        order=order.with_lines(order.line(line_id).move("schedule", n) for line_id, n in units.items()),
        event=Event(
            type=EventType.ROUTED,
            actor="router",
            at=now,
            data={"fulfillments": [], "promised": [], "leftovers": [], "to_provide": rows},
        ),
    )


def provide(order: Order, line_id: str, quantity: int, proof: str, actor: str, now: datetime) -> Decision:
    """Record that units of a digital line or of a service were provided. `proof` is the kind of the proof.

    The last provision of the decision's order is the new one. Raises Invalid for a line that the order does not have, or that
    is sent from a node; NotAllowed when fewer units are scheduled, or when the authorisation of the payment has ended; Held when
    a hold blocks it.
    """
    line = _provided_line(order, line_id)
    if line.gift_card:
        message = f"{line_id} is a gift card: its cards are made by themselves, and mailed when they are paid"
        raise Invalid(Problem(pointer="/line_id", code="not-provided", message=message))
    return _provided(order, line, quantity, proof, actor, now)


def provide_cards(order: Order, days: int | None, now: datetime) -> Decision | None:
    """Provide units of one line of gift cards, as many as can be active together. None: there are none to provide.

    `days` are those for which a card is good. Raises NotAllowed for a card of no value, or when the authorisation of the
    payment has ended.
    """
    for line_id, units in bought_cards.to_make(order).items():
        line = order.line(line_id)
        if not line.unit_price:
            raise NotAllowed(f"line {line_id}: a gift card of no value", line=line_id)
        cards, most = Cards(value=line.unit_price, days=days), min(units, bought_cards.MOST_CARDS)
        return _provided(order, line, most, bought_cards.PROOF, "machine", now, cards)
    return None


def _provided(
    order: Order, line: Line, quantity: int, proof: str, actor: str, now: datetime, cards: Cards | None = None
) -> Decision:
    line_id = line.line_id
    for step in BLOCKED_BY:
        order.require_unheld(step)
        order.require_line_unheld(line_id, step)
    _require_scheduled(line, quantity)
    if order.unpaid(now):
        raise NotAllowed("the authorisation of the payment has ended: nothing is provided until it is renewed")
    made = Provision(
        number=len(order.provisions) + 1,
        line_id=line_id,
        quantity=quantity,
        proof=proof,
        by=actor,
        at=now,
        cards=cards,
    )
    moved = order.with_lines([line.move("provide", quantity)])
    return Decision(
        order=replace(moved, provisions=(*order.provisions, made)),
        event=Event(
            type=EventType.PROVIDED,
            actor=actor,
            at=now,
            data={
                "provision": made.number,
                "proof": proof,
                "lines": [{"line_id": line_id, "quantity": quantity}],
            },
        ),
    )


def _provided_line(order: Order, line_id: str) -> Line:
    """Return the line. Raises Invalid for a line that the order does not have, or whose units come from a node."""
    line = next((line for line in order.lines if line.line_id == line_id), None)
    if any(bundle.line_id == line_id for bundle in order.bundles):
        message = f"{line_id} is a bundle: its components are shipped or picked up, not provided"
        raise Invalid(Problem(pointer="/line_id", code="not-provided", message=message))
    if line is None:
        message = f"{line_id} is not a line of this order"
        raise Invalid(Problem(pointer="/line_id", code="unknown-line", message=message))
    if not line.is_provided:
        message = f"{line_id} is a {line.kind} line: its units are shipped or picked up, not provided"
        raise Invalid(Problem(pointer="/line_id", code="not-provided", message=message))
    return line


def _require_scheduled(line: Line, quantity: int) -> None:
    """Raise NotAllowed when the line has fewer scheduled units. The message says what its units are."""
    if quantity <= line.units(lambda a: a.status is Status.SCHEDULED):
        return
    has = ", ".join(f"{a.quantity} {a.status}" for a in line.allocations)
    raise NotAllowed(
        f"line {line.line_id}: cannot provide {quantity}, has {has}; units are provided once they are SCHEDULED",
        line=line.line_id,
        pointer="/quantity",
    )
