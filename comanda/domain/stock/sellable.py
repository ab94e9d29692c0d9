"""
What an order may take of each position: the safety stock that it must leave, by channel and method.

Route, promise and reserve ask here, so that nobody promises what another keeps back. A position comes back with the units
that this order leaves as its `safety`.
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
    """What the directory says: of products by sku, of nodes by id, and the general policy. As `safety.levels` reads them."""

    products: Mapping[str, Document] = field(default_factory=dict)
    nodes: Mapping[str, Document] = field(default_factory=dict)
    policy: Document = field(default_factory=dict)

    def with_safety(
        self, positions: Iterable[Position], channel: str | None, methods: Mapping[str, Collection[str]]
    ) -> tuple[Position, ...]:
        """The positions as an order of a channel sees them. `methods` by sku; several of them leave the largest."""
        positions = tuple(positions)
        kept: dict[tuple[str, str], Safety | None] = {}
        lanes: dict[tuple[str, str], int] = {}
        for position in positions:
            if position.lane:
                lanes[position.sku, position.node] = lanes.get((position.sku, position.node), 0) + position.free
        silent = self._silent(methods)
        some_speak = len(silent) < len(methods)
        alike = {n: str(node.get("type")) for n, node in self.nodes.items() if some_speak and "safety" not in node}
        return tuple(
            # Thousands of positions say nothing for themselves: nobody says anything of their sku, or it is asked about once
            # for each type of node.
            position
            if type(position) is Plain
            and (position.sku in silent or kept.get((position.sku, alike.get(position.node, "")), position) is None)
            else self._seen(position, lanes.get((position.sku, position.node), 0), channel, methods, kept)
            for position in positions
        )

    def _silent(self, skus: Iterable[str]) -> frozenset[str]:
        """Those of which nothing is said anywhere but, perhaps, by a position."""
        if any((self.policy.get("safety") or NOTHING).values()) or any(
            "safety" in node for node in self.nodes.values()
        ):
            return frozenset()
        products = ((sku, self.products.get(sku, NOTHING)) for sku in skus)
        return frozenset(
            sku for sku, said in products if said.get("safety") is None and not said.get("safety_by_channel")
        )

    def _seen(
        self,
        position: Position,
        in_lanes: int,
        channel: str | None,
        methods: Mapping[str, Collection[str]],
        kept: dict[tuple[str, str], Safety | None],
    ) -> Position:
        if position.lane:
            return position  # the whole of what is kept back lies in the first lane
        node = self.nodes.get(position.node, NOTHING)
        asked = methods.get(position.sku, ())
        found: Safety | None
        if position.levels or position.protected or position.safety or "safety" in node:
            own = dict(position.levels)
            if position.safety:
                own.setdefault(ANY_METHOD, Safety(units=position.safety))
            found = safety.resolve(
                replace(self._levels(position.sku, node), node_methods=own),
                methods=asked,
                channel=channel,
                protected=position.protected,
            )
        else:
            # A network of thousands of nodes has a few types.
            key = (position.sku, str(node.get("type")))
            if key not in kept:
                said = safety.resolve(self._levels(position.sku, node), methods=asked, channel=channel)
                kept[key] = None if said == safety.NO_SAFETY else said
            found = kept[key]
        if found is None or found == safety.NO_SAFETY:
            return position
        return replace(position, safety=found.withheld(position.free + in_lanes))

    def _levels(self, sku: str, node: Document) -> Levels:
        return safety.read_levels(product=self.products.get(sku, NOTHING), node=node, policy=self.policy)
