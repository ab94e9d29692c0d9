"""
Find the units of a shipment that a report about it names: by lines, by packages, or as a whole.

The contents of a package may be unknown. Then it holds what the other packages in its state leave, if that is certain: if it
is the only package in that state, or if the contents of all others are known.

Called by   comanda.domain.lifecycle.node_work, .moving.take_back and .parcels.deliver; functions/fulfill/scans.py
Returns     units
Raises      Invalid for a package or a line that the shipment does not have, NotAllowed for a fulfillment that has not shipped
"""

from collections.abc import Iterable, Mapping, Sequence

from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status

UnitsByLine = Mapping[str, int]  # line id: units


def shipped_fulfillment(order: Order, number: int, transaction: str) -> Fulfillment:
    """Return the fulfillment if a carrier has it. Raises NotAllowed for one that has not shipped, or that is picked up."""
    fulfillment = order.fulfillment(number)
    if fulfillment.method != SHIP:
        raise NotAllowed(f"cannot {transaction}: the customer picks it up, and no carrier has it")
    if fulfillment.shipped_at is None:
        raise NotAllowed(f"cannot {transaction}: the fulfillment is {order.fulfillment_status(number)}")
    return fulfillment


def named_units(order: Order, number: int, units: UnitsByLine) -> dict[str, int]:
    """Return the units that a report names by their lines. Raises Invalid for a line that is not in the fulfillment."""
    there = {line.line_id for line, _ in order.units_of(number)}
    wrong = [
        Problem(pointer=f"/lines/{i}/line_id", code="unknown-line", message=f"{line_id} is not in this fulfillment")
        for i, line_id in enumerate(units)
        if line_id not in there
    ]
    if wrong:
        raise Invalid(*wrong)
    return dict(units)


def units_in(order: Order, number: int, status: Status) -> dict[str, int]:
    """Return the units (line id: units) of a fulfillment in this status."""
    found: dict[str, int] = {}
    for line, allocation in order.units_of(number):
        if allocation.status is status:
            found[line.line_id] = found.get(line.line_id, 0) + allocation.quantity
    return found


def named_packages(fulfillment: Fulfillment, names: Sequence[str]) -> tuple[Package, ...]:
    """Return the packages of these ids. Raises Invalid for an id that the fulfillment does not have, or that stands twice."""
    by_id = {package.package_id: package for package in fulfillment.packages}
    wrong = [
        Problem(pointer=f"/packages/{i}", code="duplicate", message=f"{name} stands twice")
        if name in names[:i]
        else Problem(pointer=f"/packages/{i}", code="unknown-package", message=f"{name} is no package of this shipment")
        for i, name in enumerate(names)
        if name in names[:i] or name not in by_id
    ]
    if wrong:
        raise Invalid(*wrong)
    return tuple(by_id[name] for name in names)


def units_of_packages(
    packages: Iterable[Package], others: Iterable[Package], there: UnitsByLine
) -> dict[str, int] | None:
    """Return the units of packages that have the same state as `others`, None if they are not certain.

    `there` are all units in that state. A package never holds more than them.
    """
    packages, others = tuple(packages), tuple(others)
    if not others:
        return dict(there)
    known = all(package.contents for package in packages)
    if not known and not all(package.contents for package in others):
        return None
    held = _contents(packages if known else others)
    if known:
        return {line_id: units for line_id, n in held.items() if (units := min(n, there.get(line_id, 0)))}
    return {line_id: units for line_id, n in there.items() if (units := n - min(n, held.get(line_id, 0)))}


def _contents(packages: Iterable[Package]) -> dict[str, int]:
    found: dict[str, int] = {}
    for package in packages:
        for line_id, quantity in package.contents:
            found[line_id] = found.get(line_id, 0) + quantity
    return found


def added(units: UnitsByLine, more: UnitsByLine) -> dict[str, int]:
    """Return the sum of two groups of units."""
    return {line_id: units.get(line_id, 0) + more.get(line_id, 0) for line_id in (*units, *more)}
