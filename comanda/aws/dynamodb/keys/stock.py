"""Spell the keys of the Stock table: positions, ledgers, lines that wait for stock, alerts, summaries, figures and capacity."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from comanda.aws.dynamodb.keys.spelling import HEADER, Key, encoded, shard, text, time

SKUS = "S#"  # the partition of a sku, or of a lane of a position, begins with it
# The sort keys of a sku's items begin with these.
ALERTS = "AL#"
BACKORDERS = "B#"
POSITIONS = "P#"
PREORDERS = "D#"
LANE = "P"  # the sort key of a lane of a position, whole; the sort keys of positions begin with it, too
LEDGERS = "M#"  # the partition of a ledger begins with it
LOCATION_SHARDS = 4


def position(sku: str, node: str, lane: int = 0) -> Key:
    """Return the key of a position, or of a lane of a position with many changes: a lane has its own partition."""
    if lane:
        return {"pk": f"{SKUS}{text(sku)}#{text(node)}#{lane}", "sk": LANE}
    return {"pk": SKUS + text(sku), "sk": POSITIONS + text(node)}


def is_position(key: Mapping[str, Any]) -> bool:
    """Return True for the key of a position or of a lane of a position."""
    pk, sk = str(key["pk"]), str(key["sk"])
    return pk.startswith(SKUS) and (sk == LANE or sk.startswith(POSITIONS))


def positions(sku: str) -> Key:
    """Return the beginning of the sort keys of a sku's positions and of its shadow prices: one Query reads them all."""
    return {"pk": SKUS + text(sku), "sk": LANE}


def prices(sku: str) -> Key:
    """Return the key of a sku's shadow prices. It is no position's, because these begin with `P#`."""
    return {"pk": SKUS + text(sku), "sk": "PRICES"}


def sku_of(pk: str) -> str:
    """Return the sku from the partition key of its positions, or of a lane of a position."""
    return unquote(pk.split("#")[1])


def position_of_node(node: str, sku: str) -> Key:
    return {"gsi2pk": f"N#{text(node)}#{shard(sku, 4)}", "gsi2sk": text(sku)}


def movement(sku: str, node: str, movement_id: str, lane: int = 0) -> Key:
    return {"pk": f"{LEDGERS}{text(sku)}#{text(node)}#{lane}", "sk": _caused(movement_id)}


def _caused(movement_id: str) -> str:
    """Return a movement's id as a part of a key. Only the id's line is a stranger's text, and neither the part before
    nor the part behind it has a `#`."""
    return quote(encoded(movement_id), safe=_ASCII)


_ASCII = "".join(chr(code) for code in range(33, 127) if chr(code) != "%")


def movements_page(sku: str, node: str, yyyymm: str, lane: int = 0) -> str:
    """Return the page of a month of a ledger. Each lane has a page of its own, because one page would take too many
    writes."""
    return f"{LEDGERS}{text(sku)}#{text(node)}#{yyyymm}" + (f"#{lane}" if lane else "")


def movement_in_time(sku: str, node: str, at: datetime, movement_id: str, lane: int = 0) -> Key:
    return {"gsi1pk": movements_page(sku, node, time(at)[:6], lane), "gsi1sk": f"{time(at)}#{_caused(movement_id)}"}


def backorder(sku: str, priority: int, placed_at: datetime, order_id: str, line: str) -> Key:
    return {"pk": SKUS + text(sku), "sk": f"{BACKORDERS}{priority}#{time(placed_at)}#{order_id}#{text(line)}"}


def preorder(sku: str, node: str, priority: int, placed_at: datetime, order_id: str, line: str, due: str) -> Key:
    """Return the key of units that were promised from a supply of a day at a node. The keys have the order of service."""
    return {
        "pk": SKUS + text(sku),
        "sk": f"{preorders(sku, node)['sk']}{priority}#{time(placed_at)}#{order_id}#{text(line)}#{due}",
    }


def preorders(sku: str, node: str) -> Key:
    return {"pk": SKUS + text(sku), "sk": f"{PREORDERS}{text(node)}#"}


def backorders(sku: str) -> Key:
    return {"pk": SKUS + text(sku), "sk": BACKORDERS}


def receipts(sku: str) -> Key:
    return {"pk": SKUS + text(sku), "sk": "RC"}


def alert(kind: str, sku: str, node: str, lane: int = 0) -> Key:
    return {
        "pk": SKUS + text(sku),
        "sk": f"{ALERTS}{kind}#{text(node)}" + (f"#{lane}" if lane else ""),
        "gsi3pk": alerts_page(kind, shard(sku)),
        "gsi3sk": f"{text(node)}#{text(sku)}",
    }


def alerts_page(kind: str, shard: int) -> str:
    return f"{ALERTS}{kind}#{shard}"


def alerts_of_node(node: str) -> str:
    """Return the beginning of the sort keys of a node's alerts in a page."""
    return f"{text(node)}#"


def alert_of(sk: str) -> tuple[str, str]:
    """Return the kind and the node from the sort key of an alert, without its lane."""
    _, kind, node, *_ = sk.split("#")
    return kind, unquote(node)


def summary(sku: str, channel: str, method: str, node: str | None = None) -> Key:
    """Return the key of the units that a channel may sell. The channel `*` stands for all channels without an own summary."""
    whose = channel if channel == "*" else text(channel)
    return {"pk": f"A#{text(sku)}", "sk": f"{whose}#{method}" + (f"#{text(node)}" if node else "")}


def location(node: str, sku: str) -> Key:
    """Return the key of the place of a sku in a node."""
    return {"pk": locations(node, shard(sku, LOCATION_SHARDS)), "sk": text(sku)}


def locations(node: str, shard: int) -> str:
    """Return the partition of a part of a node's locations: a large node writes more of them than one partition takes."""
    return f"LOC#{text(node)}#{shard}"


def demand(sku: str, node: str) -> Key:
    """Return the key of the demand of a sku at a node, with the suggestions that follow from it."""
    return {"pk": f"D#{text(sku)}", "sk": text(node)}


def asked_on(channel: str, yyyymmdd: str, part: int = 0) -> Key:
    """Return the key of the units that were ordered on a day that is over, by sku and region. They are counted once."""
    return {"pk": f"AD#{text(channel)}#{yyyymmdd}", "sk": f"{part:03d}"}


def stock_fact(day: str, kind: str, name: str) -> Key:
    """Return the key of a fact of a UTC day that a figure is made of: an expedited shipment, released safety stock."""
    return {"pk": f"KPI#{day}", "sk": f"{kind}#{text(name)}"}


def stock_day(day: str, part: str) -> Key:
    """Return the key of the figures of a day of the stock, which are counted in parts."""
    return {"pk": "KPI#stock", "sk": f"{day}#{text(part)}"}


def capacity(node: str, day: str, kind: str, lane: int = 0) -> Key:
    """Return the key of the units that are planned for a local day of a node."""
    return {"pk": f"K#{text(node)}#{day}#{kind}", "sk": str(lane)}


def promise(promise_id: str) -> Key:
    """Return the key of a promise, which is kept until its time is over."""
    return {"pk": f"PR#{promise_id}", "sk": HEADER}
