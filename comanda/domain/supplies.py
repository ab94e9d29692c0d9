"""
Supplies: units that were ordered, sent or given back, line by line, until they are on a shelf.

    created -> confirmed -> (changed) -> shipped -> received, in parts -> closed, or cancelled before anything came

A line of any type may be confirmed, changed and shipped; what was shipped is IN_TRANSIT, the rest is still of the line's own
type. Units of a TRANSFER leave their origin when they are shipped and reach the destination when they are received; so a
receipt of more than was shipped says that the difference was shipped too. What a closed transfer has not delivered is lost.

Every step answers the line as it is then with what happens to stock, or a Refusal: one line may fail where another does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain import movements, stock
from comanda.domain.movements import Change
from comanda.domain.stock import IN_TRANSIT, SELLABLE, TRANSFER, Position, Supply

OPEN, CLOSED, CANCELLED = "OPEN", "CLOSED", "CANCELLED"
CREATE, CONFIRM, CHANGE, SHIP, RECEIVE, CLOSE, CANCEL = (
    "CREATE",
    "CONFIRM",
    "CHANGE",
    "SHIP",
    "RECEIVE",
    "CLOSE",
    "CANCEL",
)
ACTIONS = (CREATE, CONFIRM, CHANGE, SHIP, RECEIVE, CLOSE, CANCEL)

MOST_OF_A_POSITION = 50  # open ones: they live in the position's item, and each read of it reads them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Some units of one sku on their way to one node. The terms are those of the day on which it was created."""

    supply_id: str
    number: int
    type: str
    sku: str
    node: str
    origin: str = ""  # of a transfer
    eta: str
    quantity: int  # announced in all
    shipped: int = 0
    received: int = 0
    state: str = OPEN
    confirmed: bool = False
    over_percent: int = 0  # more than announced that may be received
    excluded: int = 0
    receiving_days: int = 0
    grace_days: int = 3

    @property
    def name(self) -> str:
        return f"{self.supply_id}.{self.number}"

    @property
    def in_transit(self) -> int:
        return max(0, self.shipped - self.received) if self.state == OPEN else 0

    @property
    def announced(self) -> int:
        """Units that have not left yet."""
        return max(0, self.quantity - max(self.shipped, self.received)) if self.state == OPEN else 0

    @property
    def status(self) -> str:
        """In one word, for people."""
        if self.state == OPEN:
            if self.received:
                return "PARTLY_RECEIVED"
            if self.shipped:
                return "SHIPPED"
            return "CONFIRMED" if self.confirmed else "CREATED"
        return "RECEIVED" if self.state == CLOSED and self.received >= self.quantity else self.state

    @property
    def supplies(self) -> tuple[Supply, Supply]:
        """What the position at its destination keeps of it: what has not left, and what is on its way."""
        announced = Supply(
            supply_id=self.name,
            type=self.type,
            eta=self.eta,
            quantity=self.announced,
            excluded=self.excluded,
            receiving_days=self.receiving_days,
            grace_days=self.grace_days,
        )
        sent = replace(announced, supply_id=f"{self.name}.sent", type=IN_TRANSIT, quantity=self.in_transit)
        return announced, sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What somebody says of a line. `reference` is their own id of saying it; "" and None say nothing."""

    reference: str
    action: str
    quantity: int | None = None
    eta: str = ""
    bucket: str = SELLABLE
    occurred: datetime | None = None  # when it left, or came


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing happens: the field that is about, a stable code, and a sentence that goes on after the field's name."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The line after a step, and what the step does to the positions."""

    line: Line
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """The positions that a line is about, as they were read; ones that are not there yet are empty."""

    destination: Position
    origin: Position | None = None


