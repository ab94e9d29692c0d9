"""
Follow the units that were ordered, sent or given back, line by line, until they are on a shelf.

    created -> confirmed -> (changed) -> shipped -> received, in parts -> closed, or cancelled before anything came

A line of any type may be confirmed, changed and shipped; what was shipped is IN_TRANSIT, the rest is still of the line's own
type. Units of a TRANSFER leave their origin when they are shipped and reach the destination when they are received. What a
closed transfer has not delivered is lost.

A transfer takes units from a node, so that node has the last word:

    a teller without the origin asks: REQUESTED -> approved by the origin or the office -> OPEN
                                               -> REFUSED, also when nobody answers for three days

Only SHIP moves the origin, and only the origin may say it. What is received beyond what was shipped is a Difference: it
moves no stock at either end until a person says where it came from.

Every step answers the line as it is then with what happens to stock, or a Refusal: one line may fail where another does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain.days import days_later, utc_day
from comanda.domain.stock.apply_change import apply_change, with_effect
from comanda.domain.stock.changes import Change
from comanda.domain.stock.count_corrections import with_correction
from comanda.domain.stock.stock import IN_TRANSIT, SELLABLE, TRANSFER, Position, Supply
from comanda.domain.wanted_days import FARTHEST_DAYS

OPEN, CLOSED, CANCELLED = "OPEN", "CLOSED", "CANCELLED"
REQUESTED, REFUSED = "REQUESTED", "REFUSED"  # a transfer that its origin has not agreed to yet, or never did
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
APPROVE, REFUSE = "APPROVE", "REFUSE"  # what the origin answers to a request
# A person explains a difference: the origin sent it; it is there, and not from the origin; nothing came.
SENT, FOUND, NOTHING = "SENT", "FOUND", "NOTHING"

DAYS_TO_ANSWER = timedelta(days=3)  # a request that nobody answers is refused then

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
    differing: int = 0  # of a transfer: received beyond what was shipped, and not explained yet
    state: str = OPEN
    confirmed: bool = False
    approved: bool = False
    asked_at: str = ""  # of a transfer that its origin must agree to: when, and by whom
    asked_by: str = ""
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
            if self.confirmed:
                return "CONFIRMED"
            return "APPROVED" if self.approved else "CREATED"
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
    by: str = ""  # who says it
    has_origin: bool = True  # whether the origin is the teller's
    difference: "Difference | None" = None  # the one that a person explains


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing happens: the field that is about, a stable code, and a sentence that goes on after the field's name."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Units of a transfer that were received and were not shipped. They are on no shelf until a person explains
    them."""

    supply_id: str
    number: int  # of the line
    reference: str  # of the receipt
    sku: str
    node: str
    origin: str
    bucket: str
    quantity: int
    by: str  # who received them
    at: str
    occurred: str  # when they came


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The line after a step, and what the step does to the positions. `differs` are units that the step leaves unexplained."""

    line: Line
    changes: tuple[Change, ...] = ()
    differs: Difference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """The positions that a line is about, as they were read; ones that are not there yet are empty."""

    destination: Position
    origin: Position | None = None


def take(line: Line | None, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    """Do what a step says; `line` is None while it is not there, and then holds what a CREATE makes (see `created`)."""
    if line is None:
        return Refusal("line", "unknown-line", "is not in this supply")
    if line.state not in _TAKEN_IN.get(step.action, (OPEN,)) and not _may_still_come(line, step):
        return Refusal("action", "not-open", f"the line is {line.status}")
    return _STEPS[step.action](line, step, shelves, now)


def wrong_day(eta: str, now: datetime) -> Refusal | None:
    """What is wrong with an eta: it has passed, or nobody can know it."""
    today = utc_day(now)
    if eta < today:
        return Refusal("eta", "eta-in-the-past", f"is before today, {today}")
    last = days_later(today, FARTHEST_DAYS)
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
    if line.type == TRANSFER and not step.has_origin:
        line = replace(line, state=REQUESTED, asked_at=now.isoformat(), asked_by=step.by)
    return _changed(nothing, line, step, shelves, now)


def unanswered(line: Line, now: datetime) -> bool:
    """Return whether a request for a transfer has waited for its answer for too long."""
    return line.state == REQUESTED and datetime.fromisoformat(line.asked_at) + DAYS_TO_ANSWER <= now


def _approve(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    if unanswered(line, now):
        return Refusal(
            "action", "request-expired", f"nobody answered the request for {DAYS_TO_ANSWER.days} days: it is refused"
        )
    return _changed(line, replace(line, state=OPEN, approved=True), step, shelves, now)


def _refuse(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    return _changed(line, replace(line, state=REFUSED), step, shelves, now)


def _may_still_come(line: Line, step: Step) -> bool:
    """A line that was received in full ends by itself; a little more may follow."""
    return step.action == RECEIVE and line.state == CLOSED and line.received >= line.quantity


def _confirm(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    return _change(replace(line, confirmed=True), step, shelves, now, before=line)


def _change(line: Line, step: Step, shelves: Shelves, now: datetime, before: Line | None = None) -> Taken | Refusal:
    if step.eta and (wrong := wrong_day(step.eta, now)):
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
    if line.received + line.differing + quantity > _most(line):
        return Refusal("quantity", "more-than-announced", f"makes more than the {_most(line)} that may be received")
    if line.type != TRANSFER:
        after = replace(line, received=line.received + quantity, confirmed=True)
        return _changed(line, after, step, shelves, now, kind="receive", on_hand=((step.bucket, quantity),))
    known = min(quantity, max(0, line.shipped - line.received))
    after = replace(line, received=line.received + known, differing=line.differing + quantity - known)
    if known:
        on_hand = ((step.bucket, known),)
        taken = _changed(line, replace(after, confirmed=True), step, shelves, now, kind="transfer_in", on_hand=on_hand)
    else:
        taken = Taken(line=after)
    if known == quantity or isinstance(taken, Refusal):
        return taken
    return replace(taken, differs=_difference(line, step, quantity - known, now))


def _difference(line: Line, step: Step, quantity: int, now: datetime) -> Difference:
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
        # A count after this moment has found them, or missed them, already.
        occurred=(step.occurred or now).isoformat(),
    )


def _explain_as_sent(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    """Settle a difference whose units the origin did send. All of them arrive at the destination. Those that the origin
    has not reported as shipped until now leave it too."""
    units, step = _explained(step)
    missing = max(0, units - max(0, line.shipped - line.received))
    out = _out(line, missing, step, shelves, now) if missing else ()
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


def _explain_as_found(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    """Settle a difference whose units did not come from the origin. They lie on the destination's shelf and count there.
    The line's shipped and received units stay as they are."""
    units, step = _explained(step)
    after = replace(line, differing=line.differing - units)
    return _changed(line, after, step, shelves, now, kind="receive", on_hand=((step.bucket, units),))


