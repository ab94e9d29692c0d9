"""What a router is told and what it answers: the units that want a node, a planner's settings, and the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comanda.domain.nodes.node import Node
from comanda.domain.orders.capacity import Turns
from comanda.domain.orders.line import SHIP
from comanda.domain.rules.rule_sets import Goods, RuleSet
from comanda.domain.shipping.delivery_dates import Leg

NO_GOODS = Goods()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What planners say. `sets` in any order; where none speaks for a line the built-in one does: the cheapest plan, and what
    nobody has may wait for a dated supply of the next `future_days` (0: it is left over). `open_days`: a node counts as
    open when it works within so many days."""

    sets: tuple[RuleSet, ...] = ()
    open_days: int = 3
    future_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What a node's own work costs, in micro-units."""

    per_package: int = 0
    per_unit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """So many micro-units a unit, from or up to so many units on the shelf."""

    micros: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """In micro-units of currency. Where no carrier has a price a shipment costs `per_shipment` and `per_km`. `per_day` is
    what a day earlier is worth, `per_kg_co2e` what a kilogram of carbon is: they weigh options, nobody pays them.

    By type of node: `handling` (a node's own goes before); `last_units`: what a unit is worth to those who come to the shop,
    rising as fewer than `units` are left; `overstock`: what it saves to send a unit from a shelf of more than `units`.
    `per_late_day` a shipment; `full_node` a unit at a node whose day is full, less in proportion; `redo` what a declined
    offer costs, times how often the node declines. `wave_least`: what an order must save to be moved by a wave."""

    key: str = "built-in@1"  # of its entry, with the version
    per_shipment: int = 8_000_000
    per_km: int = 1_000
    per_pickup: int = 2_000_000
    per_day: int = 1_000_000
    per_kg_co2e: int = 100_000
    per_late_day: int = 3_000_000
    wave_least: int = 500_000
    full_node: int = 0
    redo: int = 2_000_000
    handling: Mapping[str, Handling] = field(default_factory=dict)
    last_units: Mapping[str, Level] = field(default_factory=dict)
    overstock: Mapping[str, Level] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`attempts`: after so many nodes gave a line back, a person decides. `splits`: most fulfillments of one plan."""

    attempts: int = 4
    splits: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """Units of a line that have no node yet. `node_id` is the store of a pickup; `excluded` gave the line back before."""

    line_id: str
    sku: str
    quantity: int
    method: str = SHIP
    service: str = "STANDARD"
    node_id: str | None = None
    excluded: tuple[str, ...] = ()
    weight_g: int = 0  # of one unit
    group: str | None = None  # lines of one group stay together, in sets
    goods: Goods = NO_GOODS
    value: int = 0  # of one unit, minor units of the order's currency


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """Planned units of one line. `due` is the UTC day of the future supply that they wait for; None is on hand now.
    `wave` says that they wait at their node for the next wave. `release_on` is the UTC day before which they are not
    released, because they would arrive too early; they are due then, or later."""

    line_id: str
    sku: str
    quantity: int
    due: str | None = None
    wave: bool = False
    release_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFulfillment:
    """The work of one node. All its lines have one `due`, and wait for a wave or do not. `ship_on` is the node's local date, or the date of readiness of
    a pickup; `deliver_on` the local date in `zone`, the destination's. Both None: no carrier was known, or no date is.
    `turns`: on which days a node with a limit does it."""

    node: Node
    method: str
    service: str
    lines: tuple[PlannedLine, ...]
    ship_on: str | None = None
    deliver_on: str | None = None
    zone: str = ""
    leg: Leg | None = None
    turns: Turns = ()
    modelled: tuple[int, ...] = ()  # by rulesets.COMPONENTS, as it was chosen by

    @property
    def due(self) -> str | None:
        return self.lines[0].due if self.lines else None

    @property
    def wave(self) -> bool:
        return bool(self.lines) and self.lines[0].wave

    @property
    def awaits_supply(self) -> bool:
        """Return whether these units wait for more than the day of their release."""
        return bool(self.lines) and self.due is not None and self.due != self.lines[0].release_on

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Units that got no node, and the queue that they wait in."""

    line_id: str
    sku: str
    quantity: int
    queue: str  # backorder, customer-care or routing
    reason: str
    cancel_on: str | None = None  # the UTC day from which it is cancelled if it still waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`ready`: the dates of what the order has at nodes already, and is to be released."""

    fulfillments: tuple[PlannedFulfillment, ...]
    leftovers: tuple[Leftover, ...]
    decision: Mapping[str, Any] = field(default_factory=dict)
    ready: tuple[PlannedFulfillment, ...] = ()