def take(line: Line | None, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    """Do what a step says; `line` is None while it is not there, and then holds what a CREATE makes (see `created`)."""
    if line is None:
        return Refusal("line", "unknown-line", "is not in this supply")
    if line.state != OPEN and not _may_still_come(line, step):
        return Refusal("action", "not-open", f"the line is {line.status}")
    return _STEPS[step.action](line, step, shelves, now)


def wrong_day(eta: str, now: datetime) -> Refusal | None:
    """What is wrong with an eta: it has passed, or nobody can know it."""
    today = stock.day(now)
    if eta < today:
        return Refusal("eta", "eta-in-the-past", f"is before today, {today}")
    last = stock.later(today, stock.FARTHEST_DAYS)
    return Refusal("eta", "eta-too-far", f"is after {last}") if eta > last else None


def created(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    """A new line, announced at its destination."""
    if wrong := wrong_day(line.eta, now):
        return wrong
    if line.type == TRANSFER and line.origin in ("", line.node):
        return Refusal("origin_node_id", "no-origin", "is where a transfer comes from, another node than it goes to")
    if line.type != TRANSFER and line.origin:
        return Refusal("origin_node_id", "no-transfer", "is said of transfers only")
    nothing = replace(line, quantity=0)
    return _changed(nothing, line, step, shelves, now)


def _may_still_come(line: Line, step: Step) -> bool:
    """A line that was received in full ends by itself; a little more may follow."""
    return step.action == RECEIVE and line.state == CLOSED and line.received >= line.quantity


def _confirm(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    return _change(replace(line, confirmed=True), step, shelves, now, before=line)


def _change(line: Line, step: Step, shelves: Shelves, now: datetime, before: Line | None = None) -> Taken | Refusal:
    if step.eta and (wrong := wrong_day(step.eta, now)):
        return wrong
    quantity = line.quantity if step.quantity is None else step.quantity
    moved = max(line.shipped, line.received)
    if quantity < moved:
        return Refusal("quantity", "less-than-moved", f"is less than the {moved} that were shipped or received")
    return _changed(before or line, replace(line, quantity=quantity, eta=step.eta or line.eta), step, shelves, now)


def _ship(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    quantity = step.quantity or 0
    if line.shipped + quantity > _most(line):
        return Refusal("quantity", "more-than-announced", f"makes more than the {_most(line)} that may be shipped")
    after = replace(line, shipped=line.shipped + quantity, eta=step.eta or line.eta, confirmed=True)
    out = _out(line, quantity, step, shelves, now)
    if isinstance(out, Refusal):
        return out
    return _changed(line, after, step, shelves, now, *out)


def _receive(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    quantity = step.quantity or 0
    received = line.received + quantity
    if received > _most(line):
        return Refusal("quantity", "more-than-announced", f"makes more than the {_most(line)} that may be received")
    after = replace(line, received=received, confirmed=True)
    out: tuple[Change, ...] = ()
    if line.type == TRANSFER and received > line.shipped:
        implied = _out(line, received - line.shipped, step, shelves, now)
        if isinstance(implied, Refusal):
            return implied
        out, after = implied, replace(after, shipped=received)
    kind = "transfer_in" if line.type == TRANSFER else "receive"
    return _changed(line, after, step, shelves, now, *out, kind=kind, on_hand=((step.bucket, quantity),))


def _most(line: Line) -> int:
    return line.quantity * (100 + line.over_percent) // 100


def _close(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    return _changed(line, replace(line, state=CLOSED), step, shelves, now)


def _cancel(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    if line.received or (line.type == TRANSFER and line.shipped):
        return Refusal(
            "action", "already-moved", "units of the line were shipped or received: it is closed, not cancelled"
        )
    return _changed(line, replace(line, state=CANCELLED), step, shelves, now)


def _out(line: Line, quantity: int, step: Step, shelves: Shelves, now: datetime) -> tuple[Change, ...] | Refusal:
    """Units leave a transfer's origin: a fact, whatever was promised of them there."""
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
    # What left before the count is not on the counted shelf, and not taken off it again.
    if origin is None or (there < quantity and len(movements.against_count(origin, change)) == 1):
        return Refusal("quantity", "out-of-stock", f"is more than the {there} that {line.origin} has")
    return (movements.worked_out(origin, change, now),)


def _changed(
    before: Line,
    after: Line,
    step: Step,
    shelves: Shelves,
    now: datetime,
    *out: Change,
    kind: str = "supply",
    on_hand: tuple[tuple[str, int], ...] = (),
) -> Taken | Refusal:
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
        return Taken(line=after, changes=out)
    made = movements.worked_out(shelves.destination, change, now)
    held = len(movements.applied(shelves.destination, made).supplies)
    if held > MOST_OF_A_POSITION and held > len(shelves.destination.supplies):
        return Refusal("line", "too-many-supplies", f"{after.sku} at {after.node} has {MOST_OF_A_POSITION} open ones")
    return Taken(line=after, changes=(*out, made))


_STEPS: Mapping[str, Callable[..., Taken | Refusal]] = {
    CREATE: created,
    CONFIRM: _confirm,
    CHANGE: _change,
    SHIP: _ship,
    RECEIVE: _receive,
    CLOSE: _close,
    CANCEL: _cancel,
}


def status(lines: list[Line]) -> str:
    """A whole supply in one word."""
    if all(line.state != OPEN for line in lines):
        return CANCELLED if all(line.state == CANCELLED for line in lines) else CLOSED
    for word in ("PARTLY_RECEIVED", "SHIPPED"):
        if any(line.status in (word, "RECEIVED") for line in lines):
            return word
    return "CONFIRMED" if all(line.status == "CONFIRMED" for line in lines if line.state == OPEN) else "CREATED"
