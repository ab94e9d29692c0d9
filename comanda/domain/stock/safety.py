"""
Find the safety stock of a sku at a node: units that a new order may not take, because the real shelf may hold fewer.

It may be set at nine levels. Only the most special level that is set counts, also when it is set to 0:

    (sku, node, method) > (sku, node) > (sku, channel) > sku > class > node > node type > channel > default

A level is a number of units, or a percentage that keeps ceil(percent x net). An order with several methods keeps the
largest of them. The share of supplies that is not counted is no safety stock; it is `Supply.excluded`.

A channel may also have protected units. Every other channel leaves them, on top of its safety stock. They are a floor, not
an account: a sale of that channel does not lower them, only the planner does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ANY_METHOD = "*"
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """Units to keep back: the larger of `units` and ceil(`percent` % of net), plus `kept`, protected for other channels."""

    units: int = 0
    percent: int = 0  # 0 to 100
    kept: int = 0

    def __post_init__(self) -> None:
        if self.units < 0 or self.kept < 0 or not 0 <= self.percent <= 100:
            raise ValueError(f"no safety stock: {self}")

    def withheld(self, net: int) -> int:
        """Return the units of `net` to keep back. A percentage keeps 0 units of a net below zero."""
        return max(self.units, -(-self.percent * max(net, 0) // 100)) + self.kept

    def left(self, net: int) -> int:
        """Return the units of `net` that a new order may take."""
        return max(0, net - self.withheld(net))


NO_SAFETY = Safety()


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The levels of safety stock of one sku at one node. None, or a missing name, means that a level is not set."""

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
    """Return the safety stock that an order of `channel` by any of `methods` must leave.

    `protected` are the protected units of each channel. Without methods only a level for all methods counts.
    """
    found = [_most_special(levels, method, channel) for method in methods] or [
        _most_special(levels, ANY_METHOD, channel)
    ]
    return Safety(
        # The largest units and the largest percentage can be found apart, before net is known: the larger of both counts.
        units=max(one.units for one in found),
        percent=max(one.percent for one in found),
        kept=sum(units for name, units in protected if name != channel),
    )


def _most_special(levels: Levels, method: str, channel: str | None) -> Safety:
    most_special_first = (
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
    return next((safety for safety in most_special_first if safety is not None), NO_SAFETY)


def read_safety(doc: Mapping[str, Any] | None) -> Safety | None:
    """Read the safety stock of a document: {"units": 5} or {"percent": 10}. None: the level is not set."""
    return None if doc is None else Safety(units=doc.get("units", 0), percent=doc.get("percent", 0))


def read_safety_by_name(docs: Mapping[str, Any] | None) -> dict[str, Safety]:
    """Read a map of documents of safety stock, by method or by channel."""
    return {name: safety for name, doc in (docs or {}).items() if (safety := read_safety(doc)) is not None}


def read_levels(
    *,
    position: Mapping[str, Any] = NOTHING,
    product: Mapping[str, Any] = NOTHING,
    node: Mapping[str, Any] = NOTHING,
    policy: Mapping[str, Any] = NOTHING,
) -> Levels:
    """Read all levels from the documents of the directory.

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
