"""
Cancel units of an order: the least advanced units first. Their stock is free again, and the order's totals are new.

Called by   functions/intake (customers and agents); comanda.domain.lifecycle: customer_cancel, overdue_backorders,
            hold_expiry, review (reject), no_show, and changes
Returns     a decision with the event `cancelled`, what moves in stock, and tasks that open or end
Raises      NotAllowed when a unit cannot be cancelled, Held when a hold blocks cancelling
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from comanda.domain.errors import Held, NotAllowed
from comanda.domain.lifecycle.cancels.cancellable import OF_ORDERS, NotCancelled, cancellable, not_cancelled_row
from comanda.domain.lifecycle.closing import end_if_no_unit_is_left
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.recall import put_back_task, recalled, reserved
from comanda.domain.lifecycle.node_work.work import tasks_of_work, unit_rows
from comanda.domain.orders import capacity
from comanda.domain.orders.capacity import Slot
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.line import ALL_UNITS, Changes, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, CANCELLABLE, RANK, UNPLACED, Status

if TYPE_CHECKING:  # the room intake imports this module at its start: it needs no stock until an order is cancelled
    from comanda.domain.orders.cancel_reasons import CancelReason
    from comanda.domain.stock.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The result of cancelling units: the order, and everything that must be written with it.

    `stock` and `capacity` come back to their nodes. `tasks` put picked units back on the shelf; `done` are (queue, item) of
    tasks that need no work any more. `along` are (line id: units) of kits that the cancellation broke: they are routable.
    `quarantined` is the number of units that are not for sale any more.
    """

    order: Order
    stock: tuple["Change", ...]
    tasks: tuple[Task, ...]
    done: tuple[tuple[str, str], ...]
    capacity: tuple[Slot, ...]
    along: Mapping[str, int]
    quarantined: int = 0


def cancel(
    order: Order,
    quantities: Mapping[str, int] | None,
    reason: str,
    actor: str,
    now: datetime,
    may: frozenset[Status] = CANCELLABLE,
    why: "CancelReason | None" = None,
    steps: Sequence[str] = OF_ORDERS,
) -> Decision:
    """Cancel the named units (line id: units), or all units that can be cancelled. The event names the units that could
    not be cancelled. The units of a bundle are its sets. `may` are the statuses in which the modification matrix allows it.
    `reason` is free text; `why` is the reason of the retailer's list, None when only the text tells it: nobody is blamed.
    `steps` are what no hold may block.

    Raises NotAllowed when a named unit is in another status, a line has fewer live units, the units would break a set of a
    bundle, or nothing can be cancelled; Held when a hold blocks cancelling.
    """
    for step in steps:
        order.require_unheld(step)
    kept: tuple[NotCancelled, ...] = ()
    if quantities is None:
        quantities, kept = cancellable(order, may)
    else:
        if order.bundles:
            from comanda.domain.orders import bundles  # few orders have bundles

            quantities = bundles.units_of_sets(order, quantities)
            kits.require_whole_bundles(order, quantities)
        for line_id, quantity in quantities.items():
            for step in steps:
                order.require_line_unheld(line_id, step)
            _require_cancellable(order.line(line_id), quantity, may)
    if not quantities:
        raise _nothing_to_cancel(kept)
    where = Units(among=may)
    result = cancel_units(order, quantities, "cancel", now, where, why=why)
    return decided(result, quantities, reason, actor, now, kept, why)


def _require_cancellable(line: Line, quantity: int, may: frozenset[Status]) -> None:
    """Raise NotAllowed when the line has fewer units that may be cancelled."""
    if quantity > line.units(lambda a: a.status in may):
        has = ", ".join(f"{a.quantity} {a.status}" for a in line.allocations) or "none"
        raise NotAllowed(f"line {line.line_id}: cannot cancel {quantity}, has {has}", line=line.line_id)


def _nothing_to_cancel(kept: Sequence[NotCancelled]) -> NotAllowed:
    if not kept:
        return NotAllowed("nothing is left to cancel")
    for row in kept:
        if row.hold_id and row.hold_type:
            return Held(row.hold_id, row.hold_type, "cancel")
    lines: dict[str, list[str]] = {}
    for row in kept:
        lines.setdefault(row.line_id, []).append(f"{row.quantity} {row.status}")
    message = "; ".join(f"line {line_id}: cannot cancel {', '.join(units)}" for line_id, units in lines.items())
    return NotAllowed(message, line=kept[0].line_id)


def decided(
    result: Cancelled,
    wanted: Mapping[str, int],
    reason: str,
    actor: str,
    now: datetime,
    kept: Sequence[NotCancelled] = (),
    why: "CancelReason | None" = None,
) -> Decision:
    after, ended = end_if_no_unit_is_left(result.order, actor, now)
    return Decision(
        order=after,
        event=Event(
            type=EventType.CANCELLED,
            actor=actor,
            at=now,
            data={
                "reason": reason,
                **(why.facts(result.quarantined) if why else {}),
                "lines": unit_rows(wanted),
                **(_sets(after, wanted) if after.bundles else {}),
                "total": result.order.totals.total,
                "currency": after.currency,
                **({"along": unit_rows(result.along)} if result.along else {}),
                **({"not_cancelled": [not_cancelled_row(row) for row in kept]} if kept else {}),
            },
        ),
        stock=result.stock,
        tasks=result.tasks,
        done=(*result.done, *ended),
        capacity=result.capacity,
    )


