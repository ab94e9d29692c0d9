"""
Take the steps of a supply's lines, until the units that were ordered, sent or given back are on a shelf.

A line of any type may be confirmed, changed and shipped. Units of a TRANSFER leave their origin when they are shipped, and
reach the destination when they are received. The units that a closed transfer has not delivered are lost.

A transfer takes units from a node, so that node has the last word:

    a caller that does not own the origin asks: REQUESTED -> approved by the origin or the office -> OPEN
                                                          -> REFUSED, also after three days without an answer

Only SHIP moves the origin, and only the origin may send it. Units that are received beyond the shipped ones are a
Difference: they move no stock at either end until a person says where they came from.

Called by   comanda.aws.stock_updates (supply_decisions, supply_writes, transfers), functions/stock; pure
Returns     for each step a StepResult, the line after it with the changes of stock, or a Refusal
Raises      nothing: one line of a file may fail and the next one succeed
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.days import days_later, utc_day
from comanda.domain.stock.apply_change import apply_change, with_effect
from comanda.domain.stock.changes import Change
from comanda.domain.stock.count_corrections import with_correction
from comanda.domain.stock.stock import SELLABLE, TRANSFER
from comanda.domain.stock.supply_line import (
    APPROVE,
    CANCEL,
    CANCELLED,
    CHANGE,
    CLOSE,
    CLOSED,
    CONFIRM,
    CREATE,
    FOUND,
    NOTHING,
    OPEN,
    RECEIVE,
    REFUSE,
    REFUSED,
    REQUESTED,
    SENT,
    SHIP,
    Difference,
    Refusal,
    Shelves,
    Step,
    StepResult,
    SupplyLine,
)
from comanda.domain.wanted_days import FARTHEST_DAYS

DAYS_TO_ANSWER = timedelta(days=3)  # a request without an answer is refused then
TIME_TO_EXPLAIN = timedelta(days=1)  # a difference is due then; nothing happens to it by itself

MOST_OF_A_POSITION = 50  # open supplies: they live in the position's item, and each read of it reads them all


def take_step(line: SupplyLine | None, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    """Take a step of a line. `line` is None if it does not exist; for a CREATE it is the line to create."""
    if line is None:
        return Refusal("line", "unknown-line", "is not in this supply")
    if line.state not in _STATES.get(step.action, (OPEN,)) and not _may_receive_more(line, step):
        return Refusal("action", "not-open", f"the line is {line.status}")
    return _STEPS[step.action](line, step, shelves, now)


def eta_problem(eta: str, now: datetime) -> Refusal | None:
    """Refuse an eta that has passed, or that lies too far ahead to be known. None means that the eta is accepted."""
    today = utc_day(now)
    if eta < today:
        return Refusal("eta", "eta-in-the-past", f"is before today, {today}")
    last = days_later(today, FARTHEST_DAYS)
    return Refusal("eta", "eta-too-far", f"is after {last}") if eta > last else None


def create_line(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    """Announce a new line at its destination. If the caller does not own a transfer's origin, the line becomes a request."""
    if wrong := eta_problem(line.eta, now):
        return wrong
    if line.type == TRANSFER and line.origin in ("", line.node):
        return Refusal(
            "origin_node_id", "no-origin", "must name the node that the transfer comes from, not its destination"
        )
    if line.type != TRANSFER and line.origin:
        return Refusal("origin_node_id", "no-transfer", "is accepted for transfers only")
    nothing = replace(line, quantity=0)
    if line.type == TRANSFER and not step.has_origin:
        line = replace(line, state=REQUESTED, asked_at=now.isoformat(), asked_by=step.by)
    return _changed(nothing, line, step, shelves, now)


def is_unanswered(line: SupplyLine, now: datetime) -> bool:
    """Return True if a request for a transfer has waited for its answer for too long."""
    return line.state == REQUESTED and datetime.fromisoformat(line.asked_at) + DAYS_TO_ANSWER <= now


