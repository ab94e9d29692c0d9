"""
Define the router's settings and its answer: wanted units, planners' rules and costs, and the plan.

Called by   the router; scheduling, promises and evaluation, which read plans
Returns     values
Raises      nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comanda.domain.nodes.node import Node
from comanda.domain.orders.capacity import Turns
from comanda.domain.orders.methods import SHIP
from comanda.domain.rules.rule_sets import Goods, RuleSet
from comanda.domain.shipping.delivery_dates import Leg

NO_GOODS = Goods()

FUTURE_DAYS = 90  # how long a unit may wait for a dated supply where no rule set applies to its line


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The planners' rules. `sets` are in any order.

    Where no rule set applies to a line, the built-in one does: the cheapest plan. Units without a node may then wait
    for a dated supply of the next `future_days`; 0 is not to wait. `open_days`: a node counts as open if it works
    within so many days.
    """

    sets: tuple[RuleSet, ...] = ()
    open_days: int = 3
    future_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of routing. After `attempts` declines a person decides; `splits` is the most fulfillments of one
    plan."""

    attempts: int = 4
    splits: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A line's units that have no node yet. `node_id` is the store of a pickup; nodes in `excluded` declined the line
    before."""

    line_id: str
    sku: str
    quantity: int
    method: str = SHIP
    service: str = "STANDARD"
    node_id: str | None = None
    excluded: tuple[str, ...] = ()
    weight_g: int = 0  # of one unit
    group: str | None = None  # lines of one group stay together, in sets
    in_set: int = 0  # units of a bundle's component in one set; 0: the units of the group's lines say what a set is
    goods: Goods = NO_GOODS
    value: int = 0  # of one unit, minor units of the order's currency
    chosen: str = ""  # the node that a person chose for it


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """Planned units of one line.

    `due` is the UTC day of the future supply that they wait for; None is on hand now. `wave`: they wait at their node
    for the next wave. `release_on` is the UTC day before which they are not released, because they would arrive too
    early; they are due then, or later.
    """

    line_id: str
    sku: str
    quantity: int
    due: str | None = None
    wave: bool = False
    release_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFulfillment:
    """The planned work of one node. All its lines have the same `due` and `wave`.

    `ship_on` is the node's local date, or the date of readiness of a pickup; `deliver_on` is a local date in `zone`,
    the destination's. Both are None if no carrier is known, or none has a date. `turns`: the days on which a node with
    a limit does it.
    """

    node: Node
    method: str
    service: str
    lines: tuple[PlannedLine, ...]
    ship_on: str | None = None
    deliver_on: str | None = None
    zone: str = ""
    leg: Leg | None = None
    turns: Turns = ()
    destination: int = 0  # as `Line.destination`
    modelled: tuple[int, ...] = ()  # cost components of the choice, in the order of rule_sets.COMPONENTS

    @property
    def due(self) -> str | None:
        return self.lines[0].due if self.lines else None

    @property
    def wave(self) -> bool:
        return bool(self.lines) and self.lines[0].wave

    @property
    def awaits_supply(self) -> bool:
        """Return True if these units wait for more than the day of their release."""
        return bool(self.lines) and self.due is not None and self.due != self.lines[0].release_on

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Units that got no node, and the queue in which they wait."""

    line_id: str
    sku: str
    quantity: int
    queue: str  # backorder, customer-care or routing
    reason: str
    cancel_on: str | None = None  # the UTC day from which it is cancelled if it still waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The router's answer. `ready`: the dates of units that the order already has at nodes and that are to be
    released.

    `decision` is the record for the first destination that has units to route, `others` those for the next ones.
    """

    fulfillments: tuple[PlannedFulfillment, ...]
    leftovers: tuple[Leftover, ...]
    decision: Mapping[str, Any] = field(default_factory=dict)
    ready: tuple[PlannedFulfillment, ...] = ()
    others: tuple[Mapping[str, Any], ...] = ()
