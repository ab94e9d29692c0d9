"""
Safety stock: units that a new order may not take, so that what the shelf does not know does not become a broken promise.

It is said at nine levels, and the most special one that says anything counts, alone, also when it says 0:

    (sku, node, method) > (sku, node) > (sku, channel) > sku > class > node > node type > channel > default

Each says a number of units, or a percentage that keeps ceil(percent x net). An order that asks for several methods at
once keeps the largest of them. What supplies are not counted is no safety stock: `Supply.excluded` says that.

A channel may also have units to itself (a protected segment): every other channel leaves them, on top of its safety
stock. It is a floor, not an account: a sale of that channel does not lower it, the planner does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ANY_METHOD = "*"
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """What to keep: the larger of `units` and ceil(`percent` % of net), and `kept`, which others have to themselves."""

    units: int = 0
    percent: int = 0  # 0 to 100
    kept: int = 0

    def __post_init__(self) -> None:
        if self.units < 0 or self.kept < 0 or not 0 <= self.percent <= 100:
            raise ValueError(f"no safety stock: {self}")

    def withheld(self, net: int) -> int:
        """Units to keep of `net`; a net below zero has nothing to keep a percentage of."""
        return max(self.units, -(-self.percent * max(net, 0) // 100)) + self.kept

    def left(self, net: int) -> int:
        """Units that a new order may take of `net`."""
        return max(0, net - self.withheld(net))


NO_SAFETY = Safety()


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What each level says of one sku at one node, by name where a level has several; None and a missing name say nothing."""

    node_methods: Mapping[str, Safety] = field(default_factory=dict)  # (sku, node) by method, ANY_METHOD for all
    sku_channels: Mapping[str, Safety] = field(default_factory=dict)  # (sku, channel) by channel
    sku: Safety | None = None
    class_: Safety | None = None
    node: Safety | None = None
    node_type: Safety | None = None
    channels: Mapping[str, Safety] = field(default_factory=dict)
    default: Safety | None = None


def resolve(
    levels: Levels, *, methods: Iterable[str], channel: str | None = None, protected: Iterable[tuple[str, int]] = ()
) -> Safety:
    """What an order of `channel` by any of `methods` leaves. `protected`: the units that each channel has to itself.

    Without methods only what is said for all of them counts.
    """
    found = [_most_special(levels, method, channel) for method in methods] or [
        _most_special(levels, ANY_METHOD, channel)
    ]
    return Safety(
        # The larger of two larger ones is the largest of all: units and percentages need not be compared before net is known.
        units=max(one.units for one in found),
        percent=max(one.percent for one in found),
        kept=sum(units for name, units in protected if name != channel),
    )


def _most_special(levels: Levels, method: str, channel: str | None) -> Safety:
    in_turn = (
        levels.node_methods.get(method),
        levels.node_methods.get(ANY_METHOD),
        levels.sku_channels.get(channel) if channel else None,
        levels.sku,
        levels.class_,
        levels.node,
        levels.node_type,
        levels.channels.get(channel) if channel else None,
        levels.default,
    )
    return next((safety for safety in in_turn if safety is not None), NO_SAFETY)


def read_safety(doc: Mapping[str, Any] | None) -> Safety | None:
    """What a document says: {"units": 5} or {"percent": 10}; None where it says nothing."""
    return None if doc is None else Safety(units=doc.get("units", 0), percent=doc.get("percent", 0))


def read_safety_by_name(docs: Mapping[str, Any] | None) -> dict[str, Safety]:
    """The same for a map of documents: by method, by channel."""
    return {name: safety for name, doc in (docs or {}).items() if (safety := read_safety(doc)) is not None}


def read_levels(
    *,
    position: Mapping[str, Any] = NOTHING,
    product: Mapping[str, Any] = NOTHING,
    node: Mapping[str, Any] = NOTHING,
    policy: Mapping[str, Any] = NOTHING,
) -> Levels:
    """The levels as the documents say them.

    `position`: the item's `safety` by method. `product`: {"safety"?, "safety_by_channel"?, "class"?}. `node`: {"safety"?,
    "type"?}. `policy`: {"safety"?: {"default"?, "channels"?, "node_types"?, "classes"?}}.
    """
    general = policy.get("safety") or {}
    return Levels(
        node_methods=read_safety_by_name(position),
        sku_channels=read_safety_by_name(product.get("safety_by_channel")),
        sku=read_safety(product.get("safety")),
        class_=read_safety((general.get("classes") or {}).get(product.get("class"))),
        node=read_safety(node.get("safety")),
        node_type=read_safety((general.get("node_types") or {}).get(node.get("type"))),
        channels=read_safety_by_name(general.get("channels")),
        default=read_safety(general.get("default")),
    )
