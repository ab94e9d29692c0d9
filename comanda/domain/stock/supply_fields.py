"""
List the fields that each step of a supply requires and accepts.

Any other field is an error; it is never silently ignored.
"""

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


def field_problems(action: str, given: Mapping[str, Any]) -> list[Refusal]:
    """Return a refusal for each required field that is missing, and for each field that the step does not accept.

    `given` are the fields that are not blank.
    """
    missing = [
        Refusal(name, "missing", f"is needed to {action}") for name in REQUIRED.get(action, ()) if name not in given
    ]
    strange = [
        Refusal(name, "not-taken", f"is not accepted by {action}") for name in given if name not in ACCEPTED[action]
    ]
    return missing + strange
