"""Find the skus of a batch of the Stock stream, and the nodes at which they changed. Pure."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote


def changed_nodes(records: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """Return the nodes whose positions changed, by sku, each once.

    A sku of which only the waiting lines changed has no nodes.
    """
    found: dict[str, set[str]] = {}
    for record in records:
        keys = record["dynamodb"]["Keys"]
        kind, sku, *lane = keys["pk"]["S"].split("#")
        row_kind, _, rest = keys["sk"]["S"].partition("#")
        if kind != "S" or row_kind not in ("P", "B"):
            continue
        nodes = found.setdefault(unquote(sku), set())
        if row_kind == "P":
            # A lane of a hot position is a partition of its own, whose key names the node.
            nodes.add(unquote(lane[0] if lane else rest))
    return found
