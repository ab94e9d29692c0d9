"""
Find the safety stock that an order must leave at each position, by its channel and methods.

Route, promise and reserve share this rule, so that none of them promises units that another keeps back.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from comanda.domain.stock import safety
from comanda.domain.stock.plain_position import Plain
from comanda.domain.stock.safety import ANY_METHOD, NOTHING, Levels, Safety
from comanda.domain.stock.stock import Position

type Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyPolicies:
    """The documents that set safety stock: products by sku, nodes by id, and the general policy.

    `safety.read_levels` describes their fields.
    """

    products: Mapping[str, Document] = field(default_factory=dict)
    nodes: Mapping[str, Document] = field(default_factory=dict)
    policy: Document = field(default_factory=dict)

    def with_safety(
        self, positions: Iterable[Position], channel: str | None, methods: Mapping[str, Collection[str]]
    ) -> tuple[Position, ...]:
        """Return the positions with the units that an order of the channel must leave as their `safety`.

        `methods` is by sku. An order with several methods leaves the largest safety stock of them.
        """
        positions = tuple(positions)
        kept: dict[tuple[str, str], Safety | None] = {}
        lanes: dict[tuple[str, str], int] = {}
        for position in positions:
            if position.lane:
                lanes[position.sku, position.node] = lanes.get((position.sku, position.node), 0) + position.free
        unset = self._without_levels(methods)
        some_set = len(unset) < len(methods)
        types = {n: str(node.get("type")) for n, node in self.nodes.items() if some_set and "safety" not in node}
        return tuple(
            # Thousands of positions set no level of their own. Either no level is set for their sku, or it is resolved once
            # for each type of node.
            position
            if type(position) is Plain
            and (position.sku in unset or kept.get((position.sku, types.get(position.node, "")), position) is None)
            else self._with_own_safety(position, lanes.get((position.sku, position.node), 0), channel, methods, kept)
            for position in positions
        )

    def _without_levels(self, skus: Iterable[str]) -> frozenset[str]:
        """Return the skus for which no level is set, except perhaps by a position."""
        if any((self.policy.get("safety") or NOTHING).values()) or any(
            "safety" in node for node in self.nodes.values()
        ):
            return frozenset()
        products = ((sku, self.products.get(sku, NOTHING)) for sku in skus)
        return frozenset(sku for sku, doc in products if doc.get("safety") is None and not doc.get("safety_by_channel"))

    def _with_own_safety(
        self,
        position: Position,
        in_lanes: int,
        channel: str | None,
        methods: Mapping[str, Collection[str]],
        kept: dict[tuple[str, str], Safety | None],
    ) -> Position:
        if position.lane:
            return position  # all units that are kept back lie in the first lane
        node = self.nodes.get(position.node, NOTHING)
        wanted = methods.get(position.sku, ())
        found: Safety | None
        if position.levels or position.protected or position.safety or "safety" in node:
            own = dict(position.levels)
            if position.safety:
                own.setdefault(ANY_METHOD, Safety(units=position.safety))
            found = safety.resolve(
                replace(self._levels(position.sku, node), node_methods=own),
                methods=wanted,
                channel=channel,
                protected=position.protected,
            )
        else:
            # A network of thousands of nodes has a few types.
            key = (position.sku, str(node.get("type")))
            if key not in kept:
                resolved = safety.resolve(self._levels(position.sku, node), methods=wanted, channel=channel)
                kept[key] = None if resolved == safety.NO_SAFETY else resolved
            found = kept[key]
        if found is None or found == safety.NO_SAFETY:
            return position
        return replace(position, safety=found.withheld(position.free + in_lanes))

    def _levels(self, sku: str, node: Document) -> Levels:
        return safety.read_levels(product=self.products.get(sku, NOTHING), node=node, policy=self.policy)
