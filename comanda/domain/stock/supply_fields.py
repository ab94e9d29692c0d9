"""What each step of a supply must say of a line, and what it may: anything else would be overheard in silence."""

from collections.abc import Mapping
from typing import Any

from comanda.domain.stock.supply_line import CANCEL, CHANGE, CLOSE, CONFIRM, CREATE, RECEIVE, SHIP, Refusal

REQUIRED: Mapping[str, tuple[str, ...]] = {
    CREATE: ("type", "sku", "node_id", "quantity", "eta"),
    SHIP: ("quantity",),
    RECEIVE: ("quantity",),
}
ACCEPTED: Mapping[str, frozenset[str]] = {
    CREATE: frozenset({"type", "sku", "node_id", "origin_node_id", "quantity", "eta", "over_receipt_percent", "uom"}),
    CONFIRM: frozenset({"quantity", "eta", "uom"}),
    CHANGE: frozenset({"quantity", "eta", "uom"}),
    SHIP: frozenset({"quantity", "eta", "occurred_at", "uom"}),
    RECEIVE: frozenset({"quantity", "bucket", "occurred_at", "uom"}),
    CLOSE: frozenset(),
    CANCEL: frozenset(),
}


def field_problems(action: str, said: Mapping[str, Any]) -> list[Refusal]:
    """What a step should say and does not, and what it says and should not. `said`: fields that are not blank."""
    missing = [
        Refusal(name, "missing", f"is needed to {action}") for name in REQUIRED.get(action, ()) if name not in said
    ]
    strange = [
        Refusal(name, "not-taken", f"is not taken with {action}") for name in said if name not in ACCEPTED[action]
    ]
    return missing + strange