def _explain_as_nothing(line: Line, step: Step, _shelves: Shelves, _now: datetime) -> Taken | Refusal:
    """Settle a difference whose units never came: the receipt was wrong, and no stock moves."""
    units, _ = _explained(step)
    return Taken(line=replace(line, differing=line.differing - units))


def _explained(step: Step) -> tuple[int, Step]:
    """Return the units of the step's difference, and the step with the facts of their receipt."""
    difference = step.difference
    assert difference is not None  # a difference is what is explained
    occurred = datetime.fromisoformat(difference.occurred)
    return difference.quantity, replace(step, bucket=difference.bucket, occurred=occurred)


def _most(line: Line) -> int:
    return line.quantity * (100 + line.over_percent) // 100


def _close(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    return _changed(line, replace(line, state=CLOSED), step, shelves, now)


def _cancel(line: Line, step: Step, shelves: Shelves, now: datetime) -> Taken | Refusal:
    if line.received or line.differing or (line.type == TRANSFER and line.shipped):
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
    if origin is None or (there < quantity and len(with_correction(origin, change)) == 1):
        return Refusal("quantity", "out-of-stock", f"is more than the {there} that {line.origin} has")
    return (with_effect(origin, change, now),)


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
    made = with_effect(shelves.destination, change, now)
    held = len(apply_change(shelves.destination, made).supplies)
    if held > MOST_OF_A_POSITION and held > len(shelves.destination.supplies):
        return Refusal("line", "too-many-supplies", f"{after.sku} at {after.node} has {MOST_OF_A_POSITION} open ones")
    return Taken(line=after, changes=(*out, made))


# In which states a step is taken; the others are taken of an OPEN line.
_TAKEN_IN: Mapping[str, tuple[str, ...]] = {
    CHANGE: (OPEN, REQUESTED),
    RECEIVE: (OPEN, REQUESTED),
    CANCEL: (OPEN, REQUESTED),
    APPROVE: (REQUESTED,),
    REFUSE: (REQUESTED,),
    SENT: (OPEN, CLOSED),
    FOUND: (OPEN, CLOSED, CANCELLED, REQUESTED, REFUSED),
    NOTHING: (OPEN, CLOSED, CANCELLED, REQUESTED, REFUSED),
}
_STEPS: Mapping[str, Callable[..., Taken | Refusal]] = {
    CREATE: created,
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


def status(lines: list[Line]) -> str:
    """A whole supply in one word."""
    states = {line.state for line in lines}
    if states.isdisjoint((OPEN, REQUESTED)):
        return next(state for state in (CLOSED, CANCELLED, REFUSED) if state in states)
    words = [line.status for line in lines]
    for word in ("PARTLY_RECEIVED", "SHIPPED"):
        if word in words or "RECEIVED" in words:
            return word
    if REQUESTED in states:
        return REQUESTED
    live = {line.status for line in lines if line.state == OPEN}
    return live.pop() if len(live) == 1 else "CREATED"
