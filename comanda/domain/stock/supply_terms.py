"""Decide whether a caller may take a step of a supply, and under which terms a new line is announced."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from comanda.domain.stock.stock import GRACE_DAYS
from comanda.domain.stock.supply_line import APPROVE, RECEIVE, REFUSE, SHIP, Refusal, SupplyLine

NO_SUCH_LINE = Refusal("supply_id", "unknown-supply", "names no such line of yours")
# The same code and words, whatever the other caller's supply has: strangers learn nothing of it.
NOT_YOUR_SUPPLY = Refusal(
    "supply_id", "unknown-supply", "is not yours to add lines to: announce them under an id of your own"
)


def may_take_step(line: SupplyLine, action: str, owns: Callable[[str], bool]) -> bool:
    """Return True if a caller who `owns` some nodes may take the step.

    The origin of a transfer ships and answers the request, its destination receives, and both may do the rest.
    """
    origin = {line.origin or line.node}
    nodes = {SHIP: origin, APPROVE: origin, REFUSE: origin, RECEIVE: {line.node}}
    return any(owns(node) for node in nodes.get(action, {line.origin, line.node}) if node)


def differs_from_supply(line: SupplyLine, supplier: str, supply: Mapping[str, Any]) -> Refusal | None:
    """Refuse a new line that does not fit the other lines of its supply. `supply` is its header: type, origin, supplier."""
    if (supply["type"], supply.get("origin") or "") != (line.type, line.origin):
        return Refusal("type", "another-type", "is not the type and origin of this supply's other lines")
    if supplier and supply.get("supplier") not in (None, supplier):
        return Refusal("supplier", "another-supplier", "is not the supplier of this supply's other lines")
    return None


def with_terms(
    line: SupplyLine, policy: Mapping[str, Any], node: Mapping[str, Any], *, over_percent: int | None
) -> SupplyLine:
    """Return a new line under the terms of today: of the stock policy for its type, and of the node's document.

    `over_percent` is the announced one; None takes the policy's.
    """
    terms = (policy.get("supplies") or {}).get(line.type, {})
    return replace(
        line,
        over_percent=over_percent if over_percent is not None else terms.get("over_receipt_percent", 0),
        excluded=terms.get("excluded_percent", 0),
        receiving_days=node.get("receiving_days") or 0,
        grace_days=terms.get("grace_days", GRACE_DAYS),
    )