def _approve(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    if is_unanswered(line, now):
        return Refusal(
            "action", "request-expired", f"nobody answered the request for {DAYS_TO_ANSWER.days} days: it is refused"
        )
    return _changed(line, replace(line, state=OPEN, approved=True), step, shelves, now)


def _refuse(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    return _changed(line, replace(line, state=REFUSED), step, shelves, now)


def _may_receive_more(line: SupplyLine, step: Step) -> bool:
    """Return True for a receipt of a line that ended because it was received in full: a few more units may follow."""
    return step.action == RECEIVE and line.state == CLOSED and line.received >= line.quantity


def _confirm(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    return _change(replace(line, confirmed=True), step, shelves, now, before=line)


def _change(
    line: SupplyLine, step: Step, shelves: Shelves, now: datetime, before: SupplyLine | None = None
) -> StepResult | Refusal:
    if step.eta and (wrong := eta_problem(step.eta, now)):
        return wrong
    quantity = line.quantity if step.quantity is None else step.quantity
    if line.type == TRANSFER and line.state == OPEN and quantity > line.quantity and not step.has_origin:
        return Refusal(
            "quantity", "not-approved", "is more than the origin agreed to: ask for the rest in another line"
        )
    moved = max(line.shipped, line.received + line.differing)
    if quantity < moved:
        return Refusal("quantity", "less-than-moved", f"is less than the {moved} that were shipped or received")
    return _changed(before or line, replace(line, quantity=quantity, eta=step.eta or line.eta), step, shelves, now)


def _ship(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    quantity = step.quantity or 0
    if line.shipped + quantity > _most(line):
        return Refusal("quantity", "more-than-announced", f"makes more than the {_most(line)} that may be shipped")
    after = replace(line, shipped=line.shipped + quantity, eta=step.eta or line.eta, confirmed=True)
    out = _leave_origin(line, quantity, step, shelves, now)
    if isinstance(out, Refusal):
        return out
    return _changed(line, after, step, shelves, now, *out)


def _receive(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    quantity = step.quantity or 0
    if line.received + line.differing + quantity > _most(line):
        return Refusal("quantity", "more-than-announced", f"makes more than the {_most(line)} that may be received")
    if line.type != TRANSFER:
        after = replace(line, received=line.received + quantity, confirmed=True)
        return _changed(line, after, step, shelves, now, kind="receive", on_hand=((step.bucket, quantity),))
    expected = min(quantity, max(0, line.shipped - line.received))
    after = replace(line, received=line.received + expected, differing=line.differing + quantity - expected)
    if not expected:
        return StepResult(line=after, differs=_difference(line, step, quantity, now) if quantity else None)
    on_hand = ((step.bucket, expected),)
    result = _changed(line, replace(after, confirmed=True), step, shelves, now, kind="transfer_in", on_hand=on_hand)
    if expected == quantity or isinstance(result, Refusal):
        return result
    return replace(result, differs=_difference(line, step, quantity - expected, now))


def _difference(line: SupplyLine, step: Step, quantity: int, now: datetime) -> Difference:
    return Difference(
        supply_id=line.supply_id,
        number=line.number,
        reference=step.reference,
        sku=line.sku,
        node=line.node,
        origin=line.origin,
        bucket=step.bucket,
        quantity=quantity,
        by=step.by,
        at=now.isoformat(),
        # A count after this moment has found the units, or missed them, already.
        occurred=(step.occurred or now).isoformat(),
    )


def _explain_as_sent(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    """Settle a difference whose units the origin did send: all of them arrive at the destination.

    Units that the origin has not reported as shipped until now leave it too.
    """
    units, step = _explained(step)
    missing = max(0, units - max(0, line.shipped - line.received))
    out = _leave_origin(line, missing, step, shelves, now) if missing else ()
    if isinstance(out, Refusal):
        return out
    after = replace(
        line,
        shipped=line.shipped + missing,
        received=line.received + units,
        differing=line.differing - units,
        confirmed=True,
    )
    return _changed(line, after, step, shelves, now, *out, kind="transfer_in", on_hand=((step.bucket, units),))


def _explain_as_found(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    """Settle a difference whose units did not come from the origin. They lie on the destination's shelf and count there.

    The line's shipped and received units stay as they are.
    """
    units, step = _explained(step)
    after = replace(line, differing=line.differing - units)
    return _changed(line, after, step, shelves, now, kind="receive", on_hand=((step.bucket, units),))


def _explain_as_nothing(line: SupplyLine, step: Step, _shelves: Shelves, _now: datetime) -> StepResult | Refusal:
    """Settle a difference whose units never came: the receipt was wrong, and no stock moves."""
    units, _ = _explained(step)
    return StepResult(line=replace(line, differing=line.differing - units))


def _explained(step: Step) -> tuple[int, Step]:
    """Return the units of the step's difference, and the step with the facts of their receipt."""
    difference = step.difference
    assert difference is not None  # each explanation names a difference
    occurred = datetime.fromisoformat(difference.occurred)
    return difference.quantity, replace(step, bucket=difference.bucket, occurred=occurred)


def _most(line: SupplyLine) -> int:
    """Return the units that may be shipped or received in all."""
    return line.quantity * (100 + line.over_percent) // 100


def _close(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    return _changed(line, replace(line, state=CLOSED), step, shelves, now)


def _cancel(line: SupplyLine, step: Step, shelves: Shelves, now: datetime) -> StepResult | Refusal:
    if line.received or line.differing or (line.type == TRANSFER and line.shipped):
        return Refusal(
            "action", "already-moved", "units of the line were shipped or received: it is closed, not cancelled"
        )
    return _changed(line, replace(line, state=CANCELLED), step, shelves, now)


def _leave_origin(
    line: SupplyLine, quantity: int, step: Step, shelves: Shelves, now: datetime
) -> tuple[Change, ...] | Refusal:
    """Take units off the shelf of a transfer's origin, even if they are promised to orders. No change for other types."""
    if line.type != TRANSFER:
        return ()
    origin = shelves.origin
    there = origin.bucket(SELLABLE) if origin else 0
    change = Change(
        sku=line.sku,
        node=line.origin,
        kind="transfer_out",
        source=line.supply_id,
        line=str(line.number),
        n=step.reference,
        at=now,
        on_hand=((SELLABLE, -quantity),),
        dated=True,
        occurred=step.occurred,
    )
    # Units that left before the origin's last count are not on the counted shelf, so they need not be there.
    if origin is None or (there < quantity and len(with_correction(origin, change)) == 1):
        return Refusal("quantity", "out-of-stock", f"is more than the {there} that {line.origin} has")
    return (with_effect(origin, change, now),)


def _changed(
    before: SupplyLine,
    after: SupplyLine,
    step: Step,
    shelves: Shelves,
    now: datetime,
    *out: Change,
    kind: str = "supply",
    on_hand: tuple[tuple[str, int], ...] = (),
) -> StepResult | Refusal:
    """Return the line after a step with the change of its destination, and `out`, the changes of its origin.

    A line that is received in full is closed. Refused if the destination's position would have too many supplies.
    """
    if after.state == OPEN and after.received >= after.quantity:
        after = replace(after, state=CLOSED)
    supplies = tuple(new for old, new in zip(before.supplies, after.supplies, strict=True) if old != new)
    change = Change(
        sku=after.sku,
        node=after.node,
        kind=kind,
        source=after.supply_id,
        line=str(after.number),
        n=step.reference,
        at=now,
        on_hand=on_hand,
        supplies=supplies,
        reason=step.action,
        creates=True,
        dated=True,
        occurred=step.occurred if on_hand else None,
    )
    if not supplies and not on_hand:
        return StepResult(line=after, changes=out)
    change = with_effect(shelves.destination, change, now)
    held = len(apply_change(shelves.destination, change).supplies)
    if held > MOST_OF_A_POSITION and held > len(shelves.destination.supplies):
        return Refusal("line", "too-many-supplies", f"{after.sku} at {after.node} has {MOST_OF_A_POSITION} open ones")
    return StepResult(line=after, changes=(*out, change))


# The states of a line in which a step may be taken. Every other step needs an OPEN line.
_STATES: Mapping[str, tuple[str, ...]] = {
    CHANGE: (OPEN, REQUESTED),
    RECEIVE: (OPEN, REQUESTED),
    CANCEL: (OPEN, REQUESTED),
    APPROVE: (REQUESTED,),
    REFUSE: (REQUESTED,),
    SENT: (OPEN, CLOSED),
    FOUND: (OPEN, CLOSED, CANCELLED, REQUESTED, REFUSED),
    NOTHING: (OPEN, CLOSED, CANCELLED, REQUESTED, REFUSED),
}
_STEPS: Mapping[str, Callable[..., StepResult | Refusal]] = {
    CREATE: create_line,
    CONFIRM: _confirm,
    CHANGE: _change,
    SHIP: _ship,
    RECEIVE: _receive,
    CLOSE: _close,
    CANCEL: _cancel,
    APPROVE: _approve,
    REFUSE: _refuse,
    SENT: _explain_as_sent,
    FOUND: _explain_as_found,
    NOTHING: _explain_as_nothing,
}
