"""
Decide each step of a node's work: the body of the request becomes a decision on the order.

The rules of rare steps are imported when one of them is taken.

Called by   functions/fulfill/handler.py
Returns     `STEPS`: the contract and the rule of each step
Raises      Invalid, NotAllowed
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.api.contracts import Contract
from comanda.domain import ids
from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.lifecycle.node_work import decline, ship, work
from comanda.domain.lifecycle.node_work.work import Step
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.fulfillment import Package
from comanda.domain.orders.order import Order
from functions.fulfill import contract

Rule = Callable[[Order, Step, Any], Decision | None]

_CLOCK_TOLERANCE = timedelta(minutes=5)
_LONGEST_SILENCE = timedelta(days=366)


def _advance(transaction: str) -> Rule:
    return lambda order, step, given: work.advance(order, transaction, step, packages(given, order.currency))


def _repack(order: Order, step: Step, given: contract.RepackIn) -> Decision:
    from comanda.domain.lifecycle.node_work import repack

    return repack.repack(order, step, packages(given, order.currency))


def _decline(order: Order, step: Step, given: contract.DeclineIn) -> Decision:
    from comanda.aws.directory.decline_reasons import find_reason

    why = find_reason(given.reason)
    if why is None:
        message = f"there is no reason {given.reason} that nodes give: GET /v1/decline-reasons lists them"
        raise Invalid(Problem(pointer="/reason", code="unknown-decline-reason", message=message))
    return decline.decline(order, step, why)


def _short_pick(order: Order, step: Step, given: contract.ShortPickIn) -> Decision:
    return decline.short_pick(order, step, given.reason)


def _ship(order: Order, step: Step, given: contract.ShipIn) -> Decision:
    _require(order, step, "ship")
    shipment = ship.Shipment(
        shipment_id=given.shipment_id or ids.fulfillment(order.order_id, step.number),
        shipped_at=given.shipped_at or step.at,
        packages=packages(given, order.currency),
    )
    return ship.ship(order, step, shipment)


def _hand_over(order: Order, step: Step, _given: contract.StepIn) -> Decision:
    _require(order, step, "hand-over")
    shipment = ship.Shipment(shipment_id=ids.fulfillment(order.order_id, step.number), shipped_at=step.at)
    return ship.ship(order, step, shipment)


def _deliver(order: Order, step: Step, given: contract.DeliverIn) -> Decision | None:
    from comanda.domain.lifecycle.parcels import deliver

    return deliver.deliver(order, step, given.delivered_at or step.at, given.packages or ())


def _lose(order: Order, step: Step, given: contract.LoseIn) -> Decision | None:
    from comanda.domain.lifecycle.parcels import deliver

    return deliver.lose(order, step, given.reason, given.packages or ())


def _collect(order: Order, step: Step, given: contract.CollectIn) -> Decision | None:
    from comanda.domain.billing import collecting

    if given.amount.currency != order.currency:
        says = f"{given.amount.currency}, the order is in {order.currency}"
        raise Invalid(Problem(pointer="/amount/currency", code="mixed-currencies", message=says))
    return collecting.collect(order, step.number, given.amount.amount, given.reference, step.actor, step.at)


def _hand_back(order: Order, step: Step, given: contract.HandBackIn) -> Decision:
    return decline.hand_back(order, step, given.reason)


def _no_show(order: Order, step: Step, _given: contract.StepIn) -> Decision:
    from comanda.domain.lifecycle.cancels import no_show

    return no_show.no_show(order, step)


def _agree(order: Order, step: Step, _given: contract.StepIn) -> Decision:
    from comanda.domain.lifecycle.node_work import recall_requests

    return recall_requests.agree(order, step)


def _refuse(order: Order, step: Step, given: contract.RefusalIn) -> Decision:
    from comanda.domain.lifecycle.node_work import recall_requests

    return recall_requests.refuse(order, step, given.reason)


def _require(order: Order, step: Step, door: str) -> None:
    """Raise NotAllowed when the fulfillment leaves by the other door: shipped ones by ship, picked-up ones by hand-over."""
    fulfillment = order.fulfillment(step.number)
    if fulfillment.leaves_by != door:
        raise NotAllowed(f"a {fulfillment.method} fulfillment leaves its node by {fulfillment.leaves_by}")


# The name of a step in its path -> the contract of its body, and its rule. A rule returns None when the report says nothing
# new. The routes are in handler.py.
STEPS: dict[str, tuple[type[Contract], Rule]] = {
    "accept": (contract.StepIn, _advance("accept")),
    "decline": (contract.DeclineIn, _decline),
    "start-pick": (contract.StepIn, _advance("start-pick")),
    "pick": (contract.StepIn, _advance("pick")),
    "short-pick": (contract.ShortPickIn, _short_pick),
    "pack": (contract.PackIn, _advance("pack")),
    "repack": (contract.RepackIn, _repack),
    "ship": (contract.ShipIn, _ship),
    "ready": (contract.StepIn, _advance("ready")),
    "hand-over": (contract.StepIn, _hand_over),
    "recall-agree": (contract.StepIn, _agree),
    "recall-refuse": (contract.RefusalIn, _refuse),
    "hand-back": (contract.HandBackIn, _hand_back),
    "no-show": (contract.StepIn, _no_show),
    "deliver": (contract.DeliverIn, _deliver),
    "lose": (contract.LoseIn, _lose),
    "collect": (contract.CollectIn, _collect),
}


PACKING = ("pack", "repack", "ship")  # the steps that name packages with their contents


def units(given: Any) -> dict[str, int] | None:
    """Return the units that the step names by line id, None for all units. Raises Invalid for a line that stands twice."""
    if getattr(given, "lines", None) is None:
        return None
    found: dict[str, int] = {}
    for i, line in enumerate(given.lines):
        if line.line_id in found:
            raise Invalid(
                Problem(pointer=f"/lines/{i}/line_id", code="duplicate", message=f"{line.line_id} stands twice")
            )
        found[line.line_id] = line.quantity
    return found


def packages(given: Any, currency: str) -> tuple[Package, ...]:
    """Return the packages of a pack or a ship, none for another step.

    Raises Invalid for a package that stands twice, and for a label that was paid in another currency than the order's.
    """
    found: dict[str, Package] = {}
    for i, p in enumerate(getattr(given, "packages", ())):
        if p.package_id in found:
            raise Invalid(
                Problem(pointer=f"/packages/{i}/package_id", code="duplicate", message=f"{p.package_id} stands twice")
            )
        if p.label_cost and p.label_cost.currency != currency:
            says = f"{p.label_cost.currency}, the order is in {currency}"
            raise Invalid(Problem(pointer=f"/packages/{i}/label_cost/currency", code="mixed-currencies", message=says))
        found[p.package_id] = Package(
            package_id=p.package_id,
            carrier=p.carrier,
            service=p.service,
            tracking_number=p.tracking_number,
            weight_g=p.weight_g,
            contents=tuple((line.line_id, line.quantity) for line in p.contents),
            label_cost=p.label_cost.amount if p.label_cost else 0,
            carton=p.carton_id or "",
            dims_mm=(p.dims_mm[0], p.dims_mm[1], p.dims_mm[2]) if p.dims_mm else None,
            sscc=p.sscc or "",
            parent=p.parent_id or "",
        )
    return tuple(found.values())


def check_after(given: Any, placed_at: datetime) -> None:
    """Raise Invalid when the shipment or the delivery is earlier than its order. A partner's file is refused likewise."""
    for name, at in _moments(given):
        if at < placed_at - _CLOCK_TOLERANCE:
            raise Invalid(Problem(pointer=f"/{name}", code="before-the-order", message="is earlier than the order"))


def check_time(given: Any, now: datetime) -> None:
    """Raise Invalid for a shipment or a delivery in the future or more than a year ago."""
    for name, at in _moments(given):
        if at < now - _LONGEST_SILENCE:
            raise Invalid(Problem(pointer=f"/{name}", code="too-long-ago", message="lies more than a year ago"))
        if at > now + _CLOCK_TOLERANCE:
            raise Invalid(Problem(pointer=f"/{name}", code="in-the-future", message="lies in the future"))


def _moments(given: Any) -> Iterator[tuple[str, datetime]]:
    """Yield the times that the step says, with their field."""
    for name in ("shipped_at", "delivered_at"):
        if (at := getattr(given, name, None)) is not None:
            yield name, at
