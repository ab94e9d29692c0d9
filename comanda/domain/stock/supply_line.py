"""
Describe a line of a supply: units that were ordered, sent or given back, on their way to one node.

    created -> confirmed -> (changed) -> shipped -> received, in parts -> closed, or cancelled before anything came

The shipped units of a line are IN_TRANSIT, and the rest is still of the line's own type. `comanda.domain.stock.supplies` has
the rules of each step.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.stock.changes import Change
from comanda.domain.stock.stock import GRACE_DAYS, IN_TRANSIT, SELLABLE, Position, Supply

OPEN, CLOSED, CANCELLED = "OPEN", "CLOSED", "CANCELLED"
REQUESTED, REFUSED = "REQUESTED", "REFUSED"  # a transfer to which its origin has not agreed yet, or never agreed

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
APPROVE, REFUSE = "APPROVE", "REFUSE"  # the origin's answers to a request
# A person explains a difference: the origin sent the units; they are there, but from elsewhere; no units came.
SENT, FOUND, NOTHING = "SENT", "FOUND", "NOTHING"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyLine:
    """Units of one sku on their way to one node. The terms are the terms of the day on which the line was created."""

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
    differing: int = 0  # of a transfer: received beyond the shipped units, and not explained yet
    state: str = OPEN
    confirmed: bool = False
    approved: bool = False
    asked_at: str = ""  # of a transfer to which its origin must agree: the time of the request, and its sender
    asked_by: str = ""
    over_percent: int = 0  # percent of the announced units that may be received beyond them
    excluded: int = 0  # percent of the units that no order may count on
    receiving_days: int = 0
    grace_days: int = GRACE_DAYS

    @property
    def name(self) -> str:
        """Return the id under which a position keeps the announced units of the line."""
        return f"{self.supply_id}.{self.number}"

    @property
    def in_transit(self) -> int:
        """Return the units that were shipped and not received yet."""
        return max(0, self.shipped - self.received) if self.state == OPEN else 0

    @property
    def announced(self) -> int:
        """Return the units that have not left yet."""
        return max(0, self.quantity - max(self.shipped, self.received)) if self.state == OPEN else 0

    @property
    def status(self) -> str:
        """Return the state of the line in one word, for people."""
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
        """Return the line as the position at its destination keeps it: the units that have not left, and those in transit."""
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


def supply_status(lines: Iterable[SupplyLine]) -> str:
    """Return the status of a whole supply in one word."""
    lines = list(lines)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a line. `reference` is the sender's own id of the step. "" and None leave a field as it is."""

    reference: str
    action: str
    quantity: int | None = None
    eta: str = ""
    bucket: str = SELLABLE
    occurred: datetime | None = None  # when the units left, or came
    by: str = ""  # the client or person that sends the step
    has_origin: bool = True  # the origin is the sender's own node
    difference: "Difference | None" = None  # the difference that a person explains


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a step does nothing: a field, a stable code, and a sentence that continues the field's name."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Units of a transfer that were received and not shipped. They are on no shelf until a person explains them."""

    supply_id: str
    number: int  # of the line
    reference: str  # of the receipt
    sku: str
    node: str
    origin: str
    bucket: str
    quantity: int
    by: str  # the client or person that received them
    at: str
    occurred: str  # when they came


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """The line after a step, and the changes of positions. `differs` are units that the step leaves unexplained."""

    line: SupplyLine
    changes: tuple[Change, ...] = ()
    differs: Difference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """The positions at both ends of a line, as they were read. A position that does not exist yet is an empty one."""

    destination: Position
    origin: Position | None = None
