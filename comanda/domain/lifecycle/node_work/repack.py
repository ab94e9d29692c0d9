"""
Pack a fulfillment's packed units into other packages before they leave.

Called by   functions/fulfill/rules.py
Returns     a decision; no unit changes its status
Raises      NotAllowed when nothing is packed, or it has left; Held; Invalid for packages that do not hold the packed units
"""

from dataclasses import replace

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.node_work.packages import check_all_packed, check_contents, check_labels
from comanda.domain.lifecycle.node_work.sent_units import units_in
from comanda.domain.lifecycle.node_work.work import Step, open_fulfillment, package_rows
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.fulfillment import Package
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status

_OF_LABEL = (
    "sscc",
    "carrier",
    "service",
    "tracking_number",
    "label_cost",
)  # what stays on a package that is packed anew


def repack(order: Order, step: Step, packages: tuple[Package, ...]) -> Decision:
    """Replace all packages of a fulfillment. A package that keeps its id keeps what its label says, unless it is told anew.

    A hold that blocks `pack` blocks this, too.
    """
    fulfillment = open_fulfillment(order, step.number)
    order.require_unheld("pack")
    packed = units_in(order, step.number, Status.PACKED)
    if not packed:
        raise NotAllowed(f"no unit is packed: the fulfillment is {order.fulfillment_status(step.number)}")
    for line_id in packed:
        order.require_line_unheld(line_id, "pack")
    before = {package.package_id: package for package in fulfillment.packages}
    after = tuple(_with_label(package, before.get(package.package_id)) for package in packages)
    emptied = order.with_fulfillment(replace(fulfillment, packages=()))
    check_contents(after, packed, "are packed")
    check_labels(emptied, step.number, after)
    check_all_packed(after, after, packed)
    return Decision(
        order=order.with_fulfillment(replace(fulfillment, packages=after)),
        event=Event(
            type=EventType.REPACKED,
            actor=step.actor,
            at=step.at,
            data={"fulfillment": step.number, "packages": package_rows(after)},
        ),
    )


def _with_label(package: Package, before: Package | None) -> Package:
    if before is None:
        return package
    kept = {name: getattr(package, name) or getattr(before, name) for name in _OF_LABEL}
    return replace(package, **kept)
