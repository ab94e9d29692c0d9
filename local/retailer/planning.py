"""
Read the retailer's rule sets: seven common policies, of which two are in force. docs/rules.md explains each of them.

Called by   local/seed.py
"""

import json
from pathlib import Path
from typing import Any

FILES = Path(__file__).with_name("rule_sets")
LOCAL_ORDERS = "local"  # the sourcing class of orders of a store's own customers

# The set for orders that no more exact set is for, and the set for the stores' own orders.
IN_FORCE = ("cheapest", "stores-for-locals")


def policies() -> dict[str, dict[str, Any]]:
    """Return the seven policies by name."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FILES.glob("*.json"))}


def rule_sets() -> dict[str, dict[str, Any]]:
    """Return every rule set of the retailer: the policies, and store-first for local orders only."""
    known = policies()
    locals_only = {**known["store-first"], "name": "Stores first, for locals"}
    return known | {"stores-for-locals": {**locals_only, "applies_to": {"sourcing_classes": [LOCAL_ORDERS]}}}
