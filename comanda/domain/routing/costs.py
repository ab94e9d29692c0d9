"""
Define the costs that weigh routes beside the prices of carriers, with their defaults.

Called by   the router; comanda.aws.directory and functions/directory, which read and accept them as entries
Returns     values
Raises      nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """The cost of a node's own work, in micro-units."""

    per_package: int = 0
    per_unit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A cost of `micros` a unit that holds from, or up to, so many `units` on the shelf."""

    micros: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The costs that weigh routes, in micro-units of currency.

    Where no carrier has a price, a shipment costs `per_shipment` and `per_km`. `per_day` is the worth of arriving a day
    earlier, `per_kg_co2e` that of a kilogram of carbon: they weigh options and are never paid.

    By type of node: `handling`, unless the node has its own; `last_units`: the worth of a unit to customers of the
    shop, rising as fewer than `units` are left; `overstock`: the saving of sending a unit from a shelf of more than
    `units`. `per_late_day` is for a shipment. `full_node` is for a unit at a node whose days are full, and less in
    proportion. `redo` is the cost of a declined offer, times how often the node declines. `wave_least`: the saving that
    moves an order in a wave.
    """

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
