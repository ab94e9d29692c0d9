"""Which skus a batch of the Stock stream is about, and at which nodes: each once, however often they moved."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote


def changed(records: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """The nodes whose positions changed, by sku; none of them when only what waits for the sku did."""
    found: dict[str, set[str]] = {}
    for record in records:
        keys = record["dynamodb"]["Keys"]
        kind, sku, *lane = keys["pk"]["S"].split("#")
        what, _, rest = keys["sk"]["S"].partition("#")
        if kind != "S" or what not in ("P", "B"):
            continue
        nodes = found.setdefault(unquote(sku), set())
        if what == "P":
            # A lane of a hot position is a partition of its own, which names the node.
            nodes.add(unquote(lane[0] if lane else rest))
    return found