def _sets(order: Order, units: Mapping[str, int]) -> dict[str, object]:
    """Return the whole sets of bundles (line id: sets) among these units, as the event shows them."""
    from comanda.domain.orders import bundles  # few orders have bundles

    sets = {bundle_id: bundles.whole_sets(units, lines) for bundle_id, lines in bundles.by_bundle(order).items()}
    found = unit_rows({bundle_id: n for bundle_id, n in sets.items() if n})
    return {"bundles": found} if found else {}


def cancel_units(
    order: Order,
    quantities: Mapping[str, int],
    transaction: str,
    now: datetime,
    where: Units = ALL_UNITS,
    *,
    ended: str = Status.CANCELLED.value,
    why: "CancelReason | None" = None,
) -> Cancelled:
    """Move units (line id: units) to CANCELLED by `transaction` ("cancel", "reject", "no-show"), and gather what follows.

    `where` selects among the units of each line. `ended` is how a fulfillment ends that has no unit left. `why` stays with the
    units, and says whether those at a node go back to sale. Raises NotAllowed when a line has fewer such units.
    """
    work = _Cancellation(order, now, ended, why)
    work.order = order.with_lines(
        [work.cancel_line(order.line(line_id), n, transaction, where) for line_id, n in quantities.items()]
    )
    for number in sorted(work.lost_units):
        work.end_work(number)
    return work.result()


class _Cancellation:
    """The order while units are cancelled line by line, and what follows at the nodes that had work on them."""

    def __init__(self, order: Order, now: datetime, ended: str, why: "CancelReason | None") -> None:
        self.before = self.order = order
        self.now, self.ended, self.why = now, ended, why
        self.quarantined = 0
        self.changes: list[Change] = []
        self.put_back: dict[int, list[str]] = {}  # fulfillment -> picked goods, as people read them
        self.lost_units: dict[int, int] = {}  # fulfillment -> units that it loses
        self.room: list[Slot] = []
        self.along: dict[str, int] = {}
        self.done: list[tuple[str, str]] = []

    def cancel_line(self, line: Line, quantity: int, transaction: str, where: Units) -> Line:
        """Return the line with units cancelled, and release their stock."""
        from comanda.domain.stock import movements

        for part in line.moves(transaction, quantity, where):
            at_node = part.status in AT_NODE and part.fulfillment is not None
            aside = at_node and self.why is not None and self.why.sets_aside(part.status)
            if at_node or (part.status is Status.SCHEDULED and not line.is_provided):
                moved = movements.quarantine if aside else movements.release
                self.changes.append(moved(reserved(self.before, line, part), self.now))
            if at_node and part.fulfillment is not None:
                self.lost_units[part.fulfillment] = self.lost_units.get(part.fulfillment, 0) + part.quantity
                self.quarantined += part.quantity if aside else 0
                if aside or RANK[part.status] >= RANK[Status.PICKED]:
                    goods = f"{part.quantity} x {line.sku}"
                    self.put_back.setdefault(part.fulfillment, []).append(f"quarantine: {goods}" if aside else goods)
        because: Changes = {"reason": self.why.code, "blame": self.why.blame.value} if self.why else {}
        after = line.move(transaction, quantity, where=where, **because)
        if line.waits_in and not after.units(lambda a: a.status in UNPLACED):
            after = replace(after, waits_in=None)
        return after

    def end_work(self, number: int) -> None:
        """Take broken sets of kits back from a fulfillment that lost units, free its capacity, and end it if no unit is left."""
        broken = kits.broken_sets(self.order, number)
        back = recalled(self.order, number, broken, self.now)
        self.changes += back.stock
        if back.put_back:
            self.put_back.setdefault(number, []).extend(back.put_back)
        self.along |= {line_id: self.along.get(line_id, 0) + units for line_id, units in broken.items()}
        fulfillment = back.order.fulfillment(number)
        over = all(a.status is Status.CANCELLED for _, a in back.order.units_of(number))
        if over:
            self.done += tasks_of_work(fulfillment)
        after = back.order.with_fulfillment(replace(fulfillment, ended=self.ended) if over else fulfillment)
        lost = self.lost_units[number] + sum(broken.values())
        self.order, slots = capacity.give_back(after, number, lost, self.now)
        self.room += slots

    def result(self) -> Cancelled:
        """Return the order with its new totals, and everything that was gathered."""
        from comanda.domain.billing import invoices
        from comanda.domain.stock.changes import sum_changes

        return Cancelled(
            order=invoices.revalued_with_fewer(kits.ask_about_incomplete(self.order, "cancelled")),
            stock=sum_changes(self.changes),
            tasks=tuple(
                task
                for number, goods in self.put_back.items()
                for task in put_back_task(self.before, number, goods, self.now)
            ),
            done=tuple(self.done),
            capacity=capacity.summed(self.room),
            along=self.along,
            quarantined=self.quarantined,
        )
