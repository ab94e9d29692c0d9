"""
Check that a node of the directory is a counter at which customers of a channel may collect.

Called by   functions/intake, functions/drafts and functions/promise, for what a request names
Returns     problems
"""

from collections.abc import Container, Mapping
from typing import Any

from comanda.domain.errors import Problem


def problem(
    pointer: str, name: str, node: Mapping[str, Any] | None, countries: Container[str] | None
) -> Problem | None:
    """Return what is wrong with the node of this name as a counter, None if nothing is. `node` is its entry, None without one;
    `countries` are those where the channel sells, None if any will do."""
    if node is None:
        return Problem(pointer=pointer, code="unknown-node", message=f"there is no node {name}")
    if not node["pickup"]:
        return Problem(pointer=pointer, code="no-pickup", message=f"{name} has no counter")
    if countries is not None and node["country"] not in countries:
        message = f"{name} is in {node['country']}, where this channel does not sell"
        return Problem(pointer=pointer, code="other-country", message=message)
    return None
